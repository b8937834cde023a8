"""Why a message was not delivered, and whom that concerns."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.errands import is_given_up, next_word, server_again_at
from bot.domain.policy import Policy
from bot.domain.stuck import NO_WAY, Stuck, Why, is_told, why

NOW = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "meant"),
    [
        ("Discord 403/50007", Why.NO_MESSAGES),
        ("Discord 403/50007, Discord 403/50013", Why.CLOSED),
        ("Discord 404/10003, Discord 403/50007", Why.GONE),
        ("Discord 403/40333", Why.CLOSED),
        ("Discord 400/40067", Why.NO_TAG),
        ("Discord 400/50035, reference K7QF2", Why.MISTAKE),
        ("KeyError, reference K7QF2", Why.MISTAKE),
        (NO_WAY, Why.NOBODY),
        ("Discord 503/0", Why.DISCORD),
        ("TimeoutError", Why.DISCORD),
        ("", Why.DISCORD),
    ],
)
def test_a_kept_reason_says_what_somebody_can_do(reason: str, meant: Why) -> None:
    assert why(reason) is meant


def test_the_reference_is_found_in_the_reason() -> None:
    assert Stuck("report", None, "KeyError, reference K7QF2", NOW).reference == "K7QF2"
    assert Stuck("report", None, "Discord 403/50013", NOW).reference is None


def test_what_the_digest_says_anyway_is_not_told_once_more() -> None:
    assert not is_told("prompt", "Discord 403/50007")
    assert not is_told("first_nudge", NO_WAY)
    assert is_told("prompt", "Discord 403/50013, Discord 403/50007")
    assert is_told("partner", "Discord 403/50007")


def test_a_word_about_what_was_not_delivered_is_never_owed_for_itself() -> None:
    assert not is_told("undelivered", "Discord 403/50013")


def test_the_programs_own_mistakes_are_given_up_long_before_those_of_discord() -> None:
    assert (is_given_up(4, our_mistake=True), is_given_up(5, our_mistake=True)) == (False, True)
    assert (is_given_up(59), is_given_up(60)) == (False, True)


def test_a_server_is_turned_to_again_after_growing_pauses_of_at_most_five_minutes() -> None:
    pauses = [(server_again_at(NOW, failures, 0) - NOW).total_seconds() for failures in range(1, 8)]
    assert pauses == [30, 60, 120, 240, 300, 300, 300]


def test_facilitators_are_told_at_the_hour_of_the_digest_on_any_day() -> None:
    zone, policy = ZoneInfo("Europe/London"), Policy()
    assert next_word(NOW - timedelta(minutes=1), policy, zone) == NOW
    assert next_word(NOW, policy, zone) == NOW + timedelta(days=1)
