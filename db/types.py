"""Column types shared by all tables: what a value is in Python, and the plain number or text that is stored for it.

Moments are whole milliseconds since 1970 (UTC), the precision of Discord's own ids; what is finer is cut off, in what is stored
and in what is compared with it alike. Days are ISO texts, months are their index, so that all of them sort and compare in SQL.
"""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, String, Text, TypeDecorator
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

from bot.domain.calendar import Month

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

Snowflake = BigInteger
"""An id that Discord gave: 64 bits."""

Id = BigInteger().with_variant(Integer(), "sqlite")
"""An id that the database gives; SQLite numbers rows by itself only where the type is called INTEGER."""


class UserId(TypeDecorator[int]):
    """The number that Discord knows a person by: what is of this type is shown to them, and goes when they erase themselves."""

    impl = BigInteger
    cache_ok = True


class Instant(TypeDecorator[datetime]):
    """An aware moment, given in any zone and returned in UTC; a naive one raises ValueError."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a stored moment needs a zone: {value!r}")
        return (value - EPOCH) // MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MILLISECOND


class Day(TypeDecorator[date]):
    """A calendar day, stored as 2026-10-31; a moment raises TypeError, because which day it is depends on the zone."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        if isinstance(value, datetime):
            raise TypeError(f"a stored day is no moment: {value!r}")
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class MonthIndex(TypeDecorator[Month]):
    """A calendar month, stored as months since year 0: adding a number in SQL counts months and gives such an index."""

    impl = Integer
    cache_ok = True

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        return Integer() if isinstance(value, int) else self

    def process_bind_param(self, value: Month | None, dialect: Dialect) -> int | None:
        return None if value is None else value.index

    def process_result_value(self, value: int | None, dialect: Dialect) -> Month | None:
        return None if value is None else Month.at(value)


class Json(TypeDecorator[Any]):
    """Plain data, written the same way each time (sorted keys), so that equal values are equal texts; None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)
