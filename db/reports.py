"""Reports: what is saved part by part, what was published, version by version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.calendar import Month
from bot.domain.functioning import Criterion
from bot.domain.reports import Answers, Part, Report, answered, from_plain, to_plain
from db.statements import insert_or
from db.tables import evidence, report, report_part, report_version


@dataclass(frozen=True, slots=True)
class Stored:
    """A report's row: where it stands, and where its post is."""

    id: int
    guild_id: int
    chapter_id: int
    period: Month
    owed: bool
    may_share: bool
    later_until: date | None
    version: int
    quiet: bool
    first_published_at: datetime | None
    first_published_on: date | None
    published_at: datetime | None
    published_by: int | None
    skipped_at: datetime | None
    skipped_by: int | None
    skip_reason: str | None
    post_channel_id: int | None
    post_message_id: int | None


@dataclass(frozen=True, slots=True)
class Saved:
    """One part as it was saved last."""

    answers: Answers
    version: int
    at: datetime
    by: int | None


@dataclass(frozen=True, slots=True)
class Past:
    """A report as it was published (or, with a reason, skipped) at an earlier moment; what it claims is beyond the check-ins."""

    chapter_id: int
    period: Month
    at: datetime
    on: date
    by: int | None
    report: Report | None
    claimed: Mapping[Criterion, int]
    quiet: bool = False
    skip_reason: str | None = None


_COLUMNS = tuple(column for column in report.c if column.name not in ("members", "met"))


def _stored(row: Row[Any]) -> Stored:
    return Stored(**row._mapping)


async def find(c: AsyncConnection, guild_id: int, chapter_id: int, period: Month) -> Stored | None:
    """The report of a chapter's period, if it was ever owed or opened."""
    rows = select(*_COLUMNS).where(report.c.guild_id == guild_id, report.c.chapter_id == chapter_id, report.c.period == period)
    row = (await c.execute(rows)).one_or_none()
    return None if row is None else _stored(row)


async def open_(c: AsyncConnection, guild_id: int, chapter_id: int, period: Month) -> Stored:
    """The report of a chapter's period, made if it was not there."""
    await c.execute(insert_or(report).values(guild_id=guild_id, chapter_id=chapter_id, period=period).on_conflict_do_nothing())
    found = await find(c, guild_id, chapter_id, period)
    assert found is not None
    return found


async def become_owed(c: AsyncConnection, guild_id: int, chapter_id: int, periods: Iterable[Month]) -> None:
    """Notes that these periods' reports are owed from now on."""
    for period in periods:
        await c.execute(
            insert_or(report)
            .values(guild_id=guild_id, chapter_id=chapter_id, period=period, owed=True)
            .on_conflict_do_update(index_elements=[report.c.chapter_id, report.c.period], set_={"owed": True})
        )


async def change(c: AsyncConnection, guild_id: int, report_id: int, **values: Any) -> None:
    """Stores the given columns of one report."""
    await c.execute(update(report).where(report.c.guild_id == guild_id, report.c.id == report_id).values(**values))


async def parts(c: AsyncConnection, guild_id: int, report_id: int) -> dict[Part, Saved]:
    """What is saved of each part."""
    rows = await c.execute(select(report_part).where(report_part.c.guild_id == guild_id, report_part.c.report_id == report_id))
    return {Part(row.part): Saved(from_plain(Part(row.part), row.answers), row.version, row.saved_at, row.saved_by) for row in rows}


async def save_part(
    c: AsyncConnection, guild_id: int, report_id: int, part: Part, answers: Answers, seen: int, now: datetime, by: int | None
) -> bool:
    """Saves a part over the version that its author saw; False, and nothing changed, if somebody saved another one since."""
    values = {"answers": to_plain(answers), "version": seen + 1, "saved_at": now, "saved_by": by}
    saved = await c.execute(
        insert_or(report_part)
        .values(guild_id=guild_id, report_id=report_id, part=part.value, **values)
        .on_conflict_do_update(
            index_elements=[report_part.c.report_id, report_part.c.part], set_=values, where=report_part.c.version == seen
        )
    )
    return saved.rowcount == 1


