"""Sentences for people, kept apart from the language in which they are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

from bot.domain.calendar import Month


class Style(StrEnum):
    """How Discord shows a moment: its own one-letter styles."""

    DAY = "D"
    SHORT_DAY = "d"
    DAY_AND_HOUR = "f"
    RELATIVE = "R"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment (aware, UTC) that each reader sees in their own zone and language."""

    at: datetime
    style: Style = Style.DAY


@dataclass(frozen=True, slots=True)
class Person:
    """A person, shown as a mention; whom it notifies is decided by the sender alone."""

    user_id: int


@dataclass(frozen=True, slots=True)
class Place:
    """A Discord channel or thread, shown as a link to it."""

    channel_id: int


@dataclass(frozen=True, slots=True)
class Role:
    """A Discord role, shown as a mention."""

    role_id: int


@dataclass(frozen=True, slots=True)
class Percent:
    """A share in whole percent, shown the way the reader's language writes it."""

    whole: int


@dataclass(frozen=True, slots=True)
class Brief:
    """A month in few letters, for where there is little room: Oct, or with its year Oct 2026."""

    month: Month
    year: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to an address."""

    label: "Text"
    url: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Several things in one sentence, joined as the reader's language joins them."""

    items: "tuple[Value, ...]"
    joined_by: Literal["and", "or", "comma"] = "and"


@dataclass(frozen=True, slots=True)
class Words:
    """Somebody's own words that may run over several lines (a bare str is always shown on one)."""

    written: str


Value: TypeAlias = "str | Words | int | float | date | Month | Moment | Person | Place | Role | Percent | Brief | Link | Listing | Text"
"""What a sentence may hold. A bare str is somebody's own words and is always escaped."""


@dataclass(frozen=True, slots=True)
class Text:
    """One catalogue entry with its values; `n` chooses between `msgid` and `plural`."""

    msgid: str
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    plural: str | None = None
    n: int | None = None


def text(msgid: str, /, **values: Value) -> Text:
    """A sentence with named values: `text("{chapter} rests.", chapter=name)`."""
    return Text(msgid, MappingProxyType(values))


def counted(singular: str, plural: str, n: int, /, **values: Value) -> Text:
    """A sentence that depends on a number, which it may show as `{n}`."""
    return Text(singular, MappingProxyType({"n": n, **values}), plural, n)
