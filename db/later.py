"""Entries that were made, or changed, on a later day than they speak of: what may rightly change what is known of a past day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db import tables as t


class Source(StrEnum):
    """Of which kind an entry is."""

    CHECKINS = "checkins"
    REPORTS = "reports"
    FACTS = "facts"
    FIGURES = "figures"
    GATHERINGS = "gatherings"
    VISIBILITY = "visibility"
    TIMEZONE = "timezone"


@dataclass(frozen=True, slots=True)
class Later:
    """An entry that speaks of the days from `first` on and was last changed at `at`; so many chapters may count otherwise since."""

    source: Source
    first: date
    at: datetime
    chapters: int = 1


_GUILD: BindParameter[int] = bindparam("guild")
_CHAPTERS: BindParameter[int] = bindparam("chapters", expanding=True)
_CHECKINS = (
    select(t.checkin.c.id, t.checkin.c.day, t.checkin_version.c.saved_at, t.checkin_version.c.fields)
    .join(t.checkin_version, t.checkin_version.c.checkin_id == t.checkin.c.id)
    .where(t.checkin.c.guild_id == _GUILD, t.checkin.c.chapter_id.in_(_CHAPTERS))
    .order_by(t.checkin.c.id, t.checkin_version.c.version)
)
_PARTNERS = (
    select(t.checkin.c.day, t.checkin_partner.c.answered_at)
    .join(t.checkin_partner, t.checkin_partner.c.checkin_id == t.checkin.c.id)
    .where(t.checkin.c.guild_id == _GUILD, t.checkin_partner.c.chapter_id.in_(_CHAPTERS), t.checkin_partner.c.answered_at.isnot(None))
)
_REPORTS = select(t.report.c.first_published_on, t.report.c.published_at).where(
    t.report.c.guild_id == _GUILD, t.report.c.chapter_id.in_(_CHAPTERS), t.report.c.first_published_on.isnot(None)
)
_FACTS = select(t.standing_fact.c.confirmed_on, t.standing_fact.c.recorded_at).where(t.standing_fact.c.guild_id == _GUILD)
_FIGURES = select(t.goal_figure.c.day, t.goal_figure.c.recorded_at).where(t.goal_figure.c.guild_id == _GUILD)
_GATHERINGS = select(t.gathering.c.day, t.gathering.c.recorded_at).where(t.gathering.c.guild_id == _GUILD)
_CONFIRMED = (
    select(t.gathering.c.day, t.gathering_chapter.c.answered_at)
    .join(t.gathering_chapter, t.gathering_chapter.c.gathering_id == t.gathering.c.id)
    .where(t.gathering.c.guild_id == _GUILD, t.gathering_chapter.c.answered_at.isnot(None))
)
_CHANGES = select(t.change.c.at, t.change.c.kind, t.change.c.fields).where(
    t.change.c.guild_id == _GUILD, or_(t.change.c.kind == "setup.change", t.change.c.kind.startswith("visibility."))
)


async def of_chapters(c: AsyncConnection, guild_id: int, chapter_ids: Sequence[int]) -> list[Later]:
    """What these chapters have recorded, corrected, withdrawn, confirmed and published."""
    asked = {"guild": guild_id, "chapters": chapter_ids}
    found = list(_of_checkins((await c.execute(_CHECKINS, asked)).all()))
    found += [Later(Source.CHECKINS, row.day, row.answered_at) for row in await c.execute(_PARTNERS, asked)]
    found += [Later(Source.REPORTS, row.first_published_on, row.published_at) for row in await c.execute(_REPORTS, asked)]
    return found


def _of_checkins(rows: Sequence[Any]) -> Iterator[Later]:
    """One for each check-in, whichever day it was moved from and to, and whichever chapters it ever named."""
    versions: dict[int, list[Any]] = {}
    for row in rows:
        versions.setdefault(row.id, []).append(row)
    for told in versions.values():
        days = [date.fromisoformat(row.fields["day"]) for row in told]
        partners = {chapter_id for row in told for chapter_id in row.fields["partners"]}
        yield Later(Source.CHECKINS, min(days), told[-1].saved_at, 1 + len(partners))


async def of_organisation(c: AsyncConnection, guild_id: int) -> list[Later]:
    """What coordinators have recorded, which gatherings were confirmed, and what was set anew."""
    asked = {"guild": guild_id}
    found = [Later(Source.FACTS, row.confirmed_on, row.recorded_at) for row in await c.execute(_FACTS, asked)]
    found += [Later(Source.FIGURES, row.day, row.recorded_at) for row in await c.execute(_FIGURES, asked)]
    found += [Later(Source.GATHERINGS, row.day, row.recorded_at) for row in await c.execute(_GATHERINGS, asked)]
    found += [Later(Source.GATHERINGS, row.day, row.answered_at) for row in await c.execute(_CONFIRMED, asked)]
    for row in await c.execute(_CHANGES, asked):
        if row.kind.startswith("visibility."):
            found.append(Later(Source.VISIBILITY, date.min, row.at))
        elif "timezone" in row.fields:
            found.append(Later(Source.TIMEZONE, date.min, row.at))
    return found
