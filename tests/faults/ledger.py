"""What people were told is stored, held against the database; and what everybody can see, held against what is owed to them."""

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.calendar import Month
from bot.locales import plain
from bot.services import deep
from db.store import Store


@dataclass
class Count:
    """Of one kind of thing: how many were owed or acknowledged, and what was lost or doubled of them."""

    owed: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    def meet(self, what: str, there: int, least: int, most: int | None = None) -> None:
        """So many are there of what there should be (from `least` to `most` where an act was cut short)."""
        most = least if most is None else most
        self.owed += max(least, min(there, most))
        if there < least:
            self.lost.append(f"{what}: {there} instead of {least}")
        if there > most:
            self.doubled.append(f"{what}: {there} instead of {most}")


@dataclass
class Ledger:
    """Every entry that somebody made. Not answered means that it may be stored or not, but never twice."""

    notes: dict[str, bool] = field(default_factory=dict)
    """Check-ins by their note: whether their author was told that it is stored."""
    members: dict[tuple[int, Month], list[tuple[int, bool]]] = field(default_factory=dict)
    """What was written as a chapter's members in a month, in order, and whether its author was told that it is saved."""
    published: dict[tuple[int, Month], bool] = field(default_factory=dict)
    """Reports that somebody published, and whether they were thanked."""

    def compare(self, file: Path) -> dict[str, Count]:
        """What of it the database lacks or has twice."""
        found = {"check-ins": Count(), "report parts": Count(), "publications": Count()}
        with closing(sqlite3.connect(file)) as database:
            noted = Counter(note for (note,) in database.execute("SELECT note FROM checkin"))
            parts = {
                (chapter, Month.at(period)): json.loads(answers).get("members")
                for chapter, period, answers in database.execute(
                    "SELECT chapter_id, period, answers FROM report JOIN report_part ON report_id = report.id WHERE part = 'people'"
                )
            }
            out = set(database.execute("SELECT chapter_id, period FROM report WHERE first_published_at IS NOT NULL"))
        for note, told in self.notes.items():
            found["check-ins"].meet(note, noted[note], int(told), 1)
        for at, written in self.members.items():
            told_last = max((n for n, (_, told) in enumerate(written) if told), default=None)
            fine = {value for value, _ in written[told_last or 0 :]} | ({None} if told_last is None else set())
            found["report parts"].meet(f"{at}: {parts.get(at)} of {written}", int(parts.get(at) in fine), 1)
        for (chapter, period), told in self.published.items():
            found["publications"].meet(f"{chapter} {period}", int((chapter, period.index) in out), int(told), 1)
        return found


async def faults_of(database: Path, now: datetime, ledger: Ledger) -> list[str]:
    """What is wrong with the database as a dead process left it: its pages, what is kept beside its entries, and what is missing.

    It is looked at in a copy: whoever closes the file last tidies up what the next start should find.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder) / database.name
        for ending in ("", "-wal"):
            if database.with_name(database.name + ending).exists():
                shutil.copy(database.with_name(database.name + ending), copy.with_name(copy.name + ending))
        with closing(sqlite3.connect(copy)) as opened:
            faults = [line for (line,) in opened.execute("PRAGMA integrity_check") if line != "ok"]
            migrated = opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        if faults or not migrated:
            return faults
        for kind, count in ledger.compare(copy).items():
            faults += [f"{kind} lost: {each}" for each in count.lost] + [f"{kind} doubled: {each}" for each in count.doubled]
        store = await Store.open(f"sqlite+aiosqlite:///{copy}", writer=False)
        try:
            faults += [plain(fault, "en") for fault in (await deep.compare(store, now)).faults]
        finally:
            await store.close()
    return faults
