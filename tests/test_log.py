"""What the program writes about itself: readable, complete, and nobody's secret."""

import io
import json
import logging
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


def test_a_json_line_is_one_line_even_with_a_traceback() -> None:
    stream = logged(log_format="json")
    try:
        raise LookupError("two\nlines")
    except LookupError:
        logging.getLogger("cogs").exception("failed\nbadly")
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("error", "cogs", "failed\nbadly")
    assert told["traceback"].startswith("Traceback")
    assert told["traceback"].endswith("LookupError: two\nlines")


@pytest.mark.parametrize("log_format", ["human", "json"])
@pytest.mark.parametrize(
    ("words", "secret"),
    [
        (f"header Bot {TOKEN} sent", TOKEN),
        (f"the token is {OWN}.", OWN),
        ("429 at https://discord.com/api/v10/webhooks/118765432109876543/aW50ZXJhY3Rpb246MTE4/messages", "aW50ZXJhY3Rpb246MTE4"),
        ("404 at /interactions/118765432109876543/aW50ZXJhY3Rpb246MTE4/callback", "aW50ZXJhY3Rpb246MTE4"),
    ],
    ids=["any bot's token", "our own", "a webhook", "an interaction"],
)
def test_no_line_shows_a_token(log_format: str, words: str, secret: str) -> None:
    stream = logged(log_format=log_format)
    logging.getLogger("discord.http").warning("%s", words)
    try:
        raise ValueError(words)
    except ValueError:
        logging.getLogger("bot").exception("It went wrong")
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
