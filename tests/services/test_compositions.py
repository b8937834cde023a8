"""Counting who the members are: what may be seen of it, how it is corrected, and when the organisation's sum moves."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

import pytest
from sqlalchemy import select

from bot.domain.calendar import Month
from bot.domain.chapters import State
from bot.domain.policy import Policy
from bot.domain.privacy import GENDER, GENDERS, Shown, shown
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller, Role, may
from bot.locales import plain, say
from bot.services import compositions, goals
from bot.services.compositions import Composition, Way
from cogs.cards.compositions import composition_line, makeup_lines
from db import compositions as stored
from db import people
from db.compositions import KeptSum
from db.store import Store
from db.tables import change
from tests.services.growing import FOUNDED, GUILD, MO, Growing, admin, cora, mo, noon

SEPTEMBER, OCTOBER, NOVEMBER = Month(2026, 9), Month(2026, 10), Month(2026, 11)
DAY = date(2026, 9, 12)
CELLS = dict(zip(GENDERS, (6, 10, 1, 0), strict=True))


@pytest.fixture
async def town(store: Store) -> Growing:
    """An organisation without chapters."""
    growing = Growing(store)
    await growing.set_up()
    return growing


async def refusal(awaited: object) -> str:
    """The words with which something is refused."""
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return plain(refused.value.reason, "en")


async def summed(town: Growing, month: Month) -> KeptSum | None:
    """The organisation's sum as at a month's end."""
    return await compositions.sum_as_at(town.store, await town.organisation(), month)


async def test_small_cells_are_seen_by_the_chapters_own_people_only(town: Growing) -> None:
    london = await town.chapter("London")
    fay = Caller(30, GUILD)
    async with town.store.write() as c:
        await people.add_facilitator(c, GUILD, london, fay.user_id, noon(FOUNDED))
    stored = await compositions.record(town.store, admin, london, GENDER, CELLS, DAY, " show of hands ", noon(DAY))
    assert (stored.shown, stored.day, stored.method) == (Shown(CELLS, 17), DAY, "show of hands")
    assert (await compositions.shown(town.store, fay, london)).shown == Shown(CELLS, 17)
    for outsider in (mo, cora):
        seen = await compositions.shown(town.store, outsider, london)
        assert (seen.shown, seen.method) == (Shown(None, 17), None)


async def test_a_coordinator_who_counts_for_a_chapter_is_not_shown_its_small_cells(town: Growing) -> None:
    london = await town.chapter("London")
    stored = await compositions.record(town.store, cora, london, GENDER, CELLS, DAY, "", noon(DAY))
    assert stored.shown == Shown(None, 17)


async def test_where_nobody_has_counted_nothing_is_shown(town: Growing) -> None:
    seen = await compositions.shown(town.store, admin, await town.chapter("London"))
    assert (seen.shown, seen.day) == (Shown(None, None), None)


@pytest.mark.parametrize(
    ("dimension", "cells", "day", "method", "said"),
    [
        ("shoe size", CELLS, DAY, "", "“shoe size” is not counted here."),
        (GENDER, {"women": 3, "men": 3}, DAY, "", "Write a number for each group; 0 where there is nobody."),
        (GENDER, CELLS | {"men": -1}, DAY, "", "Each number can be from 0 to 100,000. You gave -1."),
        (GENDER, dict.fromkeys(GENDERS, 0), DAY, "", "Nobody was counted. Write how many people are in each group."),
        (GENDER, CELLS, date(2026, 9, 13), "", "The day can be from 8 August 2025 to 12 September 2026. You gave 13 September 2026."),
        (GENDER, CELLS, DAY, "x" * 201, "How it was counted is 1 character too long: at most 200. Shorten it and send it again."),
    ],
)
async def test_a_count_that_cannot_be_is_refused(
    town: Growing, dimension: str, cells: dict[str, int], day: date, method: str, said: str
) -> None:
    london = await town.chapter("London")
    assert await refusal(compositions.record(town.store, admin, london, dimension, cells, day, method, noon(DAY))) == said


async def test_only_a_chapters_people_count_for_it(town: Growing) -> None:
    london = await town.chapter("London")
    said = await refusal(compositions.record(town.store, Caller(MO, GUILD), london, GENDER, CELLS, DAY, "", noon(DAY)))
    assert said.startswith("Only London's admins and coordinators can do this.")


async def test_a_correction_replaces_the_count_and_one_after_six_months_stands_beside_it(town: Growing) -> None:
    london = await town.chapter("London")
    await town.counts(london, date(2026, 3, 1), 6, 10)
    await town.counts(london, date(2026, 3, 1), 7, 10, at=date(2026, 3, 4))
    await town.counts(london, date(2026, 8, 31), 8, 10)
    await town.counts(london, date(2027, 2, 28), 9, 10)
    async with town.store.read() as c:
        there = await stored.of_chapter(c, GUILD, london, GENDER)
    assert [(count.day, count.cells["women"]) for count, _ in there] == [(date(2027, 2, 28), 9), (date(2026, 8, 31), 8)]


# What can be worked out from the words of one card


def cards(categories: int, total: int) -> Iterator[tuple[int, ...]]:
    """Every way in which so many people can be spread over so many categories."""
    if categories == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in cards(categories - 1, total - first):
            yield (first, *rest)


def as_read_by(roles: frozenset[Role], cells: Mapping[str, int]) -> str:
    """The line on a chapter's card, word for word, as somebody who is all this reads it."""
    insider = may(Action.SEE_PRIVATE, roles)
    seen = shown(cells, Policy(), insider=insider)
    line = composition_line(Composition("London", GENDER, seen, DAY, Way.HANDS, 1, may(Action.EDIT_CHAPTER, roles)))
    return "" if line is None else say(line, "en")


