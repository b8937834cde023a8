"""What the operator chose: config.toml and the environment, which wins; every fault is named at once."""

import os
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import pyrage
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.text import Listing, Text, text
from bot.files import contents

PREFIX = "CHAPTERHOUSE_"
OF_THE_TESTS = "REQUIRE_"
TOKEN_FILE = "CHAPTERHOUSE_TOKEN_FILE"  # noqa: S105 — the name of a variable
SQLITE = "sqlite+aiosqlite:///"
DEFAULT_FILE = Path("config.toml")
EXAMPLE = "config.example.toml"
DEFAULT_URL = f"{SQLITE}chapterhouse.db"
LARGEST_FILE = 20_000
LARGEST_TOKEN_FILE = 1000

KEYS: Mapping[str, str] = {
    "discord.token": "token",
    "database.url": "database_url",
    "schedule.tick_seconds": "tick_seconds",
    "backup.enabled": "backup_enabled",
    "backup.folder": "backup_folder",
    "backup.keep": "backup_keep",
    "backup.hour": "backup_hour",
    "backup.public_key": "backup_public_key",
    "backup.command": "backup_command",
    "log.level": "log_level",
    "log.format": "log_format",
    "web.enabled": "web_enabled",
    "web.port": "web_port",
    "web.address": "web_address",
    "web.public_url": "web_public_url",
    "web.proxies": "web_proxies",
    "web.requests_per_minute": "web_requests_per_minute",
}
"""Where each setting stands in the file."""


def environment_name(setting: str) -> str:
    """The variable that sets this setting, and wins over the file."""
    return PREFIX + setting.upper()


def _names_a_file(url: str) -> str:
    path = url.removeprefix(SQLITE)
    if path == url or not path or path.endswith("/") or path.startswith((":memory:", "file:")) or "?" in path or not path.isprintable():
        raise ValueError
    return url


def _looks_like_a_token(token: SecretStr) -> SecretStr:
    # Anything else would reach Discord as a broken header, not as a wrong token.
    if not re.fullmatch(r"[!-~]*", token.get_secret_value()):
        raise ValueError
    return token


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError
    return value


def _is_a_public_key(key: str) -> str:
    kind = pyrage.ssh.Recipient if key.startswith("ssh-") else pyrage.x25519.Recipient
    if key:
        try:
            kind.from_str(key)
        except pyrage.RecipientError:
            raise ValueError from None
    return key


def _is_a_command(line: str) -> str:
    if line and not shlex.split(line)[0]:
        raise ValueError
    return line


def _is_an_address(host: str) -> str:
    return str(ip_address(host))


def _is_a_public_url(url: str) -> str:
    if not url:
        return url
    parts = urlsplit(url)
    plain = url.isascii() and url.isprintable() and not re.search(r"[\s\"'<>\\^`{|}]", url)
    if not (plain and parts.scheme in ("http", "https") and parts.hostname) or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError
    return url.rstrip("/")


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """One value for each key; a setting's name in the environment is CHAPTERHOUSE_ and its name here in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    token: Annotated[SecretStr, AfterValidator(_looks_like_a_token)] = SecretStr("")
    database_url: Annotated[str, AfterValidator(_names_a_file)] = DEFAULT_URL
    tick_seconds: Annotated[int, BeforeValidator(_no_truth_value), Field(ge=1, le=3600)] = 60
    backup_enabled: bool = True
    backup_folder: str = ""
    backup_keep: Annotated[int, BeforeValidator(_no_truth_value), Field(ge=1, le=1000)] = 14
    backup_hour: Annotated[int, BeforeValidator(_no_truth_value), Field(ge=0, le=23)] = 3
    backup_public_key: Annotated[str, AfterValidator(_is_a_public_key)] = ""
    backup_command: Annotated[str, AfterValidator(_is_a_command)] = ""
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = "info"
    log_format: Annotated[Literal["human", "json"], BeforeValidator(_lower)] = "human"
    web_enabled: bool = False
    web_port: Annotated[int, BeforeValidator(_no_truth_value), Field(ge=1024, le=65535)] = 8080
    web_address: Annotated[str, AfterValidator(_is_an_address)] = "127.0.0.1"
    web_public_url: Annotated[str, AfterValidator(_is_a_public_url)] = ""
    web_proxies: Annotated[int, BeforeValidator(_no_truth_value), Field(ge=0, le=5)] = 0
    web_requests_per_minute: Annotated[int, BeforeValidator(_no_truth_value), Field(ge=0, le=1_000_000)] = 240

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then what was read from the file."""
        return env_settings, init_settings


