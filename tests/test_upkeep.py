"""The care for the database: judged by what is there, done in a process of its own, and told once when it fails."""

import asyncio
import json
import logging
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import serve
from bot.domain import upkeep as rules
from bot.locales import plain
from bot.services import backups, upkeep
from bot.services.backups import Plan
from bot.upkeep import Upkeep
from db import organisations
from db import upkeep as stored
from db.store import Store
from db.tables import summary
from tests import asked
from tests.services.growing import GUILD, Growing

NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


# When


@pytest.mark.parametrize(
    ("now", "made", "due"),
    [
        ("2026-11-22T03:00", None, True),
        ("2026-11-22T03:00", "2026-11-21T23:00", True),
        ("2026-11-22T02:59", "2026-11-21T03:00", False),
        ("2026-11-22T03:00", "2026-11-22T03:00", False),
        ("2026-11-22T14:00", "2026-11-22T03:10", False),
        ("2026-11-25T14:00", "2026-11-22T03:10", True),  # three nights were missed: one is made
        ("2026-11-22T14:00", "2027-01-01T03:00", True),  # by a clock that was ahead
        ("2026-11-22T02:30", "2026-11-22T03:00", False),  # the clock was set back by an hour after it was made
    ],
)
def test_a_backup_is_due_if_there_is_none_of_the_newest_night(now: str, made: str | None, due: bool) -> None:
    there = [] if made is None else [datetime.fromisoformat(f"{made}+00:00")]
    if (now, made) == ("2026-11-22T02:30", "2026-11-22T03:00"):
        there.append(datetime(2026, 11, 21, 3, tzinfo=UTC))
    assert rules.backup_is_due(datetime.fromisoformat(f"{now}+00:00"), 3, there) is due


def test_what_failed_is_tried_again_after_an_hour_or_once_the_clock_was_set_back() -> None:
    assert rules.may_try(NOW, None)
    assert not rules.may_try(NOW, NOW - HOUR + timedelta(seconds=1))
    assert rules.may_try(NOW, NOW - HOUR)
    assert rules.may_try(NOW, NOW + timedelta(days=3))


def test_the_deep_look_is_due_once_a_week() -> None:
    assert rules.deep_look_is_due(NOW, None)
    assert not rules.deep_look_is_due(NOW, NOW - timedelta(days=6))
    assert rules.deep_look_is_due(NOW, NOW - timedelta(days=7) + timedelta(minutes=20))
    assert rules.deep_look_is_due(NOW, NOW + timedelta(days=1))


# What is done


@pytest.fixture
async def care(store: Store, tmp_path: Path) -> Upkeep:
    """The care for a database with one organisation that has a facilitators' channel."""
    async with store.write() as c:
        await asked.create(c, GUILD, NOW - timedelta(days=90))
        await organisations.change(c, GUILD, {"facilitators_channel": 5})
    return Upkeep(store, Plan(store.path, tmp_path / "backups", keep=2), 3, lambda: None)


async def owed(store: Store) -> list[str]:
    async with store.read() as c:
        rows = await c.exec_driver_sql("SELECT json_extract(payload, '$.task') FROM outbox WHERE kind = 'upkeep' ORDER BY id")
        return [task for (task,) in rows]


async def looked_already(store: Store, at: datetime = NOW) -> None:
    """The deep look of this week is done."""
    await upkeep.note_done(store, upkeep.DEEP, at)


async def said(store: Store, plan: Plan | None, now: datetime) -> tuple[list[str], list[str]]:
    lines, faults = await upkeep.report(store, plan, 3, now)
    return [plain(line, "en") for line in lines], [plain(fault, "en") for fault in faults]


async def test_the_night_brings_one_backup_and_a_deep_look_and_the_rest_of_the_day_none(care: Upkeep, store: Store, tmp_path: Path) -> None:
    assert await said(store, care._plan, NOW) == (
        ["There is no backup yet: the bot makes one soon after its start, then every night at 3:00 UTC."],
        [],
    )
    for minutes in (0, 10, 20):
        await care.look(NOW + timedelta(minutes=minutes))
    (made,) = backups.made(care._plan, NOW + HOUR)
    assert made.at == NOW
    async with store.read() as c:
        tasks = await stored.all_tasks(c)
    assert {name: (task.done_at, task.fault) for name, task in tasks.items()} == {"backup": (NOW, None), "deep": (NOW, None)}
    assert await owed(store) == []
    assert await said(store, care._plan, NOW + HOUR) == (
        [f"The newest backup is of 22 November 2026 04:30 UTC (1 in {tmp_path}/backups)."],
        [],
    )
    assert sorted(each.name for each in (tmp_path / "backups").iterdir()) == [".lock", made.path.name]


