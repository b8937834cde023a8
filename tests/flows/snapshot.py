"""The database as it was before somebody did something, to compare with and to go back to."""

import sqlite3
from pathlib import Path
from typing import Any


class Snapshot:
    """The database as it was: whether it changed, in which tables, and back to it."""

    def __init__(self, path: Path) -> None:
        self._live = sqlite3.connect(path, isolation_level=None)
        self._live.execute("PRAGMA busy_timeout = 5000")
        self._live.execute("PRAGMA synchronous = OFF")
        self._kept = sqlite3.connect(":memory:")
        self._live.backup(self._kept)
        self._tables = [row[0] for row in self._kept.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        self._version = self._now()

    def _now(self) -> int:
        return int(self._live.execute("PRAGMA data_version").fetchone()[0])

    def changed(self) -> list[str]:
        """The tables whose rows are not what they were."""
        if self._now() == self._version:
            return []
        return [name for name in self._tables if self._rows(self._live, name) != self._rows(self._kept, name)]

    def _rows(self, database: sqlite3.Connection, name: str) -> list[Any]:
        return database.execute(f'SELECT * FROM "{name}"').fetchall()

    def restore(self) -> None:
        self._kept.backup(self._live)
        self._version = self._now()

    def close(self) -> None:
        self._live.close()
        self._kept.close()
