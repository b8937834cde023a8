"""What the program writes about itself: readable, complete, and nobody's secret."""

import asyncio
import gc
import io
import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from bot import log
from bot.config import Settings
from tests.small_discord import TOKEN

OWN = "a-token-of-another-shape"


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    names = ("", *log.OURS, "discord")
    before, levels = root.handlers[:], {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def logged(**settings: str) -> io.StringIO:
    stream = io.StringIO()
    log.set_up(Settings(**{"token": OWN, **settings}), stream)  # type: ignore[arg-type]
    return stream


def test_a_line_for_people_says_when_how_serious_who_and_what() -> None:
    stream = logged()
    record = logging.LogRecord("bot.delivery", logging.INFO, __file__, 1, "sent %d prompts", (3,), None)
    record.created = 1793534400.5
    logging.getLogger("bot.delivery").handle(record)
    assert stream.getvalue() == "2026-11-01 12:00:00 info    bot.delivery: sent 3 prompts\n"


@pytest.mark.parametrize("log_format", ["human", "json"])
def test_an_event_is_one_line_whatever_stands_in_it(log_format: str) -> None:
    stream = logged(log_format=log_format)
    try:
        raise LookupError("two\nlines")
    except LookupError:
        logging.getLogger("cogs").exception("failed\n\x1b[31mbadly\u2028%s", "\r\nnow")
    (line,) = stream.getvalue().splitlines()
    assert "failed ⏎ [31mbadly ⏎ now" in line


def test_an_error_says_its_kind_its_numbers_and_where_but_not_its_words() -> None:
    stream = logged(log_format="json")

    def deep() -> None:
        raise OSError(28, "No space left", "/home/ada/diary.db")

    try:
        try:
            deep()
        except OSError as error:
            raise ValueError("Ada wrote this") from error
    except ValueError:
        logging.getLogger("cogs").exception("it went wrong")
    told = json.loads(stream.getvalue())
    assert (told["level"], told["logger"], told["message"]) == ("error", "cogs", "it went wrong")
    here = r"tests/test_log\.py:\d+"
    name = "test_an_error_says_its_kind_its_numbers_and_where_but_not_its_words"
    assert re.fullmatch(rf"ValueError at {here} {name} ⇐ OSError \(errno ENOSPC\) at {here} deep ← {here} {name}", told["error"])


def test_of_the_way_to_an_error_our_own_lines_are_told() -> None:
    stream = logged(log_format="json")
    try:
        Settings(tick_seconds="soon")  # type: ignore[arg-type]
    except ValueError:
        logging.getLogger("bot").exception("through a library")
    try:
        log._short(3)  # type: ignore[arg-type]
    except AttributeError:
        logging.getLogger("bot").exception("in our own")
    libraries, ours = (json.loads(line)["error"] for line in stream.getvalue().splitlines())
    assert libraries.startswith("ValidationError at pydantic/main.py:")
    assert re.match(r"AttributeError at bot/log\.py:\d+ <listcomp> ← bot/log\.py:\d+ _short$", ours)


def test_an_object_is_named_by_its_kind_alone() -> None:
    stream = logged()
    logging.getLogger("discord.ui.view").warning("no view for item %s (%r, %d)", ValueError("Zanzibar"), ["Zanzibar"], 3)
    logging.getLogger("discord.ui.view").warning("of %(whom)s", {"whom": ValueError("Zanzibar")})
    logging.getLogger("discord.ui.view").warning("%d", ValueError("Zanzibar"))
    assert [line.partition("view: ")[2] for line in stream.getvalue().splitlines()] == [
        "no view for item <ValueError> ('<list>', 3)",
        "of <ValueError>",
        "%d",
    ]


async def test_what_nobody_catches_is_logged_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(logging, "raiseExceptions", True)
    stream = logged()
    loop = asyncio.get_running_loop()
    log.take_what_nobody_caught(loop)

    class Sore:
        def __del__(self) -> None:
            raise ValueError("Zanzibar")

    async def failing() -> None:
        raise ValueError("Zanzibar")

    def failing_thread() -> None:
        raise ValueError("Zanzibar")

    try:
        task = loop.create_task(failing())
        await asyncio.wait({task})
        del task
        gc.collect()
        Sore()
        thread = threading.Thread(target=failing_thread)
        thread.start()
        thread.join()
        warnings.warn("old\nways", stacklevel=1)
    finally:
        loop.set_exception_handler(None)
        logging.captureWarnings(capture=False)
    assert "Zanzibar" not in stream.getvalue()
    assert [line.partition(": ")[2].split(": ValueError at tests/test_log.py:")[0] for line in stream.getvalue().splitlines()[:3]] == [
        "nobody caught what a task raised",
        "nobody could catch what was raised",
        "nobody caught what a thread raised",
    ]
    assert "old ⏎ ways" in stream.getvalue()


@pytest.mark.parametrize("log_format", ["human", "json"])
@pytest.mark.parametrize(
    ("words", "secret"),
    [
        (f"header Bot {TOKEN} sent", TOKEN),
        (f"the token is {OWN}.", OWN),
        ("429 at https://discord.com/api/v10/webhooks/118765432109876543/aW50ZXJhY3Rpb246MTE4/messages", "aW50ZXJhY3Rpb246MTE4"),
        ("404 at /interactions/118765432109876543/aW50ZXJhY3Rpb246MTE4/callback", "aW50ZXJhY3Rpb246MTE4"),
        ("answering aW50ZXJhY3Rpb246MTE4 failed", "aW50ZXJhY3Rpb246MTE4"),
        ("429 at https://discord.com/api/v10/guilds/11876543/members/998877", "998877"),
        ("connected (Session ID: 5e55107).", "5e55107"),
    ],
    ids=["any bot's token", "our own", "a webhook", "an interaction", "its token", "somebody", "a session"],
)
def test_no_line_shows_a_token(log_format: str, words: str, secret: str) -> None:
    stream = logged(log_format=log_format)
    logging.getLogger("discord.http").warning("%s", words)
    logging.getLogger("bot").error(words)
    assert stream.getvalue().count("[secret]") == 2
    assert secret not in stream.getvalue()


def test_debugging_shows_our_own_lines_and_not_what_people_wrote_to_discord_or_the_database() -> None:
    stream = logged(log_level="debug")
    for name in ("bot.x", "discord.gateway", "discord.http", "aiosqlite", "sqlalchemy.engine.Engine"):
        logging.getLogger(name).debug("words of %s", name)
    assert stream.getvalue().rstrip().endswith("debug   bot.x: words of bot.x")
    assert len(stream.getvalue().splitlines()) == 1


def test_a_higher_level_silences_everybody() -> None:
    stream = logged(log_level="error")
    for name in ("bot", "discord.client", "apscheduler"):
        logging.getLogger(name).warning("a warning")
    assert stream.getvalue() == ""
