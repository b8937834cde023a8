"""Which reports are asked for, when one is missed and a chapter overdue: by example, and against the rules said once more, day by day."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.calendar import Month, first_full_month, start_of
from bot.domain.chapters import Rest
from bot.domain.owed import (
    Owed,
    becomes_missed,
    becomes_owed,
    due_day,
    first_asked,
    on,
    overdue_at,
    past_due,
    silent_at,
    upcoming,
)
from bot.domain.policy import Policy

POLICY = Policy()
LONDON = ZoneInfo("Europe/London")
TOKYO = ZoneInfo("Asia/Tokyo")
JULY, AUGUST, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER = (Month(2026, month) for month in range(7, 13))
JANUARY = Month(2027, 1)


def london(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=LONDON).astimezone(UTC)


def next_ones(owed: Owed, n: int = 4) -> list[Month]:
    return list(islice(upcoming(owed), n))


# Which periods are owed


def test_a_chapter_owes_each_month_from_the_first_full_one_on() -> None:
    assert next_ones(Owed(first=first_full_month(date(2026, 9, 14)))) == [OCTOBER, NOVEMBER, DECEMBER, JANUARY]
    assert next_ones(Owed(first=first_full_month(date(2026, 9, 1))), 1) == [SEPTEMBER]


def test_a_chapter_owes_nothing_until_coordinators_agreed_that_it_is_asked() -> None:
    assert first_asked(date(2026, 9, 14), None, LONDON) is None
    never = Owed(first=None)
    assert next_ones(never) == []
    assert on(never, date(2027, 11, 3)) == never
    assert overdue_at(never, POLICY, LONDON) is None
    assert silent_at(never, POLICY, LONDON) is None


def test_no_month_is_owed_that_was_over_when_coordinators_agreed() -> None:
    assert first_asked(date(2026, 7, 1), london(2026, 10, 20), LONDON) == OCTOBER
    assert first_asked(date(2026, 10, 14), london(2026, 10, 20), LONDON) == NOVEMBER
    last_evening = london(2026, 10, 31, 20)
    assert first_asked(date(2026, 7, 1), last_evening, LONDON) == OCTOBER
    assert first_asked(date(2026, 7, 1), last_evening, TOKYO) == NOVEMBER


def test_a_period_becomes_owed_on_the_first_day_of_the_month_after_it() -> None:
    fresh = Owed(first=OCTOBER)
    assert on(fresh, date(2026, 10, 31)).asked_for is None
    assert on(fresh, date(2026, 11, 1)).asked_for == OCTOBER
    assert becomes_owed(OCTOBER, TOKYO) == datetime(2026, 10, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "owes"), [(1, [OCTOBER, NOVEMBER]), (2, [OCTOBER, DECEMBER]), (3, [OCTOBER, JANUARY]), (4, [OCTOBER, Month(2027, 2)])]
)
def test_with_a_rhythm_the_first_full_month_is_owed_and_then_each_that_lies_so_many_months_later(rhythm: int, owes: list[Month]) -> None:
    assert next_ones(Owed(first=OCTOBER, rhythm=rhythm), 2) == owes


@pytest.mark.parametrize("rhythm", [1, 2, 3, 4])
def test_the_rhythm_counts_from_the_last_published_skipped_or_missed_period(rhythm: int) -> None:
    published = Owed(first=JULY, rhythm=rhythm, newest_owed=AUGUST, newest_answered=AUGUST)
    missed = Owed(first=JULY, rhythm=rhythm, newest_owed=AUGUST, unanswered=(AUGUST,))
    published_unasked = Owed(first=JULY, rhythm=rhythm, newest_owed=JULY, newest_answered=AUGUST)
    for owed in (published, missed, published_unasked):
        assert next_ones(owed, 1) == [AUGUST.plus(rhythm)]


def test_what_was_reported_from_before_a_chapter_was_added_makes_nobody_owe_the_time_before() -> None:
    assert next_ones(Owed(first=OCTOBER, newest_answered=Month(2026, 2)), 1) == [OCTOBER]


@pytest.mark.parametrize(("since", "until"), [(31, 31), (1, 1), (9, 20), (1, 31)])
def test_a_period_that_was_rested_in_on_a_single_day_is_not_owed(since: int, until: int) -> None:
    rest = Rest(date(2026, 10, since), date(2026, 10, until))
    assert next_ones(Owed(first=SEPTEMBER, rests=(rest,)), 3) == [SEPTEMBER, NOVEMBER, DECEMBER]


def test_after_a_rest_the_first_full_month_is_owed_and_the_rhythm_goes_on_from_there() -> None:
    owed = Owed(first=JULY, rhythm=2, rests=(Rest(date(2026, 9, 10), date(2026, 10, 20)),))
    assert next_ones(owed, 3) == [JULY, NOVEMBER, JANUARY]


def test_an_archived_chapter_owes_the_months_before_and_none_after() -> None:
    owed = Owed(first=AUGUST, rests=(Rest(date(2026, 10, 12), None),))
    assert next_ones(owed) == [AUGUST, SEPTEMBER]


def test_a_restored_chapter_owes_no_month_of_the_time_it_was_archived_in() -> None:
    owed = Owed(first=AUGUST, newest_owed=SEPTEMBER, unanswered=(AUGUST, SEPTEMBER), rests=(Rest(date(2026, 10, 12), date(2026, 12, 3)),))
    assert next_ones(owed, 2) == [JANUARY, Month(2027, 2)]


def test_a_quicker_rhythm_holds_from_the_next_period_that_is_not_over_yet() -> None:
    """July was reported with a rhythm of four, and one month is chosen on 14 October: August and September are over and not asked for."""
    owed = Owed(first=JULY, rhythm=1, newest_owed=JULY, newest_answered=JULY, rhythm_since=OCTOBER)
    assert on(owed, date(2026, 10, 14)) == owed
    assert next_ones(owed, 2) == [OCTOBER, NOVEMBER]


def test_a_slower_rhythm_holds_from_the_next_period_and_leaves_the_owed_one_owed() -> None:
    owed = Owed(first=JULY, rhythm=3, newest_owed=SEPTEMBER, unanswered=(SEPTEMBER,), rhythm_since=OCTOBER)
    assert owed.asked_for == SEPTEMBER
    assert next_ones(owed, 1) == [DECEMBER]


def test_only_the_newest_owed_period_is_asked_for() -> None:
    assert on(Owed(first=JULY), date(2026, 11, 3)).asked_for == OCTOBER
    assert on(Owed(first=JULY), date(2026, 11, 3)).unanswered == (JULY, AUGUST, SEPTEMBER, OCTOBER)


# When a period is past due, and when it is missed


@pytest.mark.parametrize("month", range(1, 13))
def test_a_report_is_due_by_the_end_of_day_ten_and_past_due_from_day_eleven(month: int) -> None:
    period = Month(2026, month)
    assert due_day(period, POLICY) == period.plus(1).first.replace(day=10)
    assert past_due(period, POLICY, TOKYO) == start_of(period.plus(1).first.replace(day=11), TOKYO)


def test_a_period_is_missed_when_a_later_one_becomes_owed() -> None:
    owed = Owed(first=JULY, newest_owed=OCTOBER, unanswered=(SEPTEMBER, OCTOBER))
    assert becomes_missed(owed, SEPTEMBER, LONDON) == london(2026, 11, 1)
    assert becomes_missed(owed, OCTOBER, LONDON) == london(2026, 12, 1)


def test_with_a_rhythm_of_four_a_period_is_asked_for_until_the_next_is_owed() -> None:
    owed = Owed(first=JULY, rhythm=4, newest_owed=JULY, unanswered=(JULY,))
    assert becomes_missed(owed, JULY, LONDON) == london(2026, 12, 1)


def test_the_last_period_of_an_archived_chapter_is_not_missed_any_more() -> None:
    owed = Owed(first=JULY, newest_owed=SEPTEMBER, unanswered=(SEPTEMBER,), rests=(Rest(date(2026, 10, 5), None),))
    assert becomes_missed(owed, SEPTEMBER, LONDON) is None


# When a chapter is overdue


def test_who_missed_september_is_overdue_from_eleven_october_and_on_one_to_ten_november_too() -> None:
    in_october = Owed(first=JULY, newest_owed=SEPTEMBER, newest_answered=AUGUST, unanswered=(SEPTEMBER,))
    in_november = on(in_october, date(2026, 11, 5))
    assert in_november.unanswered == (SEPTEMBER, OCTOBER)
    for owed in (in_october, in_november):
        assert overdue_at(owed, POLICY, LONDON) == london(2026, 10, 11)


def test_the_unbroken_run_begins_with_the_first_period_after_the_newest_answered_one() -> None:
    owed = Owed(first=JULY, newest_owed=OCTOBER, newest_answered=JULY, unanswered=(AUGUST, SEPTEMBER, OCTOBER))
    assert overdue_at(owed, POLICY, LONDON) == london(2026, 9, 11)


def test_a_chapter_that_answered_is_overdue_when_it_lets_the_next_period_pass() -> None:
    owed = Owed(first=JULY, newest_owed=SEPTEMBER, newest_answered=SEPTEMBER)
    assert overdue_at(owed, POLICY, LONDON) == london(2026, 11, 11)


def test_a_chapter_that_answered_a_later_period_than_the_one_it_missed_is_not_overdue() -> None:
    owed = Owed(first=JULY, newest_owed=SEPTEMBER, newest_answered=OCTOBER)
    assert overdue_at(owed, POLICY, LONDON) == london(2026, 12, 11)


def test_a_resting_chapter_is_never_overdue_and_its_run_begins_anew_when_it_wakes() -> None:
    owed = Owed(first=JULY, newest_owed=SEPTEMBER, unanswered=(AUGUST, SEPTEMBER), rests=(Rest(date(2026, 10, 20), date(2026, 12, 31)),))
    assert overdue_at(owed, POLICY, LONDON) == silent_at(owed, POLICY, LONDON) == london(2027, 1, 1)


def test_an_archived_chapter_is_never_overdue() -> None:
    owed = Owed(first=JULY, newest_owed=SEPTEMBER, unanswered=(AUGUST, SEPTEMBER), rests=(Rest(date(2026, 10, 20), None),))
    assert overdue_at(owed, POLICY, LONDON) is None
    assert silent_at(owed, POLICY, LONDON) is None


def test_a_chapter_is_silent_when_two_periods_running_are_past_due() -> None:
    owed = Owed(first=JULY, newest_owed=AUGUST, newest_answered=JULY, unanswered=(AUGUST,))
    assert overdue_at(owed, POLICY, LONDON) == london(2026, 9, 11)
    assert silent_at(owed, POLICY, LONDON) == london(2026, 10, 11)


def test_with_a_rhythm_of_three_silence_takes_two_of_its_own_periods() -> None:
    owed = Owed(first=JULY, rhythm=3, newest_owed=JULY, unanswered=(JULY,))
    assert silent_at(owed, POLICY, LONDON) == london(2026, 11, 11)


# The rules said once more, day by day


@dataclass(frozen=True, slots=True)
class Life:
    """What a chapter does over the years: when it rests, which rhythm it chooses when, and which period it answers on which day."""

    added: date
    rests: tuple[Rest, ...] = ()
    rhythms: dict[date, int] = field(default_factory=dict)
    answers: dict[date, int] = field(default_factory=dict)


@dataclass(slots=True)
class Plain:
    """What is true of the chapter on a day, by rules.md alone."""

    day: date
    rhythm: int = 1
    rhythm_since: Month | None = None
    owed: list[Month] = field(default_factory=list)
    answered: set[Month] = field(default_factory=set)


def active(life: Life, day: date) -> bool:
    return not any(rest.covers(day) for rest in life.rests)


def lived_through(life: Life, period: Month) -> bool:
    days = [period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1)]
    return period.first >= life.added and all(active(life, day) for day in days)


def days_of(life: Life, days: int) -> Iterator[Plain]:
    """The chapter's state at the end of each day: first what the calendar brings, then what people do."""
    now = Plain(life.added)
    for n in range(days):
        now.day = life.added + timedelta(days=n)
        ended = Month.of(now.day).plus(-1)
        if now.day.day == 1 and lived_through(life, ended):
            anchors = [*now.owed, *now.answered]
            if not anchors or ended.index - max(anchors).index >= now.rhythm:
                now.owed.append(ended)
        if now.day in life.rhythms:
            now.rhythm, now.rhythm_since = life.rhythms[now.day], Month.of(now.day)
        if now.day in life.answers:
            now.answered.add(ended.plus(-life.answers[now.day]))
        yield now


