"""What the program writes about itself, one line an event: never a token, a name or what somebody wrote."""

import asyncio
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from errno import errorcode
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from bot.config import Settings
from bot.domain.text import Text

SECRET = re.compile(
    r"[\w-]{23,}\.[\w-]{6,7}\.[\w-]{27,}"  # a bot's token
    r"|aW50ZXJhY3Rpb24[\w+/=-]*"  # an interaction's token, wherever it stands
    r"|(?<=/webhooks/)\d+/[\w-]+"  # a webhook's or an interaction's address, which is a key
    r"|(?<=/interactions/)\d+/[\w-]+"
    r"|(?<=Session ID: )\w+"  # with it and the token somebody could listen in on the bot's connection
    r"|(?<=/members/)\d+|(?<=/users/)\d+",  # who somebody is
    re.ASCII,
)
BREAKS = re.compile(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*")
OURS = ("bot", "cogs", "db")
NUMBERS = ("status", "code", "errno", "sqlite_errorname")
MOST_PLACES = 25


class Careful(logging.Formatter):
    """Writes a record as `write` says, on one line and without a secret, wherever in it one stands."""

    def __init__(self, write: Callable[[logging.LogRecord], str], token: str) -> None:
        super().__init__()
        self._write = write
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        """The line as it may be seen by others."""
        line = self._write(record)
        return SECRET.sub("[secret]", line.replace(self._token, "[secret]") if self._token else line)


def human(record: logging.LogRecord) -> str:
    """When (UTC), how serious, who says it, what; then what was raised, and where."""
    line = f"{_at(record):%Y-%m-%d %H:%M:%S} {record.levelname.lower():<7} {record.name}: {_message(record)}"
    error = _error(record)
    return f"{line}: {error}" if error else line


def json_line(record: logging.LogRecord) -> str:
    """One JSON object: at, level, logger, message, then what is told beside it and, after an error, what was raised where."""
    told: dict[str, object] = {
        "at": _at(record).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _message(record),
    }
    told |= {key: value for key, value in getattr(record, "facts", {}).items() if value is not None}
    error = _error(record)
    return json.dumps(told | ({"error": error} if error else {}), ensure_ascii=False)


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _message(record: logging.LogRecord) -> str:
    # An object that tells about itself may tell what somebody wrote: a button its label, a task the error that ended it.
    given = record.args
    if isinstance(given, tuple):
        given = tuple(map(_bare, given))
    elif given:
        given = {name: _bare(value) for name, value in given.items()}
    try:
        message = str(record.msg) % given if given else str(record.msg)
    except (TypeError, ValueError):
        message = str(record.msg)
    return BREAKS.sub(" ⏎ ", message)


def _bare(value: object) -> object:
    return value if isinstance(value, str | int | float | None) else f"<{type(value).__name__}>"


def _error(record: logging.LogRecord) -> str:
    return "" if not record.exc_info or record.exc_info[1] is None else " ⇐ ".join(_told(record.exc_info[1]))


def _told(error: BaseException) -> Iterator[str]:
    """What was raised and where, the innermost place first, then what that came from; the errors' own words may be somebody's."""
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        yield f"{_named(now)} at {' ← '.join(_places(now.__traceback__))}" if now.__traceback__ else _named(now)
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)


def _named(error: BaseException) -> str:
    """The error's kind, with the numbers that Discord, the system or the database gave it."""
    found = {name: getattr(error, name, None) for name in NUMBERS}
    if isinstance(found["errno"], int):
        found["errno"] = errorcode.get(found["errno"], found["errno"])
    numbers = [f"{name} {value}" for name, value in found.items() if isinstance(value, int) or re.fullmatch("[A-Z][A-Z0-9_]+", str(value))]
    return f"{type(error).__name__} ({', '.join(numbers)})" if numbers else type(error).__name__


def _places(raised: TracebackType | None) -> list[str]:
    """Where it was raised, and which of our own lines led there; the way through others' code is theirs, unless there is no other."""
    frames = [f"{_short(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in traceback.walk_tb(raised)][::-1]
    ours = [place for place in frames[1:] if place.startswith(tuple(f"{name}/" for name in OURS))]
    return [*frames[:1], *(ours or frames[1:])][:MOST_PLACES]


def _short(file: str) -> str:
    """A file's path from where Python finds it: where that is on this machine is nobody's business."""
    roots = [root for root in map(str, (Path(__file__).parents[1], *sys.path)) if root and file.startswith(f"{root}/")]
    return file[len(max(roots, key=len)) + 1 :] if roots else Path(file).name


def set_up(settings: Settings, stream: TextIO | None = None) -> None:
    """Sends every logger's lines to the stream (standard error), from the chosen level on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Careful(json_line if settings.log_format == "json" else human, settings.token.get_secret_value()))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    # Its debug lines hold what people wrote; those of other libraries do too, or are of no use here.
    logging.getLogger("discord").setLevel(max(level, logging.INFO))


def take_what_nobody_caught(loop: asyncio.AbstractEventLoop) -> None:
    """Errors that nobody catches are logged like any other: Python's own words for them hold those of the errors."""
    log = logging.getLogger("bot")

    def in_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        log.error("nobody caught what a task raised", exc_info=context.get("exception"))

    def in_thread(raised: "threading.ExceptHookArgs") -> None:
        log.error("nobody caught what a thread raised", exc_info=raised.exc_value)

    def while_tidying_up(raised: Any) -> None:
        log.error("nobody could catch what was raised", exc_info=raised.exc_value)

    loop.set_exception_handler(in_loop)
    threading.excepthook = in_thread
    sys.unraisablehook = while_tidying_up
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False


@contextmanager
def last_words() -> Iterator[None]:
    """Logs what ends the program unforeseen, and ends it; a fault is left to whoever says it in a sentence."""
    log = logging.getLogger("bot")
    try:
        yield
    except Exception as error:
        if isinstance(getattr(error, "reason", None), Text):
            log.debug("this is where the fault was found", exc_info=True)
            raise
        log.critical("an error ends the program that nobody foresaw", exc_info=True)
        raise SystemExit(1) from None
