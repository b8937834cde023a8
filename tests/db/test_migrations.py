"""The steps lead to the tables that the program knows, all or none of them, and no row is lost on the way."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from db import migrations
from db.faults import StorageFault
from db.migrations.__main__ import draft
from db.store import Store
from db.tables import metadata
from tests.conftest import Statements


@pytest.fixture
def migrated(database: Path) -> Iterator[Connection]:
    """A connection to a database that was made by the steps."""
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def schema(connection: Connection) -> dict[str, list[str]]:
    """What each table consists of (columns, keys, CHECKs: in no particular order), and each index (columns in order, WHERE)."""
    ours = "sql IS NOT NULL AND name <> 'alembic_version' AND name NOT LIKE 'sqlite%'"
    rows = connection.exec_driver_sql(f"SELECT name, type, sql FROM sqlite_master WHERE {ours}")
    return {name: sorted(parts(sql)) if kind == "table" else list(parts(sql)) for name, kind, sql in rows}


def parts(sql: str) -> Iterator[str]:
    """The statement cut at its outermost brackets and at the commas between them."""
    depth, part = 0, ""
    for letter in re.sub(r" ?([(),]) ?", r"\1", re.sub(r"\s+", " ", sql.replace('"', ""))):
        before, depth = depth, depth + (letter == "(") - (letter == ")")
        if (letter == "," and depth == 1) or {before, depth} == {0, 1}:
            yield part
            part = ""
        else:
            part += letter
    yield part


def test_the_parts_of_a_statement_keep_their_brackets_and_conditions() -> None:
    assert list(parts('CREATE TABLE "a" (\n\tb  INTEGER, CHECK (b IN (1, 2)))')) == ["CREATE TABLE a", "b INTEGER", "CHECK(b IN(1,2))", ""]
    assert list(parts("CREATE INDEX i ON a (b, c) WHERE b > 1")) == ["CREATE INDEX i ON a", "b", "c", "WHERE b > 1"]


def test_the_steps_lead_to_the_tables_that_the_program_knows(migrated: Connection) -> None:
    assert compare_metadata(MigrationContext.configure(migrated, opts={"compare_server_default": True}), metadata) == []


def test_the_steps_lead_to_the_same_checks_and_partial_indexes(migrated: Connection) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as fresh:
        metadata.create_all(fresh)
        assert schema(migrated) == schema(fresh)
    engine.dispose()


def test_the_steps_form_one_line() -> None:
    scripts = ScriptDirectory.from_config(migrations.settings())
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    assert [script.revision for script in scripts.walk_revisions()][::-1] == [
        f"{n + 1:04}" for n in range(len(list(scripts.walk_revisions())))
    ]


def test_a_step_names_no_code_that_may_change_later() -> None:
    for file in migrations.VERSIONS[0].glob("*.py"):
        assert re.findall(r"^(?:import|from) (\S+)", file.read_text(), re.MULTILINE) == ["collections.abc", "sqlalchemy", "alembic"]


async def test_starting_again_changes_and_asks_next_to_nothing(store: Store, database: Path, statements: Statements) -> None:
    await store.close()
    statements.clear()
    again = await Store.open(f"sqlite+aiosqlite:///{database}")
    await again.close()
    asked = [sql for sql, _ in statements]
    assert len(asked) <= 3
    assert all(sql.startswith(("SELECT", "PRAGMA")) for sql in asked)


def test_the_next_step_is_drafted_from_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "VERSIONS", (tmp_path,))
    for message in ("first", "nothing new"):
        draft(message)
    first, second = (tmp_path / "0001_first.py").read_text(), (tmp_path / "0002_nothing_new.py").read_text()
    assert all(f'"{table}"' in first for table in metadata.tables)
    assert 'down_revision: str | Sequence[str] | None = "0001"' in second
    assert second.endswith('    """Changes the tables from the version before to this one."""\n    pass\n')


# The next step, whatever it will be


async def fill(database: Path) -> None:
    """A few rows that point to each other."""
    with sqlite3.connect(database) as connection:
        connection.executescript(
            """
            INSERT INTO organisation (guild_id, timezone, language, created_at, next_at)
            VALUES (1, 'UTC', 'en', 0, 0), (2, 'UTC', 'en', 0, 0);
            INSERT INTO branch (guild_id, country, name)
            VALUES (1, 'BR', 'Brasil'), (2, 'PL', 'Polska');
            """
        )


def contents(database: Path) -> list[str]:
    """Everything that is in the file, as SQL."""
    with sqlite3.connect(database) as connection:
        return list(connection.iterdump())


@pytest.fixture
def next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a later version of the program, which has one more step than this one."""
    folder = tmp_path / "versions 50% later"
    folder.mkdir()
    monkeypatch.setattr(migrations, "VERSIONS", (*migrations.VERSIONS, folder))
    return folder


