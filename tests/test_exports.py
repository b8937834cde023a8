"""Data out and in as an operator does it: real processes, what they print, how they end."""

import asyncio
import shutil
from pathlib import Path

import pytest

from db.store import Store
from tests.services.filling import ROWS, fill
from tests.small_discord import start

NOWHERE = "http://127.0.0.1:9"
HOME = 2**60 + 1


@pytest.fixture
async def organisation(store: Store, tmp_path: Path) -> Path:
    """The folder of a bot in whose database one server has rows in every table."""
    await fill(store, HOME)
    await store.close()
    return tmp_path


async def run(folder: Path, *words: str) -> tuple[int, str, str]:
    process = await start(NOWHERE, folder, *words)
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert b"Traceback" not in out + err
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_an_archive_is_made_beside_a_running_bot_and_restored_into_another_database(organisation: Path, template: Path) -> None:
    running = await Store.open(f"sqlite+aiosqlite:///{organisation / 'chapterhouse.db'}")
    try:
        status, out, err = await run(organisation, "export", "archive", "--guild", str(HOME), "--to", "one.zip")
    finally:
        await running.close()
    assert (status, err) == (0, "")
    assert out.startswith("one.zip holds ")
    other = organisation / "other"
    other.mkdir()
    shutil.copy(template, other / "chapterhouse.db")
    status, out, err = await run(other, "import", "archive", str(organisation / "one.zip"), "--guild", str(HOME))
    assert (status, err) == (0, "")
    assert f"is restored: {ROWS} chapters, {ROWS} check-ins, {ROWS} reports." in out
    status, out, err = await run(other, "import", "archive", str(organisation / "one.zip"), "--guild", str(HOME))
    assert (status, out) == (1, "")
    assert err == (
        "This server has chapters or branches already, so nothing was restored. An archive goes into an empty server; "
        f"python -m bot forget --guild {HOME} empties this one.\n"
    )


async def test_a_server_without_data_and_a_place_that_cannot_be_written_are_told_in_one_sentence(organisation: Path) -> None:
    status, out, err = await run(organisation, "export", "archive", "--guild", "7")
    assert (status, out, err) == (
        1,
        "",
        "There is nothing to export: the bot knows no server with this id. /setup or an import makes one.\n",
    )
    status, out, err = await run(organisation, "export", "archive", "--guild", str(HOME), "--to", "nowhere/one.zip")
    assert (status, out, err) == (1, "", "nowhere/one.zip cannot be written: No such file or directory.\n")
