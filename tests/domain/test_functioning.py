"""Functioning: three criteria in their windows, seven statuses, and what can never happen whatever is recorded."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import calendar, owed
from bot.domain.calendar import Month
from bot.domain.chapters import State
from bot.domain.functioning import Criterion, Evidence, Met, Status, Verdict, at_risk_from, judge, lapse_day, lapses_at, standings
from bot.domain.owed import Owed
from bot.domain.policy import Policy

POLICY = Policy()
TODAY = date(2026, 11, 14)
LONG_AGO = date(2020, 1, 1)
TOGETHER, LEARNS, REPORTS = Criterion


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def entry(criterion: Criterion, day: date, amount: int = 1, known_on: date | None = None) -> Evidence:
    return Evidence(criterion, day, known_on or day, amount)


def heard_on(evidence: Sequence[Evidence], day: date) -> date | None:
    return max((each.day for each in evidence if each.day <= day and each.known_on <= day), default=None)


def verdict(
    evidence: Sequence[Evidence], day: date = TODAY, policy: Policy = POLICY, added_on: date = LONG_AGO, state: State = State.ACTIVE
) -> Verdict:
    return judge(standings(evidence, policy, day), state, added_on, heard_on(evidence, day), policy, day)


def all_three(together: int = 0, learns: int = 0, reports: int = 0) -> list[Evidence]:
    """Evidence of each criterion, so many days ago."""
    return [entry(TOGETHER, days_ago(together)), entry(LEARNS, days_ago(learns)), entry(REPORTS, days_ago(reports))]


policies = st.builds(
    Policy,
    together_days=st.integers(1, 60),
    learns_days=st.integers(1, 150),
    reports_days=st.integers(1, 150),
    together_count=st.integers(1, 3),
    learns_count=st.integers(1, 3),
    reports_count=st.integers(1, 3),
    at_risk_days=st.integers(0, 20),
)


@st.composite
def entries(draw: st.DrawFn) -> Evidence:
    day = days_ago(draw(st.integers(-60, 200)))
    known_on = day + timedelta(days=draw(st.sampled_from([0, 0, 1, 10, 40, -5])))
    return Evidence(draw(st.sampled_from(Criterion)), day, known_on, draw(st.integers(1, 3)))


histories = st.lists(entries(), max_size=25)
additions = st.integers(0, 400).map(days_ago)


# Criteria


@pytest.mark.parametrize(("criterion", "days"), [(TOGETHER, 45), (LEARNS, 135), (REPORTS, 135)])
def test_evidence_counts_from_its_day_to_the_last_day_of_its_window(criterion: Criterion, days: int) -> None:
    mets = [
        next(each.met for each in verdict([entry(criterion, TODAY)], TODAY + timedelta(days=n)).criteria if each.criterion is criterion)
        for n in (0, days - 1, days)
    ]
    assert mets == [Met.MET, Met.MET, Met.NOT_MET]


def test_a_criterion_of_which_nothing_was_ever_recorded_is_unknown_and_not_failed() -> None:
    together, learns, reports = verdict([entry(TOGETHER, days_ago(300))]).criteria
    assert (together.met, learns.met, reports.met) == (Met.NOT_MET, Met.UNKNOWN, Met.UNKNOWN)
    assert (together.newest, together.lapses_on) == (days_ago(300), days_ago(255))
    assert (learns.newest, learns.lapses_on) == (None, None)


def test_an_unmet_criterion_says_since_when() -> None:
    together = verdict(all_three(together=60)).criteria[0]
    assert (together.met, together.lapses_on) == (Met.NOT_MET, days_ago(15))


def test_a_policy_that_asks_for_two_meetings_counts_the_second_newest() -> None:
    twice = replace(POLICY, together_count=2)
    once = [*all_three(), entry(LEARNS, TODAY)]
    assert verdict(once, policy=twice).status is Status.QUIET
    assert verdict(once, policy=twice).criteria[0].met is Met.NOT_MET
    both = [*once, entry(TOGETHER, days_ago(30))]
    assert verdict(both, policy=twice).status is Status.FUNCTIONING
    assert verdict(both, policy=twice).lapses_on == days_ago(30 - 45)


def test_a_report_that_claims_three_meetings_counts_three_times_on_its_day() -> None:
    thrice = replace(POLICY, together_count=3)
    claimed = [*all_three(together=3)[1:], entry(TOGETHER, days_ago(14), amount=3, known_on=days_ago(3))]
    assert verdict(claimed, policy=thrice).status is Status.FUNCTIONING
    fewer = [*claimed[:-1], entry(TOGETHER, days_ago(14), amount=2)]
    assert verdict(fewer, policy=thrice).status is Status.QUIET
    assert verdict([*fewer, entry(TOGETHER, days_ago(20))], policy=thrice).criteria[0].lapses_on == days_ago(20 - 45)


def test_evidence_counts_from_the_day_on_which_it_is_known() -> None:
    late = [*all_three()[1:], entry(TOGETHER, days_ago(15), known_on=TODAY)]
    assert verdict(late, days_ago(1)).criteria[0].met is Met.UNKNOWN
    assert verdict(late).criteria[0].met is Met.MET


def test_evidence_dated_tomorrow_does_not_count_today_even_if_it_is_known() -> None:
    early = [*all_three()[1:], entry(TOGETHER, TODAY + timedelta(days=1), known_on=TODAY)]
    assert verdict(early).criteria[0].met is Met.UNKNOWN
    assert verdict(early, TODAY + timedelta(days=1)).criteria[0].met is Met.MET


# Statuses


def test_a_chapter_functions_while_every_criterion_is_met() -> None:
    assert verdict(all_three(30, 100, 100)).status is Status.FUNCTIONING


@pytest.mark.parametrize("missing", Criterion)
def test_a_chapter_that_misses_one_criterion_does_not_function(missing: Criterion) -> None:
    assert verdict([each for each in all_three() if each.criterion is not missing]).status is Status.QUIET


@pytest.mark.parametrize(
    ("days_after", "status"),
    [
        (37, Status.FUNCTIONING),
        (38, Status.AT_RISK),
        (44, Status.AT_RISK),
        (45, Status.QUIET),
    ],
)
def test_a_chapter_is_at_risk_for_exactly_the_seven_days_before_it_lapses(days_after: int, status: Status) -> None:
    found = verdict(all_three(), TODAY + timedelta(days=days_after))
    assert found.status is status
    assert found.lapses_on == TODAY + timedelta(days=45)


def test_at_risk_counts_as_functioning_and_nothing_else_beside_it_does() -> None:
    assert {status for status in Status if status.counts_as_functioning} == {Status.FUNCTIONING, Status.AT_RISK}


@pytest.mark.parametrize(("age", "status"), [(0, Status.NEW), (134, Status.NEW), (135, Status.QUIET)])
def test_a_chapter_that_does_not_function_is_new_for_a_hundred_and_thirty_five_days(age: int, status: Status) -> None:
    assert verdict([entry(TOGETHER, TODAY)], added_on=days_ago(age)).status is status


def test_a_new_chapter_that_meets_every_criterion_functions() -> None:
    assert verdict(all_three(), added_on=TODAY).status is Status.FUNCTIONING


def test_an_older_chapter_of_which_nothing_was_ever_recorded_is_not_heard_from_yet() -> None:
    assert verdict([], added_on=days_ago(134)).status is Status.NEW
    assert verdict([], added_on=days_ago(135)).status is Status.UNHEARD


def test_whatever_was_once_recorded_makes_an_older_chapter_quiet_instead_of_unheard() -> None:
    nothing_counts = judge(standings([], POLICY, TODAY), State.ACTIVE, LONG_AGO, days_ago(500), POLICY, TODAY)
    assert nothing_counts.status is Status.QUIET


@pytest.mark.parametrize(("state", "status"), [(State.RESTING, Status.RESTING), (State.ARCHIVED, Status.ARCHIVED)])
def test_a_resting_or_archived_chapter_does_not_function_whatever_it_did(state: State, status: Status) -> None:
    found = verdict(all_three(), state=state)
    assert found.status is status
    assert not found.status.counts_as_functioning


def test_a_chapter_functions_again_when_its_rest_ends_and_its_evidence_still_counts() -> None:
    assert verdict(all_three(10), state=State.RESTING).status is Status.RESTING
    assert verdict(all_three(10), TODAY + timedelta(days=1), state=State.ACTIVE).status is Status.FUNCTIONING


# When it lapses


def test_a_chapter_lapses_when_its_first_criterion_does() -> None:
    assert verdict(all_three(together=10, learns=130, reports=20)).lapses_on == TODAY + timedelta(days=5)


def test_a_chapter_that_never_met_every_criterion_has_no_day_on_which_it_lapses() -> None:
    assert verdict(all_three()[:2]).lapses_on is None
    assert lapses_at(standings(all_three()[:2], POLICY, TODAY), POLICY, ZoneInfo("UTC")) is None


def test_the_moment_of_lapsing_is_the_start_of_the_day_in_the_chapters_own_zone() -> None:
    stands = standings(all_three(), POLICY, TODAY)
    assert lapses_at(stands, POLICY, ZoneInfo("Asia/Tokyo")) == datetime(2026, 12, 28, 15, tzinfo=UTC)
    assert at_risk_from(date(2026, 12, 29), POLICY, ZoneInfo("Asia/Tokyo")) == datetime(2026, 12, 21, 15, tzinfo=UTC)


@given(histories, policies, additions)
def test_the_day_of_lapsing_agrees_with_the_judgement_of_each_day_that_follows(
    history: list[Evidence], policy: Policy, added_on: date
) -> None:
    known = [each for each in history if max(each.day, each.known_on) <= TODAY]
    lapses = lapse_day(standings(known, policy, TODAY), policy)
    for n in range(0, 170, 3):
        day = TODAY + timedelta(days=n)
        found = verdict(known, day, policy, added_on)
        assert found.status.counts_as_functioning == (lapses is not None and day < lapses)
        assert (found.status is Status.FUNCTIONING) == (lapses is not None and day + timedelta(days=policy.at_risk_days) < lapses)


@given(histories, st.sampled_from(sorted(available_timezones())).map(ZoneInfo), st.integers(-90, 90), st.integers(0, 86_399))
def test_comparing_a_moment_with_the_moment_of_lapsing_is_the_same_as_judging_the_chapters_own_day(
    history: list[Evidence], zone: ZoneInfo, days: int, seconds: int
) -> None:
    now = calendar.start_of(TODAY, zone) + timedelta(days=days, seconds=seconds)
    today = calendar.today(now, zone)
    known = [each for each in history if max(each.day, each.known_on) <= today]
    stands = standings(known, POLICY, today)
    at, day = lapses_at(stands, POLICY, zone), lapse_day(stands, POLICY)
    status = verdict(known, today).status
    assert (at is not None and now < at) == status.counts_as_functioning
    if day is not None and status.counts_as_functioning:
        assert (now >= at_risk_from(day, POLICY, zone)) == (status is Status.AT_RISK)


# What can never happen


@given(histories, entries(), policies, additions, st.integers(0, 60))
def test_recording_something_never_turns_functioning_into_not_functioning_nor_new_into_quiet(
    history: list[Evidence], more: Evidence, policy: Policy, added_on: date, ahead: int
) -> None:
    day = TODAY + timedelta(days=ahead)
    before, after = verdict(history, day, policy, added_on), verdict([*history, more], day, policy, added_on)
    if before.status.counts_as_functioning:
        assert after.status.counts_as_functioning
    if before.status is Status.FUNCTIONING:
        assert after.status is Status.FUNCTIONING
    if before.status is Status.NEW:
        assert after.status is not Status.QUIET
    for one, other in zip(before.criteria, after.criteria, strict=True):
        assert not (one.met is Met.MET and other.met is not Met.MET)


@given(histories, policies, additions, st.integers(1, 200))
def test_without_new_entries_a_chapter_that_is_not_functioning_never_becomes_so(
    history: list[Evidence], policy: Policy, added_on: date, ahead: int
) -> None:
    known = [each for each in history if max(each.day, each.known_on) <= TODAY]
    later = verdict(known, TODAY + timedelta(days=ahead), policy, added_on)
    if later.status.counts_as_functioning:
        assert verdict(known, TODAY, policy, added_on).status.counts_as_functioning


@given(histories, st.lists(entries(), max_size=10), policies, additions, st.integers(-50, 120).map(days_ago))
def test_entries_dated_or_known_after_a_day_never_change_the_answer_for_it(
    history: list[Evidence], more: list[Evidence], policy: Policy, added_on: date, day: date
) -> None:
    after = [each for each in more if each.day > day or each.known_on > day]
    assert verdict([*history, *after], day, policy, added_on) == verdict(history, day, policy, added_on)


@given(histories, policies, st.randoms())
def test_the_order_in_which_things_were_recorded_does_not_matter(history: list[Evidence], policy: Policy, chance: random.Random) -> None:
    mixed = list(history)
    chance.shuffle(mixed)
    assert verdict(mixed, policy=policy) == verdict(history, policy=policy)


# Ten years without a flicker


def dated(each: Evidence) -> date:
    return each.day


def never_flickers(evidence: list[Evidence], first: date, last: date) -> bool:
    """Whether the chapter functions on every day from the first to the last."""
    known = sorted(evidence, key=lambda each: each.day)
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        near = known[bisect_left(known, day - timedelta(days=150), key=dated) : bisect_right(known, day, key=dated)]
        if not verdict(near, day).status.counts_as_functioning:
            return False
    return True


def last_saturdays(first: Month, months: int) -> list[date]:
    ends = [first.plus(n).last for n in range(months)]
    return [end - timedelta(days=(end.weekday() - 5) % 7) for end in ends]


def test_a_chapter_that_meets_every_last_saturday_never_flickers_over_ten_years() -> None:
    saturdays = last_saturdays(Month(2026, 1), 121)
    assert all(day.weekday() == 5 for day in saturdays)
    evidence = [entry(criterion, day) for day in saturdays for criterion in Criterion]
    assert never_flickers(evidence, saturdays[0], saturdays[-1])


def test_a_chapter_that_meets_every_last_saturday_is_never_even_at_risk() -> None:
    saturdays = last_saturdays(Month(2026, 1), 121)
    gaps = {(after - before).days for before, after in pairwise(saturdays)}
    assert max(gaps) <= POLICY.together_days - POLICY.at_risk_days - 1


def four_monthly_reports(first: Month, days_of_month: list[int]) -> list[date]:
    """Publication days of reports with a rhythm of four months, each in time."""
    periods = islice(owed.upcoming(Owed(first, rhythm=4)), len(days_of_month))
    return [period.plus(1).first.replace(day=day) for period, day in zip(periods, days_of_month, strict=True)]


@pytest.mark.parametrize("first", [Month(2026, month) for month in (1, 2, 3, 4)])
@pytest.mark.parametrize("pattern", [(1, 10), (10, 1), (1, 1), (10, 10)])
def test_a_chapter_that_reports_every_four_months_never_flickers_over_ten_years(first: Month, pattern: tuple[int, int]) -> None:
    published = four_monthly_reports(first, [pattern[n % 2] for n in range(31)])
    meetings = last_saturdays(first, 130)
    evidence = [entry(criterion, day) for day in meetings for criterion in (TOGETHER, LEARNS)]
    evidence += [entry(REPORTS, day) for day in published]
    assert published[-1].year - published[0].year >= 9
    assert never_flickers(evidence, published[0], published[-1])


@given(st.integers(2024, 2030), st.integers(1, 12), st.lists(st.integers(1, 10), min_size=2, max_size=31))
def test_reports_in_time_every_four_months_never_leave_a_gap_as_long_as_their_window(year: int, month: int, days: list[int]) -> None:
    published = four_monthly_reports(Month(year, month), days)
    assert all((after - before).days < POLICY.reports_days for before, after in pairwise(published))
