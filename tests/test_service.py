"""The unit for systemd and the page on privacy say what is true of the program."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
from sqlalchemy import String, Text

from bot import cli
from bot.config import TOKEN_FILE, Settings, environment_name
from bot.terminal import MISCONFIGURED
from db.tables import metadata
from db.types import Json, UserId

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "docs" / "chapterhouse.service"
PAGE = (ROOT / "docs" / "privacy-and-seizure.md").read_text("utf-8")

NOT_WRITTEN = {"lacks", "timezone", "reason", "value", "languages", "fields", "counts", "sources", "detail", "figures"}
"""Columns of words that the program chose, or of numbers; `fields` is said of the table in which it holds words."""


def setting(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def test_the_unit_starts_what_the_program_is() -> None:
    (command,) = setting("ExecStart")
    (folder,) = setting("WorkingDirectory")
    program, *words = command.split()
    assert program == f"{folder}/.venv/bin/python"
    assert words[:2] == ["-m", "bot"]
    assert words[2] in typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]
    assert words[3] == "--config"


def test_every_variable_of_the_unit_is_one_of_the_programs() -> None:
    known = {TOKEN_FILE, *map(environment_name, Settings.model_fields)}
    given = [each.partition("=")[0] for each in setting("Environment")]
    assert [name for name in given if name.startswith("CHAPTERHOUSE_")] == [TOKEN_FILE]
    assert TOKEN_FILE in known


def test_the_unit_waits_for_the_programs_word_and_watches_over_it() -> None:
    assert (setting("Type"), setting("NotifyAccess"), setting("WatchdogSec")) == (["notify"], ["main"], ["2min"])
    assert (setting("Restart"), setting("RestartPreventExitStatus")) == (["on-failure"], [str(MISCONFIGURED)])
    assert setting("LimitCORE") == ["0"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_the_page_tells_the_units_exposure_as_systemd_rates_it() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rated = re.search(r"Overall exposure level for chapterhouse\.service: (\d+\.\d)", done.stdout)
    if rated is None:
        pytest.skip("this systemd cannot rate a file")
    assert float(rated[1]) < 2.0
    if "252" in subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, check=True).stdout:
        assert f"at {rated[1]} of 10" in (ROOT / "docs" / "running-it.md").read_text("utf-8")


def people_and_words() -> set[str]:
    """Every column that holds somebody's number or somebody's words."""
    found = set()
    for table in metadata.tables.values():
        for column in table.columns:
            number = isinstance(column.type, UserId)
            long = isinstance(column.type, Text | Json) or (isinstance(column.type, String) and (column.type.length or 0) >= 60)
            if number or (long and column.name not in NOT_WRITTEN):
                found.add(f"{table.name}.{column.name}")
    return found | {"checkin_version.fields", "composition.counts", "intake.content", "proposal_voice.reason"}


def test_the_page_on_privacy_names_every_place_where_a_person_or_somebodys_words_stand() -> None:
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", PAGE)) - {"backup.public_key", "backup.keep", "chapterhouse.db"}
    assert named == people_and_words()
