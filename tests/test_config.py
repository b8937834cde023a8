"""What the operator may write, and what is said when it is wrong."""

import re
import tomllib
from pathlib import Path

import pytest

from bot.config import KEYS, TOKEN_FILE, ConfigurationFault, Settings, environment_name, load
from bot.locales import plain
from tests.small_discord import TOKEN

KEY = "age1ttkvrzuz0ee97cav8z26uyvlpq9sc580eklu40jvx0mjkxs4q3cquay47l"
EXAMPLE = Path(__file__).parents[1] / "config.example.toml"


@pytest.fixture(autouse=True)
def _an_empty_folder_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for setting in [*Settings.model_fields, "token_file"]:
        monkeypatch.delenv(environment_name(setting), raising=False)


def write(content: str) -> Path:
    file = Path("config.toml")
    file.write_text(content)
    return file


def faults(named: Path | None = None, *, token_needed: bool = False) -> dict[str, str]:
    with pytest.raises(ConfigurationFault) as found:
        load(named, token_needed=token_needed)
    return {fault.where: plain(fault.right, "en") for fault in found.value.faults}


def test_the_example_loads_and_shows_the_defaults() -> None:
    Path("config.toml").write_text(EXAMPLE.read_text())
    from_example = load()
    Path("config.toml").write_text("")
    assert from_example == load()


def test_every_key_is_in_the_example_with_its_name_in_the_environment() -> None:
    example = EXAMPLE.read_text()
    content = tomllib.loads(example)
    assert {f"{section}.{key}" for section, keys in content.items() for key in keys} == set(KEYS)
    assert set(KEYS.values()) == set(Settings.model_fields)
    for setting in Settings.model_fields:
        assert re.search(rf"^#.*\b{environment_name(setting)}\b", example, re.MULTILINE)
    assert TOKEN_FILE in example


def test_with_the_environment_alone_no_file_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERHOUSE_TOKEN", TOKEN)
    settings = load(token_needed=True)
    assert settings.token.get_secret_value() == TOKEN
    assert settings.database_url == "sqlite+aiosqlite:///chapterhouse.db"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        '[discord]\ntoken = "from.the.file"\n[database]\nurl = "sqlite+aiosqlite:///file.db"\n'
        '[schedule]\ntick_seconds = 10\n[log]\nlevel = "error"\nformat = "human"\n'
        '[backup]\nenabled = true\nfolder = "of-the-file"\nkeep = 3\nhour = 4\npublic_key = ""\ncommand = "of the file"\n'
    )
    monkeypatch.setenv("CHAPTERHOUSE_TOKEN", TOKEN)
    monkeypatch.setenv("CHAPTERHOUSE_DATABASE_URL", "sqlite+aiosqlite:///environment.db")
    monkeypatch.setenv("CHAPTERHOUSE_TICK_SECONDS", "30")
    monkeypatch.setenv("CHAPTERHOUSE_LOG_LEVEL", "Debug")
    monkeypatch.setenv("CHAPTERHOUSE_LOG_FORMAT", "json")
    backup = {"enabled": "false", "folder": "elsewhere", "keep": "30", "hour": "0", "public_key": KEY, "command": "/bin/carry 'two words'"}
    for name, value in backup.items():
        monkeypatch.setenv(f"CHAPTERHOUSE_BACKUP_{name.upper()}", value)
    settings = load()
    assert {name: str(getattr(settings, f"backup_{name}")) for name in backup} == {**backup, "enabled": "False"}
    assert settings.token.get_secret_value() == TOKEN
    assert settings.database_url == "sqlite+aiosqlite:///environment.db"
    assert (settings.tick_seconds, settings.log_level, settings.log_format) == (30, "debug", "json")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    write(f'[discord]\ntoken = "{TOKEN}"\n')
    monkeypatch.setenv("CHAPTERHOUSE_TOKEN", "")
    assert load(token_needed=True).token.get_secret_value() == TOKEN


def test_the_token_can_stand_in_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("secret").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("CHAPTERHOUSE_TOKEN_FILE", "secret")
    write('[discord]\ntoken = "of.the.file"\n')
    assert load(token_needed=True).token.get_secret_value() == TOKEN


