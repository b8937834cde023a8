"""Putting an archive into an empty server: all of it or nothing, and nothing that its manifest does not vouch for."""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile
from zoneinfo import ZoneInfo

from bot.domain.checkins import Format, Kind
from bot.domain.goals import METRICS
from bot.domain.refusal import Refusal
from bot.domain.reports import Part, from_plain
from bot.domain.text import Text, counted, text
from bot.services.exports.archive import KIND, MANIFEST, PAGE, VERSION, Progress, member, unseen
from db import organisations, stale, summaries, whole
from db.store import Connection, Store
from db.whole import Move, Plain, Span

LARGEST_MANIFEST = LONGEST_LINE = 1 << 20
SUSPECT, MOST_FOLD = 10 << 20, 200
"""From so many bytes on, what unpacks to so many times its size is no list of rows."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a server has now, and whether it is the one that the archive was made of, and all of it."""

    chapters: int
    checkins: int
    reports: int
    made_at: datetime
    same_server: bool
    complete: bool

    def lines(self) -> list[Text]:
        """What was done, and what is different from before, in sentences."""
        held = text(
            "{chapters}, {checkins}, {reports}",
            chapters=counted("{n} chapter", "{n} chapters", self.chapters),
            checkins=counted("{n} check-in", "{n} check-ins", self.checkins),
            reports=counted("{n} report", "{n} reports", self.reports),
        )
        lines = [text("The archive of {day} is restored: {held}.", day=self.made_at.date(), held=held)]
        if not self.complete:
            lines.append(
                text("It was made for coordinators: hidden chapters, private notes, small counts and who collects dues are not in it.")
            )
        if not self.same_server:
            lines.append(
                text("It comes from another server: its channels, roles and posts were left out. Next: /setup names those of this one.")
            )
        return lines


@dataclass(frozen=True, slots=True)
class _Manifest:
    made_at: datetime
    guild_id: int
    complete: bool
    tables: Mapping[str, Mapping[str, Any]]

    @property
    def rows(self) -> int:
        return sum(each["rows"] for each in self.tables.values())


async def restore(store: Store, guild_id: int, file: Path, now: datetime, progress: Progress = unseen) -> Restored:
    """Puts an archive into a server that has nothing but its set-up; raises Refusal, with nothing stored, if it cannot all be put there."""
    with _readable(), ZipFile(file) as archive:
        manifest = _manifest(archive)
        _check_members(archive, manifest)
        same = manifest.guild_id == guild_id
        async with store.write() as c:
            if await whole.is_taken(c, guild_id):
                raise Refusal(
                    text(
                        "This server has chapters or branches already, so nothing was restored. An archive goes into an empty server; "
                        "{command} empties this one.",
                        command=f"python -m bot forget --guild {guild_id}",
                    )
                )
            places = await whole.empty(c, guild_id)
            move = Move(guild_id, same, await _spans(c, manifest))
            await _put_all(c, archive, manifest, move, progress)
            kept = whole.SWITCHES if same else places.keys()
            await organisations.change(c, guild_id, {name: value for name, value in places.items() if name in kept})
            if "summary" not in manifest.tables:
                await summaries.refresh(c, guild_id, await whole.chapter_ids(c, guild_id), now)
                # Hidden chapters stayed behind, and with them their part in what was kept.
                await stale.altogether(c, guild_id, now)
    rows = {name: each["rows"] for name, each in manifest.tables.items()}
    chapters, checkins, reports = (rows.get(name, 0) for name in ("chapter", "checkin", "report"))
    return Restored(chapters, checkins, reports, manifest.made_at, same, manifest.complete)


@contextmanager
def _readable() -> Iterator[None]:
    """Whatever a damaged or forged archive makes its readers raise, it is none that can be restored."""
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged() from error
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        # What was wrong may hold what somebody wrote.
        raise _damaged() from None


def _damaged() -> Refusal:
    return Refusal(text("This archive is damaged or was changed, so nothing was restored. Take another copy of it."))


