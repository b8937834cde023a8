"""Proposals: who counts, what silence is, and what an objection does."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.proposals import (
    Act,
    Content,
    Outcome,
    Rule,
    Tally,
    Voice,
    check_amended,
    check_closing,
    check_lasts,
    decide,
    shown,
    true,
)
from bot.domain.refusal import Refusal
from bot.locales import plain

TODAY = date(2026, 11, 1)
SMALL = [Tally(active, *said) for active in range(7) for said in product(range(7), repeat=3) if sum(said) <= active]
"""Every way in which up to six chapters can have spoken or not."""

tallies = st.integers(0, 10_000).flatmap(lambda active: st.tuples(*[st.integers(0, active)] * 3).map(lambda said: _within(active, *said)))


def _within(active: int, support: int, aside: int, objecting: int) -> Tally:
    support = min(support, active)
    aside = min(aside, active - support)
    return Tally(active, support, aside, min(objecting, active - support - aside))


# Silence


@pytest.mark.parametrize("rule", list(Rule))
def test_nobodys_silence_adopts_anything(rule: Rule) -> None:
    for tally in SMALL:
        if decide(rule, tally) is Outcome.ADOPTED:
            assert tally.answered >= 1
            assert 2 * tally.answered >= tally.active
    assert decide(rule, Tally(0)) is Outcome.TOO_FEW


@given(st.sampled_from(list(Rule)), tallies, st.integers(1, 1000))
def test_more_chapters_that_say_nothing_never_adopt_what_was_not(rule: Rule, tally: Tally, more: int) -> None:
    larger = Tally(tally.active + more, tally.support, tally.aside, tally.object)
    if decide(rule, larger) is Outcome.ADOPTED:
        assert decide(rule, tally) is Outcome.ADOPTED


@pytest.mark.parametrize(("active", "needed"), [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (11, 6), (12, 6)])
def test_half_of_the_active_chapters_have_to_answer(active: int, needed: int) -> None:
    assert Tally(active).needed == needed


# Consent


def test_by_consent_it_is_adopted_if_half_answered_and_no_objection_stands_and_never_else() -> None:
    for tally in SMALL:
        agreed = tally.answered > 0 and 2 * tally.answered >= tally.active and tally.object == 0
        assert (decide(Rule.CONSENT, tally) is Outcome.ADOPTED) == agreed, tally


@given(tallies)
def test_one_objection_stops_it_however_many_support_it(tally: Tally) -> None:
    objected = Tally(tally.active + 1, tally.support, tally.aside, tally.object + 1)
    few = objected.answered < objected.needed
    assert decide(Rule.CONSENT, objected) is (Outcome.TOO_FEW_AND_OBJECTION if few else Outcome.OBJECTION)


@given(tallies)
def test_an_objection_that_is_taken_back_no_longer_stops_it(tally: Tally) -> None:
    changed = Tally(tally.active, tally.support + tally.object, tally.aside, 0)
    assert not decide(Rule.CONSENT, changed).objected


# Majority


def test_by_majority_it_is_adopted_if_half_answered_and_more_support_it_than_object() -> None:
    for tally in SMALL:
        agreed = tally.answered > 0 and 2 * tally.answered >= tally.active and tally.support > tally.object
        assert (decide(Rule.MAJORITY, tally) is Outcome.ADOPTED) == agreed, tally


@given(tallies)
def test_by_majority_support_never_hurts_and_objecting_never_helps(tally: Tally) -> None:
    adopted = decide(Rule.MAJORITY, tally) is Outcome.ADOPTED
    if adopted and tally.aside:
        assert decide(Rule.MAJORITY, Tally(tally.active, tally.support + 1, tally.aside - 1, tally.object)) is Outcome.ADOPTED
    if not adopted and tally.support:
        moved = Tally(tally.active, tally.support - 1, tally.aside, tally.object + 1)
        assert decide(Rule.MAJORITY, moved) is not Outcome.ADOPTED


# What all may see


def test_hidden_chapters_are_in_a_figure_only_where_at_least_three_of_them_say_the_same() -> None:
    for said in product(range(6), repeat=3):
        hidden = dict(zip(Voice, said, strict=True))
        seen = shown({Voice.SUPPORT: 2}, hidden, 20, 3)
        assert seen.support - 2 in (0, *range(3, 6))
        assert {seen.aside, seen.object} <= {0, 3, 4, 5}


def test_what_is_decided_by_counts_hidden_chapters_one_by_one() -> None:
    tally = true({Voice.SUPPORT: 5}, {Voice.OBJECT: 1, Voice.ASIDE: 2}, 8)
    assert tally == Tally(8, 5, 2, 1)
    assert decide(Rule.CONSENT, tally) is Outcome.OBJECTION


# Time to meet


def test_a_proposal_is_open_for_at_least_three_weeks() -> None:
    assert check_closing(None, TODAY, 21) == date(2026, 11, 22)
    assert check_closing(date(2026, 11, 22), TODAY, 21) == date(2026, 11, 22)
    assert check_closing(TODAY + timedelta(days=180), TODAY, 21) == TODAY + timedelta(days=180)


@pytest.mark.parametrize("closes", [date(2026, 11, 21), TODAY, date(2025, 1, 1), TODAY + timedelta(days=181)])
def test_another_closing_day_is_refused_with_the_days_that_it_can_be(closes: date) -> None:
    with pytest.raises(Refusal) as refused:
        check_closing(closes, TODAY, 21)
    assert "It can close from 22 November 2026 to 30 April 2027." in plain(refused.value.reason, "en")


def test_a_deadline_that_is_over_before_chapters_have_decided_is_refused() -> None:
    assert check_lasts(date(2026, 11, 23), date(2026, 11, 22)) == date(2026, 11, 23)
    with pytest.raises(Refusal, match="until"):
        check_lasts(date(2026, 11, 22), date(2026, 11, 22))


def test_an_amendment_changes_something() -> None:
    before = Content(Act.EDIT, "members", None, 5000, date(2028, 6, 30))
    after = Content(Act.EDIT, "members", None, 4000, date(2028, 6, 30))
    assert check_amended(before, after) is after
    with pytest.raises(Refusal):
        check_amended(before, before)