def test_a_relative_database_lies_beside_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / "named.toml").write_text('[database]\nurl = "sqlite+aiosqlite:///data/ours.db"\n')
    (house / "silent.toml").write_text("")
    assert load(house / "named.toml").database_url == f"sqlite+aiosqlite:///{house}/data/ours.db"
    assert load(house / "silent.toml").database_url == f"sqlite+aiosqlite:///{house}/chapterhouse.db"
    (house / "copies.toml").write_text('[backup]\nfolder = "copies"\n')
    assert load(house / "copies.toml").backup_folder == f"{house}/copies"
    assert load(house / "silent.toml").backup_folder == ""
    (house / "absolute.toml").write_text('[database]\nurl = "sqlite+aiosqlite:////var/lib/ours.db"\n')
    assert load(house / "absolute.toml").database_url == "sqlite+aiosqlite:////var/lib/ours.db"


def test_settings_never_change_and_never_show_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERHOUSE_TOKEN", TOKEN)
    settings = load()
    assert TOKEN not in repr(settings) + str(settings) + settings.model_dump_json()
    with pytest.raises(ValueError, match="frozen"):
        settings.tick_seconds = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("content", "where", "right"),
    [
        ('[schedule]\ntick_seconds = "soon"', "schedule.tick_seconds", "must be a whole number of seconds from 1 to 3600."),
        ("[schedule]\ntick_seconds = 0", "schedule.tick_seconds", "must be a whole number of seconds from 1 to 3600."),
        ("[schedule]\ntick_seconds = 1.5", "schedule.tick_seconds", "must be a whole number of seconds from 1 to 3600."),
        ("[schedule]\ntick_seconds = true", "schedule.tick_seconds", "must be a whole number of seconds from 1 to 3600."),
        ("[schedule]\ntick_seconds = 3601", "schedule.tick_seconds", "must be a whole number of seconds from 1 to 3600."),
        ('[log]\nlevel = "loud"', "log.level", "must be one of debug, info, warning, error."),
        ("[log]\nlevel = 3", "log.level", "must be one of debug, info, warning, error."),
        ('[log]\nformat = "xml"', "log.format", "must be human or json."),
        ('[backup]\nenabled = "perhaps"', "backup.enabled", "must be true or false."),
        ("[backup]\nkeep = 0", "backup.keep", "must be a whole number of backups from 1 to 1000."),
        ("[backup]\nkeep = true", "backup.keep", "must be a whole number of backups from 1 to 1000."),
        ("[backup]\nhour = 24", "backup.hour", "must be a whole hour of the day (UTC) from 0 to 23."),
        (
            f'[backup]\npublic_key = "{KEY[:-1]}x"',
            "backup.public_key",
            "must be a public key as age-keygen shows it (age1…), or an SSH public key; empty for no encryption.",
        ),
        (
            "[backup]\ncommand = 'carry \"away'",
            "backup.command",
            "must be a program and its arguments in one line, in double quotes; empty for none.",
        ),
        (
            "[backup]\nfolder = 3",
            "backup.folder",
            "must be the path of a folder, in double quotes; empty for the folder backups beside the database.",
        ),
        ('[web]\nenabled = "perhaps"', "web.enabled", "must be true or false."),
        ("[web]\nport = 80", "web.port", "must be a port from 1024 to 65535."),
        ("[web]\nport = true", "web.port", "must be a port from 1024 to 65535."),
        ('[web]\nhost = "0.0.0.0"', "web.host", "is not known here: did you mean web.port?"),
        ('[discord]\ntoken = "two words"', "discord.token", "must be the bot's token as the developer portal shows it, without spaces."),
        ("[discord]\ntoken = 12", "discord.token", "must be the bot's token as the developer portal shows it, without spaces."),
        ('[discord]\ntokn = ""', "discord.tokn", "is not known here: did you mean discord.token?"),
        ('token = ""', "token", "is not known here: did you mean discord.token?"),
        ("discord = 3", "discord", "is not known here: did you mean discord.token?"),
        (
            "[mail]",
            "mail",
            f"is not known here: the keys are {', '.join([*KEYS][:-1])} and {[*KEYS][-1]}.",
        ),
        (
            "[log]\nlevel = info",
            "config.toml, line 2",
            (
                'cannot be understood: a section stands in brackets, as in [log], a value in words in double quotes, as in level = "info", '
                "and yes and no are true and false."
            ),
        ),
        ("[log", "config.toml", None),
    ],
)
def test_a_fault_in_the_file_is_named_with_what_would_be_right(content: str, where: str, right: str | None) -> None:
    write(content)
    found = faults()
    assert next(iter(found)).startswith(where)
    assert right is None or found == {where: right}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "chapterhouse.db",
        "sqlite:///chapterhouse.db",
        "postgresql+asyncpg://localhost/chapterhouse",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///",
        "sqlite+aiosqlite:///:memory:",
        "sqlite+aiosqlite:///file:x?mode=memory",
        "sqlite+aiosqlite:///folder/",
        "sqlite+aiosqlite:///chapterhouse.db?cache=shared",
    ],
)
def test_only_a_sqlite_file_is_accepted_as_database(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(f'[database]\nurl = "{url}"')
    assert "SQLite file" in faults()["database.url"]
    if url:
        write("")
        monkeypatch.setenv("CHAPTERHOUSE_DATABASE_URL", url)
        assert "SQLite file" in faults()["CHAPTERHOUSE_DATABASE_URL"]


def test_all_faults_are_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    write('[database]\nurl = 7\n[schedule]\ntick_seconds = -1\n[log]\nlevel = "loud"\nvolume = 11\n')
    monkeypatch.setenv("CHAPTERHOUSE_TICKSECONDS", "5")
    monkeypatch.setenv("CHAPTERHOUSE_LOG_FORMAT", "xml")
    assert set(faults(token_needed=True)) == {
        "CHAPTERHOUSE_TICKSECONDS",
        "log.volume",
        "discord.token",
        "database.url",
        "schedule.tick_seconds",
        "log.level",
        "CHAPTERHOUSE_LOG_FORMAT",
    }


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("CHAPTERHOUSE_DISCORD_TOKEN", "CHAPTERHOUSE_TOKEN"),
        ("CHAPTERHOUSE_DB_URL", "CHAPTERHOUSE_DATABASE_URL"),
        ("CHAPTERHOUSE_LOGLEVEL", "CHAPTERHOUSE_LOG_LEVEL"),
        ("CHAPTERHOUSE_TOKENFILE", "CHAPTERHOUSE_TOKEN_FILE"),
    ],
)
def test_a_misspelt_variable_is_a_fault(variable: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "x")
    assert faults() == {variable: f"is not known here: did you mean {meant}?"}


