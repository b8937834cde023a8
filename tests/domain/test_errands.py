"""Prompts, nudges, duty and the digest: what is owed to whom at a moment, and what is of no use any more."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import owed
from bot.domain.calendar import Month
from bot.domain.chapters import Rest
from bot.domain.errands import (
    Concern,
    Facts,
    Kind,
    digest,
    duty_passes,
    in_sending_hours,
    newest_digest,
    next_digest,
    next_look,
    nudge_is_wanted,
    nudges,
    owed_now,
    prompt,
    retry_at,
)
from bot.domain.owed import Owed
from bot.domain.policy import Policy

POLICY = Policy()
LONDON = ZoneInfo("Europe/London")
TOKYO = ZoneInfo("Asia/Tokyo")
SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, month) for month in (9, 10, 11))

zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def london(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=LONDON).astimezone(UTC)


# In November, October is asked for.
ASKED = Facts(
    owed=Owed(first=SEPTEMBER, newest_owed=OCTOBER, newest_answered=SEPTEMBER, unanswered=(OCTOBER,)),
    zone=LONDON,
    prompt_hour=None,
    prompted_at=None,
    later_until=None,
    duty_passed_for=SEPTEMBER,
)
PROMPTED = replace(ASKED, prompted_at=london("2026-11-01T09:00"))


def kinds(facts: Facts, at: str) -> list[Kind]:
    return [errand.kind for errand in owed_now(facts, POLICY, london(at))]


# The prompt


def test_the_prompt_goes_out_on_the_first_of_the_next_month_at_nine_in_the_chapters_zone() -> None:
    assert prompt(ASKED, OCTOBER, POLICY).due == london("2026-11-01T09:00")
    assert prompt(replace(ASKED, zone=TOKYO), OCTOBER, POLICY).due == datetime(2026, 11, 1, 0, tzinfo=UTC)
    assert kinds(ASKED, "2026-11-01T08:59") == []
    assert kinds(ASKED, "2026-11-01T09:00") == [Kind.PROMPT]


@pytest.mark.parametrize(("hour", "sent"), [(18, 18), (0, 8), (7, 8), (8, 8), (20, 20), (21, 20), (23, 20)])
def test_a_chapter_may_choose_its_hour_within_the_sending_hours_of_the_same_day(hour: int, sent: int) -> None:
    chosen = replace(PROMPTED, prompt_hour=hour)
    assert prompt(chosen, OCTOBER, POLICY).due == london(f"2026-11-01T{sent:02}:00")
    assert [nudge.due for nudge in nudges(chosen, OCTOBER, POLICY)] == [
        london(f"2026-11-05T{sent:02}:00"),
        london(f"2026-11-09T{sent:02}:00"),
    ]


@given(zones, st.integers(2024, 2035), st.integers(1, 12), st.none() | st.integers(0, 23))
def test_what_is_asked_goes_out_on_its_day_in_sending_hours_in_every_zone(zone: ZoneInfo, year: int, month: int, hour: int | None) -> None:
    facts, period = replace(ASKED, zone=zone, prompt_hour=hour), Month(year, month)
    for day, errand in zip((1, 5, 9), (prompt(facts, period, POLICY), *nudges(facts, period, POLICY)), strict=True):
        local = errand.due.astimezone(zone)
        assert local.date() == period.plus(1).first.replace(day=day)
        assert 8 <= local.hour < 21
        assert errand.due < errand.expires


def test_after_an_outage_the_prompt_is_still_sent_until_the_next_period_takes_its_place() -> None:
    assert kinds(ASKED, "2026-11-30T23:59") == [Kind.PROMPT]
    assert kinds(ASKED, "2026-12-01T00:00") == []
    assert prompt(ASKED, OCTOBER, POLICY).expires == london("2026-12-01T00:00")


def test_after_an_outage_of_months_there_is_one_prompt_for_the_newest_period() -> None:
    now = london("2027-03-09T12:00")
    woken = replace(ASKED, owed=owed.on(ASKED.owed, date(2027, 3, 9)))
    assert [(errand.kind, errand.period) for errand in owed_now(woken, POLICY, now)] == [(Kind.PROMPT, Month(2027, 2))]


def test_a_prompt_is_sent_once() -> None:
    assert kinds(PROMPTED, "2026-11-01T09:01") == []


# Nudges


def test_nudges_go_out_on_days_five_and_nine_and_on_no_other_day() -> None:
    found = {day: kinds(PROMPTED, f"2026-11-{day:02}T12:00") for day in range(2, 31)}
    assert {day: what for day, what in found.items() if what} == {5: [Kind.FIRST_NUDGE], 9: [Kind.SECOND_NUDGE]}


def test_a_nudge_whose_day_has_passed_is_dropped() -> None:
    assert kinds(PROMPTED, "2026-11-05T23:59") == [Kind.FIRST_NUDGE]
    assert kinds(PROMPTED, "2026-11-06T00:00") == []


@pytest.mark.parametrize(("prompted", "wanted"), [("2026-11-02T09:00", True), ("2026-11-02T09:01", False), ("2026-11-05T08:00", False)])
def test_a_nudge_is_dropped_if_the_prompt_went_out_under_seventy_two_hours_before(prompted: str, wanted: bool) -> None:
    late = replace(ASKED, prompted_at=london(prompted))
    assert (kinds(late, "2026-11-05T09:00") == [Kind.FIRST_NUDGE]) is wanted
    assert kinds(late, "2026-11-09T09:00") == [Kind.SECOND_NUDGE]


def test_who_was_never_prompted_is_prompted_and_not_nudged() -> None:
    assert kinds(ASKED, "2026-11-05T12:00") == [Kind.PROMPT]
    assert not any(nudge_is_wanted(nudge, ASKED, POLICY) for nudge in nudges(ASKED, OCTOBER, POLICY))


@pytest.mark.parametrize(
    ("later", "first", "second"), [(4, True, True), (5, False, True), (8, False, True), (9, False, False), (12, False, False)]
)
def test_nudges_up_to_the_day_chosen_as_later_are_dropped_and_later_ones_stay(later: int, first: bool, second: bool) -> None:
    put_off = replace(PROMPTED, later_until=date(2026, 11, later))
    assert [nudge_is_wanted(nudge, put_off, POLICY) for nudge in nudges(put_off, OCTOBER, POLICY)] == [first, second]


@pytest.mark.parametrize(
    "facts",
    [
        replace(PROMPTED, owed=Owed(first=SEPTEMBER, newest_owed=OCTOBER, newest_answered=OCTOBER)),
        replace(PROMPTED, owed=replace(PROMPTED.owed, rests=(Rest(date(2026, 11, 3), date(2026, 12, 31)),))),
        replace(PROMPTED, owed=replace(PROMPTED.owed, rests=(Rest(date(2026, 11, 3), None),))),
        replace(PROMPTED, owed=Owed(first=NOVEMBER)),
    ],
    ids=["published or skipped", "rests", "archived", "added this month"],
)
@pytest.mark.parametrize("at", ["2026-11-05T12:00", "2026-11-09T12:00"])
def test_nobody_is_nudged_who_answered_rests_was_archived_or_was_added_this_month(facts: Facts, at: str) -> None:
    assert kinds(facts, at) == []


def test_a_chapter_that_wakes_is_asked_again_for_what_it_owes() -> None:
    woken = replace(ASKED, owed=replace(ASKED.owed, rests=(Rest(date(2026, 11, 1), date(2026, 11, 19)),)))
    assert kinds(woken, "2026-11-19T12:00") == []
    assert kinds(woken, "2026-11-20T12:00") == [Kind.PROMPT]


# Duty


def test_duty_passes_at_the_end_of_day_ten_if_nobody_answered() -> None:
    assert duty_passes(PROMPTED, POLICY, london("2026-11-10T23:59")) is None
    assert duty_passes(PROMPTED, POLICY, london("2026-11-11T00:00")) == OCTOBER


def test_duty_passes_once_per_period() -> None:
    passed = replace(PROMPTED, duty_passed_for=OCTOBER)
    assert duty_passes(passed, POLICY, london("2026-11-20T12:00")) is None
    answered = replace(PROMPTED, owed=Owed(first=SEPTEMBER, newest_owed=OCTOBER, newest_answered=OCTOBER))
    assert duty_passes(answered, POLICY, london("2026-11-20T12:00")) is None


def test_duty_of_a_chapter_that_never_passed_it_passes_too() -> None:
    assert duty_passes(replace(PROMPTED, duty_passed_for=None), POLICY, london("2026-11-11T00:00")) == OCTOBER


# When to look again


Done = list[tuple[str, Month, datetime]]


def watch(facts: Facts, since: datetime, until: datetime, following: Callable[[Facts, datetime], datetime | None]) -> Done:
    """What a planner does who looks whenever `following` says, while nobody answers anything."""
    done: Done = []
    now: datetime | None = since
    while now is not None and now < until:
        known = owed.on(facts.owed, now.astimezone(facts.zone).date())
        if known.asked_for != facts.owed.asked_for:
            facts = replace(facts, prompted_at=None, later_until=None)
        facts = replace(facts, owed=known)
        for errand in owed_now(facts, POLICY, now):
            if (errand.kind, errand.period) not in [(kind, period) for kind, period, _ in done]:
                done.append((errand.kind, errand.period, now))
                facts = replace(facts, prompted_at=now) if errand.kind is Kind.PROMPT else facts
        passes = duty_passes(facts, POLICY, now)
        if passes is not None:
            done.append(("duty", passes, now))
            facts = replace(facts, duty_passed_for=passes)
        now = following(facts, now)
    return done


def every_hour(_: Facts, now: datetime) -> datetime:
    return now + timedelta(hours=1)


def as_told(facts: Facts, now: datetime) -> datetime | None:
    return next_look(facts, POLICY, now)


def test_a_silent_chapter_has_one_prompt_two_nudges_and_one_change_of_duty_a_month() -> None:
    fresh = Facts(Owed(first=OCTOBER), LONDON, None, None, None, None)
    done = watch(fresh, london("2026-10-14T12:00"), london("2026-12-31T12:00"), as_told)
    expected = [
        (Kind.PROMPT, OCTOBER, london("2026-11-01T09:00")),
        (Kind.FIRST_NUDGE, OCTOBER, london("2026-11-05T09:00")),
        (Kind.SECOND_NUDGE, OCTOBER, london("2026-11-09T09:00")),
        ("duty", OCTOBER, london("2026-11-11T00:00")),
        (Kind.PROMPT, NOVEMBER, london("2026-12-01T09:00")),
        (Kind.FIRST_NUDGE, NOVEMBER, london("2026-12-05T09:00")),
        (Kind.SECOND_NUDGE, NOVEMBER, london("2026-12-09T09:00")),
        ("duty", NOVEMBER, london("2026-12-11T00:00")),
    ]
    assert done == expected


def test_a_visibility_that_waits_is_looked_at_when_it_takes_hold() -> None:
    now = datetime(2026, 10, 20, 12, tzinfo=UTC)
    waits = Facts(Owed(first=OCTOBER), LONDON, None, None, None, None, loosens_at=now + timedelta(hours=24))
    assert next_look(waits, POLICY, now) == now + timedelta(hours=24)
    assert [waits.loosens(now + timedelta(hours=hours)) for hours in (23, 24)] == [False, True]


def test_a_chapter_that_rested_when_it_would_have_been_asked_is_looked_at_when_it_wakes() -> None:
    rested = replace(ASKED, owed=replace(ASKED.owed, rests=(Rest(date(2026, 11, 1), date(2026, 11, 19)),)))
    done = watch(rested, london("2026-10-31T12:00"), london("2026-11-30T12:00"), as_told)
    assert [(kind, at) for kind, _, at in done] == [("duty", london("2026-11-11T00:00")), (Kind.PROMPT, london("2026-11-20T00:00"))]


@settings(max_examples=12)
@given(
    st.sampled_from(["Europe/London", "Asia/Tokyo", "America/Havana", "Africa/Cairo", "Pacific/Kiritimati"]).map(ZoneInfo),
    st.integers(0, 60 * 24),
    st.integers(1, 4),
    st.none() | st.integers(0, 23),
    st.none() | st.tuples(st.integers(0, 80), st.integers(0, 60)),
)
def test_looking_again_only_when_told_to_misses_nothing_that_looking_all_the_time_would_see(
    zone: ZoneInfo, begins: int, rhythm: int, hour: int | None, rest: tuple[int, int] | None
) -> None:
    since = datetime(2026, 9, 10, tzinfo=UTC) + timedelta(hours=begins)
    rests = () if rest is None else (Rest(date(2026, 9, 20) + timedelta(rest[0]), date(2026, 9, 20) + timedelta(sum(rest))),)
    facts = Facts(Owed(first=Month(2026, 8), rhythm=rhythm, rests=rests), zone, hour, None, None, None)
    until = since + timedelta(days=75)
    assert watch(facts, since, until, as_told) == watch(facts, since, until, every_hour)


@given(
    zones,
    moments,
    st.none() | moments,
)
def test_at_no_moment_is_there_more_than_one_thing_to_send_to_a_chapter(
    zone: ZoneInfo, now: datetime, prompted_at: datetime | None
) -> None:
    known = owed.on(Owed(first=Month(2025, 11)), now.astimezone(zone).date())
    assert len(owed_now(Facts(known, zone, None, prompted_at, None, None), POLICY, now)) <= 1


def test_a_chapter_that_is_archived_and_owes_nothing_need_not_be_looked_at_again() -> None:
    archived = replace(PROMPTED.owed, newest_answered=OCTOBER, unanswered=(), rests=(Rest(date(2026, 11, 3), None),))
    assert next_look(replace(PROMPTED, owed=archived), POLICY, london("2026-11-05T12:00")) is None


# Sending hours


@pytest.mark.parametrize(
    ("at", "sent"),
    [("2026-11-05T07:30", "2026-11-05T08:00"), ("2026-11-05T12:34", "2026-11-05T12:34"), ("2026-11-05T21:00", "2026-11-06T08:00")],
)
def test_what_the_bot_starts_by_itself_waits_for_eight_o_clock(at: str, sent: str) -> None:
    assert in_sending_hours(london(at), POLICY, LONDON) == london(sent)


# The digest


def test_the_digest_is_due_on_mondays_at_nine_in_the_organisations_zone() -> None:
    assert newest_digest(london("2026-11-16T09:00"), POLICY, LONDON) == (date(2026, 11, 16), london("2026-11-16T09:00"))
    assert newest_digest(london("2026-11-16T08:59"), POLICY, LONDON) == (date(2026, 11, 9), london("2026-11-09T09:00"))
    assert newest_digest(london("2026-11-22T23:00"), POLICY, LONDON)[0] == date(2026, 11, 16)
    assert next_digest(london("2026-11-16T09:00"), POLICY, LONDON) == london("2026-11-23T09:00")


@given(zones, moments)
def test_one_digest_follows_the_other_each_monday_in_every_zone(zone: ZoneInfo, now: datetime) -> None:
    day, due = newest_digest(now, POLICY, zone)
    following = next_digest(now, POLICY, zone)
    assert due <= now < following
    assert day.weekday() == 0
    assert newest_digest(following, POLICY, zone) == (day + timedelta(days=7), following)
    assert due.astimezone(zone).replace(tzinfo=None).isoformat() == f"{day}T09:00:00"


NOW = london("2026-11-16T09:00")
FINE = Concern(
    chapter_id=1,
    overdue=False,
    silent=False,
    unreachable=False,
    at_risk=False,
    quiet=False,
    help_wanted=False,
    heard_on=date(2026, 11, 10),
    hidden_until=None,
)

concerns = st.lists(
    st.builds(
        Concern,
        chapter_id=st.integers(1, 10_000),
        overdue=st.booleans(),
        silent=st.booleans(),
        unreachable=st.booleans(),
        at_risk=st.booleans(),
        quiet=st.booleans(),
        help_wanted=st.booleans(),
        heard_on=st.none() | st.dates(date(2025, 1, 1), date(2026, 11, 16)),
        hidden_until=st.none() | st.integers(-30, 30).map(lambda days: NOW + timedelta(days=days)),
    ),
    max_size=30,
    unique_by=lambda concern: concern.chapter_id,
)


@pytest.mark.parametrize("reason", ["silent", "unreachable", "at_risk", "quiet"])
@pytest.mark.parametrize("overdue", [False, True])
def test_each_reason_alone_is_worth_a_call(reason: str, overdue: bool) -> None:
    concern = replace(FINE, overdue=overdue, **{reason: True})
    assert digest([concern], NOW) == ([concern], [])


def test_who_only_missed_one_report_is_merely_late_and_who_asks_for_help_alone_is_in_no_digest() -> None:
    late, asks = replace(FINE, overdue=True), replace(FINE, chapter_id=2, help_wanted=True)
    assert digest([late, asks, replace(FINE, chapter_id=3)], NOW) == ([], [late])


def test_who_was_in_touch_is_left_out_for_fourteen_days_and_then_named_again() -> None:
    quiet = replace(FINE, quiet=True, hidden_until=NOW + timedelta(seconds=1))
    late = replace(FINE, chapter_id=2, overdue=True, hidden_until=NOW + timedelta(seconds=1))
    assert digest([quiet, late], NOW) == ([], [])
    assert digest([quiet, late], NOW + timedelta(seconds=1)) == ([quiet], [late])


def test_those_who_ask_for_help_come_first_then_the_longest_silent_and_never_heard_before_all() -> None:
    recent = replace(FINE, chapter_id=1, quiet=True, heard_on=date(2026, 10, 1))
    older = replace(FINE, chapter_id=2, quiet=True, heard_on=date(2026, 6, 1))
    never = replace(FINE, chapter_id=3, silent=True, heard_on=None)
    asks = replace(FINE, chapter_id=4, at_risk=True, heard_on=date(2026, 11, 15), help_wanted=True)
    assert [concern.chapter_id for concern in digest([recent, older, never, asks], NOW)[0]] == [4, 3, 2, 1]


@given(concerns)
def test_the_digest_names_exactly_whom_it_should(found: list[Concern]) -> None:
    calls, late = digest(found, NOW)
    for concern in found:
        left_alone = concern.hidden_until is not None and concern.hidden_until > NOW
        reasons = (concern.silent, concern.unreachable, concern.at_risk, concern.quiet)
        assert (concern in calls) == (any(reasons) and not left_alone)
        assert (concern in late) == (concern.overdue and not any(reasons) and not left_alone)
    assert len({concern.chapter_id for concern in calls + late}) == len(calls) + len(late)


@given(concerns)
def test_the_digest_is_in_order_of_urgency_whatever_the_order_in_which_it_was_asked(found: list[Concern]) -> None:
    calls, _ = digest(found, NOW)
    assert digest(found[::-1], NOW)[0] == calls
    for before, after in pairwise(calls):
        assert before.help_wanted >= after.help_wanted
        if before.help_wanted == after.help_wanted and before.heard_on != after.heard_on:
            assert before.heard_on is None or (after.heard_on is not None and before.heard_on < after.heard_on)


# Trying again


def test_pauses_double_from_half_a_minute_to_an_hour() -> None:
    pauses = [(retry_at(NOW, attempts, 0) - NOW).total_seconds() for attempts in range(1, 11)]
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


@given(st.integers(-5, 10**9), st.floats(0, 1))
def test_a_pause_is_never_under_half_a_minute_nor_over_an_hour_and_a_quarter(attempts: int, jitter: float) -> None:
    pause = retry_at(NOW, attempts, jitter) - NOW
    assert timedelta(seconds=30) <= pause <= timedelta(minutes=75)
    assert retry_at(NOW, attempts + 1, jitter) >= retry_at(NOW, attempts, jitter)
