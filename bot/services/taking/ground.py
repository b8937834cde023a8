"""What the rows of a file are held against: the organisation as it is, as far as whoever imports may see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from bot.domain import calendar
from bot.domain.chapters import NAME_LENGTH, Chapter, fold
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Text, text
from bot.domain.writing import line
from bot.services import access, spelling
from bot.services.taking.table import Bad, Table
from db import chapters, intakes, organisations
from db.organisations import Organisation
from db.store import Connection

T = TypeVar("T")

NAMES_LOOKED_UP = 100
"""For so many unknown chapters the nearest names are looked for."""


@dataclass(slots=True)
class Ground:
    """An organisation's chapters by folded name with their admins, without those `hidden` from whoever imports."""

    organisation: Organisation
    chapters: Mapping[str, tuple[Chapter, frozenset[int]]]
    hidden: frozenset[int]
    now: datetime
    _looked_up: int = 0
    _todays: dict[str, date] = field(default_factory=dict)

    @property
    def guild_id(self) -> int:
        """The server."""
        return self.organisation.guild_id

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.organisation.policy

    def today(self, chapter: Chapter) -> date:
        """The chapter's own today."""
        if chapter.timezone not in self._todays:
            self._todays[chapter.timezone] = calendar.today(self.now, chapter.zone)
        return self._todays[chapter.timezone]

    def chapter(self, written: str) -> Chapter:
        """The chapter that is meant; one that is archived or hides is refused in the same words as one that is not there."""
        name = line(written)
        if not name:
            raise Refusal(text("Name the chapter."))
        found = self.chapters.get(fold(name)) if len(name) <= NAME_LENGTH else None
        if found is None or found[0].archived or found[0].id in self.hidden:
            raise self._unknown(name)
        return found[0]

    def _unknown(self, name: str) -> Refusal:
        near: Sequence[str] = ()
        if self._looked_up < NAMES_LOOKED_UP:
            self._looked_up += 1
            known = (each.name for each, _ in self.chapters.values() if not each.archived and each.id not in self.hidden)
            near = spelling.nearest(name[:NAME_LENGTH], known, access.NEAREST)
        if near:
            return Refusal(text("There is no chapter “{name}”. Did you mean {near}?", name=name[:60], near=Listing(tuple(near), "or")))
        return Refusal(text("There is no chapter “{name}” here. Import the chapters first, or mend its name.", name=name[:60]))


async def ground(c: Connection, guild_id: int, viewer: int | None, now: datetime) -> Ground | None:
    """The organisation as this person sees it, or all of it for whoever runs the program; None while it is not set up."""
    organisation = await organisations.find(c, guild_id)
    if organisation is None:
        return None
    hidden = frozenset[int]() if viewer is None else await intakes.unseen_by(c, guild_id, viewer)
    return Ground(organisation, await chapters.everything(c, guild_id), hidden, now)


def cell(given: Mapping[str, str], column: str, read: Callable[[str], T]) -> T:
    """What a cell says; a refusal names its column."""
    try:
        return read(given.get(column, ""))
    except Refusal as refusal:
        raise Refusal(text("{column}: {reason}", column=column, reason=refusal.reason)) from refusal


@dataclass(frozen=True, slots=True)
class Different:
    """A row of which something else is stored, and that is left as it is stored."""

    at: Text
    name: Text
    columns: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """What the rows of a file come to: what is to be added or changed, and which rows are as they should be, differ, or are bad.

    `open` says of which something cannot be told from the file.
    """

    added: list[object] = field(default_factory=list)
    changed: list[object] = field(default_factory=list)
    left: int = 0
    different: list[Different] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    open: list[Text] = field(default_factory=list)

    def refused(self, taken: Table, number: int, refusal: Refusal) -> None:
        """Notes a row that cannot be taken."""
        self.bad.append(Bad(taken.unit.first(number), refusal.reason, number))

    def twice(self, taken: Table, number: int, first: int) -> None:
        """Notes a row that says the same as an earlier one."""
        self.refused(taken, number, Refusal(text("The same stands in {place} already.", place=taken.unit.within(first))))
