"""The monthly report: its twelve questions, its five states, what it claims and what is never published."""

from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import Month
from bot.domain.chapters import Dues
from bot.domain.checkins import Kind, Tally
from bot.domain.functioning import Criterion
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.reports import (
    Activity,
    Part,
    People,
    Report,
    State,
    Words,
    answered,
    asks_dues,
    check,
    check_period,
    check_skip_reason,
    claimed,
    from_plain,
    quiet_month,
    state,
    suggested,
    to_plain,
)
from bot.domain.writing import said

SEPTEMBER, OCTOBER, NOVEMBER = (Month(2026, month) for month in (9, 10, 11))
NOTHING = Tally(0, 0, (), None)
KNOWN = Tally(meetings=2, education=1, kinds=(Kind.MEETING, Kind.EDUCATION), met=14)

numbers = st.none() | st.integers(0, 100_000)
tidy_texts = st.none() | st.text(min_size=1, max_size=700).map(said).filter(bool)
people = st.builds(People, numbers, numbers)
activities = st.builds(
    Activity, st.none() | st.lists(st.sampled_from(Kind), min_size=1, unique=True).map(tuple), numbers, numbers, numbers, numbers
)
words = st.builds(Words, st.none() | st.sampled_from(Dues), tidy_texts, tidy_texts, tidy_texts, tidy_texts)
tallies = st.builds(
    Tally, st.integers(0, 40), st.integers(0, 40), st.lists(st.sampled_from(Kind), unique=True).map(tuple), st.none() | st.integers(0, 500)
)


# Its questions


def test_a_report_has_at_most_twelve_questions_in_parts_of_at_most_five() -> None:
    questions = [len(fields(Report().part(part))) for part in Part]
    assert sum(questions) <= 12
    assert max(questions) <= 5


@given(people)
def test_those_who_met_are_members_and_never_more_than_them(part: People) -> None:
    if part.members is not None and part.met is not None and part.met > part.members:
        with pytest.raises(Refusal) as refused:
            check(part)
        assert refused.value.reason.values == {"met": part.met, "n": part.members}
    else:
        assert check(part) == part


@given(activities)
def test_of_what_was_tried_no_more_can_have_worked(part: Activity) -> None:
    if part.tried is not None and part.worked is not None and part.worked > part.tried:
        with pytest.raises(Refusal) as refused:
            check(part)
        assert refused.value.reason.values == {"worked": part.worked, "n": part.tried}
    else:
        assert check(part) == part


@pytest.mark.parametrize("part", [People, Activity])
@pytest.mark.parametrize("number", [-1, 100_001])
def test_a_number_of_a_report_lies_from_none_to_a_hundred_thousand(part: type[People] | type[Activity], number: int) -> None:
    for field in fields(part):
        if field.name != "kinds":
            with pytest.raises(Refusal, match="can be from 0 to"):
                check(part(**{field.name: number}))


def test_nothing_chosen_in_a_multiple_choice_means_not_known() -> None:
    assert check(Activity(kinds=())) == Activity()


@pytest.mark.parametrize("field", ["changing", "hard", "help", "private_note"])
def test_each_text_has_up_to_seven_hundred_characters(field: str) -> None:
    assert check(Words(**{field: "x" * 700})) == Words(**{field: "x" * 700})
    with pytest.raises(Refusal) as refused:
        check(Words(**{field: "x" * 705}))
    assert refused.value.reason.n == 5


def test_an_empty_text_is_no_answer_and_outer_space_is_left_out() -> None:
    assert check(Words(Dues.AGREED, "  a room \n", "   ", "", None)) == Words(Dues.AGREED, "a room")


@given(words)
def test_texts_in_order_are_kept_as_they_are(part: Words) -> None:
    assert check(part) == part


def test_zero_is_an_answer_and_not_known_is_none() -> None:
    assert answered(People(members=0))
    assert answered(Activity(tried=0))
    assert answered(Words(dues=Dues.UNDECIDED))
    assert not any(answered(Report().part(part)) for part in Part)


@given(words)
def test_the_private_note_is_never_published_and_everything_else_is(part: Words) -> None:
    public = Report(words=part).public().words
    assert public.private_note is None
    assert (public.dues, public.changing, public.hard, public.help) == (part.dues, part.changing, part.hard, part.help)


@given(st.one_of(people, activities, words))
def test_a_part_reads_back_as_it_was_stored(part: People | Activity | Words) -> None:
    name = {People: Part.PEOPLE, Activity: Part.ACTIVITY, Words: Part.WORDS}[type(part)]
    plain = to_plain(part)
    assert from_plain(name, plain) == part
    assert None not in plain.values()


# Dues


@pytest.mark.parametrize(
    ("dues", "confirmed", "asked"),
    [
        (None, None, True),
        (Dues.UNDECIDED, date(2026, 11, 1), True),
        (Dues.DECLINED, date(2026, 5, 15), False),
        (Dues.DECLINED, date(2026, 5, 14), True),
        (Dues.AGREED, date(2026, 11, 1), False),
        (Dues.COLLECTING, date(2026, 5, 14), True),
    ],
)
def test_dues_are_asked_about_while_undecided_and_then_every_six_months(dues: Dues | None, confirmed: date | None, asked: bool) -> None:
    assert asks_dues(dues, confirmed, date(2026, 11, 14), Policy()) is asked


# What check-ins know


def test_what_check_ins_know_is_suggested_where_nothing_was_saved() -> None:
    found = suggested(Report(), KNOWN)
    assert found.people == People(None, 14)
    assert found.activity == Activity((Kind.MEETING, Kind.EDUCATION), 2, 1)
    assert found.words == Words()


