"""Goals: what can be measured, which targets make sense, and what is known at all."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import Month
from bot.domain.checkins import Kind
from bot.domain.goals import (
    FIRST_GOALS,
    METRICS,
    MONTHS_TO_DEADLINE,
    Goal,
    Measured,
    Metric,
    Standing,
    balance_month,
    called,
    check_deadline,
    check_figure,
    check_metric,
    check_new,
    check_recorded,
    check_target,
    checkin_kind,
    enough_counted,
    find,
    label,
    members,
    words,
)
from bot.domain.refusal import Refusal

TODAY = date(2026, 11, 14)
OLD, OLDER = date(2026, 6, 30), date(2026, 3, 31)


def goal(metric: str = "members", target: int = 5000, name: str | None = None, id: int = 1) -> Goal:  # noqa: A002
    return Goal(id, metric, name, target, TODAY, date(2028, 11, 14))


# What is measured


def test_the_first_set_up_makes_five_goals_with_two_years_to_go() -> None:
    assert {metric.value: target for metric, target in FIRST_GOALS} == {
        "members": 5000,
        "functioning_chapters": 100,
        "gender_balance": 40,
        "branch_gatherings": 5,
        "dues_bodies": 10,
    }
    assert MONTHS_TO_DEADLINE == 24


def test_every_metric_of_the_rules_can_be_chosen_and_each_kind_of_check_in() -> None:
    assert set(METRICS) == {
        "members",
        "active_members",
        "functioning_chapters",
        "gender_balance",
        "branch_gatherings",
        "dues_bodies",
        "delegates",
        "reporting_chapters",
        "manual",
        *(f"checkins:{kind}" for kind in Kind),
    }


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_words_and_says_which_check_ins_it_counts(metric: str) -> None:
    assert check_metric(f" {metric.upper()} ") == metric
    assert words(metric).msgid
    kind = checkin_kind(metric)
    assert (kind is None) == (":" not in metric)
    assert kind is None or goal(metric).kind is kind


def test_no_two_metrics_are_called_the_same() -> None:
    assert len({words(metric).msgid for metric in METRICS}) == len(METRICS)


@pytest.mark.parametrize("metric", ["", "happiness", "checkins:", "checkins:party", "members members"])
def test_what_is_not_measured_is_refused(metric: str) -> None:
    with pytest.raises(Refusal, match="can be measured here"):
        check_metric(metric)


# Targets and deadlines


@pytest.mark.parametrize(("metric", "target"), [("members", 1), ("members", 1_000_000_000), ("gender_balance", 50), ("gender_balance", 1)])
def test_a_target_can_be_reached_and_is_not_reached_from_the_start(metric: str, target: int) -> None:
    assert check_target(metric, target) == target


@pytest.mark.parametrize(
    ("metric", "target", "largest"),
    [("members", 0, 10**9), ("members", -5, 10**9), ("members", 10**9 + 1, 10**9), ("gender_balance", 51, 50)],
)
def test_a_target_out_of_range_is_refused_with_the_range(metric: str, target: int, largest: int) -> None:
    with pytest.raises(Refusal) as refused:
        check_target(metric, target)
    assert refused.value.reason.values == {"largest": largest, "target": target}


def test_a_deadline_lies_after_today() -> None:
    assert check_deadline(TODAY + timedelta(days=1), TODAY) == TODAY + timedelta(days=1)
    for day in (TODAY, TODAY - timedelta(days=1)):
        with pytest.raises(Refusal, match="after today"):
            check_deadline(day, TODAY)


@pytest.mark.parametrize(("value", "reached"), [(None, False), (0, False), (4999, False), (5000, True), (5001, True)])
def test_a_goal_is_reached_when_the_value_shown_is_at_least_the_target(value: int | None, reached: bool) -> None:
    assert Standing(goal(), Measured(value)).reached is reached


def test_a_balance_of_thirty_nine_percent_and_a_bit_does_not_reach_forty() -> None:
    assert not Standing(goal("gender_balance", 40), Measured(39)).reached


# Which goal is meant


def test_a_goal_is_found_by_its_own_name_or_by_what_it_measures_in_any_case() -> None:
    two = [goal(id=1), goal("manual", name="São Paulo hall", id=2)]
    assert find(two, "MEMBERS").id == 1
    assert find(two, "sao paulo HALL").id == 2
    assert find(two, " members ") == two[0]


def test_a_goal_that_nobody_set_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refusal, match="There is no goal"):
        find([goal()], "delegates")
    with pytest.raises(Refusal, match="No goals are set"):
        find([], "members")


def test_two_goals_that_measure_the_same_are_told_apart_by_name() -> None:
    two = [goal(id=1), goal(name="Members by spring", id=2)]
    assert find(two, "members by spring").id == 2
    with pytest.raises(Refusal, match="Which do you mean"):
        find([goal(name="This year", id=1), goal(name="Next year", id=2)], "members")


def test_a_new_goal_differs_from_every_other_and_a_recorded_one_has_a_name() -> None:
    check_new([goal()], "delegates", None)
    check_new([goal()], "members", "Members by spring")
    for metric, name in (("members", None), ("delegates", "MEMBERS")):
        with pytest.raises(Refusal, match="already"):
            check_new([goal()], metric, name)
    with pytest.raises(Refusal, match="needs a name"):
        check_new([], Metric.MANUAL, None)


def test_a_goal_is_called_by_its_own_name_else_by_what_it_measures() -> None:
    assert label(goal()).msgid == "Members"
    assert called("members", "By spring").values == {"name": "By spring"}


@pytest.mark.parametrize("metric", METRICS)
def test_figures_are_recorded_by_hand_only_for_members_outside_chapters_and_what_nothing_else_measures(metric: str) -> None:
    if metric in ("members", "manual"):
        check_recorded(goal(metric))
    else:
        with pytest.raises(Refusal, match="counted from what chapters record"):
            check_recorded(goal(metric))


def test_a_recorded_figure_may_be_none_but_not_less() -> None:
    assert check_figure(0) == 0
    for value in (-1, 10**9 + 1):
        with pytest.raises(Refusal, match="The figure can be from 0"):
            check_figure(value)


# What is known


def test_with_no_data_a_value_is_unknown_and_not_zero() -> None:
    assert members(None, 0, 24, None, None, None) == Measured(None, 0, 24, None)


def test_members_are_those_of_chapters_and_those_outside_them_as_old_as_the_older_part() -> None:
    assert members(2500, 21, 24, OLD, 12, OLDER) == Measured(2512, 21, 24, OLDER)
    assert members(2500, 21, 24, OLDER, 12, OLD) == Measured(2512, 21, 24, OLDER)
    assert members(2500, 21, 24, OLD, None, None) == Measured(2500, 21, 24, OLD)
    assert members(None, 0, 24, None, 12, OLD) == Measured(12, 0, 24, OLD)


@pytest.mark.parametrize(
    ("people", "known", "enough"), [(1250, 2500, True), (1249, 2500, False), (1250, 2501, False), (5, None, False), (0, 0, True)]
)
def test_a_balance_is_known_when_at_least_half_of_the_members_were_counted(people: int, known: int | None, enough: bool) -> None:
    assert enough_counted(people, known) is enough


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_balance_is_that_of_the_last_months_end_on_or_before_the_day(day: date) -> None:
    end = balance_month(day).last
    assert end <= day < end + timedelta(days=31)
    assert Month.of(end + timedelta(days=1)).first == end + timedelta(days=1)
    assert balance_month(date(2026, 10, 31)) == Month(2026, 10)
