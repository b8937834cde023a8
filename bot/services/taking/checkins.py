"""Check-ins that come in: what each row comes to beside those that are there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot.domain import checkins as rules
from bot.domain.chapters import Visibility
from bot.domain.checkins import CheckIn, Format, Kind
from bot.domain.refusal import Refusal
from bot.domain.text import Text, text
from bot.services.partners import MOST
from bot.services.taking import cells
from bot.services.taking.cells import Order
from bot.services.taking.ground import Found, Ground, cell
from bot.services.taking.table import Table
from db import past
from db.checkins import Stored
from db.store import Connection


@dataclass(frozen=True, slots=True)
class NewCheckIn:
    """A check-in to be stored, and the chapters that are said to have taken part."""

    chapter_id: int
    chapter: str
    entry: CheckIn
    partners: tuple[int, ...]

    @property
    def label(self) -> Text:
        """What it is called in a preview."""
        return text("{chapter}, {kind} on {day}", chapter=self.chapter, kind=self.entry.kind.value, day=self.entry.day)


@dataclass(frozen=True, slots=True)
class ChangedCheckIn:
    """A check-in that is there, and what it is to say."""

    stored: Stored
    chapter: str
    entry: CheckIn

    @property
    def label(self) -> Text:
        """What it is called in a preview."""
        return text("{chapter}, {kind} on {day}", chapter=self.chapter, kind=self.entry.kind.value, day=self.entry.day)


_Key = tuple[int, Kind, date]


async def settle(c: Connection, taken: Table, ground: Ground) -> Found:
    """What the rows come to: of one chapter, kind and day what is there already is matched first, then changed, then added to."""
    found = Found()
    order = cells.order_of(taken.column("date"))
    rows: dict[_Key, list[tuple[int, NewCheckIn]]] = {}
    for number, row in taken.rows:
        try:
            new = _read(taken.given(row), ground, order)
        except Refusal as refusal:
            found.refused(taken, number, refusal)
            continue
        same = rows.setdefault((new.chapter_id, new.entry.kind, new.entry.day), [])
        twice = next((at for at, each in same if each == new), None)
        if twice is None:
            same.append((number, new))
        else:
            found.twice(taken, number, twice)
    there = await _there(c, ground.guild_id, rows)
    for key, entries in rows.items():
        _match([each for _, each in entries], there.get(key, []), found)
    return found


def _read(given: Mapping[str, str], ground: Ground, order: Order | None) -> NewCheckIn:
    chapter = cell(given, "chapter", ground.chapter)
    kind = cell(given, "kind", lambda written: cells.one_of(written, Kind))
    if kind is None:
        raise Refusal(
            text("{column}: {reason}", column="kind", reason=text("Say what the chapter did, such as {kind}.", kind=Kind.MEETING.value))
        )
    format_ = cell(given, "format", lambda written: cells.one_of(written, Format))
    entry = CheckIn(
        kind=Kind(kind),
        day=cell(given, "date", lambda written: cells.day(written, order)),
        people=cell(given, "people", lambda written: cells.number(written, text("The number of people"))),
        format=None if format_ is None else Format(format_),
        education=cell(given, "education", cells.yes_or_no),
        note=given.get("note"),
    )
    checked = rules.check(entry, ground.today(chapter), chapter.founded, ground.policy)
    others = cell(given, "with_chapters", lambda written: _partners(written, ground, chapter.id))
    if others and chapter.visibility is Visibility.HIDDEN:
        raise Refusal(text("{chapter} is hidden, so it is not named to other chapters. Record this without them.", chapter=chapter.name))
    return NewCheckIn(chapter.id, chapter.name, checked, others)


def _partners(written: str, ground: Ground, own: int) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for name in cells.several(written):
        other = ground.chapter(name)
        if other.visibility is Visibility.HIDDEN:
            raise Refusal(text("There is no other chapter “{name}” here. /chapter list shows those that are.", name=name[:60]))
        if other.id == own:
            raise Refusal(text("{chapter} is the chapter that checks in. Name only the others.", chapter=other.name))
        found.setdefault(other.id)
    if len(found) > MOST:
        raise Refusal(text("At most {most} chapters can be named. Name those that matter most.", most=MOST))
    return tuple(found)


async def _there(c: Connection, guild_id: int, rows: Iterable[_Key]) -> dict[_Key, list[Stored]]:
    keys = list(rows)
    if not keys:
        return {}
    days = [day for _, _, day in keys]
    there: dict[_Key, list[Stored]] = {}
    for each in await past.checkins_of(c, guild_id, sorted({chapter_id for chapter_id, _, _ in keys}), min(days), max(days)):
        there.setdefault((each.chapter_id, each.entry.kind, each.entry.day), []).append(each)
    return there


def _match(new: list[NewCheckIn], there: list[Stored], found: Found) -> None:
    rest = []
    for each in new:
        # What was withdrawn here is not brought back by the file that it once came from.
        same = next((stored for stored in there if _merged(stored, each) == stored.entry), None)
        if same is None:
            rest.append(each)
        else:
            there.remove(same)
            found.left += 1
    changeable = [stored for stored in there if not stored.withdrawn]
    for each, stored in zip(rest, changeable, strict=False):
        found.changed.append(ChangedCheckIn(stored, each.chapter, _merged(stored, each)))
    found.added += rest[len(changeable) :]


def _merged(stored: Stored, new: NewCheckIn) -> CheckIn:
    """The stored check-in with what the row gives; what a row leaves empty stays."""
    given = {name: value for name in ("people", "format", "education", "note") if (value := getattr(new.entry, name)) is not None}
    return replace(stored.entry, **given)