async def test_a_backup_that_fails_is_told_once_until_one_succeeds(
    care: Upkeep, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await looked_already(store)
    (tmp_path / "backups").write_text("in the way")
    for hours in range(2):
        await care.look(NOW + hours * HOUR)
        await care.look(NOW + hours * HOUR + timedelta(minutes=10))
    wrong = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert len(wrong) == 2
    assert wrong[0].startswith(f"no backup was made: The backup could not be written to {tmp_path}/backups (File exists). Let this account")
    assert await owed(store) == ["backup"]
    assert (await said(store, care._plan, NOW + HOUR))[1] == [
        "The nightly backup fails since 22 November 2026 04:30 UTC. Run python -m bot backup: it says why."
    ]
    (tmp_path / "backups").unlink()
    await care.look(NOW + 2 * HOUR)
    assert (await said(store, care._plan, NOW + 2 * HOUR))[1] == []
    shutil.rmtree(tmp_path / "backups")
    (tmp_path / "backups").write_text("in the way again")
    await care.look(NOW + 3 * HOUR)
    assert await owed(store) == ["backup", "backup"]


async def test_a_backup_that_is_not_carried_away_is_tried_again_without_a_second_one(care: Upkeep, store: Store, tmp_path: Path) -> None:
    await looked_already(store)
    carrier = tmp_path / "carry"
    failing = Upkeep(store, replace(care._plan, command=str(carrier)), 3, lambda: None)
    await failing.look(NOW)
    assert await owed(store) == ["backup"]
    assert (await said(store, care._plan, NOW))[1] == [
        "Backups are made, but not copied elsewhere, since 22 November 2026 04:30 UTC. Mend backup.command."
    ]
    carrier.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/carried\n')
    carrier.chmod(0o700)
    await failing.look(NOW + HOUR)
    (made,) = backups.made(care._plan, NOW + HOUR)
    assert (tmp_path / "carried").read_text().strip() == str(made.path)
    assert (await said(store, care._plan, NOW + HOUR))[1] == []


async def test_an_old_backup_is_a_fault_for_check_and_backups_may_be_turned_off(care: Upkeep, store: Store, tmp_path: Path) -> None:
    backups.make(care._plan, NOW)
    await upkeep.note_done(store, upkeep.BACKUP, NOW)
    assert (await said(store, care._plan, NOW + timedelta(days=2)))[1] == []
    late = NOW + timedelta(days=2, seconds=1)
    wrong = f"There is no backup of the last two days in {tmp_path}/backups. Run python -m bot backup, and see whether the bot runs."
    assert (await said(store, care._plan, late))[1] == [wrong]
    assert await said(store, None, late) == (["Backups are turned off (backup.enabled)."], [])


async def test_a_difference_is_told_where_it_is_and_stands_in_check(care: Upkeep, store: Store, caplog: pytest.LogCaptureFixture) -> None:
    backups.make(care._plan, NOW)
    await upkeep.note_done(store, upkeep.BACKUP, NOW)
    town = Growing(store)
    london = await town.chapter("London", date(2026, 9, 1))
    async with store.write() as c:
        await asked.create(c, 2, NOW)
        await c.execute(summary.update().where(summary.c.chapter_id == london).values(members=7))
    await care.look(NOW)
    await care.look(NOW + HOUR)
    wrong = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    assert wrong == ["the weekly look found 1 differences that should not be: run check --deep, which names them"]
    assert await owed(store) == ["deep"]
    async with store.read() as c:
        assert [(each.fault, each.n) for each in await upkeep.troubles(c, GUILD)] == [("differs", 1)]
        assert await upkeep.troubles(c, 2) == ()
    faulty = "The weekly look at all that is kept found 1 difference, first on 22 November 2026 04:30 UTC. "
    assert (await said(store, care._plan, NOW))[1] == [f"{faulty}Run python -m bot check --deep: it names it."]


async def test_a_look_that_is_cut_off_leaves_no_process_and_no_word_and_is_done_at_the_next(care: Upkeep, store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as opened:
        opened.execute("CREATE TABLE big AS SELECT randomblob(50000000) AS words")
        opened.commit()
    looking = asyncio.create_task(care.look(NOW))
    while not list(care._plan.folder.glob(".chapterhouse-*")):
        await asyncio.sleep(0.01)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    async with store.read() as c:
        assert await stored.all_tasks(c) == {}
    await care.look(NOW)
    assert [each.at for each in backups.made(care._plan, NOW)] == [NOW]
    assert sorted(each.name for each in care._plan.folder.iterdir()) == [".lock", "chapterhouse-20261122T043000Z.db"]


async def test_stopping_the_program_during_a_look_is_no_error(
    care: Upkeep, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def long(_now: datetime) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(care, "look", long)
    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(serve.see_to, args=[care, lambda: NOW], misfire_grace_time=None)
    scheduler.start()
    await asyncio.wait_for(begun.wait(), 10)
    scheduler.shutdown(wait=False)
    await asyncio.wait_for(ended.wait(), 10)
    for _ in range(5):
        await asyncio.sleep(0)
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []


CARRIED = "import os, sys, time; said = open(sys.argv[1], 'w'); print(os.getpid(), file=said, flush=True); time.sleep(600)"


async def test_what_is_done_beside_the_bot_ends_with_it_and_so_does_the_command_that_it_runs(care: Upkeep, tmp_path: Path) -> None:
    await asyncio.to_thread(backups.make, care._plan, NOW)
    told = tmp_path / "told"
    os.mkfifo(told)
    plan = {**asdict(care._plan), "database": str(care._plan.database), "folder": str(care._plan.folder)}
    plan["command"] = shlex.join([sys.executable, "-c", CARRIED, str(told)])
    asked = json.dumps({"task": "carry", "now": NOW.isoformat(), "plan": plan})
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.aside",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(asked.encode() + b"\n")
        lines = await asyncio.wait_for(asyncio.to_thread(told.open), 20)
        assert int(await asyncio.to_thread(lines.readline)) > 0, "the command runs, and holds the other end open"
        # What the system does for a bot that is killed.
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 20) != 0
        assert await asyncio.wait_for(asyncio.to_thread(lines.read), 20) == "", "the command has ended, too"
    finally:
        with suppress(ProcessLookupError):
            process.kill()
