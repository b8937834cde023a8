"""A server goes with all that is its own, and with nothing of another's: at once when told so, or 30 days after the bot was taken out."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.delivery import planner
from bot.domain import privacy
from bot.services import forgetting
from db import forgetting as stored
from db import persons
from db.store import Store
from db.tables import upkeep
from tests.db.test_persons import ANA, BEN, GUILD, OTHER_GUILD, named, plant

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.fixture
async def two(store: Store) -> Store:
    """Two servers, each with a row in every table."""
    async with store.write() as c:
        await plant(c, GUILD, ANA, 1)
        await plant(c, OTHER_GUILD, BEN, 2)
        await c.execute(insert(upkeep).values(task="deep", detail={str(GUILD): 3, str(OTHER_GUILD): 1}))
    return store


async def held(store: Store, guild_id: int) -> set[str]:
    async with store.read() as c:
        return {name for name, count in (await stored.rows_of(c, guild_id)).items() if count}


def in_files(database: Path, number: int) -> list[str]:
    wanted = (number.to_bytes(6, "big"), str(number).encode())
    return [file.name for file in sorted(database.parent.glob("chapterhouse.db*")) if any(each in file.read_bytes() for each in wanted)]


async def test_all_of_a_server_goes_and_only_that(two: Store, database: Path) -> None:
    everything = await held(two, OTHER_GUILD)
    assert await held(two, GUILD) == everything
    await forgetting.forget(two, GUILD)
    assert await held(two, GUILD) == set()
    assert await held(two, OTHER_GUILD) == everything
    assert in_files(database, GUILD) == []
    assert in_files(database, ANA) == []
    assert in_files(database, OTHER_GUILD) != []


async def test_a_server_that_the_bot_was_taken_out_of_is_kept_30_days_and_then_forgotten(two: Store) -> None:
    await forgetting.removed(two, GUILD, NOW)
    await forgetting.removed(two, GUILD, NOW + timedelta(days=3))
    await forgetting.forget_removed(two, NOW + timedelta(days=29, hours=23))
    assert await held(two, GUILD) != set()
    await forgetting.forget_removed(two, NOW + timedelta(days=30))
    assert await held(two, GUILD) == set()
    assert await held(two, OTHER_GUILD) != set()


async def test_coming_back_before_keeps_everything(two: Store) -> None:
    await forgetting.removed(two, GUILD, NOW)
    await forgetting.there(two, GUILD)
    await forgetting.forget_removed(two, NOW + timedelta(days=60))
    assert await held(two, GUILD) != set()


async def test_what_happened_while_the_bot_was_stopped_is_found_when_it_starts(two: Store) -> None:
    await forgetting.look(two, lambda guild_id: guild_id == OTHER_GUILD, NOW)
    async with two.read() as c:
        assert {each.guild_id: each.removed_at for each in await stored.known(c)} == {GUILD: NOW, OTHER_GUILD: None}
    await forgetting.look(two, lambda _: True, NOW + timedelta(days=1))
    async with two.read() as c:
        assert {each.removed_at for each in await stored.known(c)} == {None}


async def test_names_go_in_the_daily_round_once_they_are_older_than_the_policy_says(two: Store) -> None:
    async with two.read() as c:
        (organisation,) = [each for each in await planner.organisations.all_of_them(c) if each.guild_id == GUILD]
    await planner._take_names_out(two, organisation, NOW + timedelta(days=700))
    async with two.read() as c:
        assert "checkin.recorded_by" in {name for name, count in (await named(c, ANA)).items() if count}
    await planner._take_names_out(two, organisation, NOW + timedelta(days=733))
    async with two.read() as c:
        left = {name for name, count in (await named(c, ANA)).items() if count}
        assert left == {str(column) for _, column in persons.COLUMNS if "dated" not in column.info}
        assert "checkin.recorded_by" in {name for name, count in (await named(c, BEN)).items() if count}


@pytest.mark.parametrize(
    ("today", "months", "kept_from"),
    [("2026-10-20", 24, "2024-10-20"), ("2026-03-31", 1, "2026-02-28"), ("2028-02-29", 24, "2026-02-28"), ("2026-01-15", 1, "2025-12-15")],
)
def test_names_are_kept_for_so_many_months(today: str, months: int, kept_from: str) -> None:
    day = datetime.fromisoformat(today).date()
    assert privacy.names_kept_from(day, months).isoformat() == kept_from


# python -m bot forget


async def forget(database: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own."""
    settings = {"CHAPTERHOUSE_DATABASE_URL": f"sqlite+aiosqlite:///{database}", "CHAPTERHOUSE_BACKUP_FOLDER": str(database.parent / "b")}
    asked = [sys.executable, "-m", "bot", "forget", *words]
    return await asyncio.to_thread(
        subprocess.run, asked, env={**os.environ, **settings}, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


async def test_the_command_asks_refuses_while_the_bot_runs_and_then_deletes(two: Store, database: Path) -> None:
    refused = await forget(database, "--guild", str(GUILD), "--yes")
    assert refused.returncode == 1
    assert await held(two, GUILD) != set()
    await two.close()
    unasked = await forget(database, "--guild", str(GUILD))
    assert (unasked.returncode, unasked.stderr) == (1, "Nothing was deleted. Add --yes to delete without being asked.\n")
    done = await forget(database, "--guild", str(GUILD), "--yes")
    assert done.returncode == 0, done.stderr
    assert f"All of the server {GUILD} is deleted from the database (1 chapter)." in done.stdout
    assert in_files(database, GUILD) == []
    again = await forget(database, "--guild", str(GUILD), "--yes")
    assert (again.returncode, again.stderr) == (1, f"Nothing is stored of the server {GUILD}.\n")
