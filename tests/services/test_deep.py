"""The check of all that is kept: it names what was damaged, calls no correction a fault, and changes nothing."""

import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from bot.demo import history
from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.reports import Part, People
from bot.locales import plain
from bot.services import checkins, deep, duty, facts, gatherings, goals, organisations, reports
from bot.services.checkins import Entered
from bot.services.facts import Key
from bot.services.findings import Findings
from bot.services.organisations import SetUp
from db import changes, chapters, people, summaries
from db.faults import StorageFault
from db.store import Store
from db.tables import checkin, evidence, goal_value, summary
from tests.conftest import Statements
from tests.services.growing import ADMIN, GUILD, Growing, admin, cora, noon
from tests.services.test_sample import NOWS, SEAT

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
OCTOBER = Month(2026, 10)
SOUND = "Nothing differs that should not."


@pytest.fixture
async def town(store: Store) -> Growing:
    """London, of which everything is known; goals are adopted on 1 November and kept through yesterday by `kept`."""
    growing = Growing(store)
    await growing.set_up()
    return growing


async def known(town: Growing) -> int:
    london = await town.chapter("London", date(2026, 9, 1))
    await town.does(london, date(2026, 11, 3))
    await town.reports(london, OCTOBER, date(2026, 11, 2), 40, 14)
    await town.collects(london, date(2026, 11, 4))
    return london


async def compared(town: Growing, now: datetime | None = None) -> Findings:
    return await deep.compare(town.store, now or noon(TODAY))


def said(findings: Findings) -> list[str]:
    return [plain(line, "en") for line in (*findings.faults, *findings.advice())]


def noted(findings: Findings) -> list[str]:
    return [plain(line, "en") for line in findings.notes]


@pytest.mark.parametrize("now", NOWS[:2], ids=str)
async def test_the_sample_organisation_is_sound(store: Store, now: datetime) -> None:
    await history.build(store, SEAT, now)
    told: list[tuple[int, int]] = []
    findings = await deep.compare(store, now, lambda done, total: told.append((done, total)))
    assert said(findings) == []
    lines = [plain(line, "en") for line in findings.lines()]
    assert lines[0].startswith("Compared with the entries: 24 summaries, ")
    assert lines[0].endswith(" pieces of evidence, 70 daily values.")
    assert findings.evidence > 900
    assert lines[-1] == SOUND
    assert told[-1][0] == told[-1][1] > 400
    assert [done for done, _ in told] == sorted(done for done, _ in told)


async def test_an_empty_database_is_sound(store: Store) -> None:
    findings = await deep.compare(store, noon(TODAY))
    assert [plain(line, "en") for line in findings.lines()] == [
        "Compared with the entries: 0 summaries, 0 pieces of evidence, 0 daily values.",
        SOUND,
    ]


# What cannot be read


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("UPDATE checkin SET day = 'soon'", "London (server 1)"),
        ("UPDATE summary SET owed_period = 'soon' WHERE chapter_id = 1", "London (server 1)"),
        ("UPDATE chapter SET languages = '{' WHERE name = 'London'", "London (server 1)"),
        ("UPDATE chapter SET timezone = 'Mars/Olympus' WHERE name = 'London'", "London (server 1)"),
        ("UPDATE goal_value SET oldest = 'soon'", "Server 1, its daily values"),
        ("UPDATE organisation SET valued_through = 'soon'", "The organisations"),
    ],
)
async def test_a_value_that_cannot_be_read_is_named_and_the_others_are_compared(town: Growing, damage: str, named: str) -> None:
    await day_by_day(town, "members")
    await town.chapter("Leeds", date(2026, 9, 1))
    async with town.store.write() as c:
        await c.exec_driver_sql(damage)
    findings = await compared(town)
    line, *_ = said(findings)
    assert line.startswith(f"{named}: something that is kept of it cannot be read (")
    assert findings.chapters == (0 if named == "The organisations" else 1 if "London" in named else 2)
    assert findings.servers.get(1, 0) == (0 if named == "The organisations" else len(findings.faults))


# Summaries


def another(value: Any) -> Any:
    """A value of the same kind that is not this one."""
    if isinstance(value, Month):
        return value.plus(-1)
    if isinstance(value, bool):
        return not value
    return value - (1 if isinstance(value, int) else timedelta(days=1))


ABSENT: dict[str, Any] = {"Instant": noon(TODAY), "Day": TODAY, "MonthIndex": OCTOBER, "Integer": 3}


