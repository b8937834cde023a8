"""Every way into the bot: each command with what it asks for, and each address with numbers that lead somewhere.

Whoever adds a command or a button is told by the walks of test_hidden.py and test_rights.py what is missing here.
"""

import inspect
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from discord import app_commands

from bot.client import ChapterBot
from bot.domain.calendar import Month
from cogs.layout import address
from tests.flows.rig import Server

CHAPTER_OPTIONS = frozenset({"chapter", "chapters", "with_chapters"})

NAMING: dict[str, dict[str, Any]] = {
    "branch gathering": {"branch": "United Kingdom", "date": "2026-10-15"},
    "chapter admins add": {"user": "mo"},
    "chapter admins list": {},
    "chapter admins remove": {"user": "mo"},
    "chapter archive": {},
    "chapter composition": {},
    "chapter edit": {"city": "Camden"},
    "chapter near": {},
    "chapter rename": {"name": "York"},
    "chapter rest": {"until": "2026-12"},
    "chapter restore": {},
    "chapter status": {},
    "chapter visibility": {"level": "hidden"},
    "chapter wake": {},
    "checkin": {"kind": "meeting"},
    "checkins": {},
    "duty away": {"until": "2026-12-01"},
    "duty pass": {},
    "duty show": {},
    "facilitate claim": {},
    "facilitate release": {},
    "report": {},
    "reports list": {},
    "log": {},
    "reports read": {},
}
"""Every command in which a chapter is named, with what else it asks for."""

OTHERS: dict[str, list[dict[str, Any]]] = {
    "branch add": [{"country": "France"}],
    "branch edit": [{"branch": "United Kingdom", "dues": "agreed"}],
    "branch list": [{}],
    "chapter add": [{"name": "York", "branch": "United Kingdom"}],
    "chapter list": [{}, {"branch": "United Kingdom"}, {"status": "new"}, {"status": "functioning"}, {"status": "resting"}],
    "export": [{"what": "chapters", "format": "csv"}],
    "facilitate absent": [{"until": "2026-12-24"}, {"until": "today"}],
    "forecast": [{"goal": "Members"}, {"goal": "Members", "joining": 30, "leaving": 5}, {"goal": "Members", "doubling_months": 12}],
    "goal add": [{"metric": "delegates", "target": 5}],
    "goal edit": [{"goal": "Chapters with a delegate", "target": 6}],
    "goal history": [{"goal": "Members"}, {"goal": "Chapters that report"}],
    "goal propose": [{"metric": "reporting_chapters", "target": 6, "deadline": "2029-06-30", "why": "We grow."}],
    "goal record": [{"goal": "Members", "value": 10}],
    "goal retire": [{"goal": "Chapters with a delegate"}],
    "help": [{}, *({"topic": topic} for topic in ("checkins", "reports", "chapters", "facilitators", "setup", "privacy"))],
    "import file": [{"file": ("list.csv", b"chapter,date,kind\nLeeds,2026-10-15,meeting\n")}],
    "import undo": [{}],
    "overdue": [{}, {"scope": "all"}, {"scope": "unassigned"}, {"scope": "mine"}],
    "policy set": [{"key": "together_days", "value": "30"}],
    "policy show": [{}],
    "privacy erase": [{}],
    "privacy show": [{}],
    "progress": [{}, {"goal": "Members"}, {"goal": "Functioning chapters"}, {"as_of": "yesterday"}],
    "scoreboard public off": [{}],
    "scoreboard public on": [{}],
    "scoreboard post": [{}],
    "setup": [{}],
}
"""Every other command, as it is walked past."""


def walked(server: Server) -> Iterator[app_commands.Command[Any, ..., Any]]:
    yield from (each for each in server.bot.tree.walk_commands() if isinstance(each, app_commands.Command))


def commands(server: Server) -> Iterator[tuple[str, dict[str, Any]]]:
    for command in walked(server):
        yield command.qualified_name, {each.display_name: each for each in command.parameters}


def names(bot: ChapterBot, action: str) -> list[str]:
    """What the parts of an address are called."""
    return list(inspect.signature(bot.handlers[action].run).parameters)[1:]


def forged(bot: ChapterBot, action: str, values: Mapping[str, object]) -> str:
    """An address whose every part was put in by hand, by its name."""
    return address(action, *(_part(kind, name, values) for kind, name in zip(bot.handlers[action].types, names(bot, action), strict=True)))


PLACES: Mapping[str, int] = {"skip": 0, "since": 735_599, "at": 9_999_999_999_999, "last": 9_999_999_999}
"""Where a page begins, by the parts of its address: before everything, and after; and that nothing is left out."""


def _part(kind: Any, name: str, values: Mapping[str, object]) -> object:
    values = PLACES | dict(values)
    if name in values or kind is int:
        return values[name]
    if kind is Month or name == "month":
        return "2026-09"
    if kind is date:
        return "2026-10-15"
    return next(iter(kind)) if inspect.isclass(kind) and issubclass(kind, StrEnum) else "all"
