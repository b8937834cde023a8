"""The demo's organisation shows what it should on any day, and nothing in it that people could not have entered themselves."""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, select

from bot.demo import history
from bot.demo.history import Seat
from bot.demo.towns import CHANNELS, HALIFAX, LONDON, PEOPLE, TOWNS
from bot.domain import calendar, checkins, functioning, reports
from bot.domain.calendar import Month
from bot.domain.chapters import check_name
from bot.domain.functioning import Status
from bot.domain.goals import Metric
from bot.domain.policy import Policy
from bot.domain.reports import Part
from bot.domain.rights import Caller
from bot.domain.text import text
from bot.services import checkins as checking_in
from bot.services import echoes, facilitation, goals
from bot.services import reports as reporting
from bot.services.checkins import Entered
from db import chapters, evidence, people, summaries
from db import checkins as stored_checkins
from db import echoes as stored_echoes
from db import reports as stored_reports
from db.facilitation import Whose
from db.store import Store
from db.tables import change, checkin, checkin_partner, checkin_version, composition, report, report_part, report_version, summary
from db.tables import evidence as evidence_table
from tests import asked

SEAT = Seat(
    guild_id=1,
    roles={"Coordinators": 11, "Facilitators": 12, "London": 13},
    channels={name: 100 + n for n, name in enumerate(("general", "facilitators", "reports", *CHANNELS))},
    people={name: 1000 + n for n, name in enumerate(PEOPLE)},
)
ORDINARY = datetime(2026, 11, 22, 10, tzinfo=UTC)
NOWS = (
    ORDINARY,
    datetime(2026, 11, 1, 0, 30, tzinfo=UTC),  # in Canada it is still October
    datetime(2026, 11, 5, 10, tzinfo=UTC),
    datetime(2026, 11, 11, 12, tzinfo=UTC),
    datetime(2028, 2, 29, 15, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),  # the clocks of Europe go forward
    datetime(2026, 10, 25, 1, 15, tzinfo=UTC),  # and back
    datetime(2026, 12, 31, 23, 45, tzinfo=UTC),
)
SECONDS = 20  # five times what it takes on a machine that does nothing else

on_any_day = pytest.mark.parametrize("now", NOWS, ids=str)


async def build(path: Path, now: datetime) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{path}")
    await history.build(store, SEAT, now)
    await store.close()


@pytest.fixture(scope="module")
def sample_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[datetime], Path]:
    """The database of the sample organisation at a moment, built once for all tests that look at it."""
    built: dict[datetime, Path] = {}

    def of(now: datetime) -> Path:
        if now not in built:
            built[now] = tmp_path_factory.mktemp("sample") / "sample.db"
            asyncio.run(build(built[now], now))
        return built[now]

    return of


@pytest.fixture
def now() -> datetime:
    """The moment of tests that do not name one."""
    return ORDINARY


@pytest.fixture
async def sample(sample_of: Callable[[datetime], Path], now: datetime, tmp_path: Path) -> AsyncIterator[Store]:
    """A copy of the sample organisation at this test's `now`."""
    path = await asyncio.to_thread(sample_of, now)
    store = await Store.open(f"sqlite+aiosqlite:///{shutil.copy(path, tmp_path / 'sample.db')}")
    yield store
    await store.close()


async def rows(store: Store, table: Table) -> list[Any]:
    async with store.read() as c:
        return list(await c.execute(select(table)))


async def verdicts(store: Store, now: datetime) -> dict[str, Status]:
    async with store.read() as c:
        known = await chapters.everything(c, SEAT.guild_id)
        found = await summaries.read(c, SEAT.guild_id, [entity.id for entity, _ in known.values()], Policy())
    return {each.chapter.name: _status(each, calendar.today(now, each.chapter.zone)) for each in found}


def _status(found: summaries.History, day: date) -> Status:
    entity = found.chapter
    return functioning.judge(found.standings, entity.state(day), entity.added_on, found.heard_on, Policy(), day).status


@on_any_day
async def test_progress_shows_an_organisation_half_way_there(sample: Store, now: datetime) -> None:
    board = await goals.progress(sample, SEAT.caller("Mo"), now)
    shown = {each.goal.metric: (each.measured.value, each.goal.target) for each in board.standings}
    learnt, target = shown.pop("checkins:education")
    assert learnt is not None
    assert 60 < learnt < target == 100, "its deadline passes unreached at the end of this month"
    assert shown == {
        Metric.MEMBERS: (2512, 5000),
        Metric.FUNCTIONING_CHAPTERS: (18, 100),
        Metric.GENDER_BALANCE: (37, 40),
        Metric.BRANCH_GATHERINGS: (2, 5),
        Metric.DUES_BODIES: (4, 10),
    }
    assert board.reported.behind == 22
    assert board.reported.chapters == 24
    assert board.at_risk == 1
    assert board.balance is not None
    assert board.balance.people >= 1250
    assert all(each.goal.deadline >= board.day for each in board.standings)