@pytest.mark.parametrize("column", [column.name for column in summary.c if column.name not in {"chapter_id", "guild_id", "next_at"}])
async def test_each_part_of_a_summary_that_was_damaged_is_named(town: Growing, column: str) -> None:
    london = await known(town)
    async with town.store.write() as c:
        kept = await c.scalar(select(summary.c[column]))
        value = ABSENT[type(summary.c[column].type).__name__] if kept is None else kept
        await c.execute(update(summary).where(summary.c.chapter_id == london).values({column: another(value)}))
    line, advice = said(await compared(town))
    assert line.startswith("London (server 1): its summary is not what its entries come to: ")
    assert line.count(" instead of ") == 1
    assert plain(deep._COLUMNS[column], "en") in line
    assert advice == "1 difference that should not be. Keep a copy of the database, and tell those who make this program."


async def test_a_summary_that_is_gone_is_named(town: Growing) -> None:
    await known(town)
    async with town.store.write() as c:
        await c.execute(delete(summary))
    assert said(await compared(town))[0] == "London (server 1) has no summary."


@pytest.mark.parametrize("next_at", [None, noon(date(2027, 1, 5))])
async def test_a_chapter_that_would_be_asked_too_late_is_named(town: Growing, next_at: datetime | None) -> None:
    await known(town)
    async with town.store.write() as c:
        await c.execute(update(summary).values(next_at=next_at))
    assert said(await compared(town))[0].startswith("London (server 1): it is looked at too late: ")


async def test_whoever_refuses_messages_is_not_reached_for_any_of_their_chapters(town: Growing) -> None:
    london, leeds = await town.chapter("London"), await town.chapter("Leeds")
    await duty.refuses_messages(town.store, GUILD, ADMIN, london, noon(TODAY))
    assert said(await compared(town)) == []
    async with town.store.write() as c:
        await people.set_reachable(c, GUILD, ADMIN)
        await summaries.refresh(c, GUILD, [london, leeds], noon(TODAY))
    await duty.is_unknown(town.store, GUILD, ADMIN, None, noon(TODAY))
    assert said(await compared(town)) == []


# Evidence


async def test_evidence_that_no_check_in_gives_or_that_is_missing_is_named(town: Growing) -> None:
    london = await known(town)
    leeds = await town.chapter("Leeds")
    joint = await town.does(london, date(2026, 11, 10), together_with="Leeds")
    await town.takes_part(joint, leeds, date(2026, 11, 12))
    assert said(await compared(town)) == []
    row = {
        "guild_id": GUILD,
        "chapter_id": london,
        "criterion": "learns",
        "day": TODAY,
        "known_on": TODAY,
        "amount": 1,
        "checkin_id": joint,
    }
    async with town.store.write() as c:
        await c.execute(insert(evidence), row)
        await c.execute(delete(evidence).where(evidence.c.chapter_id == leeds))
        await summaries.refresh(c, GUILD, [london, leeds], noon(TODAY))
    assert said(await compared(town))[:2] == [
        "London (server 1): its evidence is not what its check-ins count for: 1 piece is too much (learnt 22 November 2026).",
        (
            "Leeds (server 1): its evidence is not what its check-ins count for: "
            "2 pieces are missing (learnt 10 November 2026, came together 10 November 2026)."
        ),
    ]


async def test_evidence_of_another_day_or_amount_is_named(town: Growing) -> None:
    await known(town)
    for damage in ({"day": date(2026, 11, 2)}, {"known_on": date(2026, 11, 20)}, {"amount": 2}):
        async with town.store.write() as c:
            await c.execute(update(evidence).where(evidence.c.checkin_id.isnot(None)).values(damage))
        lines = " ".join(said(await compared(town)))
        assert "2 pieces are missing" in lines
        assert "2 pieces are too many" in lines


async def test_evidence_that_a_withdrawn_check_in_left_is_named(town: Growing) -> None:
    await known(town)
    async with town.store.write() as c:
        await c.execute(update(checkin).values(withdrawn_at=noon(TODAY)))
    assert "2 pieces are too many (learnt 3 November 2026, came together 3 November 2026)" in " ".join(said(await compared(town)))


# Daily values


async def day_by_day(town: Growing, *metrics: str) -> int:
    london = await known(town)
    for metric in metrics:
        await town.adopts(metric, date(2026, 11, 1), name="Hands" if metric == "manual" else None)
    await town.keeps(YESTERDAY)
    return london


async def damage(town: Growing, day: date, **values: Any) -> None:
    async with town.store.write() as c:
        await c.execute(update(goal_value).where(goal_value.c.day == day).values(**values))


METRICS = ("members", "active_members", "functioning_chapters", "dues_bodies", "delegates", "reporting_chapters", "checkins:meeting")


