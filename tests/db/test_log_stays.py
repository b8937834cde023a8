"""Nothing rewrites the open log, not even a statement of one's own: the database itself refuses."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

LINE = "INSERT INTO change (id, guild_id, at, made_by, kind, chapter_id, fields) VALUES (1, 7, 1000, 42, 'chapter.edit', 5, '[\"city\"]')"
CHAPTER = """INSERT INTO chapter (id, guild_id, name, folded, timezone, languages, added_at, added_on)
VALUES (5, 7, 'London', 'london', 'UTC', '[]', 0, '2026-01-01')"""


@pytest.fixture
def file(database: Path) -> Iterator[sqlite3.Connection]:
    """The file as whoever holds it can open it, with one line in the open log."""
    with sqlite3.connect(database) as file:
        file.execute("PRAGMA foreign_keys = ON")
        file.execute("INSERT INTO organisation (guild_id, timezone, language, created_at, next_at) VALUES (7, 'UTC', 'en', 0, 0)")
        file.execute(CHAPTER)
        file.execute(LINE)
        yield file
    file.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE change SET kind = 'chapter.add'",
        "UPDATE change SET at = 0",
        "UPDATE change SET fields = '[]'",
        "UPDATE change SET guild_id = 8",
        "UPDATE change SET made_by = 43",
        "UPDATE change SET made_by = NULL",
        "UPDATE change SET nameless = 1",
        "UPDATE change SET chapter_id = NULL",
        "UPDATE change SET made_by = NULL, nameless = 1, at = 0",
        "DELETE FROM change",
        "DELETE FROM change WHERE id = 1",
        LINE.replace("INSERT", "INSERT OR REPLACE"),
        LINE.replace("INSERT", "REPLACE"),
    ],
)
def test_no_statement_changes_a_line(file: sqlite3.Connection, statement: str) -> None:
    before = file.execute("SELECT * FROM change").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="the open log is never changed"):
        file.execute(statement)
    assert file.execute("SELECT * FROM change").fetchall() == before


def test_an_author_can_be_taken_out_once_and_the_line_stays(file: sqlite3.Connection) -> None:
    file.execute("UPDATE change SET made_by = NULL, nameless = 1")
    assert file.execute("SELECT made_by, nameless, kind, fields FROM change").fetchall() == [(None, 1, "chapter.edit", '["city"]')]
    with pytest.raises(sqlite3.IntegrityError):
        file.execute("UPDATE change SET made_by = 42, nameless = 0")


def test_a_line_outlives_its_chapter(file: sqlite3.Connection) -> None:
    file.execute("DELETE FROM chapter")
    assert file.execute("SELECT made_by, kind, chapter_id FROM change").fetchall() == [(42, "chapter.edit", None)]


def test_the_lines_go_with_their_whole_organisation(file: sqlite3.Connection) -> None:
    file.execute("DELETE FROM organisation WHERE guild_id = 7")
    assert file.execute("SELECT count(*) FROM change").fetchone() == (0,)