def unanswered(now: Plain) -> tuple[Month, ...]:
    return tuple(period for period in now.owed if not any(answer >= period for answer in now.answered))


def stored(life: Life, now: Plain, known: Owed) -> Owed:
    """What the database would hold at the end of this day, `known` being what it held the day before."""
    return replace(
        known,
        rhythm=now.rhythm,
        rhythm_since=now.rhythm_since,
        newest_answered=max(now.answered, default=None),
        unanswered=tuple(period for period in known.unanswered if not any(answer >= period for answer in now.answered)),
        rests=tuple(rest for rest in life.rests if rest.since <= now.day),
    )


def is_overdue(life: Life, now: Plain, running: int = 1) -> bool:
    """Active, and the newest past-due period (the two newest, three …) neither published nor skipped, and no later one."""
    past = [period for period in now.owed if now.day >= period.plus(1).first + timedelta(days=10)][-running:]
    return active(life, now.day) and len(past) == running and not any(answer >= past[0] for answer in now.answered)


@st.composite
def lives(draw: st.DrawFn, *, answers_what_is_asked: bool = False) -> Life:
    added = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 90)))
    rests, day = [], added
    for _ in range(draw(st.integers(0, 3))):
        since = day + timedelta(days=draw(st.integers(1, 150)))
        day = since + timedelta(days=draw(st.integers(0, 120)))
        rests.append(Rest(since, day))
        day += timedelta(days=1)
    if draw(st.integers(0, 9)) == 0:
        rests.append(Rest(day + timedelta(days=draw(st.integers(1, 200))), None))
    ahead = st.integers(40, 600).map(lambda n: added + timedelta(days=n))
    back = st.just(0) if answers_what_is_asked else st.integers(0, 6)
    return Life(
        added,
        tuple(rests),
        draw(st.dictionaries(ahead, st.integers(1, 4), max_size=3)),
        draw(st.dictionaries(ahead, back, max_size=12)),
    )


