"""What may be recorded of an activity, how what people type is read, and what check-ins come to."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.calendar import Month
from bot.domain.checkins import (
    CheckIn,
    Format,
    Kind,
    Tally,
    brings_together,
    check,
    check_number,
    parse_day,
    parse_month,
    parse_number,
    tally,
    teaches,
)
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.text import text

POLICY = Policy()
TODAY = date(2026, 11, 14)
PEOPLE = text("The number of people")

checkins = st.builds(
    CheckIn,
    st.sampled_from(Kind),
    st.dates(date(2026, 10, 1), date(2026, 10, 31)),
    st.none() | st.integers(0, 100_000),
    st.none() | st.sampled_from(Format),
    st.none() | st.booleans(),
)


def meeting(day: date = TODAY, **fields: Any) -> CheckIn:
    return CheckIn(Kind.MEETING, day, **fields)


# Its day


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=400)])
def test_an_activity_may_lie_up_to_four_hundred_days_back(day: date) -> None:
    assert check(meeting(day), TODAY, None, POLICY).day == day


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY - timedelta(days=401), date(1, 1, 1), date.max])
def test_an_activity_lies_neither_in_the_future_nor_too_far_back(day: date) -> None:
    with pytest.raises(Refusal) as refused:
        check(meeting(day), TODAY, None, POLICY)
    assert refused.value.reason.values == {"earliest": TODAY - timedelta(days=400), "today": TODAY, "day": day}


def test_an_activity_lies_not_before_the_founding() -> None:
    founded = date(2026, 9, 1)
    assert check(meeting(founded), TODAY, founded, POLICY).day == founded
    with pytest.raises(Refusal) as refused:
        check(meeting(founded - timedelta(days=1)), TODAY, founded, POLICY)
    assert refused.value.reason.values["earliest"] == founded


# Its numbers


@pytest.mark.parametrize("people", [None, 0, 1, 100_000])
def test_numbers_are_whole_from_none_to_a_hundred_thousand_and_may_be_unknown(people: int | None) -> None:
    assert check(meeting(people=people), TODAY, None, POLICY).people == people


@pytest.mark.parametrize("people", [-1, 100_001])
def test_a_number_out_of_range_is_refused_with_the_range(people: int) -> None:
    with pytest.raises(Refusal) as refused:
        check(meeting(people=people), TODAY, None, POLICY)
    assert refused.value.reason.values["largest"] == 100_000
    assert refused.value.reason.values["number"] == people


def test_empty_means_not_known_and_zero_means_zero() -> None:
    assert parse_number("", PEOPLE) is None
    assert parse_number("  ", PEOPLE) is None
    assert parse_number("0", PEOPLE) == 0


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("007", 7),
        ("1200", 1200),
        ("1 200", 1200),
        ("1.200", 1200),
        ("1,200", 1200),
        ("1'200", 1200),
        ("1’200", 1200),
        ("1\u00a0200", 1200),
        ("1\u202f200", 1200),
        ("1\u2009200", 1200),
        ("١٬٢٠٠", 1200),
        ("1,00,000", 100_000),
        ("١٢", 12),
        ("１２", 12),
        ("१२", 12),
    ],
)
def test_a_whole_number_is_read_as_people_write_it(written: str, number: int) -> None:
    assert parse_number(written, PEOPLE) == number


@pytest.mark.parametrize(
    "written",
    [
        "12.5",
        "12,5",
        "1,5",
        "1.2.3",
        "1.20",
        "1,200.5",
        "1.200,5",
        "1 2",
        "12 00",
        "1200.000",
        "1,00.000",
        "-3",
        "+3",
        "½",
        "²",
        "Ⅻ",
        "1e3",
        "0x10",
        "1_000",
        "ten",
        "~30",
        "30?",
        "30 people",
        ".",
        ",",
        "12.",
        ".5",
        "∞",
        "nan",
        "12\u200b",
    ],
)
def test_what_is_no_whole_number_is_not_taken_for_another_one(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_number(written, PEOPLE)
    assert refused.value.reason.msgid.startswith("{what} should be a whole number")
    assert refused.value.reason.values["written"] == written


@pytest.mark.parametrize("written", ["100001", "100.001", "9" * 400, "9" * 5000, "0" * 400])
def test_a_number_that_is_too_large_is_refused_with_the_range_however_long_it_is(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_number(written, PEOPLE)
    assert refused.value.reason.values["largest"] == 100_000
    assert refused.value.reason.values["written"] == written[:40]


@given(st.integers(0, 100_000), st.sampled_from(["{:d}", "{:,d}", " {:d} "]), st.sampled_from([",", ".", " ", "'", "’", "\u202f"]))
def test_every_number_in_range_is_read_back_from_how_it_is_written(number: int, shape: str, sign: str) -> None:
    assert parse_number(shape.format(number).replace(",", sign), PEOPLE) == number


@given(st.text(max_size=30))
@example("1\n200")
def test_whatever_is_typed_is_a_number_in_range_or_unknown_or_refused(written: str) -> None:
    try:
        number = parse_number(written, PEOPLE)
    except Refusal:
        return
    if number is None:
        assert not written.strip()
    else:
        assert check_number(number, PEOPLE) == number
        assert "".join(str(int(sign)) for sign in written if sign.isdecimal()).lstrip("0") == str(number).lstrip("0")


# Its note


def test_a_note_has_up_to_a_thousand_characters_and_an_empty_one_is_none() -> None:
    assert check(meeting(note="x" * 1000), TODAY, None, POLICY).note == "x" * 1000
    assert check(meeting(note=" \n "), TODAY, None, POLICY).note is None
    assert check(meeting(note="  two words "), TODAY, None, POLICY).note == "two words"
    with pytest.raises(Refusal) as refused:
        check(meeting(note="x" * 1003), TODAY, None, POLICY)
    assert refused.value.reason.n == 3


@given(checkins)
def test_what_is_in_order_is_stored_as_it_was_given(entry: CheckIn) -> None:
    assert check(entry, TODAY, None, POLICY) == entry


# How days and months are typed


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (None, TODAY),
        ("", TODAY),
        ("today", TODAY),
        (" Today ", TODAY),
        ("yesterday", date(2026, 11, 13)),
        ("2026-11-14", date(2026, 11, 14)),
        (" 2024-02-29 ", date(2024, 2, 29)),
    ],
)
def test_a_day_is_read_as_a_date_or_today_or_yesterday(written: str | None, day: date) -> None:
    assert parse_day(written, TODAY) == day


@pytest.mark.parametrize(
    "written",
    [
        "14.11.2026",
        "11/14/2026",
        "2026-11-31",
        "2025-02-29",
        "2026-1-4",
        "20261114",
        "2026-W46-6",
        "tomorrow",
        "0000-01-01",
        "9999-12-31",
        "0001-01-01",
        "２０２６-11-14",
        "2026-11-14T00:00",
        "x" * 4000,
    ],
)
def test_what_is_no_day_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_day(written, TODAY)
    assert refused.value.reason.values == {"written": written.casefold()[:40], "example": "2026-11-14"}


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)))
def test_every_day_is_read_as_it_is_written(day: date) -> None:
    assert parse_day(day.isoformat(), TODAY) == day


def test_a_month_is_read_as_year_and_month() -> None:
    assert parse_month(" 2026-10 ") == Month(2026, 10)


@pytest.mark.parametrize("written", ["", "October", "2026-13", "10-2026", "2026-10-01", "9999-12", "0001-01", "x" * 4000])
def test_what_is_no_month_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(Refusal, match="Write it like 2026-10"):
        parse_month(written)


# What it counts for


@pytest.mark.parametrize(("people", "counts"), [(None, True), (0, False), (1, False), (2, True), (300, True)])
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("how", [None, *Format])
def test_any_kind_in_any_format_brings_together_with_two_people_or_no_number(
    kind: Kind, how: Format | None, people: int | None, counts: bool
) -> None:
    assert brings_together(CheckIn(kind, TODAY, people, how), POLICY) is counts


def test_an_organisation_may_ask_for_more_people_to_come_together() -> None:
    assert not brings_together(meeting(people=4), Policy(together_people=5))
    assert brings_together(meeting(people=5), Policy(together_people=5))


@pytest.mark.parametrize("part", [None, False, True])
@pytest.mark.parametrize("kind", Kind)
def test_the_kind_education_teaches_and_anything_with_an_education_part(kind: Kind, part: bool | None) -> None:
    assert teaches(CheckIn(kind, TODAY, education=part)) is (kind is Kind.EDUCATION or part is True)


def test_a_month_of_check_ins_comes_to_meetings_education_kinds_and_the_largest_number_met() -> None:
    month = [
        CheckIn(Kind.MEETING, date(2026, 10, 3), 14, Format.IN_PERSON, education=True),
        CheckIn(Kind.MEETING, date(2026, 10, 17), 11, Format.HYBRID),
        CheckIn(Kind.EDUCATION, date(2026, 10, 20), 40, Format.ONLINE),
        CheckIn(Kind.OUTREACH, date(2026, 10, 21), 1, Format.IN_PERSON),
        CheckIn(Kind.SOCIAL, date(2026, 10, 22)),
    ]
    assert tally(month, POLICY) == Tally(4, 2, (Kind.MEETING, Kind.EDUCATION, Kind.OUTREACH, Kind.SOCIAL), 14, (14, 11, 40, None))


def test_the_numbers_of_people_stand_in_the_order_of_the_days_and_only_for_what_brought_people_together() -> None:
    month = [
        CheckIn(Kind.MEETING, date(2026, 10, 17), 11),
        CheckIn(Kind.OUTREACH, date(2026, 10, 9), 1),
        CheckIn(Kind.MEETING, date(2026, 10, 3)),
    ]
    assert tally(month, POLICY).people == (None, 11)


def test_a_month_without_check_ins_comes_to_nothing_and_leaves_who_met_unknown() -> None:
    assert tally([], POLICY) == Tally(0, 0, (), None)


def test_people_who_met_online_or_in_a_format_not_known_did_not_meet_face_to_face() -> None:
    assert tally([meeting(people=9, format=Format.ONLINE), meeting(people=8)], POLICY).met is None
    assert tally([meeting(people=0, format=Format.IN_PERSON)], POLICY).met == 0
    assert tally([meeting(people=7, format=Format.HYBRID)], POLICY).met == 7


@given(st.lists(checkins, max_size=12), checkins)
def test_one_more_check_in_never_lowers_what_a_month_comes_to(month: list[CheckIn], more: CheckIn) -> None:
    before, after = tally(month, POLICY), tally([*month, more], POLICY)
    assert after.meetings >= before.meetings
    assert after.education >= before.education
    assert set(after.kinds) >= set(before.kinds)
    assert (after.met or 0) >= (before.met or 0)


@given(st.lists(checkins, min_size=2, max_size=8))
def test_the_order_of_check_ins_does_not_matter(month: list[CheckIn]) -> None:
    assert tally(month, POLICY) == tally(month[::-1], POLICY)
