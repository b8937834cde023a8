"""Reports: what is saved part by part, what was published, version by version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Integer, Row, bindparam, delete, func, insert, or_, select, update
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
    may_share: bool = False


_COLUMNS = tuple(column for column in report.c if column.name not in ("members", "met"))

# Put together once: every report card asks most of these.
_OF_CHAPTER = (report.c.guild_id == bindparam("guild"), report.c.chapter_id == bindparam("chapter"))
_PUBLISHED = report.c.first_published_at.isnot(None)
_FOUND = select(*_COLUMNS).where(*_OF_CHAPTER, report.c.period == bindparam("of_period"))
_PERIODS = select(report.c.period).where(*_OF_CHAPTER).order_by(report.c.period.desc())
_NEWEST_PUBLISHED = select(*_COLUMNS).where(*_OF_CHAPTER, _PUBLISHED).order_by(report.c.period.desc()).limit(1)
_PUBLISHED_PERIODS = _PERIODS.where(_PUBLISHED).limit(bindparam("most", type_=Integer))
_NEWEST_OWED = _PERIODS.where(report.c.owed).limit(1)
_NEWEST_ANSWERED = _PERIODS.where(or_(_PUBLISHED, report.c.skipped_at.isnot(None))).limit(1)
_POSTS = select(func.count()).where(*_OF_CHAPTER, report.c.post_message_id.isnot(None))
_OPEN = insert_or(report).on_conflict_do_nothing()
_OWED = insert_or(report).on_conflict_do_update(index_elements=[report.c.chapter_id, report.c.period], set_={"owed": True})
_CHANGE = update(report).where(report.c.guild_id == bindparam("guild"), report.c.id == bindparam("of"))
_ADD = insert(report)
_IDS = select(report.c.chapter_id, report.c.period, report.c.id).where(report.c.guild_id == bindparam("guild"))

_PARTS = select(report_part.c.part, report_part.c.answers, report_part.c.version, report_part.c.saved_at, report_part.c.saved_by).where(
    report_part.c.guild_id == bindparam("guild"), report_part.c.report_id == bindparam("of")
)
_SAVED_COLUMNS = (report_part.c.part, report_part.c.answers, report_part.c.saved_at, report_part.c.saved_by)
_WITH_PARTS = (
    select(*_COLUMNS, *_SAVED_COLUMNS, report_part.c.version.label("part_version"))
    .outerjoin(report_part, report_part.c.report_id == report.c.id)
    .where(*_OF_CHAPTER, report.c.period == bindparam("of_period"))
)
_WORDS = _PARTS.where(report_part.c.part == Part.WORDS.value)
_CHANGE_WORDS = update(report_part).where(
    report_part.c.guild_id == bindparam("guild"), report_part.c.report_id == bindparam("of"), report_part.c.part == Part.WORDS.value
)
_ADD_PART = insert(report_part)
_SAVED = insert_or(report_part)
_SAVE_PART = _SAVED.on_conflict_do_update(
    index_elements=[report_part.c.report_id, report_part.c.part],
    set_={name: _SAVED.excluded[name] for name in ("answers", "version", "saved_at", "saved_by")},
    where=report_part.c.version == _SAVED.excluded.version - 1,
)

_VERSIONS = select(report_version.c.version, report_version.c.answers).where(
    report_version.c.guild_id == bindparam("guild"), report_version.c.report_id == bindparam("of")
)
_VERSION = _VERSIONS.with_only_columns(report_version.c.answers).where(report_version.c.version == bindparam("number"))
_PUBLISHER = _VERSION.with_only_columns(report_version.c.published_by)
_CHANGE_VERSION = update(report_version).where(
    report_version.c.guild_id == bindparam("guild"),
    report_version.c.report_id == bindparam("of"),
    report_version.c.version == bindparam("number"),
)
_ADD_VERSION = insert(report_version)

_ADD_EVIDENCE = insert(evidence)
_REMOVE_EVIDENCE = delete(evidence).where(evidence.c.guild_id == bindparam("guild"), evidence.c.report_id == bindparam("of"))


def _stored(row: Row[Any]) -> Stored:
    return Stored(**row._mapping)


async def find(c: AsyncConnection, guild_id: int, chapter_id: int, period: Month) -> Stored | None:
    """The report of a chapter's period, if it was ever owed or opened."""
    row = (await c.execute(_FOUND, {"guild": guild_id, "chapter": chapter_id, "of_period": period})).one_or_none()
    return None if row is None else _stored(row)


