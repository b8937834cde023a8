"""Five years of many chapters, written straight into a database file."""

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.domain.calendar import Month
from bot.domain.trend import CHAINED

YEARS = 5
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEGAN = NOW.replace(year=NOW.year - YEARS)
KINDS = ("meeting", "education", "outreach", "project")
SEED = 20261122
OPEN = Month(2025, 9)
"""The one month that nobody reported, so that it can be filled in."""
OWN = 100
"""So many chapters have the one admin who acts in the benchmark: each of them can be published once."""


def millis(day: date) -> int:
    """A day's first moment as it is stored."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def fill(path: Path, guild_id: int, chapters: int, admin_id: int) -> None:
    """Chapters with two check-ins and one published report a month; the admin of the first ones is `admin_id`."""
    chance = random.Random(SEED)
    with sqlite3.connect(path) as c:
        first_chapter = c.execute("SELECT coalesce(max(id), 0) + 1 FROM chapter").fetchone()[0]
        ids = range(first_chapter, first_chapter + chapters)
        places = {n: (chance.randrange(360, 600) / 10, chance.randrange(-100, 300) / 10) for n in ids}
        admins = {n: admin_id if n < first_chapter + OWN else 10**6 + n for n in ids}
        began = date(NOW.year - YEARS, NOW.month, 1)
        c.executemany(
            "INSERT INTO chapter (id, guild_id, name, folded, timezone, languages, added_at, added_on, duty_user_id, latitude, longitude)"
            " VALUES (?, ?, ?, ?, 'UTC', '[]', ?, ?, ?, ?, ?)",
            ((n, guild_id, f"Town {n}", f"town {n}", millis(began), began.isoformat(), admins[n], *places[n]) for n in ids),
        )
        c.executemany(
            "INSERT INTO chapter_state (guild_id, chapter_id, state, since, from_day) VALUES (?, ?, 'active', ?, ?)",
            ((guild_id, n, millis(began), began.isoformat()) for n in ids),
        )
        c.executemany(
            "INSERT INTO admin (guild_id, chapter_id, user_id, position, since) VALUES (?, ?, ?, 1, ?)",
            ((guild_id, n, admins[n], millis(began)) for n in ids),
        )
        months = [Month.of(began).plus(n) for n in range(YEARS * 12)]
        _checkins(c, guild_id, ids, months, chance)
        _reports(c, guild_id, ids, months, chance)
        _values(c, guild_id, months, chapters)


def _checkins(c: sqlite3.Connection, guild_id: int, ids: range, months: list[Month], chance: random.Random) -> None:
    number = c.execute("SELECT coalesce(max(id), 0) FROM checkin").fetchone()[0]

    def rows() -> Iterator[tuple[object, ...]]:
        nonlocal number
        for chapter in ids:
            for month in months:
                for _ in range(2):
                    number += 1
                    day = month.first + timedelta(days=chance.randrange(28))
                    yield (
                        number,
                        guild_id,
                        chapter,
                        f"bench{number}",
                        chance.choice(KINDS),
                        day.isoformat(),
                        chance.randrange(2, 40),
                        millis(day),
                    )

    c.executemany(
        "INSERT INTO checkin (id, guild_id, chapter_id, form_key, kind, day, people, recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows()
    )
    for criterion, where in (("together", "1"), ("learns", "kind = 'education'")):
        c.execute(
            "INSERT INTO evidence (guild_id, chapter_id, criterion, day, known_on, amount, kind, people, checkin_id)"
            f" SELECT guild_id, chapter_id, '{criterion}', day, day, 1, kind, people, id FROM checkin WHERE guild_id = ? AND {where}",
            (guild_id,),
        )


def _reports(c: sqlite3.Connection, guild_id: int, ids: range, months: list[Month], chance: random.Random) -> None:
    number = c.execute("SELECT coalesce(max(id), 0) FROM report").fetchone()[0]

    def rows() -> Iterator[tuple[object, ...]]:
        nonlocal number
        for chapter in ids:
            for month in months:
                if month == OPEN:
                    continue
                number += 1
                out = month.plus(1).first + timedelta(days=chance.randrange(12))
                at = millis(out)
                yield (
                    number,
                    guild_id,
                    chapter,
                    month.index,
                    1,
                    1,
                    chance.randrange(5, 80),
                    chance.randrange(3, 20),
                    at,
                    out.isoformat(),
                    at,
                )

    c.executemany(
        "INSERT INTO report (id, guild_id, chapter_id, period, owed, version, members, met,"
        " first_published_at, first_published_on, published_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows(),
    )
    c.execute(
        "INSERT INTO report_version (report_id, version, guild_id, answers, published_at)"
        """ SELECT id, 1, guild_id, '{"people":{"members":' || members || ',"met":' || met || '}}', published_at"""
        " FROM report WHERE guild_id = ?",
        (guild_id,),
    )
    c.execute(
        "INSERT INTO evidence (guild_id, chapter_id, criterion, day, known_on, amount, report_id)"
        " SELECT guild_id, chapter_id, 'reports', first_published_on, first_published_on, 1, id FROM report WHERE guild_id = ?",
        (guild_id,),
    )


def _values(c: sqlite3.Connection, guild_id: int, months: list[Month], chapters: int) -> None:
    """What is kept of the past of each goal: its value at the end of each month, and how much the same chapters grew."""
    goals = c.execute("SELECT goal.id, metric, target FROM goal JOIN goal_revision ON goal_id = goal.id").fetchall()
    c.executemany(
        "INSERT INTO goal_value (goal_id, day, guild_id, value, behind, chapters) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (goal, str(month.last), guild_id, target * n // 200, chapters, chapters)
            for goal, _, target in goals
            for n, month in enumerate(months)
        ),
    )
    c.executemany(
        "INSERT INTO trend_link (guild_id, metric, month, before, after, chapters) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (guild_id, metric, month.index, chapters * (100 + n), chapters * (101 + n), chapters)
            for _, metric, _ in goals
            if metric in CHAINED
            for n, month in enumerate(months)
        ),
    )
