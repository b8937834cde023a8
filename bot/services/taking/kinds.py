"""What a file can hold, by which columns it is known, and what its columns are called."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Text, counted, text
from bot.services.sheets.rows import key


class Kind(StrEnum):
    """What the rows of a file are."""

    CHAPTERS = "chapters"
    CHECKINS = "checkins"
    REPORTS = "reports"
    GOALS = "goals"
    FIGURES = "figures"


COLUMNS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.CHAPTERS: ("name", "branch", "city", "latitude", "longitude", "timezone", "founded", "channel", "admins"),
        Kind.CHECKINS: ("chapter", "date", "kind", "people", "format", "education", "with_chapters", "note"),
        Kind.REPORTS: (
            *("chapter", "period", "published_on", "members", "met", "kinds", "meetings", "education", "tried", "worked"),
            *("dues", "changing", "hard", "help", "may_share"),
        ),
        Kind.GOALS: ("metric", "name", "target", "start", "deadline"),
        Kind.FIGURES: ("goal", "date", "value"),
    }
)

NEEDED: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.REPORTS: ("chapter", "period", "published_on"),
        Kind.CHECKINS: ("chapter", "date", "kind"),
        Kind.GOALS: ("metric", "target"),
        Kind.FIGURES: ("goal", "date", "value"),
        Kind.CHAPTERS: ("name",),
    }
)
"""The columns without which a row says nothing; in the order in which a file is tried for them."""

REASON, PLACE = "reason", "line"
"""The columns that a file of rows to be mended has beside its own: nobody misses them when it comes back."""

CALLED: Mapping[Kind, Text] = MappingProxyType(
    {
        Kind.CHAPTERS: text("Chapters"),
        Kind.CHECKINS: text("Check-ins"),
        Kind.REPORTS: text("Reports"),
        Kind.GOALS: text("Goals"),
        Kind.FIGURES: text("Past figures"),
    }
)


def many(kind: Kind, n: int) -> Text:
    """So many of them, as a part of a sentence."""
    match kind:
        case Kind.CHAPTERS:
            return counted("{n} chapter", "{n} chapters", n)
        case Kind.CHECKINS:
            return counted("{n} check-in", "{n} check-ins", n)
        case Kind.REPORTS:
            return counted("{n} report", "{n} reports", n)
        case Kind.GOALS:
            return counted("{n} goal", "{n} goals", n)
        case Kind.FIGURES:
            return counted("{n} figure", "{n} figures", n)


def plain_name(column: str) -> str:
    """A column's name as it is compared: in small letters, words joined by one underscore."""
    return re.sub(r"[\s_-]+", "_", key(column))


def recognised(columns: Iterable[str]) -> Kind:
    """What the rows of a file with these columns are; refuses a file that could be none of them."""
    there = {plain_name(column) for column in columns}
    for kind, needed in NEEDED.items():
        if there.issuperset(needed):
            return kind
    needs = Listing(tuple(text("{kind}: {columns}", kind=CALLED[kind], columns=Listing(NEEDED[kind], "comma")) for kind in Kind), "comma")
    raise Refusal(
        text("It cannot be told what this file holds: its first line names none of these columns together. {needs}.", needs=needs)
    )