@on_any_day
async def test_there_is_a_chapter_of_every_kind(sample: Store, now: datetime) -> None:
    found = await verdicts(sample, now)
    others = {name: status for name, status in found.items() if status is not Status.FUNCTIONING}
    assert others == {
        "Leeds": Status.AT_RISK,
        "Belfast": Status.NEW,
        "Patras": Status.RESTING,
        "Halifax": Status.UNHEARD,
        "Porto": Status.QUIET,
        "Volos": Status.QUIET,
        "Curitiba": Status.QUIET,
    }


@on_any_day
async def test_facilitators_find_whom_to_call_and_why(sample: Store, now: datetime) -> None:
    page = await facilitation.overdue(sample, SEAT.caller("Fay"), Whose.ALL, 0, now)
    calls = {call.name: call for call in page.digest.calls}
    assert set(calls) == {"Porto", "Wrocław", "Leeds", "Halifax", "Volos", "Curitiba"}
    assert calls["Porto"].help_wanted == "A printer."
    assert calls["Porto"].silent
    assert calls["Porto"].in_touch is not None
    assert calls["Wrocław"].silent
    assert calls["Wrocław"].quiet_since is None
    assert calls["Leeds"].functions_until is not None
    assert calls["Volos"].unreachable
    assert [name for _, name in page.digest.late] == ["Norwich"]
    nobodys = await facilitation.overdue(sample, SEAT.caller("Fay"), Whose.UNASSIGNED, 0, now)
    assert {call.name for call in nobodys.digest.calls} == {"Halifax", "Volos", "Curitiba"}


@on_any_day
async def test_london_is_asked_about_last_month_until_the_tenth_and_has_answered_from_then_on(sample: Store, now: datetime) -> None:
    async with sample.read() as c:
        london = await chapters.by_name(c, SEAT.guild_id, LONDON)
        assert london is not None
        (found,) = await summaries.read(c, SEAT.guild_id, [london.id], Policy())
    today = calendar.today(now, london.zone)
    asked_for = found.facts(now).owed.asked_for
    assert asked_for == (Month.of(today).plus(-1) if today.day <= 10 else None)
    assert found.members == 40
    assert london.duty_user_id == SEAT.people["Ana"]


@on_any_day
async def test_nothing_is_entered_that_the_rules_would_refuse_or_before_its_time(sample: Store, now: datetime) -> None:
    async with sample.read() as c:
        known = {entity.id: entity for entity, _ in (await chapters.everything(c, SEAT.guild_id)).values()}
    for entry in await rows(sample, checkin):
        entity = known[entry.chapter_id]
        assert entity.added_on <= entry.day <= calendar.today(entry.recorded_at, entity.zone)
        assert entry.recorded_at <= now
        assert 0 < entry.people < 100
    for told in await rows(sample, report_version):
        assert told.published_at <= now
        for part in Part:
            answers = reports.from_plain(part, told.answers[part])
            assert reports.check(answers) == answers
    assert all(check_name(entity.name, text("The name")) == entity.name for entity in known.values())
    assert all(line.at <= now for line in await rows(sample, change))
    assert all(each.recorded_at <= now for each in await rows(sample, composition))


async def test_the_same_moment_gives_the_same_organisation(sample_of: Callable[[datetime], Path], tmp_path: Path) -> None:
    again = tmp_path / "again.db"
    began = time.perf_counter()
    await build(again, ORDINARY)
    assert time.perf_counter() - began < SECONDS
    first = await asyncio.to_thread(sample_of, ORDINARY)
    assert dumped(first) == dumped(again)


