"""What the program writes about itself, for people or as JSON lines: never a token, never what somebody wrote."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

from bot.config import Settings

SECRET = re.compile(
    r"[\w-]{23,}\.[\w-]{6,7}\.[\w-]{27,}"  # a bot's token
    r"|(?<=/webhooks/)\d+/[\w-]+"  # a webhook's or an interaction's address, which is a key
    r"|(?<=/interactions/)\d+/[\w-]+",
    re.ASCII,
)
OURS = ("bot", "cogs", "db")


class Careful(logging.Formatter):
    """Writes a record as `write` says, without a secret, wherever in the line or its traceback one stands."""

    def __init__(self, write: Callable[[logging.LogRecord], str], token: str) -> None:
        super().__init__()
        self._write = write
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        """The line as it may be seen by others."""
        line = self._write(record)
        return SECRET.sub("[secret]", line.replace(self._token, "[secret]") if self._token else line)


def human(record: logging.LogRecord) -> str:
    """When (UTC), how serious, who says it, what; a traceback below it."""
    line = f"{_at(record):%Y-%m-%d %H:%M:%S} {record.levelname.lower():<7} {record.name}: {record.getMessage()}"
    return f"{line}\n{_traceback(record)}" if record.exc_info else line


def json_line(record: logging.LogRecord) -> str:
    """One JSON object on one line: at, level, logger, message and, after an error, its traceback."""
    told = {
        "at": _at(record).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    if record.exc_info:
        told["traceback"] = _traceback(record)
    return json.dumps(told, ensure_ascii=False)


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _traceback(record: logging.LogRecord) -> str:
    return "".join(traceback.format_exception(*record.exc_info)).rstrip() if record.exc_info else ""


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
