"""The one place that knows which dialect's INSERT … ON CONFLICT is meant; the syntax is the same on every engine that we store in."""

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as _insert


def insert_or(table: Table) -> Insert:
    """An INSERT that can say what to do if the row is there already."""
    return _insert(table)