async def posts(c: AsyncConnection, guild_id: int, chapter_id: int) -> int:
    """How many of a chapter's reports have a post."""
    found: int | None = await c.scalar(_POSTS, {"guild": guild_id, "chapter": chapter_id})
    return found or 0


async def open_(c: AsyncConnection, guild_id: int, chapter_id: int, period: Month) -> Stored:
    """The report of a chapter's period, made if it was not there."""
    found = await find(c, guild_id, chapter_id, period)
    if found is None:
        await c.execute(_OPEN, {"guild_id": guild_id, "chapter_id": chapter_id, "period": period})
        found = await find(c, guild_id, chapter_id, period)
    assert found is not None
    return found


async def become_owed(c: AsyncConnection, guild_id: int, chapter_id: int, periods: Iterable[Month]) -> None:
    """Notes that these periods' reports are owed from now on."""
    for period in periods:
        await c.execute(_OWED, {"guild_id": guild_id, "chapter_id": chapter_id, "period": period, "owed": True})


async def change(c: AsyncConnection, guild_id: int, report_id: int, **values: Any) -> None:
    """Stores the given columns of one report."""
    await c.execute(_CHANGE, {"guild": guild_id, "of": report_id, **values})


async def parts(c: AsyncConnection, guild_id: int, report_id: int) -> dict[Part, Saved]:
    """What is saved of each part."""
    rows = await c.execute(_PARTS, {"guild": guild_id, "of": report_id})
    return {Part(row.part): Saved(from_plain(Part(row.part), row.answers), row.version, row.saved_at, row.saved_by) for row in rows}


async def with_parts(c: AsyncConnection, guild_id: int, chapter_id: int, period: Month) -> tuple[Stored | None, dict[Part, Saved]]:
    """The report of a chapter's period, if there is one, and what is saved of each part."""
    rows = (await c.execute(_WITH_PARTS, {"guild": guild_id, "chapter": chapter_id, "of_period": period})).all()
    if not rows:
        return None, {}
    saved = {}
    for row in rows:
        if row.part is not None:
            part = Part(row.part)
            saved[part] = Saved(from_plain(part, row.answers), row.part_version, row.saved_at, row.saved_by)
    return Stored(**{column.name: rows[0]._mapping[column.name] for column in _COLUMNS}), saved


async def save_part(
    c: AsyncConnection, guild_id: int, report_id: int, part: Part, answers: Answers, seen: int, now: datetime, by: int | None
) -> bool:
    """Saves a part over the version that its author saw; False, and nothing changed, if somebody saved another one since."""
    values = {"answers": to_plain(answers), "version": seen + 1, "saved_at": now, "saved_by": by}
    saved = await c.execute(_SAVE_PART, {"guild_id": guild_id, "report_id": report_id, "part": part.value, **values})
    return saved.rowcount == 1


async def add_version(
    c: AsyncConnection, stored: Stored, published: Report, now: datetime, by: int | None, *, on: date, quiet: bool
) -> None:
    """Stores what is published as the report's next version; the first publication's date stays."""
    version = stored.version + 1
    values = {"guild_id": stored.guild_id, "report_id": stored.id, "version": version, "answers": public_answers(published)}
    await c.execute(_ADD_VERSION, {**values, "published_at": now, "published_by": by})
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
    answers = await c.scalar(_VERSION, {"guild": guild_id, "of": report_id, "number": version})
    return None if answers is None else _report(answers)


async def publisher(c: AsyncConnection, stored: Stored) -> int | None:
    """Who published a report first; a correction does not make it somebody else's."""
    if stored.version < 2:
        return stored.published_by
    by: int | None = await c.scalar(_PUBLISHER, {"guild": stored.guild_id, "of": stored.id, "number": 1})
    return by


def _report(answers: dict[str, Any]) -> Report:
    whole: dict[str, Any] = {part.value: from_plain(part, answers.get(part.value, {})) for part in Part}
    return Report(**whole)


async def texts_of_versions(c: AsyncConnection, stored: Stored) -> set[str]:
    """The names of the texts that any published version of a report holds."""
    versions = await c.execute(_VERSIONS, {"guild": stored.guild_id, "of": stored.id})
    return {name for row in versions for name in row.answers.get(Part.WORDS.value, {})}