def dumped(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


async def test_evidence_and_summaries_are_what_the_entries_come_to(sample: Store, now: datetime) -> None:
    counted = {column for column in evidence_table.c if column.name != "id"}
    before = [sorted(map(str, await _of(sample, counted))), sorted(map(str, await rows(sample, summary)))]
    async with sample.write() as c:
        ids = [entity.id for entity, _ in (await chapters.everything(c, SEAT.guild_id)).values()]
        await c.execute(delete(summary))
        for chapter_id in ids:
            await evidence.rebuild(c, SEAT.guild_id, chapter_id)
        await summaries.refresh(c, SEAT.guild_id, ids, now)
    after = [sorted(map(str, await _of(sample, counted))), sorted(map(str, await rows(sample, summary)))]
    assert before == after


async def _of(store: Store, columns: Any) -> list[Any]:
    async with store.read() as c:
        return list(await c.execute(select(*sorted(columns, key=lambda column: str(column.name)))))


async def test_every_month_end_has_its_values_and_the_organisation_grows(sample: Store, now: datetime) -> None:
    members = await goals.one_goal(sample, SEAT.caller("Mo"), "members", now)
    values = [measured.value for _, measured in members.points]
    assert len(values) == goals.POINTS
    assert all(isinstance(earlier, int) and isinstance(later, int) and earlier < later for earlier, later in pairwise(values))


async def test_what_happened_stands_in_the_open_log(sample: Store) -> None:
    kinds = [line.kind for line in await rows(sample, change)]
    assert kinds.count("chapter.add") == len(TOWNS)
    assert kinds.count("checkin.record") == len(await rows(sample, checkin))
    assert kinds.count("report.publish") == len(await rows(sample, report_version))


async def test_one_chapter_was_never_heard_from(sample: Store) -> None:
    async with sample.read() as c:
        halifax = await chapters.by_name(c, SEAT.guild_id, HALIFAX)
        assert halifax is not None
        assert await stored_checkins.counted(c, SEAT.guild_id, halifax.id) == []
        assert await stored_reports.published_periods(c, SEAT.guild_id, halifax.id, 1) == []
        assert await stored_reports.newest_owed(c, SEAT.guild_id, halifax.id) is not None


# What is stored in bulk is what the services store one by one


ADMIN = 20
ADDED = datetime(2026, 9, 1, 9, tzinfo=UTC)
MET, PUBLISHED = datetime(2026, 10, 20, 19, tzinfo=UTC), datetime(2026, 11, 2, 12, tzinfo=UTC)
OCTOBER = Month(2026, 10)
SAID = reports.Report(
    reports.People(40, 14),
    reports.Activity((checkins.Kind.MEETING,), 3, 1, 2, 1),
    reports.Words(changing="Growing.", private_note="We are tired."),
)


async def _organisation(store: Store, guild_id: int) -> tuple[int, int]:
    async with store.write() as c:
        await asked.create(c, guild_id, ADDED, "Europe/London")
        made = []
        for name in ("London", "Norwich"):
            chapter = {"name": name, "timezone": "Europe/London", "added_on": ADDED.date()}
            made.append(await chapters.add(c, guild_id, ADDED, ADMIN, **chapter))
            await people.add_admin(c, guild_id, made[-1], ADMIN, ADDED)
    return made[0], made[1]


async def _one_by_one(store: Store, guild_id: int) -> None:
    caller, (london, _) = Caller(ADMIN, guild_id), await _organisation(store, guild_id)
    entered = Entered("meeting", "2026-10-20", 14, "in_person", education=True, partners="Norwich")
    shown = await checking_in.record(store, caller, london, entered, f"form{guild_id}", MET)
    assert isinstance(shown, checking_in.Shown)
    async with store.write() as c:
        await stored_reports.become_owed(c, guild_id, london, [Month(2026, 9), OCTOBER])
    for part in Part:
        await reporting.save_part(store, caller, london, OCTOBER, part, SAID.part(part), 0, None, PUBLISHED)
    await reporting.publish(store, caller, london, OCTOBER, PUBLISHED)


async def _in_bulk(store: Store, guild_id: int) -> None:
    london, norwich = await _organisation(store, guild_id)
    entry = checkins.CheckIn(checkins.Kind.MEETING, MET.date(), 14, checkins.Format.IN_PERSON, education=True)
    asked = ((norwich, checkins.PartnerState.ASKED, None),)
    met = stored_checkins.Past(london, f"form{guild_id}", entry, MET, ADMIN, asked)
    claimed = reports.claimed(SAID.activity, checkins.tally([entry], Policy()))
    told = stored_reports.Past(london, OCTOBER, PUBLISHED, PUBLISHED.date(), ADMIN, SAID, claimed)
    async with store.write() as c:
        await stored_checkins.add_many(c, guild_id, [met])
        await stored_reports.add_many(c, guild_id, {london: [Month(2026, 9), OCTOBER]}, [told])
        await evidence.rebuild(c, guild_id, london)


async def test_bulk_stores_what_the_services_store(store: Store) -> None:
    await _one_by_one(store, 1)
    await _in_bulk(store, 2)
    for table in (checkin, checkin_partner, checkin_version, report, report_part, report_version, evidence_table):
        first, second = [await _plain(store, table, guild_id) for guild_id in (1, 2)]
        assert first, table.name
        assert first == second, table.name


_OWN = {"id", "guild_id", "chapter_id", "form_key", "checkin_id", "report_id"}


async def _plain(store: Store, table: Table, guild_id: int) -> list[str]:
    async with store.read() as c:
        found = list(await c.execute(select(table).where(table.c.guild_id == guild_id)))
    told = [{name: value for name, value in row._mapping.items() if name not in _OWN} for row in found]
    for each in told:
        if isinstance(each.get("fields"), dict):
            each["fields"] = {**each["fields"], "partners": len(each["fields"]["partners"])}
    return sorted(map(str, told))


async def test_london_hears_who_finds_its_rooms_too_small_as_well(sample: Store) -> None:
    async with sample.read() as c:
        london = await chapters.by_name(c, SEAT.guild_id, LONDON)
        assert london is not None
        newest = await stored_reports.newest_owed(c, SEAT.guild_id, london.id)
        assert newest is not None
        shared = await stored_echoes.quotable(c, SEAT.guild_id, london.id, newest.plus(-6), 200)
    heard = echoes.nearest("The room that we meet in is too small.", shared)
    assert heard is not None
    assert heard.passage == "Our room is small."
