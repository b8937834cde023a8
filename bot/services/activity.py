"""What a chapter did, month by month and by kind: its own check-ins and those of others in which it confirmed that it took part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.calendar import Month
from bot.domain.chapters import Chapter
from bot.domain.checkins import Kind
from db import checkins
from db.store import Connection

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Activity:
    """How often each kind of activity was recorded in each of these months, oldest first; kinds of which none was are left out."""

    months: tuple[Month, ...]
    counts: Mapping[Kind, tuple[int, ...]]


async def of(c: Connection, chapter: Chapter, day: date) -> Activity:
    """What a chapter did in the twelve months up to a day."""
    months = tuple(Month.of(day).plus(n) for n in range(1 - MONTHS, 1))
    counts: dict[Kind, list[int]] = {}
    for kind, on in await checkins.done(c, chapter.guild_id, chapter.id, months[0].first, day):
        counts.setdefault(kind, [0] * MONTHS)[months.index(Month.of(on))] += 1
    return Activity(months, {kind: tuple(counts[kind]) for kind in Kind if kind in counts})
