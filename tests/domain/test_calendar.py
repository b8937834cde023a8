"""Days, months and hours hold in every zone and on both clock changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import Month, first_full_month, moment, months_later, start_of, today, within_hours

ZONES = sorted(available_timezones())
SECOND = timedelta(seconds=1)
OPENS, CLOSES = 8, 21

zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2036, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
months = st.builds(Month, st.integers(1000, 2999), st.integers(1, 12))


def changes(zone: ZoneInfo, since: int, until: int) -> Iterator[datetime]:
    """The first moments after each clock change in this zone."""
    at, end = datetime(since, 1, 1, tzinfo=UTC), datetime(until, 1, 1, tzinfo=UTC)
    offset = at.astimezone(zone).utcoffset()
    while at < end:
        following = at + timedelta(days=7)
        if following.astimezone(zone).utcoffset() != offset:
            before, after = at, following
            while after - before > SECOND:
                middle = before + timedelta(seconds=(after - before) // SECOND // 2)
                before, after = (middle, after) if middle.astimezone(zone).utcoffset() == offset else (before, middle)
            yield after
            offset = following.astimezone(zone).utcoffset()
        at = following


@cache
def every_change() -> tuple[tuple[ZoneInfo, datetime], ...]:
    """Every clock change of every zone in two years; zones that are alike on all of them are looked at once."""
    found: dict[tuple[object, ...], tuple[ZoneInfo, list[datetime]]] = {}
    for name in ZONES:
        zone = ZoneInfo(name)
        at = list(changes(zone, 2026, 2028))
        alike = tuple((each, each.astimezone(zone).utcoffset(), (each - SECOND).astimezone(zone).utcoffset()) for each in at)
        found.setdefault(alike, (zone, at))
    return tuple((zone, each) for zone, at in found.values() for each in at)


def test_there_are_clock_changes_of_every_sort_to_look_at() -> None:
    shifts = {at.astimezone(zone).utcoffset() - (at - SECOND).astimezone(zone).utcoffset() for zone, at in every_change()}
    assert {timedelta(minutes=minutes) for minutes in (60, -60, 30, -30, 120, -120)} <= shifts
    assert any(at.astimezone(zone).date() != (at - SECOND).astimezone(zone).date() for zone, at in every_change())


# Months


def test_a_month_is_written_with_four_and_two_digits() -> None:
    assert str(Month(2026, 10)) == "2026-10"
    assert Month.parse("2026-10") == Month(2026, 10)


@pytest.mark.parametrize(
    "written", ["", "2026", "2026-1", "26-10", "2026-13", "2026-00", "0000-01", "2026/10", "2026-10-01", "२०२६-१०", "2026-٠١"]
)
def test_what_is_no_month_is_not_read_as_one(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Month.parse(written)


@given(months)
def test_a_month_reads_back_as_it_was_written(month: Month) -> None:
    assert Month.parse(str(month)) == month
    assert Month.at(month.index) == month


@given(months)
def test_a_month_reaches_from_its_first_day_to_the_day_before_the_next(month: Month) -> None:
    assert Month.of(month.first) == Month.of(month.last) == month
    assert Month.of(month.last + timedelta(days=1)) == month.plus(1)


def test_the_last_month_of_all_has_a_last_day() -> None:
    assert Month(9999, 12).last == date(9999, 12, 31)


@given(months, st.integers(-500, 500))
def test_months_are_counted_and_compared_by_their_index(month: Month, apart: int) -> None:
    other = month.plus(apart)
    assert other.index - month.index == apart
    assert (other > month) == (apart > 0)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 15), 6, date(2026, 7, 15)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 8, 31), 4, date(2026, 12, 31)),
    ],
)
def test_six_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


# The first period that a chapter can owe


@pytest.mark.parametrize(
    ("added", "first"),
    [
        (date(2026, 10, 1), Month(2026, 10)),
        (date(2026, 10, 2), Month(2026, 11)),
        (date(2026, 10, 31), Month(2026, 11)),
        (date(2026, 12, 31), Month(2027, 1)),
    ],
)
def test_nobody_is_asked_about_a_month_before_the_day_they_were_added(added: date, first: Month) -> None:
    assert first_full_month(added) == first


# The start of a day


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        ("Europe/London", date(2026, 11, 1), datetime(2026, 11, 1, 0, tzinfo=UTC)),
        ("Asia/Tokyo", date(2026, 11, 1), datetime(2026, 10, 31, 15, tzinfo=UTC)),
        ("Africa/Cairo", date(2026, 4, 24), datetime(2026, 4, 23, 22, tzinfo=UTC)),  # 00:00 is skipped: the day begins at 01:00
        ("Asia/Beirut", date(2026, 3, 29), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        ("America/Asuncion", date(2023, 10, 1), datetime(2023, 10, 1, 4, tzinfo=UTC)),
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),  # 00:00 happens twice: the day begins at the first
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),  # the whole day was skipped
    ],
)
def test_a_day_begins_at_its_first_moment(zone: str, day: date, starts: datetime) -> None:
    assert start_of(day, ZoneInfo(zone)) == starts


def test_a_day_begins_where_the_day_before_ends_at_every_clock_change_of_every_zone() -> None:
    for zone, at in every_change():
        for apart in (-1, 0, 1):
            day = at.astimezone(zone).date() + timedelta(days=apart)
            starts = start_of(day, zone)
            assert today(starts, zone) == day, (zone, day)
            assert today(starts - SECOND, zone) == day - timedelta(days=1), (zone, day)


@given(zones, moments)
def test_every_moment_lies_in_the_day_that_it_shows(zone: ZoneInfo, at: datetime) -> None:
    day = today(at, zone)
    assert start_of(day, zone) <= at < start_of(day + timedelta(days=1), zone)


# An hour of a day


@pytest.mark.parametrize(
    ("zone", "day", "hour", "shown"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 2, "03:00"),  # 02:00 is skipped
        ("Europe/Berlin", date(2026, 10, 25), 2, "02:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), 2, "02:30"),
        ("Antarctica/Troll", date(2026, 3, 29), 1, "03:00"),  # two hours are skipped
        ("Antarctica/Troll", date(2026, 3, 29), 2, "03:00"),
        ("Asia/Kathmandu", date(2026, 3, 29), 9, "09:00"),
    ],
)
def test_an_hour_that_the_clock_skips_is_the_first_moment_after_it(zone: str, day: date, hour: int, shown: str) -> None:
    assert moment(day, hour, ZoneInfo(zone)).astimezone(ZoneInfo(zone)).strftime("%H:%M") == shown


def test_an_hour_that_happens_twice_is_the_first_of_the_two() -> None:
    assert moment(date(2026, 10, 25), 2, ZoneInfo("Europe/Berlin")) == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_every_hour_of_every_day_with_a_clock_change_is_the_first_moment_that_shows_it_or_later() -> None:
    for zone, at in every_change():
        day = at.astimezone(zone).date()
        found = [moment(day, hour, zone) for hour in range(24)]
        assert found == sorted(found), (zone, day)
        for hour, each in enumerate(found):
            wanted = datetime.combine(day, time(hour))
            assert each.astimezone(zone).replace(tzinfo=None) >= wanted, (zone, day, hour)
            assert (each - SECOND).astimezone(zone).replace(tzinfo=None) < wanted, (zone, day, hour)


# Sending hours


def in_hours(at: datetime, zone: ZoneInfo) -> bool:
    return OPENS <= at.astimezone(zone).hour < CLOSES


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        ("2026-11-10T07:59", "2026-11-10T08:00"),
        ("2026-11-10T08:00", "2026-11-10T08:00"),
        ("2026-11-10T20:59", "2026-11-10T20:59"),
        ("2026-11-10T21:00", "2026-11-11T08:00"),
        ("2026-11-30T23:30", "2026-12-01T08:00"),
        ("2026-03-29T00:30", "2026-03-29T08:00"),  # the night that loses an hour
        ("2026-10-25T00:30", "2026-10-25T08:00"),  # the night that gains one
    ],
)
def test_what_the_bot_starts_goes_out_between_eight_and_nine_in_the_evening_else_at_the_next_eight(at: str, sent: str) -> None:
    zone = ZoneInfo("Europe/London")
    asked = datetime.fromisoformat(at).replace(tzinfo=zone).astimezone(UTC)
    assert within_hours(asked, OPENS, CLOSES, zone).astimezone(zone).replace(tzinfo=None) == datetime.fromisoformat(sent)


def test_sending_hours_hold_at_every_clock_change_of_every_zone() -> None:
    for zone, change in every_change():
        for hours in range(-24, 25, 3):
            at = change + timedelta(hours=hours)
            sent = within_hours(at, OPENS, CLOSES, zone)
            assert in_hours(sent, zone), (zone, at)
            assert at <= sent <= at + timedelta(hours=13), (zone, at)


@given(zones, moments)
def test_sending_hours_hold_in_every_zone_at_every_moment(zone: ZoneInfo, at: datetime) -> None:
    sent = within_hours(at, OPENS, CLOSES, zone)
    assert in_hours(sent, zone)
    assert (sent == at) == in_hours(at, zone)
    assert at <= sent <= at + timedelta(hours=13)
    assert within_hours(sent, OPENS, CLOSES, zone) == sent


@given(st.sampled_from(["Antarctica/Troll", "Pacific/Chatham", "America/Havana", "Australia/Lord_Howe", "Europe/Berlin"]), st.data())
def test_hours_that_an_organisation_chose_hold_even_where_the_clock_goes_over_them_twice(name: str, data: st.DataObject) -> None:
    zone = ZoneInfo(name)
    change = data.draw(st.sampled_from(list(changes(zone, 2026, 2028))))
    opens = data.draw(st.integers(0, 4))
    closes = data.draw(st.integers(opens + 1, 24))
    at = change + data.draw(st.integers(-36, 36)) * timedelta(minutes=10)
    sent = within_hours(at, opens, closes, zone)
    assert opens <= sent.astimezone(zone).hour < closes
    assert at <= sent <= at + timedelta(hours=49)


def test_a_day_that_a_zone_skipped_altogether_is_followed_by_the_next_eight_o_clock() -> None:
    apia = ZoneInfo("Pacific/Apia")
    before_midnight = datetime(2011, 12, 30, 9, 30, tzinfo=UTC)  # 29 December, 23:30
    assert within_hours(before_midnight, OPENS, CLOSES, apia).astimezone(apia).replace(tzinfo=None) == datetime(2011, 12, 31, 8)  # noqa: DTZ001
