"""Imports as an operator does them: real processes, what they print, how they end."""

import asyncio
import shutil
from pathlib import Path

from tests.small_discord import start

NOWHERE = "http://127.0.0.1:9"


async def run(folder: Path, *words: str) -> tuple[int, str, str]:
    process = await start(NOWHERE, folder, *words, "--guild", "7")
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert b"Traceback" not in out + err
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_check_ins_come_in_bad_rows_go_into_a_file_and_all_is_taken_back(template: Path, tmp_path: Path) -> None:
    shutil.copy(template, tmp_path / "chapterhouse.db")
    (tmp_path / "chapters.csv").write_text("name,branch\nLondon,\nRed,Lundon\n")
    (tmp_path / "checkins.csv").write_text("chapter,date,kind\nLondon,2026-01-31,meeting\nLondn,2026-01-31,meeting\n")
    status, out, _ = await run(tmp_path, "import", "chapters", "chapters.csv", "--skip-bad", "--bad-rows", "mend.csv")
    assert status == 3
    assert "/chapter list shows what is there now." in out
    assert "unless somebody changes any of it: python -m bot import undo --guild 7\n" in out
    assert '3,Red,Lundon,"There is no country' in (tmp_path / "mend.csv").read_text("utf-8-sig")
    status, out, err = await run(tmp_path, "import", "checkins", "checkins.csv", "--bad-rows", "bad.csv")
    assert (status, out) == (1, "")
    assert "Line 3: chapter: There is no chapter “Londn”. Did you mean London?\n" in err
    assert "Nothing was stored: 1 row cannot be taken." in err
    assert "They are in bad.csv, each with its reason.\n" in err
    assert "Londn" in (tmp_path / "bad.csv").read_text("utf-8-sig")
    status, out, _ = await run(tmp_path, "import", "checkins", "checkins.csv", "--skip-bad")
    assert status == 3
    assert out.startswith("Added: 1 check-in.\n/progress shows where you stand now")
    assert (await run(tmp_path, "import", "undo"))[:2] == (0, "Taken away again: 1 check-in.\n")
    assert (await run(tmp_path, "import", "undo"))[:2] == (0, "Taken away again: 1 chapter.\n")
    assert (await run(tmp_path, "import", "undo"))[0] == 1