RIGHT: Mapping[str, Text] = {
    "token": text("must be the bot's token as the developer portal shows it, without spaces."),
    "database_url": text(
        "must name a SQLite file: {example} beside the configuration, or {absolute} for a path from the root. No other database works yet.",
        example=DEFAULT_URL,
        absolute=f"{SQLITE}/var/lib/chapterhouse.db",
    ),
    "tick_seconds": text("must be a whole number of seconds from 1 to 3600."),
    "backup_enabled": text("must be true or false."),
    "backup_folder": text("must be the path of a folder, in double quotes; empty for the folder backups beside the database."),
    "backup_keep": text("must be a whole number of backups from 1 to 1000."),
    "backup_hour": text("must be a whole hour of the day (UTC) from 0 to 23."),
    "backup_public_key": text("must be a public key as age-keygen shows it (age1…), or an SSH public key; empty for no encryption."),
    "backup_command": text("must be a program and its arguments in one line, in double quotes; empty for none."),
    "log_level": text("must be one of debug, info, warning, error."),
    "log_format": text("must be human or json."),
    "web_enabled": text("must be true or false."),
    "web_port": text("must be a port from 1024 to 65535."),
    "web_address": text("must be an address of this machine such as 127.0.0.1, or 0.0.0.0 for all of them."),
    "web_public_url": text("must be the address at which people reach the page, such as https://goals.example.org; empty for none."),
    "web_proxies": text("must be a whole number of proxies from 0 to 5."),
    "web_requests_per_minute": text("must be a whole number of requests from 0 to 1000000; 0 for no limit."),
}
"""What would be right, for each setting."""

EMPTY_TOKEN = text("is empty: put the bot's token there, or set {variable}.", variable=environment_name("token"))
NO_TOKEN = text(
    "is missing: copy config.example.toml to config.toml and put the bot's token there, or set {variable}.",
    variable=environment_name("token"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: where it stands (a key, a line, a variable) and what would be right."""

    where: str
    right: Text


class ConfigurationFault(Exception):
    """The configuration cannot be used; `faults` holds everything that is wrong with it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.where for fault in faults))
        self.faults = faults


def load(named: Path | None = None, *, token_needed: bool = False) -> Settings:
    """The settings in force; without a named file ./config.toml is read if it exists. Raises ConfigurationFault."""
    file = named or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    faults = [*_misspelt_variables()]
    written: Mapping[str, object] = {}
    try:
        written = dict(_flat(_read(file))) if file else {}
    except ConfigurationFault as unreadable:
        faults += unreadable.faults
        token_needed = False
    faults += [Fault(key, _unknown(key, KEYS)) for key in written if key not in KEYS]
    values: dict[str, Any] = {KEYS[key]: value for key, value in written.items() if key in KEYS}
    values["database_url"] = _beside(file, values.get("database_url", DEFAULT_URL))
    if file and isinstance(folder := values.get("backup_folder"), str) and folder.strip():
        values["backup_folder"] = str(file.resolve().parent / folder.strip())
    try:
        values |= _token_from_its_file()
    except ConfigurationFault as unreadable:
        faults += unreadable.faults
        token_needed = False
    if token_needed and not (values.get("token") or os.environ.get(environment_name("token"))):
        faults.append(Fault("discord.token", EMPTY_TOKEN if file else NO_TOKEN))
    try:
        settings = Settings(**values)
    except ValidationError as error:
        faults += [_fault(str(problem["loc"][0])) for problem in error.errors()]
    if faults:
        raise ConfigurationFault(*faults)
    return settings