def write_step(folder: Path, body: str) -> None:
    head = ScriptDirectory.from_config(migrations.settings()).get_current_head()
    (folder / "9000_next.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '9000'\ndown_revision = {head!r}\n\n\ndef upgrade():\n"
        + indent(dedent(body), "    ")
    )


ANOTHER_COLUMN = """
    with op.batch_alter_table("organisation", recreate="always") as batch:
        batch.add_column(sa.Column("motto", sa.Text()))
"""


async def test_a_table_that_is_rebuilt_keeps_its_rows_and_those_that_point_to_it(database: Path, next_step: Path) -> None:
    await fill(database)
    write_step(next_step, ANOTHER_COLUMN)
    store = await Store.open(f"sqlite+aiosqlite:///{database}")
    async with store.write() as connection:
        rows = await connection.exec_driver_sql("SELECT o.guild_id, o.motto, b.name FROM organisation o JOIN branch b USING (guild_id)")
        assert [tuple(row) for row in rows] == [(1, None, "Brasil"), (2, None, "Polska")]
        assert (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar() == 1
    await store.close()


async def test_a_step_that_fails_changes_nothing(database: Path, next_step: Path) -> None:
    await fill(database)
    before = contents(database)
    write_step(next_step, f"{ANOTHER_COLUMN}\n    op.drop_table('branch')\n    raise ZeroDivisionError")
    with pytest.raises(StorageFault) as caught:
        await Store.open(f"sqlite+aiosqlite:///{database}")
    assert (
        str(caught.value)
        == f"The database {database} could not be brought up to date. Nothing was changed; the version before still works."
    )
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert contents(database) == before


async def test_a_step_that_leaves_rows_pointing_nowhere_changes_nothing(database: Path, next_step: Path) -> None:
    await fill(database)
    before = contents(database)
    write_step(next_step, "    op.execute('DELETE FROM organisation WHERE guild_id = 2')")
    with pytest.raises(StorageFault, match="could not be brought up to date"):
        await Store.open(f"sqlite+aiosqlite:///{database}")
    assert contents(database) == before


async def test_a_step_that_finds_the_disk_full_says_so(database: Path, next_step: Path) -> None:
    await fill(database)
    before = contents(database)
    write_step(next_step, "    op.execute('PRAGMA max_page_count = 1')\n    op.create_table('more', sa.Column('n', sa.Integer()))")
    with pytest.raises(StorageFault, match="is full"):
        await Store.open(f"sqlite+aiosqlite:///{database}")
    assert contents(database) == before


async def test_a_reader_of_the_next_version_asks_for_one_start_of_the_bot(database: Path, next_step: Path) -> None:
    write_step(next_step, ANOTHER_COLUMN)
    with pytest.raises(StorageFault, match=r"older than this program\. Start the bot once"):
        await Store.open(f"sqlite+aiosqlite:///{database}", writer=False)


async def test_the_version_before_refuses_what_the_next_one_made(database: Path, next_step: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_step(next_step, ANOTHER_COLUMN)
    store = await Store.open(f"sqlite+aiosqlite:///{database}")
    await store.close()
    monkeypatch.undo()
    with pytest.raises(StorageFault, match="newer than this program"):
        await Store.open(f"sqlite+aiosqlite:///{database}")