def _manifest(archive: ZipFile) -> _Manifest:
    try:
        with archive.open(MANIFEST) as opened:
            written = opened.read(LARGEST_MANIFEST + 1)
    except KeyError:
        raise _foreign() from None
    if len(written) > LARGEST_MANIFEST:
        raise _damaged()
    told = json.loads(written)
    if not isinstance(told, dict) or told.get("kind") != KIND:
        raise _foreign()
    if told["version"] > VERSION:
        raise _newer()
    tables = told["tables"]
    if any(name not in whole.TABLES or not set(each["columns"]) <= set(whole.columns(name)) for name, each in tables.items()):
        raise _newer()
    if "organisation" not in tables or tables["organisation"]["rows"] != 1:
        raise _damaged()
    if any(type(each["rows"]) is not int or each["rows"] < 0 for each in tables.values()):
        raise _damaged()
    return _Manifest(datetime.fromisoformat(told["made_at"]), int(told["guild_id"]), told["complete"] is True, tables)


def _foreign() -> Refusal:
    return Refusal(text("This file is no archive of Chapterhouse. Name one that {command} made.", command="python -m bot export archive"))


def _newer() -> Refusal:
    return Refusal(text("This archive was made by a newer Chapterhouse, so nothing was restored. Update this one, then try again."))


def _check_members(archive: ZipFile, manifest: _Manifest) -> None:
    members = archive.infolist()
    if sorted(each.filename for each in members) != sorted([MANIFEST, *(member(name) for name in manifest.tables)]):
        raise _damaged()
    if any(each.file_size > SUSPECT and each.file_size > each.compress_size * MOST_FOLD for each in members):
        raise Refusal(
            text("This archive unpacks to far more than an organisation can have, so nothing was restored. Take another copy of it.")
        )


async def _spans(c: Connection, manifest: _Manifest) -> dict[str, Span]:
    found = {}
    for name, each in manifest.tables.items():
        if each["rows"] and whole.numbered(name):
            low, high = each["ids"]
            found[name] = Span.beyond(low, high, await whole.highest(c, name))
    return found


async def _put_all(c: Connection, archive: ZipFile, manifest: _Manifest, move: Move, progress: Progress) -> None:
    done, total = 0, manifest.rows
    for name in (each for each in whole.TABLES if each in manifest.tables):
        told, before = manifest.tables[name], done
        digest = hashlib.sha256()
        for rows in _batches(archive, name, digest.update):
            await whole.put(c, name, rows, told["columns"], move)
            done += len(rows)
            if done - before > told["rows"]:
                raise _damaged()
            progress(done, total)
        if done - before != told["rows"] or digest.hexdigest() != told["sha256"]:
            raise _damaged()


def _batches(archive: ZipFile, name: str, seen: Callable[[bytes], None]) -> Iterator[list[Plain]]:
    check, rows = _MEANT.get(name), []
    with archive.open(member(name)) as opened:
        while line := opened.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise _damaged()
            seen(line)
            row = json.loads(line)
            if check is not None:
                check(row)
            rows.append(row)
            if len(rows) == PAGE:
                yield rows
                rows = []
    if rows:
        yield rows


# Words that the program itself chose: with others it could not read what it has stored.


def _check_checkin(row: Plain) -> None:
    Kind(row["kind"])
    if row.get("format") is not None:
        Format(row["format"])


def _check_goal(row: Plain) -> None:
    if row["metric"] not in METRICS:
        raise ValueError("an unknown metric")


def _check_zone(row: Plain) -> None:
    ZoneInfo(row["timezone"])


def _check_part(row: Plain) -> None:
    from_plain(Part(row["part"]), row["answers"])


def _check_version(row: Plain) -> None:
    for part, answers in row["answers"].items():
        from_plain(Part(part), answers)


_MEANT: Mapping[str, Callable[[Plain], None]] = {
    "organisation": _check_zone,
    "chapter": _check_zone,
    "checkin": _check_checkin,
    "goal": _check_goal,
    "report_part": _check_part,
    "report_version": _check_version,
}