def _read(file: Path) -> Mapping[str, object]:
    try:
        written = contents(file, LARGEST_FILE)
        if len(written) > LARGEST_FILE:
            raise ConfigurationFault(Fault(str(file), text("is far too large for a configuration: name the right file with --config.")))
        return tomllib.loads(written.decode("utf-8-sig"))
    except OSError as error:
        right = text("cannot be read ({why}): name a file that exists with --config.", why=error.strerror or type(error).__name__)
        raise ConfigurationFault(Fault(str(file), right)) from None
    except UnicodeDecodeError:
        raise ConfigurationFault(Fault(str(file), text("must be a text file in UTF-8."))) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        right = text(
            "cannot be understood: a section stands in brackets, as in {section}, a value in words in double quotes, as in {words}, "
            "and yes and no are true and false.",
            section="[log]",
            words='level = "info"',
        )
        raise ConfigurationFault(Fault(f"{file}, line {line[1]}" if line else str(file), right)) from None
    except (ValueError, RecursionError):
        # What Python itself cannot take: a number of thousands of digits, lists in lists without end.
        raise ConfigurationFault(Fault(str(file), text("cannot be understood: compare it with {example}.", example=EXAMPLE))) from None


def _flat(content: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    sections = {key.partition(".")[0] for key in KEYS}
    for section, entries in content.items():
        if isinstance(entries, dict) and (entries or section in sections):
            yield from ((f"{section}.{name}", value) for name, value in entries.items())
        else:
            yield section, entries


def _unknown(name: str, known: Iterable[str]) -> Text:
    if near := get_close_matches(name, list(known), n=1, cutoff=0.5):
        return text("is not known here: did you mean {near}?", near=near[0])
    return text("is not known here: the keys are {known}.", known=Listing(tuple(known)))


def _misspelt_variables() -> Iterator[Fault]:
    known = {
        environment_name(setting).removeprefix(PREFIX): environment_name(setting) for setting in [*Settings.model_fields, "token_file"]
    }
    for name in sorted(os.environ):
        stem = name.removeprefix(PREFIX)
        # A container platform sets such variables for a service of this name: only what resembles one of ours is a fault.
        ours = name.startswith(PREFIX) and stem not in known and not stem.startswith(OF_THE_TESTS)
        if ours and get_close_matches(stem, known, cutoff=0.5):
            yield Fault(name, _unknown(name, known.values()))


def _beside(file: Path | None, url: object) -> object:
    # RuntimeError: a link that leads to itself, of which `_read` has told already.
    with suppress(ValueError, RuntimeError):
        if file and isinstance(url, str):
            return SQLITE + str(file.resolve().parent / _names_a_file(url).removeprefix(SQLITE))
    return url


def _token_from_its_file() -> Mapping[str, object]:
    file = os.environ.get(TOKEN_FILE)
    if not file:
        return {}
    if os.environ.get(environment_name("token")):
        right = text("must not be set together with {other}: keep one of them.", other=environment_name("token"))
        raise ConfigurationFault(Fault(TOKEN_FILE, right))
    try:
        written = contents(Path(file), LARGEST_TOKEN_FILE)
        token = written.decode("utf-8-sig").strip() if len(written) <= LARGEST_TOKEN_FILE else ""
    except (OSError, ValueError):
        token = ""
    if not token:
        right = text("must name a file that holds the bot's token and that this user may read.")
        raise ConfigurationFault(Fault(TOKEN_FILE, right))
    return {"token": token}


def _fault(setting: str) -> Fault:
    variable = environment_name(setting)
    if os.environ.get(variable):
        return Fault(variable, RIGHT[setting])
    if setting == "token" and os.environ.get(TOKEN_FILE):
        return Fault(TOKEN_FILE, RIGHT[setting])
    return Fault(next(key for key, name in KEYS.items() if name == setting), RIGHT[setting])