async def add_version(
    c: AsyncConnection, stored: Stored, published: Report, now: datetime, by: int | None, *, on: date, quiet: bool
) -> None:
    """Stores what is published as the report's next version; the first publication's date stays."""
    version = stored.version + 1
    values = {"guild_id": stored.guild_id, "report_id": stored.id, "version": version, "answers": _public(published)}
    await c.execute(insert(report_version).values(**values, published_at=now, published_by=by))
    await change(
        c,
        stored.guild_id,
        stored.id,
        version=version,
        quiet=quiet,
        members=published.people.members,
        met=published.people.met,
        first_published_at=stored.first_published_at or now,
        first_published_on=stored.first_published_on or on,
        published_at=now,
        published_by=by,
        skipped_at=None,
        skipped_by=None,
        skip_reason=None,
    )


async def published(c: AsyncConnection, guild_id: int, report_id: int, version: int) -> Report | None:
    """What this version of a report says in public."""
    answers = await c.scalar(
        select(report_version.c.answers).where(
            report_version.c.guild_id == guild_id, report_version.c.report_id == report_id, report_version.c.version == version
        )
    )
    return None if answers is None else _report(answers)


def _report(answers: dict[str, Any]) -> Report:
    whole = {part.value: from_plain(part, answers.get(part.value, {})) for part in Part}
    return Report(**whole)  # type: ignore[arg-type]


async def texts_of_versions(c: AsyncConnection, stored: Stored) -> set[str]:
    """The names of the texts that any published version of a report holds."""
    versions = select(report_version.c.answers).where(report_version.c.guild_id == stored.guild_id, report_version.c.report_id == stored.id)
    return {name for answers in await c.scalars(versions) for name in answers.get(Part.WORDS.value, {})}


async def redact(c: AsyncConnection, stored: Stored, name: str) -> bool:
    """Takes a text out of every version of a report and of what is saved; False if it was in none of them."""
    found = False
    own = (report_version.c.guild_id == stored.guild_id, report_version.c.report_id == stored.id)
    for row in (await c.execute(select(report_version.c.version, report_version.c.answers).where(*own))).all():
        words = dict(row.answers.get(Part.WORDS.value, {}))
        if words.pop(name, None) is not None:
            answers = row.answers | {Part.WORDS.value: words}
            await c.execute(update(report_version).where(*own, report_version.c.version == row.version).values(answers=answers))
            found = True
    saved = (report_part.c.guild_id == stored.guild_id, report_part.c.report_id == stored.id, report_part.c.part == Part.WORDS.value)
    part = (await c.execute(select(report_part.c.version, report_part.c.answers).where(*saved))).one_or_none()
    if part is not None and name in part.answers:
        rest = {key: value for key, value in part.answers.items() if key != name}
        # A form that was opened before meets a newer version, and so cannot bring the text back unseen.
        await c.execute(update(report_part).where(*saved).values(answers=rest, version=part.version + 1))
        found = True
    return found


async def newest_published(c: AsyncConnection, guild_id: int, chapter_id: int) -> Stored | None:
    """The published report of the newest period."""
    rows = (
        select(*_COLUMNS)
        .where(report.c.guild_id == guild_id, report.c.chapter_id == chapter_id, report.c.first_published_at.isnot(None))
        .order_by(report.c.period.desc())
        .limit(1)
    )
    row = (await c.execute(rows)).one_or_none()
    return None if row is None else _stored(row)


async def published_periods(c: AsyncConnection, guild_id: int, chapter_id: int, limit: int) -> list[Month]:
    """The periods with a published report, newest first."""
    rows = await c.scalars(
        select(report.c.period)
        .where(report.c.guild_id == guild_id, report.c.chapter_id == chapter_id, report.c.first_published_at.isnot(None))
        .order_by(report.c.period.desc())
        .limit(limit)
    )
    return list(rows)


async def newest_owed(c: AsyncConnection, guild_id: int, chapter_id: int) -> Month | None:
    """The newest period whose report is or was owed."""
    found: Month | None = await c.scalar(
        select(report.c.period)
        .where(report.c.guild_id == guild_id, report.c.chapter_id == chapter_id, report.c.owed)
        .order_by(report.c.period.desc())
        .limit(1)
    )
    return found