@given(people.filter(answered), activities.filter(answered), tallies)
def test_what_an_admin_saved_is_never_replaced_by_a_suggestion(mine: People, done: Activity, known: Tally) -> None:
    assert suggested(Report(mine, done), known) == Report(mine, done)


def test_a_quiet_month_publishes_activity_as_counted_and_leaves_totals_empty() -> None:
    assert quiet_month(KNOWN) == Report(activity=Activity((Kind.MEETING, Kind.EDUCATION), 2, 1))
    assert quiet_month(NOTHING) == Report(activity=Activity(None, 0, 0))


@given(tallies)
def test_a_quiet_month_claims_nothing_beyond_what_was_recorded(known: Tally) -> None:
    assert claimed(quiet_month(known).activity, known) == {}


# What it claims


@pytest.mark.parametrize(
    ("activity", "adds"),
    [
        (Activity(meetings=5, education=1), {Criterion.TOGETHER: 3}),
        (Activity(meetings=2, education=4), {Criterion.LEARNS: 3}),
        (Activity(meetings=3, education=2), {Criterion.TOGETHER: 1, Criterion.LEARNS: 1}),
        (Activity(meetings=2, education=1), {}),
        (Activity(meetings=0, education=0), {}),
        (Activity(), {}),
    ],
)
def test_a_report_that_claims_more_than_was_recorded_adds_the_difference(activity: Activity, adds: dict[Criterion, int]) -> None:
    assert claimed(activity, KNOWN) == adds


@given(activities, tallies)
def test_with_what_it_adds_a_report_comes_to_what_it_says_and_never_to_less_than_was_recorded(activity: Activity, known: Tally) -> None:
    adds = claimed(activity, known)
    assert all(amount > 0 for amount in adds.values())
    assert known.meetings + adds.get(Criterion.TOGETHER, 0) == max(known.meetings, activity.meetings or 0)
    assert known.education + adds.get(Criterion.LEARNS, 0) == max(known.education, activity.education or 0)


# When it can be filled in, and skipped


@pytest.mark.parametrize("today", [date(2026, 11, 1), date(2027, 6, 1)])
def test_a_report_can_be_filled_in_from_the_first_day_after_its_period_on(today: date) -> None:
    check_period(OCTOBER, today)


@pytest.mark.parametrize("today", [date(2026, 10, 31), date(2026, 10, 1), date(2025, 1, 1)])
def test_a_period_that_is_not_over_is_refused_with_the_day_on_which_it_opens(today: date) -> None:
    with pytest.raises(Refusal) as refused:
        check_period(OCTOBER, today)
    assert refused.value.reason.values == {"period": OCTOBER, "day": date(2026, 11, 1)}


def test_a_skip_needs_a_reason_of_up_to_two_hundred_characters() -> None:
    assert check_skip_reason("  exams \n") == "exams"
    assert check_skip_reason("x" * 200) == "x" * 200
    with pytest.raises(Refusal, match="a few words"):
        check_skip_reason(" \n \u2060")
    with pytest.raises(Refusal) as refused:
        check_skip_reason("x" * 201)
    assert refused.value.reason.n == 1


# Its state


def state_of(
    period: Month = OCTOBER,
    *,
    published: bool = False,
    skipped: bool = False,
    draft: bool = False,
    asked: bool = True,
    owed: Month | None = OCTOBER,
    answered: Month | None = None,
) -> State | None:
    return state(period=period, published=published, skipped=skipped, draft=draft, asked=asked, newest_owed=owed, newest_answered=answered)


def test_a_report_is_asked_then_a_draft_then_published() -> None:
    assert state_of() is State.ASKED
    assert state_of(draft=True) is State.DRAFT
    assert state_of(draft=True, published=True, answered=OCTOBER) is State.PUBLISHED


def test_a_report_can_be_skipped_and_a_skipped_one_published() -> None:
    assert state_of(skipped=True, answered=OCTOBER) is State.SKIPPED
    assert state_of(skipped=True, published=True, answered=OCTOBER) is State.PUBLISHED


@pytest.mark.parametrize("draft", [False, True])
def test_a_report_is_missed_when_a_later_one_becomes_owed_a_draft_too(draft: bool) -> None:
    assert state_of(draft=draft, owed=NOVEMBER) is State.MISSED


@pytest.mark.parametrize("draft", [False, True])
def test_a_report_is_missed_when_a_later_one_is_published_or_skipped(draft: bool) -> None:
    assert state_of(draft=draft, answered=NOVEMBER) is State.MISSED


def test_a_missed_report_can_still_be_published_and_a_later_one_does_not_undo_it() -> None:
    assert state_of(published=True, owed=NOVEMBER, answered=NOVEMBER) is State.PUBLISHED
    assert state_of(skipped=True, owed=NOVEMBER, answered=NOVEMBER) is State.SKIPPED


def test_a_period_nobody_was_asked_about_has_no_state_until_somebody_opens_it() -> None:
    assert state_of(asked=False, owed=None) is None
    assert state_of(asked=False, owed=NOVEMBER) is None
    assert state_of(asked=False, draft=True, owed=SEPTEMBER) is State.DRAFT


def test_an_answer_to_an_earlier_period_does_not_make_a_later_one_missed() -> None:
    assert state_of(answered=SEPTEMBER) is State.ASKED
    assert state_of(owed=OCTOBER, answered=None, draft=True) is State.DRAFT


def test_a_report_can_be_filled_in_for_two_years() -> None:
    today = date(2026, 11, 22)
    check_period(Month(2024, 11), today)
    with pytest.raises(Refusal):
        check_period(Month(2024, 10), today)
