"""What a file would change: worked out whole before anything is stored, and worked out anew before it is."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.domain.refusal import Refusal
from bot.domain.text import Text, text
from bot.services.taking import chapters, checkins, goals, reports, table
from bot.services.taking.chapters import NewChapter
from bot.services.taking.ground import Different, Found, Ground, ground
from bot.services.taking.kinds import Kind
from bot.services.taking.table import Bad, Chosen, Table
from db import intakes
from db.organisations import Organisation
from db.store import Connection, Store

NAMED = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file comes to, in numbers and the first few names; `shown` is another one whenever it comes to something else."""

    kind: Kind
    rows: int
    added: int
    changed: int
    left: int
    first_added: tuple[Text, ...]
    first_changed: tuple[Text, ...]
    different: tuple[Different, ...]
    differ: int
    bad: tuple[Bad, ...]
    refused: int
    open: tuple[Text, ...]
    left_open: int
    unknown: tuple[str, ...]
    aside: int
    doubt: Text | None
    shown: str
    mark: int

    @property
    def does_nothing(self) -> bool:
        """Whether all that can be taken is there already."""
        return self.added == self.changed == 0

    def shortened(self, most: int) -> "Preview":
        """The same with no more than so many rows named one by one."""
        return replace(self, different=self.different[:most], bad=self.bad[:most], open=self.open[:most])


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be added and changed, its preview, which of our columns the file has, and (where it was read) its rows."""

    preview: Preview
    columns: tuple[str, ...]
    added: tuple[Any, ...]
    changed: tuple[Any, ...]
    taken: Table | None = None


async def plan(store: Store, guild_id: int, path: Path, kind: Kind | None, chosen: Chosen, viewer: int | None, now: datetime) -> Plan:
    """What a file would add and change here, as far as this person may know of it (None: whoever runs the program); stores nothing."""
    taken = table.read(path, kind, chosen)
    async with store.snapshot() as c:
        there = await ground(c, guild_id, viewer, now)
        if there is None and taken.kind is not Kind.CHAPTERS:
            raise Refusal(text("Chapterhouse knows nothing of this server yet. Import its chapters first, or set it up with /setup."))
        there = there or Ground(_new_organisation(guild_id, now), {}, frozenset(), now)
        found = await _settled(c, taken, there)
        mark = await intakes.mark(c, guild_id)
    added, changed = tuple(found.added), tuple(found.changed)
    preview = Preview(
        kind=taken.kind,
        rows=len(taken.rows),
        added=len(added),
        changed=len(changed),
        left=found.left,
        first_added=_labels(added),
        first_changed=_labels(changed),
        different=tuple(found.different),
        differ=len(found.different),
        bad=tuple(found.bad),
        refused=len(found.bad),
        open=tuple(found.open),
        left_open=len(found.open),
        unknown=taken.unknown,
        aside=taken.aside,
        doubt=taken.doubt,
        shown=_fingerprint(taken.kind, added, changed, len(found.bad)),
        mark=mark,
    )
    return Plan(preview, tuple(taken.taken), added, changed, taken)


def _new_organisation(guild_id: int, now: datetime) -> Organisation:
    return Organisation(guild_id, "UTC", "en", None, None, None, None, now, None, None, None)


async def _settled(c: Connection, taken: Table, there: Ground) -> Found:
    match taken.kind:
        case Kind.CHAPTERS:
            return await chapters.settle(c, taken, there)
        case Kind.CHECKINS:
            return await checkins.settle(c, taken, there)
        case Kind.REPORTS:
            return await reports.settle(c, taken, there)
        case Kind.GOALS:
            return await goals.settle_goals(c, taken, there)
        case Kind.FIGURES:
            return await goals.settle_figures(c, taken, there)


def _labels(steps: Sequence[Any]) -> tuple[Text, ...]:
    return tuple(each.label for each in steps[:NAMED])


def _fingerprint(kind: Kind, added: Iterable[Any], changed: Iterable[Any], bad: int) -> str:
    made = hashlib.sha256(f"{kind}:{bad}".encode())
    for each in (*added, "changed", *changed):
        # A set has no order that is the same in another process.
        plain = replace(each.newcomer, given=frozenset()) if isinstance(each, NewChapter) else each
        made.update(repr(plain).encode())
    return made.hexdigest()
