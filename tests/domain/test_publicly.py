"""What may stand on a public page, and under which address."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import publicly
from bot.domain.chapters import Dues
from bot.domain.goals import Goal, Measured
from bot.domain.policy import Policy
from bot.domain.reports import People, Report, Words

DAY = date(2026, 11, 22)
WORDS = Words(Dues.COLLECTING, "growing", "our room is small", "a printer", "Ana is ill")


def a_goal(metric: str) -> Goal:
    return Goal(1, metric, None, 40, DAY, DAY)


@pytest.mark.parametrize(("may_share", "hard"), [(True, "our room is small"), (False, None)])
def test_a_report_says_in_public_what_is_hard_only_if_it_may_be_shared_and_never_the_note_or_the_dues(
    may_share: bool, hard: str | None
) -> None:
    said = publicly.said(Report(People(9, 3), words=WORDS), may_share=may_share)
    assert said == Report(People(9, 3), words=Words(None, "growing", hard, "a printer", None))


@pytest.mark.parametrize("metric", ["members", "active_members", "functioning_chapters", "dues_bodies", "delegates", "checkins:meeting"])
def test_a_sum_over_one_or_two_chapters_is_kept_private_and_over_three_it_is_shown(metric: str) -> None:
    goal, policy = a_goal(metric), Policy()
    for behind in (1, 2):
        few = Measured(12, behind, 20, DAY)
        assert publicly.kept_private(goal, few, policy)
        assert publicly.shown(goal, few, policy) == Measured(None)
    enough = Measured(12, 3, 20, DAY)
    assert publicly.shown(goal, enough, policy) == enough
    assert not publicly.kept_private(goal, enough, policy)
    assert publicly.kept_private(goal, enough, replace(policy, sum_chapters=4))


def test_what_no_chapter_stands_behind_is_shown_as_it_is() -> None:
    assert publicly.shown(a_goal("manual"), Measured(7), Policy()) == Measured(7)
    assert publicly.shown(a_goal("branch_gatherings"), Measured(1, 2, 20), Policy()) == Measured(1, 2, 20)
    assert publicly.shown(a_goal("members"), Measured(None, 0, 20), Policy()) == Measured(None, 0, 20)


def test_of_how_few_chapters_an_organisation_has_is_not_told() -> None:
    assert publicly.shown(a_goal("members"), Measured(30, 0, 2), Policy()) == Measured(30, None, None)


def test_an_address_is_made_of_a_name_in_plain_letters_and_is_nobody_elses() -> None:
    assert publicly.slug_of("São Paulo's <b>Łódź</b> / Union!") == "sao-paulo-s-b-lodz-b-union"
    assert publicly.slug_of("חיפה") == publicly.slug_of("🏳") == "organisation"
    assert publicly.slug_of("The Union", {"the-union", "the-union-2"}) == "the-union-3"


@given(st.text())
def test_whatever_a_server_is_called_its_address_is_short_and_plain(name: str) -> None:
    slug = publicly.slug_of(name)
    assert 0 < len(slug) <= publicly.SLUG_LENGTH
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
