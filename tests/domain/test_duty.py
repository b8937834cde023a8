"""Report duty: turns go round, pass over whoever is away or gone, and are always somebody's who is there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import calendar
from bot.domain.duty import LONGEST_AWAY, NOTE_LENGTH, Turns, check_away, check_note, is_away
from bot.domain.refusal import Refusal
from bot.locales import plain

ANA, BEN, CLEO, DAN = 1, 2, 3, 4
EVERYBODY = (ANA, BEN, CLEO, DAN)
TODAY = date(2026, 11, 2)
SOON, LATER = date(2026, 11, 9), date(2026, 12, 1)


@st.composite
def turns(draw: st.DrawFn) -> Turns:
    admins = draw(st.lists(st.integers(1, 9), unique=True, max_size=6))
    some = st.lists(st.sampled_from(admins), unique=True) if admins else st.just([])
    away = {each: TODAY + timedelta(days=draw(st.integers(1, 84))) for each in draw(some)}
    return Turns(tuple(admins), draw(st.none() | st.integers(1, 10)), away, frozenset(draw(some)))


def present(shown: Turns) -> set[int]:
    return set(shown.admins) - set(shown.away) - set(shown.gone)


# Whose turn it is


@pytest.mark.parametrize(("turn", "following"), [(ANA, BEN), (DAN, ANA), (None, ANA), (9, ANA)])
def test_the_turn_passes_to_the_next_admin_in_order_and_wraps_round(turn: int | None, following: int) -> None:
    assert Turns(EVERYBODY, turn).passed.turn == following


def test_a_chapter_with_one_admin_keeps_them_on_duty_and_one_without_has_nobody() -> None:
    assert Turns((ANA,), ANA).passed.turn == ANA
    assert (Turns((), None).on_duty, Turns((), 7).passed.turn) == (None, None)


def test_who_is_away_is_passed_over_and_who_comes_after_them_has_the_turn() -> None:
    found = Turns(EVERYBODY, BEN, {BEN: SOON, CLEO: LATER})
    assert (found.on_duty, found.asked, found.passed.turn) == (DAN, [DAN, ANA], ANA)


def test_if_all_are_away_whoever_is_back_first_is_asked_alone_and_of_several_the_first_in_order() -> None:
    assert Turns(EVERYBODY, ANA, dict.fromkeys(EVERYBODY, LATER) | {CLEO: SOON, DAN: SOON}).asked == [CLEO]


def test_who_has_left_is_not_waited_for_even_if_they_said_that_they_would_be_back_first() -> None:
    assert Turns((ANA, BEN), ANA, {ANA: LATER, BEN: SOON}, frozenset({BEN})).asked == [ANA]
    assert Turns((ANA,), ANA, gone=frozenset({ANA})).on_duty is None


@given(turns())
def test_duty_never_falls_on_somebody_away_or_gone_while_anybody_is_there(shown: Turns) -> None:
    for on in (shown.on_duty, shown.passed.turn):
        if present(shown):
            assert on in present(shown)
        elif set(shown.admins) - set(shown.gone):
            assert shown.away[on or 0] == min(shown.away[each] for each in shown.admins if each not in shown.gone)
        else:
            assert on is None


@given(turns())
def test_in_as_many_turns_as_there_are_people_there_each_has_exactly_one(shown: Turns) -> None:
    had, shown = [], replace(shown, turn=shown.on_duty)
    for _ in shown.there:
        had.append(shown.on_duty)
        shown = shown.passed
    assert sorted(each for each in had if each is not None) == sorted(shown.there)


@given(turns(), st.data())
def test_a_removed_admins_duty_passes_on_to_who_comes_next_and_any_other_removal_leaves_it(shown: Turns, data: st.DataObject) -> None:
    if not shown.admins:
        return
    removed, shown = data.draw(st.sampled_from(shown.admins)), replace(shown, turn=shown.on_duty)
    after = shown.without(removed)
    assert removed not in after.admins
    assert removed != after.on_duty
    if shown.on_duty != removed:
        assert after.on_duty == shown.on_duty
    elif present(shown) - {removed}:
        assert after.on_duty == shown.passed.turn


# A year in a chapter


@dataclass(frozen=True, slots=True)
class Chapter:
    """What is stored of a chapter's turns; after each act the turn is settled, as the services do."""

    admins: tuple[int, ...]
    turn: int | None
    until: dict[int, date]
    day: date

    @property
    def turns(self) -> Turns:
        away = {each: until for each, until in self.until.items() if each in self.admins and is_away(until, self.day)}
        return Turns(self.admins, self.turn, away)

    def settled(self) -> "Chapter":
        return replace(self, turn=self.turns.on_duty)

    def after(self, act: str, who: int, days: int) -> "Chapter":
        match act:
            case "away":
                until = {**self.until, who: self.day + timedelta(days=days)}
                return replace(self, until=until).settled() if who in self.admins else self
            case "back":
                return replace(self, until={each: until for each, until in self.until.items() if each != who}).settled()
            case "pass" | "answer":
                return replace(self, turn=self.turns.passed.turn)
            case "leave":
                left = self.turns.without(who)
                return replace(self, admins=tuple(left.admins), turn=left.on_duty)
            case "join":
                return (self if who in self.admins else replace(self, admins=(*self.admins, who))).settled()
            case _:
                return replace(self, day=self.day + timedelta(days=days))


