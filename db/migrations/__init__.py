"""The steps from one version of the tables to the next; each program brings its own database up to date when it starts."""

from enum import Enum, auto
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from db.guards import GUARDS

VERSIONS = (Path(__file__).parent / "versions",)


class Standing(Enum):
    """How the tables in a database compare with this program's."""

    EMPTY = auto()
    OLDER = auto()
    CURRENT = auto()
    NEWER = auto()
    FOREIGN = auto()


def settings(connection: Connection | None = None) -> Config:
    """Alembic's settings without a file; its commands work in the transaction of this connection."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(folder).replace("%", "%%") for folder in VERSIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def standing(connection: Connection) -> Standing:
    """Where this database stands; any revision that this program has no step for is newer."""
    found = set(MigrationContext.configure(connection).get_current_heads())
    scripts = ScriptDirectory.from_config(settings())
    if not found:
        return Standing.FOREIGN if inspect(connection).get_table_names() else Standing.EMPTY
    if found == set(scripts.get_heads()):
        return Standing.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return Standing.OLDER if found <= known else Standing.NEWER


def newest_step() -> str:
    """The step that brings a database up to date."""
    return "-".join(sorted(ScriptDirectory.from_config(settings()).get_heads()))


def upgrade(connection: Connection) -> None:
    """Takes all missing steps in the caller's transaction, whose foreign keys must be off; raises if any row then points nowhere."""
    guards = GUARDS.get(connection.dialect.name, {})
    # A table is changed by rebuilding it, which a guard that names it would not let happen.
    for name in guards:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    command.upgrade(settings(connection), "heads")
    if inspect(connection).has_table("change"):
        for guard in guards.values():
            connection.exec_driver_sql(guard)
    if connection.dialect.name == "sqlite" and (astray := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"rows that point nowhere after the upgrade: {astray[:10]}")