@pytest.mark.parametrize("variable", ["CHAPTERHOUSE_REQUIRE_BROWSER", "CHAPTERHOUSE_SERVICE_HOST", "CHAPTERHOUSE_PORT_80_TCP_ADDR"])
def test_variables_of_the_tests_and_of_container_platforms_are_no_fault(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    load()


def test_a_named_file_that_is_missing_is_a_fault_and_a_default_one_is_not() -> None:
    assert faults(Path("elsewhere.toml")) == {
        "elsewhere.toml": "cannot be read (No such file or directory): name a file that exists with --config."
    }
    load()


def test_a_folder_or_a_file_in_another_encoding_is_a_fault(tmp_path: Path) -> None:
    assert "cannot be read" in faults(tmp_path)[str(tmp_path)]
    Path("latin.toml").write_bytes('# Zürich, "S\xe3o Paulo"'.encode("latin-1"))
    assert faults(Path("latin.toml")) == {"latin.toml": "must be a text file in UTF-8."}


def test_a_file_saved_with_a_byte_order_mark_is_read() -> None:
    Path("config.toml").write_bytes(b'\xef\xbb\xbf[log]\nlevel = "error"\n')
    assert load().log_level == "error"


def test_a_missing_token_says_where_to_put_it() -> None:
    assert "copy config.example.toml to config.toml" in faults(token_needed=True)["discord.token"]
    write('[discord]\ntoken = ""\n')
    assert faults(token_needed=True) == {"discord.token": "is empty: put the bot's token there, or set CHAPTERHOUSE_TOKEN."}


def test_a_token_file_that_cannot_be_used_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERHOUSE_TOKEN_FILE", "nowhere")
    assert faults(token_needed=True) == {
        "CHAPTERHOUSE_TOKEN_FILE": "must name a file that holds the bot's token and that this user may read."
    }
    Path("nowhere").write_text("two words")
    assert "without spaces" in faults()["CHAPTERHOUSE_TOKEN_FILE"]
    monkeypatch.setenv("CHAPTERHOUSE_TOKEN", TOKEN)
    assert faults() == {"CHAPTERHOUSE_TOKEN_FILE": "must not be set together with CHAPTERHOUSE_TOKEN: keep one of them."}


def test_no_fault_shows_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    write(f'[discord]\ntoken = "{TOKEN} {TOKEN}"\ntokens = "{TOKEN}"\n')
    monkeypatch.setenv("CHAPTERHOUSE_TOKENS", TOKEN)
    with pytest.raises(ConfigurationFault) as found:
        load()
    assert TOKEN not in repr(found.value.faults) + str(found.getrepr(chain=True))
