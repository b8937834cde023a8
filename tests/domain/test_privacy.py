"""Small totals stay private: nobody can work out a hidden cell, nor one chapter's count from two sums."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import Month
from bot.domain.policy import Policy
from bot.domain.privacy import (
    ANOTHER,
    GENDERS,
    MEN,
    RATHER_NOT_SAY,
    WOMEN,
    Count,
    Shown,
    Sum,
    counted_again_from,
    gender_balance,
    shown,
    summed,
    whole_percent,
)

POLICY = Policy()
OCTOBER = Month(2026, 10)

cells = st.dictionaries(st.sampled_from(GENDERS), st.integers(0, 60), min_size=1)


# One card


@pytest.mark.parametrize("small", [1, 2, 3, 4])
def test_one_small_cell_hides_all_cells_and_leaves_the_total(small: int) -> None:
    assert shown({WOMEN: 20, MEN: 30, ANOTHER: small, RATHER_NOT_SAY: 0}, POLICY, insider=False) == Shown(None, 50 + small)


@pytest.mark.parametrize(("women", "total"), [(5, None), (6, 10), (7, 11)])
def test_a_total_of_few_people_is_hidden_too(women: int, total: int | None) -> None:
    assert shown({WOMEN: women, MEN: 4}, POLICY, insider=False) == Shown(None, total)


def test_cells_of_none_and_of_five_or_more_are_shown() -> None:
    card = {WOMEN: 5, MEN: 12, ANOTHER: 0}
    assert shown(card, POLICY, insider=False) == Shown(card, 17)


@given(cells)
def test_the_chapters_own_admins_and_facilitators_see_every_cell(card: dict[str, int]) -> None:
    assert shown(card, POLICY, insider=True) == Shown(card, sum(card.values()))


@given(cells)
def test_to_others_no_cell_from_one_to_four_is_ever_shown(card: dict[str, int]) -> None:
    seen = shown(card, POLICY, insider=False)
    if any(1 <= people <= 4 for people in card.values()):
        assert seen.cells is None
        assert seen.total is None or seen.total >= 10
    else:
        assert seen.cells == card


def cards(categories: int, total: int) -> Iterator[tuple[int, ...]]:
    """Every way in which so many people can be spread over so many categories."""
    if categories == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in cards(categories - 1, total - first):
            yield (first, *rest)


@pytest.mark.parametrize(("categories", "largest"), [(2, 150), (3, 45), (4, 24)])
def test_whoever_sees_one_card_is_left_with_at_least_eight_values_for_every_hidden_cell(categories: int, largest: int) -> None:
    possible: dict[int | None, list[set[int]]] = defaultdict(lambda: [set() for _ in range(categories)])
    for total in range(largest + 1):
        for card in cards(categories, total):
            seen = shown(dict(zip(GENDERS, card, strict=False)), POLICY, insider=False)
            if seen.cells is None:
                for values, people in zip(possible[seen.total], card, strict=True):
                    values.add(people)
    assert {None, 10, largest} <= possible.keys()
    assert min(len(values) for hidden in possible.values() for values in hidden) >= 8


def test_members_are_asked_to_be_counted_again_after_six_months() -> None:
    assert counted_again_from(date(2026, 3, 15), POLICY) == date(2026, 9, 15)
    assert counted_again_from(date(2026, 8, 31), POLICY) == date(2027, 2, 28)


# The organisation's sum


def count(chapter: int, women: int = 10, men: int = 10, *, id: int | None = None, day: date = date(2026, 10, 5)) -> Count:  # noqa: A002
    return Count(id or chapter, chapter, day, {WOMEN: women, MEN: men})


def test_a_sum_is_over_at_least_three_chapters() -> None:
    assert summed(OCTOBER, [count(1), count(2)], None, POLICY) is None
    assert summed(OCTOBER, [count(1), count(2), count(3)], None, POLICY) == Sum(
        OCTOBER, {WOMEN: 30, MEN: 30}, {1: 1, 2: 2, 3: 3}, date(2026, 10, 5)
    )


def test_no_sum_is_shown_when_fewer_than_three_chapters_are_left_and_none_again_that_differs_by_fewer_from_the_last() -> None:
    before = summed(OCTOBER, [count(n) for n in range(1, 6)], None, POLICY)
    assert summed(OCTOBER.plus(1), [count(1), count(2)], before, POLICY) is None
    assert summed(OCTOBER.plus(2), [count(n) for n in (1, 2, 3, 4)], before, POLICY) == before


def test_a_sum_is_over_at_least_ten_people() -> None:
    assert summed(OCTOBER, [count(n, 1, 2) for n in (1, 2, 3)], None, POLICY) is None
    enough = summed(OCTOBER, [count(1, 1, 3), count(2, 1, 2), count(3, 1, 2)], None, POLICY)
    assert enough is not None
    assert enough.people == 10


def test_a_sum_moves_only_when_at_least_three_chapters_counts_changed() -> None:
    before = summed(OCTOBER, [count(n) for n in range(1, 6)], None, POLICY)
    two_new = [count(1, 50, id=11), count(2, 50, id=12), *(count(n) for n in (3, 4, 5))]
    assert summed(OCTOBER.plus(1), two_new, before, POLICY) == before
    three_new = [*two_new, count(3, 50, id=13, day=date(2026, 10, 6))]
    after = summed(OCTOBER.plus(1), three_new, before, POLICY)
    assert after is not None
    assert after.cells == {WOMEN: 170, MEN: 50}


def test_a_chapter_that_came_or_went_is_one_that_changed() -> None:
    before = summed(OCTOBER, [count(n) for n in range(1, 6)], None, POLICY)
    one_left_one_came = [count(n) for n in (2, 3, 4, 5, 6)]
    assert summed(OCTOBER, one_left_one_came, before, POLICY) == before
    two_left_one_came = [count(n) for n in (3, 4, 5, 6)]
    after = summed(OCTOBER, two_left_one_came, before, POLICY)
    assert after is not None
    assert set(after.sources) == {3, 4, 5, 6}


def test_each_chapter_puts_in_its_newest_count_whatever_the_order() -> None:
    counts = [count(1, 40, id=7, day=date(2026, 10, 20)), count(1, 10, id=8, day=date(2026, 10, 1)), count(2), count(3)]
    for given_in in (counts, counts[::-1]):
        found = summed(OCTOBER, given_in, None, POLICY)
        assert found is not None
        assert found.sources[1] == 7


def test_counts_of_the_365_days_up_to_the_months_end_are_summed() -> None:
    assert summed(OCTOBER, [count(1), count(2), count(3, day=date(2025, 11, 1))], None, POLICY) is not None
    assert summed(OCTOBER, [count(1), count(2), count(3, day=date(2025, 10, 31))], None, POLICY) is None
    assert summed(OCTOBER, [count(1), count(2), count(3, day=date(2026, 11, 1))], None, POLICY) is None


@given(st.lists(st.lists(st.tuples(st.integers(1, 7), st.integers(0, 9), st.integers(0, 9)), max_size=4), max_size=14))
def test_over_the_years_no_two_sums_ever_shown_differ_by_fewer_than_three_chapters(years: list[list[tuple[int, int, int]]]) -> None:
    newest: dict[int, Count] = {}
    last_shown: Sum | None = None
    for n, counted in enumerate(years):
        month = OCTOBER.plus(n)
        for chapter, women, men in counted:
            newest[chapter] = count(chapter, women, men, id=1000 * n + chapter, day=month.last)
        found = summed(month, list(newest.values()), last_shown, POLICY)
        if found is None:
            continue
        assert len(found.sources) >= 3
        assert found.people >= 10
        if last_shown is not None and found != last_shown:
            apart = {
                key for key in found.sources.keys() | last_shown.sources.keys() if found.sources.get(key) != last_shown.sources.get(key)
            }
            assert len(apart) >= 3
        if found.month == month:
            usable = [each for each in newest.values() if month.last - each.day < timedelta(days=365)]
            assert found.cells.get(WOMEN, 0) == sum(each.cells[WOMEN] for each in usable)
        last_shown = found


# Gender balance


@pytest.mark.parametrize(
    ("women", "men", "balance"),
    [(37, 61, 37), (61, 37, 37), (1, 1, 50), (0, 5, 0), (2, 3, 40), (1999, 3001, 39), (2000, 3000, 40), (0, 0, None)],
)
def test_gender_balance_is_the_smaller_share_rounded_down_to_whole_percent(women: int, men: int, balance: int | None) -> None:
    assert gender_balance({WOMEN: women, MEN: men, ANOTHER: 900, RATHER_NOT_SAY: 900}) == balance


def test_gender_balance_is_not_known_where_neither_women_nor_men_were_counted() -> None:
    assert gender_balance({}) is None
    assert gender_balance({ANOTHER: 12}) is None


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 50))
def test_a_balance_is_reached_only_when_the_exact_share_is(women: int, men: int, target: int) -> None:
    balance = gender_balance({WOMEN: women, MEN: men})
    if balance is not None:
        assert 0 <= balance <= 50
        assert (balance >= target) == (100 * min(women, men) >= target * (women + men))


@given(st.lists(st.integers(0, 500), min_size=1).filter(any))
def test_shares_in_whole_percent_never_come_to_more_than_the_whole(parts: list[int]) -> None:
    assert sum(whole_percent(part, sum(parts)) for part in parts) <= 100
