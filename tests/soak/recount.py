"""Every figure worked out anew from the raw entries: by the words of the rules, and by none of the program's own code."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

DAY = timedelta(days=1)
NOW = 2**63
"""A moment after every entry: a check-in counts on its day, whenever it was entered or corrected."""
WINDOWS = {"together": 45, "learns": 135, "reports": 135}


@dataclass(frozen=True)
class Figure:
    """A value (None: not known), and how many chapters told it."""

    value: int | None
    behind: int


@dataclass(frozen=True)
class Versioned:
    """One version of a check-in: what it said from a moment on."""

    at: int
    fields: dict[str, Any]


def ends(day: date) -> int:
    """The moment at which a day ends (UTC), in milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + 86_400_000


def last_of(period: int) -> date:
    """The last day of a stored month."""
    year, month = divmod(period + 1, 12)
    return date(year, month + 1, 1) - DAY


def month_of(day: date) -> int:
    """A day's month as it is stored."""
    return day.year * 12 + day.month - 1


class Entries:
    """What the chapters have told, read once from the file; each question is answered as at the end of a day (UTC)."""

    def __init__(self, file: Path) -> None:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            self._tables = {
                name: database.execute(f"SELECT * FROM {name}").fetchall()
                for name in (
                    *("chapter", "chapter_state", "checkin", "checkin_version", "checkin_partner", "report", "report_version"),
                    *("standing_fact", "composition", "goal", "goal_revision", "goal_figure", "goal_value"),
                )
            }
        self._known_on: tuple[date | None, dict[int, list[date]]] = (None, {})
        self.chapters: dict[int, str] = {row["id"]: row["name"] for row in self._tables["chapter"]}

    # What is kept, to be compared

    def kept(self) -> Iterator[tuple[date, str, str, Figure]]:
        """Day, metric, the goal's start, and the figure that the program kept for that day."""
        metrics = {row["id"]: row["metric"] for row in self._tables["goal"]}
        starts = {row["goal_id"]: row["starts"] for row in self._tables["goal_revision"]}
        for row in self._tables["goal_value"]:
            figure = Figure(row["value"], row["behind"] or 0)
            yield date.fromisoformat(row["day"]), metrics[row["goal_id"]], starts[row["goal_id"]], figure

    # What it should be

    def figure(self, metric: str, starts: date, day: date) -> Figure:
        """A goal's figure on a day."""
        match metric:
            case "members":
                return self._total("members", day, 365)
            case "active_members":
                return self._total("met", day, 92)
            case "functioning_chapters":
                judged = {chapter: self.functions(chapter, day) for chapter in self._living(day)}
                told = [chapter for chapter in judged if any(self._evidence_of(chapter, criterion, day) for criterion in WINDOWS)]
                return Figure(sum(judged.values()) if told else None, len(told))
            case "reporting_chapters":
                newest = [max(each, default=None) for each in self._published_days(day).values()]
                told = [on for on in newest if on is not None]
                return Figure(sum(day - on < 365 * DAY for on in told) if told else None, len(told))
            case "delegates":
                said = [value for value, _ in self._facts("delegate", day).values()]
                return Figure(said.count("yes") if said else None, len(said))
            case "dues_bodies":
                return self._collecting(day)
            case "gender_balance":
                return self._balance(day)
            case "branch_gatherings":
                return Figure(None, 0)
            case _:
                return self._counted(metric.removeprefix("checkins:"), starts, day)

    def functions(self, chapter: int, day: date) -> bool:
        """Whether a chapter is active and meets every criterion."""
        if self.rests(chapter, day):
            return False
        return all(any(day - on < window * DAY for on in self._evidence_of(chapter, each, day)) for each, window in WINDOWS.items())

    def rests(self, chapter: int, day: date) -> bool:
        """Whether a chapter rests on a day."""
        rows = [row for row in self._states[chapter] if row["since"] < ends(day)]
        newest = max(rows, key=lambda row: (row["since"], row["id"]))
        until = newest["until"]
        # In the far east a rest that is asked for late on a day (UTC) begins on the next one.
        return newest["state"] == "resting" and newest["from_day"] <= str(day) and (until is None or str(day) <= until)

    def _living(self, day: date) -> list[int]:
        return [row["id"] for row in self._tables["chapter"] if row["added_at"] < ends(day)]

    @cached_property
    def _states(self) -> dict[int, list[sqlite3.Row]]:
        return self._by_chapter("chapter_state")

    def _by_chapter(self, table: str) -> dict[int, list[sqlite3.Row]]:
        found = defaultdict(list)
        for row in self._tables[table]:
            found[row["chapter_id"]].append(row)
        return found

    # Check-ins

    @cached_property
    def _versions(self) -> dict[int, list[Versioned]]:
        found = defaultdict(list)
        for row in sorted(self._tables["checkin_version"], key=lambda row: row["version"]):
            found[row["checkin_id"]].append(Versioned(row["saved_at"], json.loads(row["fields"])))
        return found

    @cached_property
    def _shared(self) -> dict[int, list[tuple[int, int]]]:
        """Of each check-in the partners that have said yes, and when."""
        found = defaultdict(list)
        for row in self._tables["checkin_partner"]:
            if row["state"] == "confirmed":
                found[row["checkin_id"]].append((row["chapter_id"], row["answered_at"]))
        return found

    @cached_property
    def _entries_of(self) -> dict[int, list[tuple[int, int]]]:
        """Of each chapter the check-ins that are its own or that it confirmed, and since when."""
        found = defaultdict(list)
        for row in self._tables["checkin"]:
            found[row["chapter_id"]].append((row["id"], row["recorded_at"]))
            for chapter, at in self._shared[row["id"]]:
                found[chapter].append((row["id"], at))
        return found

    def _said(self, checkin: int, day: date, known: int) -> dict[str, Any] | None:
        """What a check-in said at a moment, if it was there, not withdrawn, and of this day or an earlier one."""
        said = [each.fields for each in self._versions[checkin] if each.at < known]
        if not said or said[-1]["withdrawn"] or said[-1]["day"] > str(day):
            return None
        return said[-1]

    def _of_chapter(self, chapter: int, day: date, known: int) -> Iterator[dict[str, Any]]:
        for checkin, since in self._entries_of[chapter]:
            said = self._said(checkin, day, known) if since < known else None
            if said is not None:
                yield said

    def _evidence_of(self, chapter: int, criterion: str, day: date) -> list[date]:
        if criterion == "reports":
            return [on for on in self._published_days(day)[chapter] if self._in_time[chapter, on]]
        entries = [each for each in self._of_chapter(chapter, day, NOW) if _counts(each, criterion)]
        days = [date.fromisoformat(each["day"]) for each in entries]
        claims = [last for last, on, at, more in self._claims[chapter, criterion] if more > 0 and on <= str(day) and at < ends(day)]
        return [*days, *(last for last in claims if last <= day)]

    @cached_property
    def _claims(self) -> dict[tuple[int, str], list[tuple[date, str, int, int]]]:
        """What reports claimed beyond the check-ins known then: the period's last day, the publication, and how many more."""
        found = defaultdict(list)
        for report, first in self._first_versions():
            activity = json.loads(first["answers"])["activity"]
            chapter, last, at = report["chapter_id"], last_of(report["period"]), first["published_at"]
            for criterion, name in (("together", "meetings"), ("learns", "education")):
                if activity.get(name) is not None and not report["quiet"]:
                    known = [each for each in self._of_chapter(chapter, last, at) if _counts(each, criterion)]
                    there = sum(month_of(date.fromisoformat(each["day"])) == report["period"] for each in known)
                    claim = (last, report["first_published_on"], at, activity[name] - there)
                    found[chapter, criterion].append(claim)
        return found

    def _counted(self, kind: str, starts: date, day: date) -> Figure:
        """Check-ins of a kind since the goal's start, a joint one once."""
        found, of = 0, set()
        for row in self._tables["checkin"]:
            said = self._said(row["id"], day, NOW)
            if said is not None and said["kind"] == kind and said["day"] >= str(starts):
                found += 1
                of.add(row["chapter_id"])
        return Figure(found or None, len(of))

    # Reports

    def _first_versions(self) -> Iterator[tuple[sqlite3.Row, sqlite3.Row]]:
        reports = {row["id"]: row for row in self._tables["report"]}
        for row in self._tables["report_version"]:
            if row["version"] == 1:
                yield reports[row["report_id"]], row

    def _published_days(self, day: date) -> dict[int, list[date]]:
        if self._known_on[0] != day:
            found = defaultdict(list)
            for chapter, on, at in self._publications:
                if on <= day and at < ends(day):
                    found[chapter].append(on)
            self._known_on = day, found
        return self._known_on[1]

    @cached_property
    def _publications(self) -> list[tuple[int, date, int]]:
        """Each first publication: whose, the day, and the moment."""
        return [
            (report["chapter_id"], date.fromisoformat(report["first_published_on"]), first["published_at"])
            for report, first in self._first_versions()
        ]

    @cached_property
    def _in_time(self) -> dict[tuple[int, date], bool]:
        """Whether what a chapter published on a day was not missed by then."""
        found: dict[tuple[int, date], bool] = defaultdict(bool)
        for report, _ in self._first_versions():
            on = date.fromisoformat(report["first_published_on"])
            found[report["chapter_id"], on] |= not self._missed(report, on)
        return found

    def _missed(self, report: sqlite3.Row, on: date) -> bool:
        """Whether a later month was owed before, of which the chapter rested on no day, or was published before."""
        chapter, period = report["chapter_id"], report["period"]
        for later in range(period + 1, month_of(on)):
            days = (last_of(later) - n * DAY for n in range(last_of(later).day))
            if not any(self.rests(chapter, day) for day in days):
                return True
        of_chapter = (each for each, _ in self._first_versions() if each["chapter_id"] == chapter and each["period"] > period)
        return any(each["first_published_at"] < report["first_published_at"] for each in of_chapter)

    def _total(self, name: str, day: date, window: int) -> Figure:
        """The sum of each chapter's newest answer, dated on its period's last day."""
        newest: dict[int, tuple[int, int, int]] = {}
        for report, version, at, people in self._totals:
            answer = people.get(name)
            known = report["first_published_on"] <= str(day) and at < ends(day)
            if known and answer is not None and day - last_of(report["period"]) < window * DAY:
                told = (report["period"], version, answer)
                newest[report["chapter_id"]] = max(newest.get(report["chapter_id"], told), told)
        return Figure(sum(answer for _, _, answer in newest.values()) if newest else None, len(newest))

    @cached_property
    def _totals(self) -> list[tuple[sqlite3.Row, int, int, dict[str, int]]]:
        """Each version of each report: its number, since when, and what it said of its people."""
        reports = {row["id"]: row for row in self._tables["report"]}
        rows = self._tables["report_version"]
        return [(reports[row["report_id"]], row["version"], row["published_at"], json.loads(row["answers"])["people"]) for row in rows]

    # Standing facts

    def _facts(self, key: str, day: date) -> dict[int, tuple[str, date]]:
        found: dict[int, tuple[str, int, str]] = {}
        for row in self._tables["standing_fact"]:
            if row["key"] == key and row["chapter_id"] and row["confirmed_on"] <= str(day) and row["recorded_at"] < ends(day):
                told = (row["confirmed_on"], row["id"], row["value"])
                found[row["chapter_id"]] = max(found.get(row["chapter_id"], told), told)
        return {chapter: (value, date.fromisoformat(on)) for chapter, (on, _, value) in found.items()}

    def _collecting(self, day: date) -> Figure:
        money, dues = self._facts("money", day), self._facts("dues", day)
        fresh = {chapter for chapter, (_, on) in dues.items() if day - on < 365 * DAY}
        both = [chapter for chapter in fresh if dues[chapter][0] == "collecting" and money.get(chapter, ("none", day))[0] != "none"]
        return Figure(sum(day - money[each][1] < 365 * DAY for each in both) if fresh else None, len(fresh))

    # Compositions

    def _balance(self, day: date) -> Figure:
        """The smaller of women and men in whole percent, as at the last month's end; not known of fewer than half of the members."""
        end = day if day == last_of(month_of(day)) else last_of(month_of(day) - 1)
        cells, chapters = self._sum(end)
        members = self._total("members", day, 365).value
        people, women, men = sum(cells.values()), cells.get("women", 0), cells.get("men", 0)
        enough = members is not None and 2 * people >= members and women + men > 0
        return Figure(100 * min(women, men) // (women + men) if enough else None, chapters)

    def _sum(self, end: date) -> tuple[dict[str, int], int]:
        """The sum that was shown at a month's end: it moves when at least 3 chapters' counts changed since the one before."""
        shown: dict[int, sqlite3.Row] = {}
        recorded = [row["recorded_at"] for row in self._tables["composition"]]
        if not recorded:
            return {}, 0
        month = month_of(datetime.fromtimestamp(min(recorded) / 1000, UTC).date())
        while last_of(month) <= end:
            newest = self._newest_counts(last_of(month))
            ids = {chapter: row["id"] for chapter, row in newest.items()}
            before = {chapter: row["id"] for chapter, row in shown.items()}
            if sum(ids.get(each) != before.get(each) for each in ids.keys() | before.keys()) >= 3:
                shown = newest
            month += 1
        cells: dict[str, int] = defaultdict(int)
        for row in shown.values():
            for category, people in json.loads(row["counts"]).items():
                cells[category] += people
        return (cells, len(shown)) if len(shown) >= 3 and sum(cells.values()) >= 10 else ({}, 0)

    def _newest_counts(self, end: date) -> dict[int, sqlite3.Row]:
        newest: dict[int, sqlite3.Row] = {}
        for row in sorted(self._tables["composition"], key=lambda row: (row["day"], row["id"])):
            there = row["recorded_at"] < ends(end) and (row["replaced_at"] is None or row["replaced_at"] >= ends(end))
            if there and timedelta() <= end - date.fromisoformat(row["day"]) < 365 * DAY:
                newest[row["chapter_id"]] = row
        return newest


def _counts(entry: dict[str, Any], criterion: str) -> bool:
    """Whether a check-in counts for coming together, or for learning."""
    if criterion == "together":
        return entry["people"] is None or int(entry["people"]) >= 2
    return entry["kind"] == "education" or bool(entry["education"])