async def redact(c: AsyncConnection, stored: Stored, name: str) -> bool:
    """Takes a text out of every version of a report and of what is saved; False if it was in none of them."""
    found = False
    own = {"guild": stored.guild_id, "of": stored.id}
    for row in (await c.execute(_VERSIONS, own)).all():
        words = dict(row.answers.get(Part.WORDS.value, {}))
        if words.pop(name, None) is not None:
            answers = row.answers | {Part.WORDS.value: words}
            await c.execute(_CHANGE_VERSION, {**own, "number": row.version, "answers": answers})
            found = True
    part = (await c.execute(_WORDS, own)).one_or_none()
    if part is not None and name in part.answers:
        rest = {key: value for key, value in part.answers.items() if key != name}
        # A form that was opened before meets a newer version, and so cannot bring the text back unseen.
        await c.execute(_CHANGE_WORDS, {**own, "answers": rest, "version": part.version + 1})
        found = True
    return found


async def newest_published(c: AsyncConnection, guild_id: int, chapter_id: int) -> Stored | None:
    """The published report of the newest period."""
    row = (await c.execute(_NEWEST_PUBLISHED, {"guild": guild_id, "chapter": chapter_id})).one_or_none()
    return None if row is None else _stored(row)


async def published_periods(c: AsyncConnection, guild_id: int, chapter_id: int, limit: int) -> list[Month]:
    """The periods with a published report, newest first."""
    return list(await c.scalars(_PUBLISHED_PERIODS, {"guild": guild_id, "chapter": chapter_id, "most": limit}))


async def newest_owed(c: AsyncConnection, guild_id: int, chapter_id: int) -> Month | None:
    """The newest period whose report is or was owed."""
    found: Month | None = await c.scalar(_NEWEST_OWED, {"guild": guild_id, "chapter": chapter_id})
    return found


async def newest_answered(c: AsyncConnection, guild_id: int, chapter_id: int) -> Month | None:
    """The newest period that was published or skipped."""
    found: Month | None = await c.scalar(_NEWEST_ANSWERED, {"guild": guild_id, "chapter": chapter_id})
    return found


async def add_many(
    c: AsyncConnection, guild_id: int, owed: Mapping[int, Iterable[Month]], answers: Sequence[Past]
) -> dict[tuple[int, Month], int]:
    """Stores the reports that were owed by these chapters and how they were answered, all in time; ids by chapter and period."""
    told = {(each.chapter_id, each.period): each for each in answers}
    wanted = {(chapter_id, period): True for chapter_id, periods in owed.items() for period in periods}
    await c.execute(_ADD, [_past(guild_id, key, told.get(key)) for key in wanted | dict.fromkeys(told, True)])
    found = await c.execute(_IDS, {"guild": guild_id})
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
    await c.execute(_ADD_PART, parts)
    versions = [
        {
            "report_id": report_id,
            "version": 1,
            "guild_id": guild_id,
            "answers": public_answers(content),
            "published_at": each.at,
            "published_by": each.by,
        }
        for report_id, each, content in published
    ]
    await c.execute(_ADD_VERSION, versions)
    counts = [
        evidence_of(guild_id, each.chapter_id, report_id, each.period, each.on, each.claimed, in_time=True)
        for report_id, each, _ in published
    ]
    await c.execute(_ADD_EVIDENCE, [row for rows in counts for row in rows])
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
        "may_share": told is not None and told.may_share,
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


def public_answers(content: Report) -> dict[str, Any]:
    """What a report says in public, part by part, as plain data."""
    return {part.value: to_plain(content.public().part(part)) for part in Part}


async def set_evidence(c: AsyncConnection, stored: Stored, on: date, claimed: Mapping[Criterion, int], *, in_time: bool) -> None:
    """What a first publication counts for, fixed then: itself unless its period was missed, and what it claims beyond the record."""
    await c.execute(_REMOVE_EVIDENCE, {"guild": stored.guild_id, "of": stored.id})
    rows = evidence_of(stored.guild_id, stored.chapter_id, stored.id, stored.period, on, claimed, in_time=in_time)
    if rows:
        await c.execute(_ADD_EVIDENCE, rows)


def evidence_of(
    guild_id: int, chapter_id: int, report_id: int, period: Month, on: date, claimed: Mapping[Criterion, int], *, in_time: bool
) -> list[dict[str, Any]]:
    """The rows that a report counts for: itself on the day of its first publication, and what it claims on its period's last."""
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
