"""Whatever stands in the configuration, the environment and on the command line: sound settings, or all faults in sentences."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.config import KEYS, ConfigurationFault, Settings, environment_name, load
from bot.domain.text import text
from bot.locales import plain
from tests.hostile.files_run import ROOT, Ran, program
from tests.hostile.test_files import ENCODINGS, ODD, THOROUGH, WRITTEN, harmless
from tests.small_discord import TOKEN

VARIABLES = [environment_name(setting) for setting in [*Settings.model_fields, "token_file"]]


@pytest.fixture(autouse=True)
def _an_empty_folder_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def judged(file: Path | None = None) -> list[str]:
    """The faults that are named, each harmless on a terminal; without any the settings are within their bounds."""
    try:
        found = load(file)
    except ConfigurationFault as faulty:
        said = [plain(text("{where} {right}", where=fault.where, right=fault.right), "en") for fault in faulty.faults]
        assert said
        for sentence in said:
            harmless(sentence)
            assert len(sentence) < 1000
        return said
    assert 1 <= found.tick_seconds <= 3600
    assert found.database_url.startswith("sqlite+aiosqlite:///")
    assert found.database_url.isprintable()
    return []


@THOROUGH
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda words: words.encode("utf-8", "replace"))))
@example(content=b"a = " + b"[" * 9_000)
@example(content=b"a = " + b"{a=" * 6_000)
@example(content=b"[" + b"a." * 9_000 + b"a]")
@example(content=b"a." * 9_000 + b"a = 1")
@example(content=b"tick = " + b"9" * 10_000)
@example(content=b"\xff\xfe[\x00")
@example(content=b'[database]\nurl = "sqlite+aiosqlite:///a\\u0000b"')
@example(content=b'[database]\nurl = "sqlite+aiosqlite:///a\\u001b[2J\\u202e"')
@example(content=b'["\\u001b]0;gone\\u0007"]\nx = 1')
@example(content=b"[schedule]\ntick_seconds = 0x" + b"f" * 19_000)
@example(content=b"[schedule]\ntick_seconds = 1e400")
@example(content=b"[schedule]\ntick_seconds = 1979-05-27")
def test_any_bytes_as_configuration_are_sound_or_faults(content: bytes) -> None:
    Path("config.toml").write_bytes(content)
    judged()


def toml(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(sign):08x}" for sign in value if not "\ud800" <= sign <= "\udfff") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value).lower()


VALUES = st.one_of(
    WRITTEN, st.integers(), st.integers(-(10**400), 10**400), st.floats(), st.booleans(), st.lists(st.integers(), max_size=2),
    st.sampled_from(["sqlite+aiosqlite:///" + odd for odd in ODD]),
)  # fmt: skip


@THOROUGH
@given(
    values=st.dictionaries(st.sampled_from([*KEYS, "log.x", "web.y"]), VALUES, max_size=6),
    encoding=st.sampled_from(ENCODINGS),
)
def test_any_value_of_any_key_in_any_encoding_is_sound_or_a_fault(values: dict[str, Any], encoding: str) -> None:
    Path("config.toml").write_bytes("".join(f"{key} = {toml(value)}\n" for key, value in values.items()).encode(encoding, "replace"))
    judged()


IN_ENVIRONMENT = st.one_of(WRITTEN, st.binary(max_size=20).map(os.fsdecode)).map(
    lambda words: (
        os.fsdecode(words.encode("utf-8", "surrogateescape" if words.isprintable() else "replace")).replace("\0", "")
        if not any("\ud800" <= sign <= "\udc7f" or "\udd00" <= sign <= "\udfff" for sign in words)
        else "x"
    )
)


@THOROUGH
@given(
    values=st.dictionaries(st.sampled_from([*VARIABLES, "CHAPTERHOUSE_TOKENS", "CHAPTERHOUSE_\x1b[2J_TOKEN"]), IN_ENVIRONMENT, max_size=4)
)
@example(values={"CHAPTERHOUSE_TICK_SECONDS": "9" * 5000})
@example(values={"CHAPTERHOUSE_DATABASE_URL": "sqlite+aiosqlite:///\udcff"})
@example(values={"CHAPTERHOUSE_TOKEN": "\udcff"})
@example(values={"CHAPTERHOUSE_TOKEN_FILE": "x" * 5000})
def test_any_environment_is_sound_or_faults(values: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in values.items():
            environment.setenv(name, value)
        judged()


@THOROUGH
@given(before=WRITTEN, after=WRITTEN)
def test_no_fault_repeats_what_stands_where_the_token_belongs(before: str, after: str) -> None:
    secret = "s" + "3cr3t" * 4
    token = toml(f"{before}{secret} {secret}{after}")
    Path("config.toml").write_text(f"[discord]\ntoken = {token}\ntokn = {token}\n[database]\nurl = {token}\n")
    said = judged()
    assert said
    assert secret not in "".join(said)
    Path("config.toml").write_text(f"[discord]\ntoken = {secret}\n{before!r}")
    assert secret not in "".join(judged())


@pytest.fixture
def said(tmp_path: Path) -> dict[str, Ran]:
    """What the program itself says to each of these configurations."""
    place = tmp_path / "configurations"
    place.mkdir()
    os.mkfifo(place / "pipe")
    (place / "device").symlink_to("/dev/zero")
    (place / "folder").mkdir()
    (place / "loop").symlink_to(place / "loop")
    with (place / "huge").open("wb") as file:
        file.truncate(2**30)
    (place / "faulty").write_text('[log]\nlevel = "loud"\n"\\u001b[2J" = 1\n')
    names = sorted(path.name for path in place.iterdir())
    return dict(zip(names, program(tmp_path, [["check", "--config", str(place / name)] for name in names]), strict=True))


def test_a_configuration_that_is_no_ordinary_file_is_a_fault_and_ends_with_2(said: dict[str, Ran]) -> None:
    assert {name: ran.status for name, ran in said.items()} == dict.fromkeys(said, 2)
    reasons = {name: ran.err.splitlines()[1].partition(name)[2] for name, ran in said.items()}
    assert "Not an ordinary file" in reasons["pipe"]
    assert "Not an ordinary file" in reasons["device"]
    assert "Is a directory" in reasons["folder"]
    assert "Too many levels of symbolic links" in reasons["loop"]
    assert "far too large" in reasons["huge"]
    assert len(said["faulty"].err.splitlines()) == 3
    for ran in said.values():
        assert "Traceback" not in ran.said
        assert ran.said.replace("\n", "").isprintable()
        assert ran.seconds < 10
        assert ran.megabytes < 200


@pytest.mark.parametrize("kind", ["pipe", "device", "huge", "binary", "folder"])
def test_a_token_file_that_is_none_is_a_fault_that_shows_nothing_of_it(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / kind
    match kind:
        case "pipe":
            os.mkfifo(file)
        case "device":
            file.symlink_to("/dev/zero")
        case "huge":
            file.write_text(TOKEN)
            os.truncate(file, 2**30)
        case "binary":
            file.write_bytes(TOKEN.encode() + b"\xff\x00")
        case _:
            file.mkdir()
    monkeypatch.setenv("CHAPTERHOUSE_TOKEN_FILE", str(file))
    assert judged() == ["CHAPTERHOUSE_TOKEN_FILE must name a file that holds the bot's token and that this user may read."]


@THOROUGH
@given(content=st.binary(max_size=60))
def test_any_bytes_in_a_token_file_are_a_token_or_a_fault(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CHAPTERHOUSE_TOKEN_FILE", str(tmp_path / "token"))
        judged()


@pytest.mark.usefixtures("database")
def test_hostile_words_on_the_command_line_end_in_a_sentence(tmp_path: Path) -> None:
    hostile = ["\x1b]0;\u202egone\x07", "\udcff"]
    (tmp_path / "a.csv").write_text("name\nLondon\n")
    runs = [
        arguments
        for word in hostile
        for arguments in (
            [word],
            ["check", "--config", word],
            ["import", "chapters", word, "--guild", "7"],
            ["import", "chapters", "a.csv", "--guild", word],
            ["import", "chapters", "a.csv", "--guild", "7", "--dry-run", "--map", f"name={word}", "--only", f"name={word}"],
            ["import", "chapters", "a.csv", "--guild", "7", "--dry-run", "--sheet", word],
        )
    ]
    for arguments, ran in zip(runs, program(tmp_path, runs), strict=True):
        assert "Traceback" not in ran.said, (arguments, ran.said)
        assert ran.status in {1, 2}, (arguments, ran)
        assert "\x1b" not in ran.said, (arguments, ran.said)
        assert "\u202e" not in ran.said, (arguments, ran.said)


@pytest.mark.usefixtures("database")
def test_a_terminal_in_an_old_encoding_is_answered_with_question_marks(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,Łódź\nLondon,x\n")
    arguments = [sys.executable, "-m", "bot", "import", "chapters", "a.csv", "--guild", "7", "--dry-run"]
    variables = {"PATH": "", "NO_COLOR": "1", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "latin-1"}
    ended = subprocess.run(arguments, cwd=tmp_path, env=variables, capture_output=True, encoding="latin-1", check=True)
    assert (ended.stdout, ended.stderr) == ("Column ignored: ?ód?.\n1 chapter would be added.\n", "")