@pytest.mark.parametrize("metric", METRICS)
async def test_a_daily_value_that_was_damaged_is_named(town: Growing, metric: str) -> None:
    await day_by_day(town, metric)
    assert said(await compared(town)) == noted(await compared(town)) == []
    for part, value in (("value", 77), ("behind", 5), ("chapters", 9), ("oldest", date(2020, 1, 1))):
        for day in (date(2026, 11, 10), date(2026, 11, 11)):
            before = await town.kept(1, day)
            assert before is not None
            await damage(town, day, **{part: value})
        line, _ = said(await compared(town))
        assert line.startswith("Server 1, ")
        assert ", 10 November 2026 to 11 November 2026: kept is " in line
        for day in (date(2026, 11, 10), date(2026, 11, 11)):
            await damage(town, day, **{part: getattr(before, part)})
    assert said(await compared(town)) == []


async def test_one_days_value_is_named_with_what_was_kept_and_what_is_right(town: Growing) -> None:
    await day_by_day(town, "members")
    await damage(town, date(2026, 11, 10), value=41)
    assert said(await compared(town))[0] == (
        "Server 1, Members, 10 November 2026: kept is 41 (from 1 of 1 chapters, the oldest part of 31 October 2026), "
        "but the entries give 40 (from 1 of 1 chapters, the oldest part of 31 October 2026)."
    )


async def test_a_value_that_is_gone_while_others_of_its_day_are_there_is_named(town: Growing) -> None:
    await day_by_day(town, "members", "delegates")
    async with town.store.write() as c:
        await c.execute(delete(goal_value).where(goal_value.c.goal_id == 2, goal_value.c.day == YESTERDAY))
    assert said(await compared(town))[0].startswith("Server 1, Chapters with a delegate, 21 November 2026: kept is nothing, but the ")


async def test_days_without_any_value_are_told_and_no_fault(town: Growing) -> None:
    await day_by_day(town, "members")
    async with town.store.write() as c:
        await c.execute(delete(goal_value).where(goal_value.c.day.between(date(2026, 11, 5), date(2026, 11, 7))))
    findings = await compared(town)
    assert noted(findings) == ["Server 1: on 3 days no value was kept; they can still be worked out from the entries."]
    assert said(findings) == []


LATER = "the kept value is not what today's entries give: some were made or corrected later."


async def also(town: Growing, chapter_id: int, kind: str, day: date, now: date) -> int:
    """A check-in that is recorded some days after it was."""
    entered = Entered(kind, str(day), 12, "in_person")
    done = await checkins.record(town.store, admin, chapter_id, entered, f"late {kind} {day} {now}", noon(now))
    assert isinstance(done, checkins.Shown)
    return done.id


async def test_what_was_told_later_is_no_fault(town: Growing) -> None:
    london = await day_by_day(town, "members", "delegates", "checkins:outreach", "manual")
    await reports.save_part(town.store, admin, london, OCTOBER, Part.PEOPLE, People(90, 14), 1, None, noon(TODAY))
    await reports.publish(town.store, admin, london, OCTOBER, noon(TODAY))
    await also(town, london, "outreach", date(2026, 11, 20), TODAY)
    async with town.store.write() as c:
        await facts.confirm(c, GUILD, chapter_id=london, key=Key.DELEGATE, value="yes", day=date(2026, 11, 19), now=noon(TODAY), by=ADMIN)
    await goals.record(town.store, cora, "Hands", 12, "2026-11-15", noon(TODAY))
    findings = await compared(town)
    assert said(findings) == []
    assert noted(findings) == [
        f"Server 1, Members: on 20 days {LATER}",
        f"Server 1, Chapters with a delegate: on 3 days {LATER}",
        f"Server 1, Outreach activities held: on 2 days {LATER}",
        f"Server 1, Hands: on 7 days {LATER}",
    ]
    assert [plain(line, "en") for line in findings.lines()][-1] == SOUND


async def test_a_check_in_that_moved_was_withdrawn_or_confirmed_later_explains_the_days_it_was_on(town: Growing) -> None:
    london, leeds = await town.chapter("London"), await town.chapter("Leeds")
    moved = await also(town, london, "outreach", date(2026, 11, 5), date(2026, 11, 5))
    gone = await also(town, london, "social", date(2026, 11, 5), date(2026, 11, 5))
    joint = await town.does(london, date(2026, 11, 8), together_with="Leeds")
    await town.does(leeds, date(2026, 11, 1))
    for period_of in (london, leeds):
        await town.reports(period_of, OCTOBER, date(2026, 11, 2))
    for metric in ("checkins:outreach", "checkins:social", "functioning_chapters"):
        await town.adopts(metric, date(2026, 11, 1))
    await town.keeps(YESTERDAY)
    await checkins.correct(town.store, admin, london, moved, 1, Entered("outreach", "2026-11-15", 12, "in_person"), noon(TODAY))
    await checkins.withdraw(town.store, admin, london, gone, 1, noon(TODAY))
    await town.takes_part(joint, leeds, TODAY)
    findings = await compared(town)
    assert said(findings) == []
    assert noted(findings)[:2] == [
        f"Server 1, Outreach activities held: on 17 days {LATER}",
        f"Server 1, Social activities held: on 17 days {LATER}",
    ]