async def newest_answered(c: AsyncConnection, guild_id: int, chapter_id: int) -> Month | None:
    """The newest period that was published or skipped."""
    found: Month | None = await c.scalar(
        select(report.c.period)
        .where(
            report.c.guild_id == guild_id,
            report.c.chapter_id == chapter_id,
            or_(report.c.first_published_at.isnot(None), report.c.skipped_at.isnot(None)),
        )
        .order_by(report.c.period.desc())
        .limit(1)
    )
    return found


async def add_many(
    c: AsyncConnection, guild_id: int, owed: Mapping[int, Iterable[Month]], answers: Sequence[Past]
) -> dict[tuple[int, Month], int]:
    """Stores the reports that were owed by these chapters and how they were answered, all in time; ids by chapter and period."""
    told = {(each.chapter_id, each.period): each for each in answers}
    wanted = {(chapter_id, period): True for chapter_id, periods in owed.items() for period in periods}
    await c.execute(insert(report), [_past(guild_id, key, told.get(key)) for key in wanted | dict.fromkeys(told, True)])
    found = await c.execute(select(report.c.chapter_id, report.c.period, report.c.id).where(report.c.guild_id == guild_id))
    ids: dict[tuple[int, Month], int] = {(row.chapter_id, row.period): row.id for row in found}
    published = [(ids[each.chapter_id, each.period], each, each.report) for each in answers if each.report is not None]
    saved = [(report_id, each, part, content.part(part)) for report_id, each, content in published for part in Part]
    parts = [
        {
            "report_id": report_id,
            "part": part.value,
            "guild_id": guild_id,
            "answers": to_plain(answers),
            "version": 1,
            "saved_at": each.at,
            "saved_by": each.by,
        }
        for report_id, each, part, answers in saved
        if answered(answers)
    ]
    await c.execute(insert(report_part), parts)
    versions = [
        {
            "report_id": report_id,
            "version": 1,
            "guild_id": guild_id,
            "answers": _public(content),
            "published_at": each.at,
            "published_by": each.by,
        }
        for report_id, each, content in published
    ]
    await c.execute(insert(report_version), versions)
    counts = [
        _evidence(guild_id, each.chapter_id, report_id, each.period, each.on, each.claimed, in_time=True)
        for report_id, each, _ in published
    ]
    await c.execute(insert(evidence), [row for rows in counts for row in rows])
    return ids


def _past(guild_id: int, key: tuple[int, Month], told: Past | None) -> dict[str, Any]:
    content = None if told is None else told.report
    at, by = (None, None) if told is None else (told.at, told.by)
    skipped = told is not None and content is None
    return {
        "guild_id": guild_id,
        "chapter_id": key[0],
        "period": key[1],
        "owed": True,
        "version": 0 if content is None else 1,
        "quiet": told is not None and told.quiet,
        "members": None if content is None else content.people.members,
        "met": None if content is None else content.people.met,
        "first_published_at": None if content is None else at,
        "first_published_on": None if content is None or told is None else told.on,
        "published_at": None if content is None else at,
        "published_by": None if content is None else by,
        "skipped_at": at if skipped else None,
        "skipped_by": by if skipped else None,
        "skip_reason": None if told is None else told.skip_reason,
    }


def _public(content: Report) -> dict[str, Any]:
    return {part.value: to_plain(content.public().part(part)) for part in Part}


async def set_evidence(c: AsyncConnection, stored: Stored, on: date, claimed: Mapping[Criterion, int], *, in_time: bool) -> None:
    """What a first publication counts for, fixed then: itself unless its period was missed, and what it claims beyond the record."""
    await c.execute(delete(evidence).where(evidence.c.guild_id == stored.guild_id, evidence.c.report_id == stored.id))
    rows = _evidence(stored.guild_id, stored.chapter_id, stored.id, stored.period, on, claimed, in_time=in_time)
    if rows:
        await c.execute(insert(evidence), rows)


def _evidence(
    guild_id: int, chapter_id: int, report_id: int, period: Month, on: date, claimed: Mapping[Criterion, int], *, in_time: bool
) -> list[dict[str, Any]]:
    rows = [(Criterion.REPORTS, on, 1)] if in_time else []
    rows += [(criterion, period.last, amount) for criterion, amount in claimed.items()]
    return [
        {
            "guild_id": guild_id,
            "chapter_id": chapter_id,
            "criterion": criterion.value,
            "day": day,
            "known_on": on,
            "amount": amount,
            "report_id": report_id,
        }
        for criterion, day, amount in rows
    ]