@settings(max_examples=25)
@given(lives())
def test_what_is_owed_missed_and_overdue_on_each_day_is_what_the_rules_say(life: Life) -> None:
    known = Owed(first_full_month(life.added))
    for now in days_of(life, 500):
        known = on(known, now.day)
        assert known.newest_owed == max(now.owed, default=None), now.day
        known = stored(life, now, known)
        assert known.unanswered == unanswered(now), now.day
        for moment, running in ((overdue_at(known, POLICY, TOKYO), 1), (silent_at(known, POLICY, TOKYO), 2)):
            assert (moment is not None and moment <= start_of(now.day, TOKYO)) == is_overdue(life, now, running), (now.day, running)


@settings(max_examples=25)
@given(lives(answers_what_is_asked=True))
def test_a_chapter_is_overdue_since_the_first_day_of_the_unbroken_run(life: Life) -> None:
    known, since = Owed(first_full_month(life.added)), None
    for now in days_of(life, 500):
        known = stored(life, now, on(known, now.day))
        since = (since or now.day) if is_overdue(life, now) else None
        if since is not None:
            assert overdue_at(known, POLICY, TOKYO) == start_of(since, TOKYO), now.day


@settings(max_examples=25)
@given(lives(), st.integers(1, 4))
def test_changing_the_rhythm_moves_no_verdict_and_asks_for_no_month_that_is_over(life: Life, rhythm: int) -> None:
    known = Owed(first_full_month(life.added))
    for now in days_of(life, 300):
        known = stored(life, now, on(known, now.day))
        changed = replace(known, rhythm=rhythm, rhythm_since=Month.of(now.day))
        assert on(changed, now.day) == changed, now.day
        assert changed.asked_for == known.asked_for
        upto = start_of(now.day, TOKYO)
        for verdict in (overdue_at, silent_at):
            before, after = verdict(known, POLICY, TOKYO), verdict(changed, POLICY, TOKYO)
            assert (before if before and before <= upto else None) == (after if after and after <= upto else None), now.day


@given(lives(), st.integers(1, 900))
def test_an_outage_of_any_length_leaves_the_same_periods_owed_as_no_outage(life: Life, days: int) -> None:
    quiet = replace(life, rhythms={}, answers={})
    last = list(days_of(quiet, days))[-1]
    fresh = Owed(first_full_month(life.added), rests=life.rests)
    assert on(fresh, last.day).unanswered == tuple(last.owed)


@given(lives(), st.integers(1, 4), st.integers(0, 40))
def test_no_period_is_owed_twice_and_each_lies_at_least_the_rhythm_after_the_one_before(life: Life, rhythm: int, n: int) -> None:
    periods = list(islice(upcoming(Owed(first_full_month(life.added), rhythm, rests=life.rests)), n))
    assert all(later.index - earlier.index >= rhythm for earlier, later in pairwise(periods))
    assert all(lived_through(life, period) for period in periods)
