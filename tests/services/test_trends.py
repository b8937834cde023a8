"""What trends are made of is worked out again after whatever moves the past, for the days and months that it moves."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.domain.calendar import Month
from bot.domain.forecast import Kind
from bot.domain.reports import Part, People
from bot.domain.trend import Link
from bot.services import checkins, deep, gatherings, goals, organisations, partners, reports, trends, visibility
from bot.services.checkins import Entered
from bot.services.organisations import SetUp
from bot.services.taking import bringing
from bot.services.trends import Trend
from db import organisations as organisations_db
from db import stale
from db import trends as kept_links
from db.measures import At
from db.store import Store
from db.tables import goal_value, organisation
from tests.services.growing import GUILD, Growing, admin, cora, noon

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
OCTOBER = Month(2026, 10)


@pytest.fixture
async def town(store: Store) -> Growing:
    """Three chapters that reported in each of the last months, with goals that are adopted at the end of October, by `begun`."""
    growing = Growing(store)
    await growing.set_up()
    return growing


async def begun(town: Growing, *metrics: str, months: int = 2, adopted: date = date(2026, 10, 30), through: date = YESTERDAY) -> list[int]:
    first = OCTOBER.plus(1 - months)
    ids = [await town.chapter(name, first.first) for name in ("London", "Leeds", "York")]
    for n in range(months):
        period = first.plus(n)
        for place, chapter_id in enumerate(ids):
            await town.reports(chapter_id, period, period.plus(1).first + timedelta(days=place), 100 + 10 * n, 20 + n)
    for metric in metrics or ("members",):
        await town.adopts(metric, adopted, target=600)
    await town.keeps(through)
    return ids


async def trend_of(town: Growing, metric: str, today: date = TODAY) -> Trend:
    board = await town.board(today)
    standing = next(each for each in board.standings if each.goal.metric == metric)
    organisation = await town.organisation()
    async with town.store.read() as c:
        return await trends.of(c, organisation, standing, At(today, noon(today)))


async def links(town: Growing, metric: str) -> list[Link]:
    async with town.store.read() as c:
        return (await kept_links.kept(c, GUILD, [metric], Month(2020, 1), Month(2030, 1))).get(metric, [])


async def stale_from(town: Growing) -> date | None:
    async with town.store.read() as c:
        return (await stale.find(c, GUILD)).days_from


async def faults(town: Growing) -> tuple[object, ...]:
    return (await deep.compare(town.store, noon(TODAY))).faults


async def test_chapters_that_all_grow_by_a_tenth_a_month_are_foreseen_to(town: Growing) -> None:
    await begun(town, months=6)
    found = await trend_of(town, "members")
    assert found.points == ((date(2026, 10, 31), 420), (TODAY, 450))
    assert found.outlook.kind is Kind.ENOUGH
    assert found.outlook.pace == pytest.approx(30, rel=0.05)
    assert await links(town, "members") == [Link(Month(2026, 6).plus(n), 300 + 30 * n, 330 + 30 * n, 3) for n in range(5)]


async def test_a_chapter_that_begins_to_report_is_no_growth_of_members(town: Growing) -> None:
    await begun(town, months=4)
    before = await trend_of(town, "members")
    newcomer = await town.chapter("Hull", Month(2026, 5).first)
    await town.reports(newcomer, OCTOBER, YESTERDAY, 90)
    await town.keeps(YESTERDAY)
    after = await trend_of(town, "members")
    assert after.points[-1] == (TODAY, 480)
    assert after.outlook.compounding is not None
    assert before.outlook.compounding is not None
    assert after.outlook.compounding.middle == pytest.approx(before.outlook.compounding.middle)


async def test_a_chapter_first_heard_from_long_after_it_was_added_is_no_growth_of_functioning_ones(town: Growing) -> None:
    ids = await begun(town, "functioning_chapters", months=3)
    silent = await town.chapter("Hull", Month(2026, 5).first)
    for month in (Month(2026, 8), Month(2026, 9), OCTOBER):
        founded = await town.chapter(f"Begun in {month}", month.first)
        for chapter_id in (*ids, silent, founded) if month == OCTOBER else (*ids, founded):
            await town.does(chapter_id, month.last)
    await town.reports(silent, Month(2026, 9), OCTOBER.last)
    await town.keeps(YESTERDAY)
    assert await faults(town) == ()
    assert (await links(town, "functioning_chapters"))[-1] == Link(OCTOBER, 3, 3, 5)
    assert await town.kept(1, OCTOBER.last) == (await town.measure("functioning_chapters", TODAY, OCTOBER.last))


async def test_a_chapter_that_reports_every_third_month_grows_evenly_in_between(town: Growing) -> None:
    ids = await begun(town, months=1)
    for chapter_id in ids:
        await town.reports(chapter_id, Month(2026, 7), date(2026, 11, 5), 70)
    await town.keeps(YESTERDAY)
    assert await links(town, "members") == []
    async with town.store.write() as c:
        await c.exec_driver_sql("UPDATE chapter SET rhythm = 3")
        await stale.from_month(c, GUILD, Month(2026, 7))
    await town.keeps(YESTERDAY)
    assert await links(town, "members") == [Link(Month(2026, 8).plus(n), 210 + 30 * n, 240 + 30 * n, 3) for n in range(3)]


async def test_growth_over_fewer_than_three_chapters_leaves_a_hidden_one_out(town: Growing) -> None:
    ids = await begun(town)
    await town.reports(ids[0], Month(2026, 8), YESTERDAY, 40)
    await town.reports(ids[1], Month(2026, 8), YESTERDAY, 70)
    await town.hides(ids[0])
    await town.keeps(YESTERDAY)
    assert await links(town, "members") == [Link(Month(2026, 9), 70, 100, 1), Link(OCTOBER, 300, 330, 3)]


# Worked out again


async def late(town: Growing, ids: list[int]) -> date:
    entered = Entered("meeting", "2026-11-10", 12, "in_person")
    await checkins.record(town.store, admin, ids[0], entered, "late", noon(TODAY))
    return date(2026, 11, 10)


async def corrected(town: Growing, ids: list[int]) -> date:
    made = await town.does(ids[0], date(2026, 11, 12))
    await town.keeps(YESTERDAY)
    await checkins.correct(town.store, admin, ids[0], made, 1, Entered("outreach", "2026-11-05", 1, "online"), noon(TODAY))
    return date(2026, 11, 5)


async def withdrawn(town: Growing, ids: list[int]) -> date:
    made = await town.does(ids[0], date(2026, 11, 12))
    await town.keeps(YESTERDAY)
    await checkins.withdraw(town.store, admin, ids[0], made, 1, noon(TODAY))
    return date(2026, 11, 12)


async def confirmed(town: Growing, ids: list[int]) -> date:
    made = await town.does(ids[0], date(2026, 11, 12), together_with="Leeds")
    await town.keeps(YESTERDAY)
    await partners.answer(town.store, admin, made, ids[1], True, noon(TODAY))
    return date(2026, 11, 12)


async def report_corrected(town: Growing, ids: list[int]) -> date:
    await reports.save_part(town.store, admin, ids[2], OCTOBER, Part.PEOPLE, People(15, 9), 1, None, noon(TODAY))
    await reports.publish(town.store, admin, ids[2], OCTOBER, noon(TODAY))
    return date(2026, 11, 3)


async def figure_recorded(town: Growing, ids: list[int]) -> date:
    await goals.record(town.store, cora, "members", 500, "2026-11-10", noon(TODAY))
    return date(2026, 11, 10)


async def gathered(town: Growing, ids: list[int]) -> date:
    branch_id = await town.branch("GB")
    async with town.store.write() as c:
        await c.exec_driver_sql("UPDATE chapter SET branch_id = 1")
    held = await town.gathers(branch_id, date(2026, 11, 3), "London", "Leeds")
    await town.keeps(YESTERDAY)
    for chapter_id in ids[:2]:
        await gatherings.answer(town.store, admin, held, chapter_id, noon(TODAY), took_part=True)
    return date(2026, 11, 3)


async def in_another_zone(town: Growing, ids: list[int]) -> date:
    await organisations.set_up(town.store, cora, SetUp(timezone="Asia/Tokyo"), noon(TODAY))
    return date(2026, 10, 30)


EVERY = ("members", "active_members", "functioning_chapters", "checkins:meeting", "branch_gatherings", "reporting_chapters")
CHANGES = [late, corrected, withdrawn, confirmed, report_corrected, figure_recorded, gathered, in_another_zone]


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
async def test_what_is_entered_later_has_the_days_that_it_moves_worked_out_again(town: Growing, change: object) -> None:
    ids = await begun(town, *EVERY)
    async with town.store.write() as c:
        await organisations_db.change(c, GUILD, {"next_at": noon(TODAY + timedelta(days=1))})
    since = await change(town, ids)  # type: ignore[operator]
    assert await stale_from(town) == since
    async with town.store.read() as c:
        assert await c.scalar(select(organisation.c.next_at)) <= noon(TODAY)
        before = (await c.execute(select(goal_value).where(goal_value.c.day < since))).all()
    await town.keeps(YESTERDAY)
    assert await faults(town) == ()
    assert (await deep.compare(town.store, noon(TODAY))).notes == ()
    for metric in EVERY:
        assert await town.kept(1 + EVERY.index(metric), YESTERDAY) == await town.measure(metric, TODAY, YESTERDAY), metric
    async with town.store.read() as c:
        assert (await c.execute(select(goal_value).where(goal_value.c.day < since))).all() == before


async def test_a_chapter_that_hides_is_taken_out_of_past_values_behind_which_few_stand(town: Growing) -> None:
    ids = await begun(town, months=1, adopted=date(2026, 11, 1))
    await visibility.choose(town.store, admin, ids[0], "hidden", noon(TODAY))
    # On 2 November only London and Leeds had reported, and on 1 November London alone.
    assert await stale_from(town) == date(2026, 11, 1)
    await town.keeps(YESTERDAY)
    kept = [await town.kept(1, date(2026, 11, day)) for day in (1, 2, 3)]
    assert [(each.value, each.behind) for each in kept if each is not None] == [(None, 0), (100, 1), (300, 3)]
    assert await faults(town) == ()


async def test_an_import_fills_in_the_days_of_the_past_and_its_undoing_takes_them_back(town: Growing, tmp_path: Path) -> None:
    await begun(town, *EVERY)
    before = [await town.kept(goal_id, date(2026, 11, 15)) for goal_id in range(1, 7)]
    file = tmp_path / "checkins.csv"
    file.write_text("chapter,date,kind,people\nLondon,2026-11-07,meeting,9\nLeeds,2026-11-04,meeting,8\n")
    assert (await bringing.bring_in(town.store, GUILD, file, None, noon(TODAY))).stored
    assert await stale_from(town) == date(2026, 11, 4)
    await town.keeps(YESTERDAY)
    meetings = await town.kept(4, date(2026, 11, 15))
    assert meetings is not None
    assert (meetings.value, meetings.behind) == (2, 2)
    assert await faults(town) == ()
    await bringing.take_back(town.store, GUILD, noon(TODAY))
    assert await stale_from(town) == date(2026, 11, 4)
    await town.keeps(YESTERDAY)
    assert [await town.kept(goal_id, date(2026, 11, 15)) for goal_id in range(1, 7)] == before
    assert await faults(town) == ()


async def test_an_entry_that_comes_while_its_day_is_worked_out_is_not_lost(town: Growing) -> None:
    ids = await begun(town, "checkins:meeting")
    await late(town, ids)
    async with town.store.read() as c:
        seen = await stale.find(c, GUILD)
    assert seen.days_from is not None
    await checkins.record(town.store, admin, ids[1], Entered("meeting", "2026-11-10", 9, "online"), "meanwhile", noon(TODAY))
    async with town.store.write() as c:
        await stale.day_done(c, GUILD, seen.days_from, seen.marks)
    assert await stale_from(town) == date(2026, 11, 10)
    await town.keeps(YESTERDAY)
    assert (await town.kept(1, date(2026, 11, 10))) == await town.measure("checkins:meeting", TODAY, date(2026, 11, 10))


async def test_an_entry_of_today_has_nothing_worked_out_again(town: Growing) -> None:
    ids = await begun(town, "checkins:meeting")
    await town.does(ids[0], TODAY)
    async with town.store.read() as c:
        assert not await stale.waits(c, GUILD)
    await town.keeps(TODAY)
    assert await stale_from(town) == TODAY + timedelta(days=1)
