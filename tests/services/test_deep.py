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
from bot.domain.goals import Measured
from bot.domain.reports import Part, People
from bot.locales import plain
from bot.services import checkins, deep, duty, goals, reports
from bot.services.checkins import Entered
from bot.services.facts import Key
from bot.services.findings import Findings
from db import organisations as organisations_db
from db import people, summaries
from db.faults import StorageFault
from db.store import Store
from db.tables import checkin, evidence, goal_value, summary, trend_link
from tests.conftest import Statements
from tests.services.growing import ADMIN, CORA, GUILD, Growing, admin, cora, noon
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
    assert lines[0].endswith(" pieces of evidence, 84 daily values.")
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


WAITS = "are still to be worked out again, because something was entered or corrected later."


async def also(town: Growing, chapter_id: int, kind: str, day: date, now: date) -> int:
    """A check-in that is recorded some days after it was."""
    entered = Entered(kind, str(day), 12, "in_person")
    done = await checkins.record(town.store, admin, chapter_id, entered, f"late {kind} {day} {now}", noon(now))
    assert isinstance(done, checkins.Shown)
    return done.id


async def test_days_that_an_entry_came_for_later_are_no_fault_while_they_wait_and_right_after(town: Growing) -> None:
    london = await day_by_day(town, "members", "delegates", "checkins:outreach", "manual")
    await also(town, london, "outreach", date(2026, 11, 20), TODAY)
    assert noted(await compared(town)) == [f"Server 1: the values of 2 days {WAITS}"]
    await reports.save_part(town.store, admin, london, OCTOBER, Part.PEOPLE, People(90, 14), 1, None, noon(TODAY))
    await reports.publish(town.store, admin, london, OCTOBER, noon(TODAY))
    await town.says(Key.DELEGATE, "yes", date(2026, 11, 19), chapter_id=london)
    await goals.record(town.store, cora, "Hands", 12, "2026-11-15", noon(TODAY))
    findings = await compared(town)
    assert said(findings) == []
    assert noted(findings) == [f"Server 1: the values of 20 days {WAITS}"]
    assert [plain(line, "en") for line in findings.lines()][-1] == SOUND
    await town.keeps(YESTERDAY)
    assert said(await compared(town)) == noted(await compared(town)) == []


async def test_a_value_that_is_wrong_on_a_day_for_which_nothing_came_is_a_fault_beside_those_that_wait(town: Growing) -> None:
    london = await day_by_day(town, "checkins:meeting")
    await also(town, london, "meeting", date(2026, 11, 9), TODAY)
    await damage(town, date(2026, 11, 5), value=2)
    assert said(await compared(town))[0].startswith("Server 1, Meetings held, 5 November 2026: kept is 2 ")


async def test_past_days_are_judged_by_the_rule_for_sums_of_their_day(town: Growing) -> None:
    """The policy of today asks for more chapters than that of the days before, on which a hidden one was in the sum."""
    ids = [await town.chapter(name) for name in ("London", "Leeds", "York", "Hull")]
    for chapter_id in ids:
        await town.reports(chapter_id, OCTOBER, date(2026, 11, 2), 40)
    await town.hides(ids[0])
    await town.adopts("members", date(2026, 11, 1))
    await town.keeps(YESTERDAY)
    assert await town.kept(1, YESTERDAY) == Measured(160, 4, 4, date(2026, 10, 31))
    async with town.store.write() as c:
        await organisations_db.set_policy(c, GUILD, "sum_chapters", 10, noon(TODAY), CORA)
    assert said(await compared(town)) == []


async def test_growth_that_was_damaged_or_is_gone_is_named(town: Growing) -> None:
    for name in ("London", "Leeds", "York"):
        each = await town.chapter(name, date(2026, 7, 1))
        for n, members in enumerate((10, 20, 30)):
            await town.reports(each, Month(2026, 8 + n), Month(2026, 9 + n).first, members)
            await town.does(each, Month(2026, 8 + n).last)
    await town.adopts("functioning_chapters", date(2026, 10, 30))
    await town.keeps(YESTERDAY)
    assert said(await compared(town)) == []
    async with town.store.write() as c:
        await c.execute(update(trend_link).where(trend_link.c.metric == "members").values(after=77))
        await c.execute(update(trend_link).where(trend_link.c.metric == "functioning_chapters").values(before=trend_link.c.before + 1))
    lines = said(await compared(town))
    assert (
        "Server 1, Members, the growth into October 2026: kept is from 60 to 77 in 3 chapters, but the entries give from 60 to 90 in 3 "
        in (" ".join(lines))
    )
    assert any(line.startswith("Server 1, Functioning chapters, the growth into October 2026: kept is from ") for line in lines)
    async with town.store.write() as c:
        await c.execute(delete(trend_link).where(trend_link.c.month == OCTOBER))
    assert "Server 1, Members, the growth into October 2026: kept is nothing, but the" in " ".join(said(await compared(town)))


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