READERS = {
    "stranger": frozenset[Role](),
    "member": frozenset({Role.MEMBER}),
    "coordinator": frozenset({Role.MEMBER, Role.COORDINATOR, Role.FACILITATOR, Role.MANAGER}),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("categories", "largest"), [(2, 90), (3, 30), (4, 18)])
def test_from_the_words_of_a_card_every_hidden_cell_keeps_at_least_eight_values(reader: str, categories: int, largest: int) -> None:
    possible: dict[str, list[set[int]]] = defaultdict(lambda: [set() for _ in range(categories)])
    small: set[str] = set()
    for total in range(1, largest + 1):
        for card in cards(categories, total):
            words = as_read_by(READERS[reader], dict(zip(GENDERS, card, strict=False)))
            for values, cell in zip(possible[words], card, strict=True):
                values.add(cell)
            if any(1 <= cell <= 4 for cell in card):
                small.add(words)
    assert all("kept private because you are few" in words for words in small)
    assert len(small) == largest - 10 + 2
    assert min(len(values) for words in small for values in possible[words]) >= 8


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OWN_FACILITATOR])
def test_the_chapters_own_people_read_every_number(role: Role) -> None:
    assert as_read_by(frozenset({role}), CELLS) == (
        "Composition (12 September 2026, show of hands): women 6, men 10, another 1, rather not say 0"
    )


class TestTheSum:
    async def test_it_needs_three_chapters(self, town: Growing) -> None:
        ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        for chapter_id in ids[:2]:
            await town.counts(chapter_id, DAY, 20, 20)
        assert await summed(town, SEPTEMBER) is None
        await town.counts(ids[2], date(2026, 10, 2), 20, 20)
        found = await summed(town, OCTOBER)
        assert found is not None
        assert (found.people, found.oldest, found.chapters) == (120, DAY, 3)

    async def test_it_moves_only_when_three_chapters_have_counted_anew(self, town: Growing) -> None:
        ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto", "York")]
        for chapter_id in ids[:3]:
            await town.counts(chapter_id, date(2026, 3, 1), 10, 20)
        for chapter_id in ids[2:]:
            await town.counts(chapter_id, date(2026, 10, 5), 30, 20)
        before, after = await summed(town, SEPTEMBER), await summed(town, OCTOBER)
        assert before is not None
        assert after is not None
        assert before.cells == after.cells
        await town.counts(ids[0], date(2026, 11, 1), 30, 20)
        moved = await summed(town, NOVEMBER)
        assert moved is not None
        assert moved.people == 30 + 3 * 50

    async def test_a_correction_after_the_month_ended_leaves_its_sum_as_it_was(self, town: Growing) -> None:
        ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        for chapter_id in ids:
            await town.counts(chapter_id, DAY, 10, 20)
        for chapter_id in ids:
            await town.counts(chapter_id, DAY, 20, 20, at=date(2026, 10, 3))
        # Both are found only now: what is kept does not depend on when it is asked for.
        found = [await summed(town, month) for month in (SEPTEMBER, OCTOBER)]
        assert [each and each.cells["women"] for each in found] == [30, 60]

    async def test_what_was_counted_more_than_a_year_before_is_left_out(self, town: Growing) -> None:
        ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        for chapter_id in ids:
            await town.counts(chapter_id, date(2025, 11, 1), 10, 20)
        assert await summed(town, OCTOBER) is not None
        assert await summed(town, NOVEMBER) is None

    async def test_archived_chapters_are_left_out_and_resting_ones_are_not(self, town: Growing) -> None:
        ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto", "York", "Hull")]
        for chapter_id in ids:
            await town.counts(chapter_id, DAY, 10, 20)
        await town.becomes(ids[0], State.ARCHIVED, date(2026, 9, 20))
        await town.becomes(ids[1], State.RESTING, date(2026, 9, 20), date(2026, 12, 20))
        found = await summed(town, SEPTEMBER)
        assert found is not None
        assert (found.chapters, found.people) == (4, 4 * 30)

    async def test_hidden_chapters_are_part_of_it(self, town: Growing) -> None:
        ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        await town.hides(ids[0])
        for chapter_id in ids:
            await town.counts(chapter_id, DAY, 10, 20)
        found = await summed(town, SEPTEMBER)
        assert found is not None
        assert found.people == 90

    async def test_before_the_first_count_there_is_none(self, town: Growing) -> None:
        await town.counts(await town.chapter("London"), DAY, 10, 20)
        assert await summed(town, Month(2026, 1)) is None


