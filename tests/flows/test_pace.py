"""The bot's pace: people's commands always have room under Discord's fifty requests a second."""

import pytest

from bot.delivery.pace import Pace
from bot.delivery.sender import REQUESTS_A_SECOND, REQUESTS_AT_ONCE


def moments(pace: Pace, asked_at: list[float]) -> list[float]:
    return [asked + pace.turn(asked) for asked in asked_at]


def test_no_second_ever_holds_fifty_requests() -> None:
    salvo = moments(Pace(REQUESTS_A_SECOND, REQUESTS_AT_ONCE), [0.0] * 500)
    assert max(sum(begin <= each < begin + 1 for each in salvo) for begin in salvo) < 50


def test_a_few_requests_wait_for_nothing() -> None:
    assert moments(Pace(REQUESTS_A_SECOND, REQUESTS_AT_ONCE), [7.0] * REQUESTS_AT_ONCE) == pytest.approx([7.0] * REQUESTS_AT_ONCE)


def test_a_long_rest_saves_up_no_more_than_the_few() -> None:
    pace = Pace(REQUESTS_A_SECOND, REQUESTS_AT_ONCE)
    moments(pace, [0.0])
    assert sum(each < 1000.001 for each in moments(pace, [1000.0] * 100)) == REQUESTS_AT_ONCE
