"""What a chapter may be called, how names are compared, and what it is on a day."""

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.chapters import Chapter, Rest, State, Visibility, check_length, check_name, fold, rounded, visible_from
from bot.domain.refusal import Refusal
from bot.domain.text import text

NAME = text("The name")
NOW = datetime(2026, 11, 14, 18, 30, tzinfo=UTC)
LONDON = Chapter(
    id=1,
    guild_id=7,
    name="London",
    branch_id=None,
    city=None,
    latitude=None,
    longitude=None,
    timezone="Europe/London",
    languages=(),
    channel_id=None,
    role_id=None,
    founded=None,
    added_on=date(2026, 1, 1),
    visibility=Visibility.MEMBERS,
    resting_from=None,
    resting_until=None,
    archived=False,
    rhythm=1,
    prompt_hour=None,
    discreet=False,
    duty_user_id=None,
)


# How names are compared


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("São Paulo", "sao paulo"),
        ("SÃO  PAULO", " Sao Paulo "),
        ("Sa\u0303o Paulo", "S\u00e3o Paulo"),
        ("Łódź", "lodz"),
        ("Tromsø", "tromso"),
        ("Đà Nẵng", "da nang"),
        ("Ærø", "aero"),
        ("Œuvre", "oeuvre"),
        ("Ǿrsted", "orsted"),  # ø with an accent of its own
        ("Großenhain", "GROSSENHAIN"),
        ("İzmir", "izmir"),
        ("ΑΘΉΝΑ", "αθηνα"),
        ("Ｔｏｋｙｏ", "tokyo"),
        ("القاهرة", "القاهرة"),
        ("e\u0301\u0323", "e\u0323\u0301"),  # two accents, in either order
    ],
)
def test_names_are_compared_without_case_accents_and_doubled_spaces(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Lund", "London"), ("Gdańsk", "Gdynia"), ("كراكوف", "القاهرة"), ("ぱ", "ぬ"), ("Porto 1", "Porto 2")]
)
def test_names_that_differ_in_a_letter_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(max_size=80))
@example("ŉ")
@example("ᾳ\u0345")
def test_a_compared_name_compares_as_itself(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(st.text(max_size=80))
def test_no_accent_and_no_outer_space_is_left_in_a_compared_name(name: str) -> None:
    folded = fold(name)
    assert not any("\u0300" <= letter <= "\u036f" for letter in folded)
    assert folded == " ".join(folded.split())


@given(st.text(max_size=80))
def test_a_name_compares_the_same_in_every_way_of_writing_its_accents(name: str) -> None:
    assert fold(unicodedata.normalize("NFC", name)) == fold(unicodedata.normalize("NFD", name))


# What it may be called


def test_a_name_is_kept_as_it_was_written_without_outer_space() -> None:
    assert check_name("  São Paulo \n", NAME) == "São Paulo"


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "\u0301", "—", "…", "\u2066\u2069"])
def test_a_name_holds_at_least_one_letter_or_digit(name: str) -> None:
    with pytest.raises(Refusal, match="at least one letter"):
        check_name(name, NAME)


@pytest.mark.parametrize("name", ["東京", "القاهرة", "กรุงเทพ", "7", "e\u0301"])
def test_a_name_may_be_in_any_script(name: str) -> None:
    assert check_name(name, NAME) == name


@pytest.mark.parametrize("unseen", ["\u200b", "\u2060", "\u202e", "\u00ad", "\x00", "\ud800", "\U000e0041", "\u3164"])
def test_a_name_is_kept_without_marks_that_nobody_sees(unseen: str) -> None:
    assert check_name(f"Lon{unseen}don", NAME) == "London"


def test_a_name_of_letters_that_stand_for_phrases_is_too_long() -> None:
    with pytest.raises(Refusal, match="too long"):
        check_name("\ufdfa" * 60, NAME)


@pytest.mark.parametrize("between", [",", "\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85"])
def test_a_name_holds_no_comma_and_no_line_break(between: str) -> None:
    with pytest.raises(Refusal, match="comma or a line break"):
        check_name(f"York{between}Hull", NAME)


def test_a_name_may_have_sixty_characters_and_not_one_more() -> None:
    assert check_name("ö" * 60, NAME) == "ö" * 60
    with pytest.raises(Refusal) as refused:
        check_name("ö" * 61, NAME)
    assert refused.value.reason.n == 1


@given(st.text(max_size=40), st.integers(0, 40))
def test_words_that_are_too_long_are_refused_with_by_how_much(words: str, limit: int) -> None:
    if len(words) <= limit:
        assert check_length(words, limit, NAME) == words
    else:
        with pytest.raises(Refusal) as refused:
            check_length(words, limit, NAME)
        assert refused.value.reason.values["n"] == len(words) - limit
        assert refused.value.reason.values["limit"] == limit


# Where it is


@given(st.floats(-180, 180))
def test_a_place_is_kept_to_a_tenth_of_a_degree(degrees: float) -> None:
    kept = rounded(degrees)
    assert abs(kept - degrees) <= 0.05 + 1e-9
    assert len(str(abs(kept)).partition(".")[2]) == 1


def test_a_place_on_the_equator_has_no_sign() -> None:
    assert str(rounded(-0.04)) == "0.0"


# What it is on a day


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 10, 31), State.ACTIVE),
        (date(2026, 11, 1), State.RESTING),
        (date(2026, 11, 30), State.RESTING),
        (date(2026, 12, 1), State.ACTIVE),
    ],
)
def test_a_chapter_rests_from_the_first_to_the_last_day_of_its_rest(day: date, state: State) -> None:
    resting = replace(LONDON, resting_from=date(2026, 11, 1), resting_until=date(2026, 11, 30))
    assert resting.state(day) is state


def test_an_archived_chapter_is_archived_even_if_it_rested() -> None:
    archived = replace(LONDON, archived=True, resting_from=date(2026, 11, 1), resting_until=date(2026, 11, 30))
    assert archived.state(date(2026, 11, 5)) is State.ARCHIVED


@given(st.dates(), st.none() | st.integers(0, 400), st.dates(), st.integers(0, 40))
def test_a_rest_touches_a_span_of_days_if_it_covers_one_of_them(since: date, length: int | None, first: date, days: int) -> None:
    rest = Rest(since, None if length is None else date.fromordinal(min(since.toordinal() + length, date.max.toordinal())))
    span = [date.fromordinal(min(first.toordinal() + n, date.max.toordinal())) for n in range(days + 1)]
    assert rest.touches(span[0], span[-1]) == any(rest.covers(day) for day in span)


# How far it lets itself be seen


@pytest.mark.parametrize(
    ("before", "after", "hours"),
    [
        (Visibility.OPEN, Visibility.MEMBERS, 0),
        (Visibility.OPEN, Visibility.HIDDEN, 0),
        (Visibility.MEMBERS, Visibility.HIDDEN, 0),
        (Visibility.MEMBERS, Visibility.MEMBERS, 0),
        (Visibility.HIDDEN, Visibility.MEMBERS, 24),
        (Visibility.HIDDEN, Visibility.OPEN, 24),
        (Visibility.MEMBERS, Visibility.OPEN, 24),
    ],
)
def test_tightening_visibility_works_at_once_and_loosening_after_a_day(before: Visibility, after: Visibility, hours: int) -> None:
    assert visible_from(before, after, NOW) == NOW + timedelta(hours=hours)