ACTS = st.tuples(st.sampled_from(("away", "back", "pass", "answer", "leave", "join", "wait")), st.integers(1, 5), st.integers(0, 84))


@given(st.lists(ACTS, max_size=40))
def test_whatever_happens_and_however_time_passes_what_is_stored_is_somebody_who_is_there(acts: Sequence[tuple[str, int, int]]) -> None:
    chapter = Chapter(EVERYBODY, ANA, {}, TODAY)
    for act in acts:
        chapter = chapter.after(*act)
        assert chapter.turn == chapter.turns.on_duty
        assert chapter.turn in chapter.turns.there or not chapter.admins


# Being away


def test_who_is_away_is_back_on_the_day_they_named() -> None:
    assert [is_away(SOON, day) for day in (date(2026, 11, 8), SOON, date(2026, 11, 10))] == [True, False, False]
    assert not is_away(None, TODAY)


@pytest.mark.parametrize(
    ("zone", "until", "last", "first"),
    [
        ("Europe/London", date(2026, 10, 25), "2026-10-24T22:59", "2026-10-24T23:00"),
        ("Europe/London", date(2026, 10, 26), "2026-10-25T23:59", "2026-10-26T00:00"),
        ("Europe/London", date(2026, 3, 30), "2026-03-29T22:59", "2026-03-29T23:00"),
        ("Asia/Beirut", date(2026, 3, 29), "2026-03-28T21:59", "2026-03-28T22:00"),
        ("Pacific/Kiritimati", date(2026, 11, 9), "2026-11-08T09:59", "2026-11-08T10:00"),
        ("America/Los_Angeles", date(2026, 11, 2), "2026-11-02T07:59", "2026-11-02T08:00"),
    ],
)
def test_an_absence_ends_when_the_day_begins_in_the_chapters_zone_and_when_its_clocks_change(
    zone: str, until: date, last: str, first: str
) -> None:
    here = ZoneInfo(zone)
    moments = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (last, first)]
    assert [is_away(until, calendar.today(moment, here)) for moment in moments] == [True, False]


def test_an_absence_of_twelve_weeks_is_the_longest_and_today_ends_one() -> None:
    assert check_away(TODAY + LONGEST_AWAY, TODAY) == date(2027, 1, 25)
    assert check_away(TODAY, TODAY) is None
    for day in (TODAY - timedelta(days=1), date(2027, 1, 26)):
        with pytest.raises(Refusal) as refused:
            check_away(day, TODAY)
        assert plain(refused.value.reason, "en").startswith("The day can be from 2 November 2026 to 25 January 2027.")


def test_a_note_has_seven_hundred_characters_at_most_and_may_be_left_out() -> None:
    assert check_note("  " + "x" * NOTE_LENGTH + "\n") == "x" * 700
    assert check_note(" \n ") is None
    with pytest.raises(Refusal) as refused:
        check_note("x" * 702)
    assert plain(refused.value.reason, "en") == "The note is 2 characters too long: at most 700. Shorten it and send it again."