class TestWhatElseIsCounted:
    """Dimensions that an organisation added beside gender."""

    async def test_each_dimension_is_counted_and_kept_by_itself(self, town: Growing) -> None:
        london, ages = await town.chapter("London"), {"young": 7, "old": 8}
        await town.set_policy("dimensions", [["age", ["young", "old"]]], FOUNDED)
        await town.counts(london, DAY, 7, 8)
        done = await compositions.record(town.store, admin, london, "age", ages, DAY, "", noon(DAY))
        assert (done.dimension, done.shown) == ("age", Shown(ages, 15))
        assert (await compositions.shown(town.store, mo, london)).shown.cells == dict(zip(GENDERS, (7, 8, 0, 0), strict=True))
        assert (await compositions.shown(town.store, mo, london, "age")).shown == Shown(ages, 15)
        balance = await summed(town, SEPTEMBER)
        assert balance is None

    async def test_its_sum_is_shown_in_whole_percent_from_three_chapters_on_and_moves_with_three(self, town: Growing) -> None:
        await town.set_policy("dimensions", [["age", ["young", "old"]]], FOUNDED)
        await town.adopts("members")
        three = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]

        async def counted(chapter_id: int, young: int, old: int, day: date) -> None:
            await compositions.record(town.store, admin, chapter_id, "age", {"young": young, "old": old}, day, "", noon(day))

        async def said(day: date) -> list[str]:
            known = await goals.meanings(town.store, mo, noon(day))
            one = await goals.one_goal(town.store, mo, "members", noon(day))
            assert one.makeup == known.makeup
            return [plain(line, "en") for line in makeup_lines(known.makeup)]

        for chapter_id in three[:2]:
            await counted(chapter_id, 5, 1, date(2026, 7, 12))
        assert await said(date(2026, 8, 2)) == []
        await counted(three[2], 0, 6, date(2026, 8, 12))
        assert await said(DAY) == ["age: young 56%, old 44%; counted in 3 chapters, as of 31 August 2026."]
        await counted(await town.chapter("York"), 50, 0, DAY)
        assert await said(date(2026, 10, 2)) == ["age: young 56%, old 44%; counted in 3 chapters, as of 30 September 2026."]

    async def test_a_few_people_are_not_told_by_the_total_of_another_count(self, town: Growing) -> None:
        london = await town.chapter("London")
        await town.set_policy("dimensions", [["age", ["young", "old"]]], FOUNDED)
        await town.counts(london, DAY, 5)
        assert (await compositions.shown(town.store, mo, london)).shown.total == 5
        await compositions.record(town.store, admin, london, "age", {"young": 2, "old": 3}, DAY, "", noon(DAY))
        assert (await compositions.shown(town.store, mo, london)).shown == Shown(None, None)
        assert (await compositions.shown(town.store, admin, london)).shown.total == 5

    async def test_what_is_not_counted_any_more_is_refused_and_the_log_holds_no_name_of_it(self, town: Growing) -> None:
        london = await town.chapter("London")
        await town.set_policy("dimensions", [["class", ["worker", "student"]]], FOUNDED)
        await compositions.record(town.store, admin, london, "class", {"worker": 7, "student": 8}, DAY, "", noon(DAY))
        await town.set_policy("dimensions", [], DAY)
        said = await refusal(compositions.record(town.store, admin, london, "class", {"worker": 7, "student": 8}, DAY, "", noon(DAY)))
        assert said == "“class” is not counted here."
        async with town.store.read() as c:
            (fields,) = await c.scalars(select(change.c.fields).where(change.c.kind == "composition.record"))
        assert fields == ["day", "dimension", "method"]
