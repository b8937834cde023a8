"""When a goal is reached if it goes on so: two readings, a range of dates, and why there sometimes is none."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import Month
from bot.domain.forecast import HORIZON_YEARS, LONGEST_YEARS, Assumption, Kind, check_assumption, check_years, one_for_every, outlook
from bot.domain.goals import Goal
from bot.domain.refusal import Refusal
from bot.domain.trend import DAYS_A_MONTH, Point
from bot.locales import plain

GOAL = Goal(1, "members", None, 5000, date(2026, 1, 1), date(2028, 6, 30))
TODAY = date(2026, 11, 23)
FIGURES = st.lists(st.integers(1, 4999), min_size=0, max_size=10)


def history(*values: float) -> list[Point]:
    """Values at the month ends before today, the last one that of October."""
    return [(Month(2026, 10).plus(n + 1 - len(values)).last, value) for n, value in enumerate(values)]


GROWING = history(2000, 2100, 2205, 2300, 2398, 2501, 2600)


def test_a_steady_growth_is_reached_in_its_time() -> None:
    found = outlook(GOAL, 2680, TODAY, GROWING)
    assert found.kind is Kind.ENOUGH
    assert found.pace == pytest.approx(100, rel=0.03)
    assert (found.points, found.months) == (7, 6)
    assert found.earliest is not None
    assert found.latest is not None
    # 2,320 are missing, at about 100 a month; compounding they come sooner.
    assert date(2028, 1, 1) < found.earliest < date(2028, 8, 1)
    assert date(2028, 9, 1) < found.latest < date(2028, 12, 31)


def test_both_readings_pass_through_today_and_meet_the_target_on_the_day_they_name() -> None:
    found = outlook(GOAL, 2680, TODAY, GROWING)
    for reading in found.readings:
        assert reading.at(TODAY) == pytest.approx(2680)
        reached = reading.reached(5000)
        assert reached is not None
        assert reading.at(date.fromordinal(reached.toordinal() - 1)) < 5000 <= reading.at(reached) + 1e-6
        later = date(2028, 1, 1)
        assert reading.low(later) <= reading.at(later) <= reading.high(later)


@given(FIGURES, st.integers(0, 6000), st.booleans())
def test_a_date_is_named_only_where_the_trend_goes_up_and_never_in_the_past(values: list[int], value: int, alike: bool) -> None:
    points = history(*values)
    found = outlook(GOAL, value, TODAY, points, points if alike else None)
    if found.earliest is not None:
        assert found.kind is Kind.ENOUGH
        assert found.earliest > TODAY
        assert found.pace is not None
        assert found.pace > 0
    if found.latest is not None:
        assert found.earliest is not None
        assert found.earliest <= found.latest
        assert found.latest.year - TODAY.year <= HORIZON_YEARS
    if len(values) < 4 and value < 5000:
        assert found.kind is Kind.TOO_FEW


@given(st.lists(st.integers(1, 4999), min_size=4, max_size=7))
def test_a_figure_that_never_rose_has_no_upward_trend(values: list[int]) -> None:
    falling = sorted(values, reverse=True)
    assert outlook(GOAL, falling[-1], TODAY, history(*falling)).kind is Kind.NOT_UPWARD


@given(st.integers(2, 50))
def test_everything_so_many_times_as_large_is_reached_on_the_same_day(times: int) -> None:
    one = outlook(GOAL, 2680, TODAY, GROWING)
    large = replace(GOAL, target=GOAL.target * times)
    other = outlook(large, 2680 * times, TODAY, [(day, value * times) for day, value in GROWING])
    assert (other.kind, other.earliest, other.latest) == (one.kind, one.earliest, one.latest)


@given(st.integers(2700, 6000))
def test_a_higher_target_is_never_reached_sooner(target: int) -> None:
    low, high = (outlook(replace(GOAL, target=each), 2680, TODAY, GROWING) for each in (target, target + 50))
    assert low.earliest is not None
    assert high.earliest is not None
    assert low.earliest <= high.earliest


def test_growth_that_is_not_like_for_like_is_better_reporting() -> None:
    found = outlook(GOAL, 2680, TODAY, GROWING, history(2680, 2679, 2681, 2680, 2678, 2680, 2680))
    assert found.kind is Kind.BETTER_REPORTING
    assert found.earliest is None
    assert found.shown_pace == pytest.approx(100, rel=0.03)


def test_growth_of_those_who_are_left_is_no_growth_of_the_whole() -> None:
    found = outlook(GOAL, 2000, TODAY, history(2600, 2500, 2400, 2300, 2200, 2100, 2000), GROWING)
    assert found.kind is Kind.NOT_UPWARD
    assert found.earliest is None


def test_what_is_reached_or_overdue_says_so_whatever_the_trend() -> None:
    assert outlook(GOAL, 5000, TODAY, []).kind is Kind.REACHED
    assert outlook(GOAL, 5000, date(2029, 1, 1), []).kind is Kind.REACHED
    late = outlook(GOAL, 4000, GOAL.deadline + timedelta(days=1), [])
    assert (late.kind, late.needed) == (Kind.OVERDUE, None)
    on_the_day = outlook(GOAL, 4000, GOAL.deadline, [])
    assert (on_the_day.kind, on_the_day.needed) == (Kind.TOO_FEW, None)


def test_an_overdue_goal_keeps_its_range_of_dates() -> None:
    found = outlook(replace(GOAL, deadline=date(2026, 11, 1)), 2680, TODAY, GROWING)
    assert found.kind is Kind.OVERDUE
    assert found.earliest is not None


def test_what_grows_slowly_has_an_end_that_is_not_named_and_slower_still_no_date_at_all() -> None:
    points = history(4780, 4782, 4783, 4784, 4784, 4787, 4789)
    slow, slower = (outlook(GOAL, value, TODAY, points) for value in (4600, 4000))
    assert slow.kind is slower.kind is Kind.ENOUGH
    assert slow.earliest is not None
    assert slow.latest is slower.earliest is slower.latest is None


@pytest.mark.parametrize(("day", "needed"), [(date(2028, 6, 29), 2320), (TODAY, 2320 / ((GOAL.deadline - TODAY).days / DAYS_A_MONTH))])
def test_the_pace_needed_brings_the_figure_to_the_target_on_the_deadline(day: date, needed: float) -> None:
    assert outlook(GOAL, 2680, day, []).needed == pytest.approx(needed)


def test_a_figure_that_doubles_every_year_is_read_as_doubling_in_twelve_months() -> None:
    found = outlook(GOAL, 2000, TODAY, history(*(1000 * 2 ** (n / 12) for n in range(7))))
    assert found.doubling_months == pytest.approx(12, abs=0.3)


def test_a_figure_of_zero_has_no_compounding_reading() -> None:
    found = outlook(replace(GOAL, target=10), 4, TODAY, history(0, 1, 2, 3, 4))
    assert found.compounding is None
    assert found.steady is not None
    assert found.earliest is not None


def test_what_has_been_done_stays_done() -> None:
    points = history(100, 104, 101, 106, 103, 105, 104)
    later = date(2029, 1, 1)
    for metric, falls in (("members", True), ("branch_gatherings", False), ("checkins:education", False)):
        found = outlook(replace(GOAL, metric=metric), 104, TODAY, points)
        low, high = found.low(later), found.high(later)
        assert low is not None
        assert high is not None
        assert (low < 104) is falls
        assert high >= max(low, 104)


# What a reader supposes


def test_so_many_joining_and_leaving_move_the_figure_by_the_difference_each_month() -> None:
    supposed = Assumption(joining=50, leaving=20)
    assert supposed.at(2680, 12) == 2680 + 360
    assert supposed.reaches(2680, 3040, TODAY) == date(2027, 11, 24)
    assert Assumption(joining=1, leaving=5).at(10, 12) == 0
    assert Assumption(joining=5, leaving=5).reaches(10, 20, TODAY) is None


@given(st.integers(1, 10_000), st.integers(1, 24))
def test_doubling_doubles_in_the_time_it_takes(value: int, months: int) -> None:
    supposed = Assumption(doubling_months=months)
    assert supposed.at(value, months) == pytest.approx(2 * value)
    reached = supposed.reaches(value, 2 * value, TODAY)
    assert reached is not None
    assert (reached - TODAY).days == pytest.approx(months * DAYS_A_MONTH, abs=1)


@given(st.integers(0, 1_000_000_000), st.integers(1, 240), st.integers(0, 120))
def test_no_supposed_figure_grows_beyond_all_bounds(value: int, doubling: int, months: int) -> None:
    assert 0 <= Assumption(doubling_months=doubling).at(value, months) <= 1_000_000_000


@pytest.mark.parametrize(
    ("metric", "value", "supposed", "said"),
    [
        ("members", 10, (1, None, 12), "Choose one"),
        ("members", 10, (None, -1, None), "A number a month can be from 0"),
        ("members", 10, (None, None, 0), "Doubling can take from 1 to 240 months."),
        ("members", None, (1, None, None), "Nothing is known of Members yet"),
        ("gender_balance", 37, (None, None, 12), "is a share"),
    ],
)
def test_what_cannot_be_supposed_is_refused(
    metric: str, value: int | None, supposed: tuple[int | None, int | None, int | None], said: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        check_assumption(replace(GOAL, metric=metric), value, *supposed)
    assert said in plain(refusal.value.reason, "en")


def test_scenarios_reach_to_the_deadline_or_over_the_years_that_were_wished() -> None:
    assert check_years(None, GOAL, TODAY) == 2
    assert check_years(None, GOAL, date(2029, 1, 1)) == 1
    assert check_years(LONGEST_YEARS, GOAL, TODAY) == LONGEST_YEARS
    with pytest.raises(Refusal):
        check_years(LONGEST_YEARS + 1, GOAL, TODAY)


def test_one_new_member_for_every_so_many_is_never_too_few() -> None:
    assert one_for_every(280, 2520) == 9
    assert one_for_every(281, 2520) == 8
    assert one_for_every(3000, 2520) is None