async def test_a_gathering_that_was_confirmed_later_is_no_fault(town: Growing) -> None:
    branch_id = await town.branch("GB")
    names = ("London", "Leeds")
    ids = [await town.chapter(name, branch_id=branch_id) for name in names]
    await town.adopts("branch_gatherings", date(2026, 11, 1))
    held = await town.gathers(branch_id, date(2026, 11, 10), *names)
    await town.keeps(YESTERDAY)
    for chapter_id in ids:
        await gatherings.answer(town.store, admin, held, chapter_id, noon(TODAY), took_part=True)
    findings = await compared(town)
    assert said(findings) == []
    assert noted(findings) == [f"Server 1, Branches that gathered: on 12 days {LATER}"]


async def test_a_count_that_moved_further_than_was_told_later_is_a_fault(town: Growing) -> None:
    london = await day_by_day(town, "checkins:meeting")
    await also(town, london, "meeting", date(2026, 11, 9), TODAY)
    assert said(await compared(town)) == []
    await damage(town, date(2026, 11, 10), value=5)
    lines = said(await compared(town))
    assert len(lines) == 2
    assert lines[0].startswith("Server 1, Meetings held, 10 November 2026: kept is 5 ")
    await damage(town, date(2026, 11, 10), value=1)
    await damage(town, date(2026, 11, 5), value=2)
    assert said(await compared(town))[0].startswith("Server 1, Meetings held, 5 November 2026: kept is 2 ")


async def test_a_chapter_that_hid_later_explains_only_what_so_few_stand_behind(town: Growing) -> None:
    london = await day_by_day(town, "members")
    async with town.store.write() as c:
        await chapters.change(c, GUILD, london, visibility=Visibility.HIDDEN.value)
        await changes.log(c, GUILD, "visibility.choose", noon(TODAY), ADMIN, chapter_id=london, fields=("visibility",))
    findings = await compared(town)
    assert said(findings) == []
    assert noted(findings) == [f"Server 1, Members: on 21 days {LATER}"]


async def test_a_new_time_zone_explains_what_was_kept_by_the_old_one(town: Growing) -> None:
    await day_by_day(town, "members")
    await damage(town, date(2026, 11, 10), value=41)
    await organisations.set_up(town.store, cora, SetUp(timezone="Asia/Tokyo"), noon(TODAY))
    assert said(await compared(town)) == []


# How it looks


async def test_it_reads_beside_a_writer_and_changes_nothing(town: Growing, database: Path) -> None:
    await day_by_day(town, *METRICS)
    reader = await Store.open(f"sqlite+aiosqlite:///{database}", writer=False)
    try:
        async with town.store.write() as c:
            await c.execute(update(summary).values(members=1))
            assert (await deep.compare(reader, noon(TODAY))).faults == ()
    finally:
        await reader.close()
    assert said(await compared(town))


async def test_many_chapters_are_looked_at_a_few_at_a_time(town: Growing, statements: Statements) -> None:
    for n in range(2 * deep.AT_ONCE + 1):
        await town.chapter(f"Chapter {n}")
    statements.clear()
    findings = await compared(town)
    assert (findings.chapters, findings.faults) == (101, ())
    assert len(statements) < 60


async def test_the_file_is_said_to_be_sound_with_the_version_that_reads_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    line = plain(await deep.file_line(store), "en")
    assert line.startswith(f"The database {store.path} is sound (SQLite {sqlite3.sqlite_version}")
    monkeypatch.setattr(deep, "TWO_WRITERS_ARE_SAFE", (3, 1, 0))
    assert plain(await deep.file_line(store), "en") == f"The database {store.path} is sound (SQLite {sqlite3.sqlite_version})."


async def test_pages_that_contradict_each_other_are_a_fault(town: Growing, database: Path) -> None:
    for n in range(30):
        await town.chapter(f"Chapter {n}")
    await town.store.close()
    with closing(sqlite3.connect(database)) as other:
        (page,) = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'chapter_state'").fetchone()
    content = bytearray(database.read_bytes())
    content[(page - 1) * 4096 : (page - 1) * 4096 + 100] = b"\xff" * 100
    database.write_bytes(content)
    reader = await Store.open(f"sqlite+aiosqlite:///{database}", writer=False)
    with pytest.raises(StorageFault) as fault:
        await deep.file_line(reader)
    await reader.close()
    assert plain(fault.value.reason, "en") == f"The database {database} is damaged. Restore your latest backup."


async def test_rows_that_belong_to_nothing_are_named(town: Growing, database: Path) -> None:
    await known(town)
    with closing(sqlite3.connect(database)) as other:
        other.execute("DELETE FROM report")
        other.commit()
    assert "The table evidence has rows that belong to nothing." in said(await compared(town))
