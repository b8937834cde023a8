"""The trend of a figure: robust against odd months, and like for like."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import trend
from bot.domain.calendar import Month
from bot.domain.trend import Link, Point, chained, theil_sen

JANUARY = Month(2026, 1)
TODAY = date(2026, 11, 23)
FIGURES = st.lists(st.integers(0, 10_000), min_size=4, max_size=7)


def at_month_ends(values: list[float]) -> list[Point]:
    return [(JANUARY.plus(n).last, value) for n, value in enumerate(values)]


def on_days(values: list[float]) -> list[Point]:
    """One value every thirty days, so that a straight line is one."""
    return [(date.fromordinal(740_000 + 30 * n), value) for n, value in enumerate(values)]


@given(start=st.integers(0, 5000), step=st.integers(-50, 50), n=st.integers(4, 12))
def test_a_straight_line_has_its_own_slope_and_no_spread(start: int, step: int, n: int) -> None:
    found = theil_sen(on_days([start + step * each for each in range(n)]))
    assert (found.slow, found.middle, found.fast) == pytest.approx((step / 30,) * 3)
    assert found.upward is (step > 0)


@given(FIGURES, st.integers(-1000, 1000))
def test_what_is_added_to_every_figure_changes_no_slope(values: list[int], shift: int) -> None:
    before, after = theil_sen(on_days([*map(float, values)])), theil_sen(on_days([value + shift for value in values]))
    assert (after.slow, after.middle, after.fast) == pytest.approx((before.slow, before.middle, before.fast))


@given(FIGURES, st.integers(1, 100))
def test_figures_so_many_times_as_large_move_so_many_times_as_fast(values: list[int], times: int) -> None:
    before, after = theil_sen(on_days([*map(float, values)])), theil_sen(on_days([value * times for value in values]))
    assert (after.slow, after.middle, after.fast) == pytest.approx((before.slow * times, before.middle * times, before.fast * times))


@given(FIGURES)
def test_the_middle_lies_between_the_slow_and_the_fast_end(values: list[int]) -> None:
    found = theil_sen(on_days([*map(float, values)]))
    assert found.slow <= found.middle <= found.fast


@given(odd=st.integers(0, 6), by=st.integers(-100_000, 100_000))
def test_one_odd_month_moves_the_slope_of_seven_at_most_to_that_of_the_others_nearby(odd: int, by: int) -> None:
    values = [1000.0 + 10 * n + (n % 2) for n in range(7)]
    others = trend.pair_slopes([point for n, point in enumerate(on_days(values)) if n != odd])
    values[odd] += by
    assert others[0] <= theil_sen(on_days(values)).middle <= others[-1]


def test_a_flat_figure_with_noise_is_not_called_upward() -> None:
    assert not theil_sen(at_month_ends([100, 104, 97, 103, 99, 105, 101])).upward


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        (date(2026, 3, 30), [date(2026, 1, 31), date(2026, 2, 28)]),
        (date(2026, 3, 31), [date(2026, 2, 28), date(2026, 3, 31)]),
        (date(2026, 1, 1), [date(2025, 11, 30), date(2025, 12, 31)]),
    ],
)
def test_month_ends_are_those_that_are_over(day: date, ends: list[date]) -> None:
    assert trend.month_ends(day, 2) == ends


def links(sums: list[tuple[int, int]], first: Month = JANUARY) -> list[Link]:
    return [Link(first.plus(n), before, after, 10) for n, (before, after) in enumerate(sums)]


def test_the_figure_goes_back_in_the_proportion_of_those_who_answered_in_both_months() -> None:
    points = chained("members", 1000, TODAY, links([(100, 110), (200, 250)]))
    assert points == [
        (date(2025, 12, 31), pytest.approx(1000 / 1.1 / 1.25)),
        (date(2026, 1, 31), pytest.approx(800)),
        (date(2026, 2, 28), 1000),
    ]


@given(st.lists(st.lists(st.integers(1, 500), min_size=4, max_size=8), min_size=1, max_size=6), st.data())
def test_a_chapter_that_begins_to_report_and_does_not_grow_raises_no_trend(history: list[list[int]], data: st.DataObject) -> None:
    months = min(map(len, history))
    begins = data.draw(st.integers(1, months - 1))
    size = data.draw(st.integers(1, 500))

    def sums(month: int, *, joined: bool) -> tuple[int, int]:
        newcomer = size if joined and month > begins else 0
        return sum(each[month - 1] for each in history) + newcomer, sum(each[month] for each in history) + newcomer

    without = chained("members", 1000, TODAY, links([sums(month, joined=False) for month in range(1, months)]))
    with_it = chained("members", 1000, TODAY, links([sums(month, joined=True) for month in range(1, months)]))
    for (_, one), (_, later), (_, other), (_, other_later) in zip(without, without[1:], with_it, with_it[1:], strict=False):
        # The one that stays as it is draws each month's growth towards none, and never past it.
        growth, drawn = later / one, other_later / other
        assert min(growth, 1) - 1e-9 <= drawn <= max(growth, 1) + 1e-9


def test_members_outside_chapters_move_by_what_was_recorded_and_not_with_those_inside() -> None:
    outside = [(date(2026, 1, 20), 450), (date(2026, 2, 3), 500)]
    points = chained("members", 1500, TODAY, links([(100, 125), (100, 100)]), outside)
    assert points == [(date(2025, 12, 31), 800 + 450), (date(2026, 1, 31), 1000 + 450), (date(2026, 2, 28), 1500)]


def test_functioning_chapters_go_back_by_their_number() -> None:
    assert chained("functioning_chapters", 18, TODAY, links([(0, 3), (3, 2)])) == [
        (date(2025, 12, 31), 16),
        (date(2026, 1, 31), 19),
        (date(2026, 2, 28), 18),
    ]


def test_a_month_in_which_nobody_answered_ends_the_chain() -> None:
    apart = [*links([(10, 11)]), *links([(10, 12), (12, 13)], JANUARY.plus(2))]
    assert [day for day, _ in chained("members", 100, TODAY, apart)] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert chained("members", 100, TODAY, []) == []
    assert chained("members", 100, TODAY, links([(0, 5)])) == [(date(2026, 1, 31), 100)]


def test_the_newest_month_waits_until_half_as_many_have_answered_as_before() -> None:
    full, few, half = (Link(JANUARY.plus(n), 10, 11, chapters) for n, chapters in ((0, 20), (1, 9), (1, 10)))
    assert trend.enough_answered([few, full]) == [full]
    assert trend.enough_answered([full, half]) == [full, half]
    assert trend.enough_answered([few]) == [few]
