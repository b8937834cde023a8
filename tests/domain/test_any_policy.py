"""Whatever policy an organisation comes to by accepted changes: no rule breaks on it, and what holds of a status holds."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import calendar, effects, errands, functioning, owed, privacy, reports
from bot.domain.calendar import Month
from bot.domain.chapters import State
from bot.domain.checkins import CheckIn, Kind, tally
from bot.domain.functioning import Criterion, Evidence, Status
from bot.domain.owed import Owed
from bot.domain.policy import Policy
from bot.domain.settings import SETTINGS
from tests.domain.accepted import accepted

TODAY = date(2026, 11, 22)
zones = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Europe/London", "Pacific/Kiritimati", "America/St_Johns", "Australia/Lord_Howe")]
)
moments = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
evidence = st.builds(
    Evidence,
    st.sampled_from(Criterion),
    st.dates(TODAY - timedelta(days=450), TODAY),
    st.just(date(2025, 1, 1)),
    st.integers(1, 3),
    st.none() | st.sampled_from([kind.value for kind in Kind]),
    st.none() | st.integers(0, 60),
)


def status(known: list[Evidence], policy: Policy, day: date, added_on: date) -> Status:
    stands = functioning.standings(known, policy, day)
    heard = max((piece.day for piece in known), default=None)
    return functioning.status(functioning.lapse_day(stands, policy), State.ACTIVE, added_on, heard, policy, day)


@given(accepted(), st.lists(evidence, max_size=12), evidence, st.dates(date(2026, 1, 1), TODAY))
def test_recording_something_never_ends_that_a_chapter_functions_nor_makes_a_new_one_quiet(
    policy: Policy, known: list[Evidence], more: Evidence, added_on: date
) -> None:
    before, after = status(known, policy, TODAY, added_on), status([*known, more], policy, TODAY, added_on)
    assert after.counts_as_functioning or not before.counts_as_functioning
    assert (before, after) != (Status.NEW, Status.QUIET)


@given(accepted(), st.lists(evidence, max_size=12), st.integers(0, 200))
def test_without_new_entries_a_chapter_that_does_not_function_never_does_so_again(
    policy: Policy, known: list[Evidence], later: int
) -> None:
    now, then = (status(known, policy, TODAY + timedelta(days=n), date(2025, 1, 1)) for n in (0, later))
    assert now.counts_as_functioning or not then.counts_as_functioning


@given(accepted(), st.lists(evidence, max_size=12))
def test_a_chapter_is_at_risk_before_it_stops_and_stops_when_it_was_said(policy: Policy, known: list[Evidence]) -> None:
    lapses = functioning.lapse_day(functioning.standings(known, policy, TODAY), policy)
    if lapses is None or lapses <= TODAY:
        return
    added_on, day = date(2025, 1, 1), timedelta(days=1)
    assert status(known, policy, lapses - day, added_on) is Status.AT_RISK
    assert not status(known, policy, lapses, added_on).counts_as_functioning


@given(accepted(), st.lists(evidence, max_size=12), evidence)
def test_what_is_dated_later_never_changes_the_answer_for_a_day(policy: Policy, known: list[Evidence], more: Evidence) -> None:
    day = more.day - timedelta(days=1)
    assert functioning.standings(known, policy, day) == functioning.standings([*known, more], policy, day)


@given(accepted(), zones, moments, st.integers(1, 4), st.none() | st.integers(0, 23))
def test_whatever_the_policy_everything_happens_in_its_order_and_in_its_hours(
    policy: Policy, zone: ZoneInfo, now: datetime, rhythm: int, own_hour: int | None
) -> None:
    asked = owed.on(Owed(first=Month(2025, 12), rhythm=rhythm), calendar.today(now, zone))
    facts = errands.Facts(asked, zone, own_hour, None, None, None)
    period = asked.asked_for or Month(2025, 12)
    prompt, (first, second) = errands.prompt(facts, period, policy), errands.nudges(facts, period, policy)
    assert prompt.due < first.due < second.due < owed.past_due(period, policy, zone)
    for errand in (prompt, first, second):
        assert errand.due < errand.expires
        assert policy.opens <= errand.due.astimezone(zone).hour < policy.closes
    assert all(errand.due <= now < errand.expires for errand in errands.owed_now(facts, policy, now))
    look = errands.next_look(facts, policy, now)
    assert look is not None
    assert look > now
    errands.duty_passes(facts, policy, now)
    assert errands.newest_digest(now, policy, zone)[1] <= now < errands.next_digest(now, policy, zone)
    assert errands.next_word(now, policy, zone) > now
    assert owed.overdue_at(asked, policy, zone) is not None
    for key in SETTINGS:
        coming = effects.next_time(key, policy, zone, now)
        assert coming is None or coming.day >= calendar.today(now, zone)


@given(accepted(), st.lists(st.tuples(st.sampled_from(Kind), st.none() | st.integers(0, 60)), max_size=8))
def test_a_report_is_filled_in_with_what_is_asked_only(policy: Policy, done: list[tuple[Kind, int | None]]) -> None:
    known = tally([CheckIn(kind, TODAY, people) for kind, people in done], policy)
    for report in (reports.suggested(reports.Report(), known, policy.questions), reports.quiet_month(known, policy.questions)):
        for part in reports.Part:
            assert set(reports.to_plain(report.part(part))) <= set(policy.questions)
    everything = reports.only(reports.Report(reports.People(5, 3), words=reports.Words(private_note="x", hard="y")), policy.questions)
    assert everything.words.hard is None or "hard" in policy.questions


def cards(categories: int, total: int) -> Iterator[tuple[int, ...]]:
    """Every way in which so many people can be spread over so many categories."""
    if categories == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in cards(categories - 1, total - first):
            yield (first, *rest)


@pytest.mark.parametrize("small_cell", [4, 5, 9, 20])
@pytest.mark.parametrize("small_total", [10, 11, 40])
@pytest.mark.parametrize(("categories", "largest"), [(2, 60), (3, 24)])
def test_every_hidden_cell_keeps_eight_values_whatever_bounds_are_accepted(
    small_cell: int, small_total: int, categories: int, largest: int
) -> None:
    policy, possible = Policy(small_cell=small_cell, small_total=small_total), defaultdict[int | None, list[set[int]]](list)
    for total in range(largest + 1):
        for card in cards(categories, total):
            seen = privacy.shown({str(at): people for at, people in enumerate(card)}, policy, insider=False)
            if seen.cells is None:
                found = possible[seen.total] = possible[seen.total] or [set() for _ in card]
                for values, people in zip(found, card, strict=True):
                    values.add(people)
    assert min(len(values) for hidden in possible.values() for values in hidden) >= 8


@pytest.mark.parametrize(("one", "other"), [(2, 2), (3, 2)])
def test_two_counts_of_the_same_people_side_by_side_leave_eight_values_for_every_hidden_cell(one: int, other: int) -> None:
    policy, possible = Policy(), defaultdict[str, list[set[int]]](list)
    for total in range(15):
        for first in cards(one, total):
            for second in cards(other, total):
                counts = {"gender": dict(enumerate_names(first)), "age": dict(enumerate_names(second))}
                seen = privacy.shown_beside(counts, policy, insider=False)
                cells = [seen[each].cells is None and people for each in counts for people in counts[each].values()]
                found = possible[str(seen)] = possible[str(seen)] or [set() for _ in cells]
                for values, people in zip(found, cells, strict=True):
                    if people is not False:
                        values.add(people)
    assert min(len(values) for hidden in possible.values() for values in hidden if values) >= 8


def enumerate_names(card: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    return ((f"group {at}", people) for at, people in enumerate(card))
