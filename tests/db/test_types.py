"""What is stored comes back as it was, compares in SQL as it does in Python, and takes nothing whose meaning is unclear."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, MetaData, Table, TypeDecorator, create_engine, func, insert, literal, select
from sqlalchemy.exc import StatementError

from bot.domain.calendar import Month
from db.types import Day, Id, Instant, Json, MonthIndex

things = Table("things", MetaData(), Column("id", Id, primary_key=True), Column("at", Instant), Column("month", MonthIndex))

instants = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9.5)), timezone(timedelta(hours=14))]),
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        things.metadata.create_all(connection)
        yield connection
    engine.dispose()


def there_and_back(connection: Connection, kind: TypeDecorator[Any], value: Any) -> Any:
    return connection.execute(select(literal(value, kind))).scalar_one()


@given(instants)
def test_a_moment_comes_back_in_utc_to_the_millisecond(connection: Connection, moment: datetime) -> None:
    back = there_and_back(connection, Instant(), moment)
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)
    assert back.utcoffset() == timedelta(0)


@given(instants, instants)
def test_moments_compare_in_sql_as_they_are_stored(connection: Connection, one: datetime, other: datetime) -> None:
    earlier = connection.execute(select(literal(one, Instant()) < literal(other, Instant()))).scalar_one()
    assert earlier == (there_and_back(connection, Instant(), one) < there_and_back(connection, Instant(), other))


@given(st.dates())
def test_a_day_comes_back(connection: Connection, day: date) -> None:
    assert there_and_back(connection, Day(), day) == day


@given(st.dates(), st.dates())
def test_days_compare_in_sql_as_in_python(connection: Connection, one: date, other: date) -> None:
    assert connection.execute(select(literal(one, Day()) < literal(other, Day()))).scalar_one() == (one < other)


@given(st.dates())
def test_a_month_comes_back(connection: Connection, day: date) -> None:
    assert there_and_back(connection, MonthIndex(), Month.of(day)) == Month.of(day)


@given(plain)
def test_plain_data_comes_back(connection: Connection, value: Any) -> None:
    assert there_and_back(connection, Json(), value) == value


def test_equal_data_is_stored_as_equal_text(connection: Connection) -> None:
    written = [Json().process_bind_param(value, connection.dialect) for value in ({"a": 1, "é": 2}, {"é": 2, "a": 1})]
    assert written == ['{"a":1,"é":2}'] * 2


def test_nothing_stays_nothing(connection: Connection) -> None:
    assert [there_and_back(connection, kind, None) for kind in (Instant(), Day(), MonthIndex(), Json())] == [None] * 4


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Instant(), datetime(2026, 10, 1, tzinfo=UTC).replace(tzinfo=None)),
        (Day(), datetime(2026, 10, 1, tzinfo=UTC)),
        (Json(), float("nan")),
    ],
)
def test_what_has_no_clear_meaning_is_refused(connection: Connection, kind: TypeDecorator[Any], value: Any) -> None:
    with pytest.raises(StatementError):
        there_and_back(connection, kind, value)


def test_the_latest_moment_and_the_month_after_are_found_in_sql(connection: Connection) -> None:
    earlier, later = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    connection.execute(insert(things).values([{"at": earlier, "month": Month(2026, 11)}, {"at": later, "month": Month(2026, 12)}]))
    assert connection.execute(select(func.max(things.c.at))).scalar_one() == later
    assert connection.execute(select(func.max(things.c.month + 1))).scalar_one() == Month(2027, 1).index
    assert connection.execute(select(things.c.id).where(things.c.month == Month(2026, 12))).scalars().all() == [2]
