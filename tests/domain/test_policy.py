"""The numbers that the rules were written with."""

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Policy


def test_the_defaults_are_those_of_the_rules() -> None:
    policy = Policy()
    assert (policy.together_days, policy.together_count, policy.together_people) == (45, 1, 2)
    assert (policy.learns_days, policy.learns_count) == (135, 1)
    assert (policy.reports_days, policy.reports_count) == (135, 1)
    assert (policy.at_risk_days, policy.new_days) == (7, 135)
    assert (policy.prompt_day, policy.prompt_hour, policy.first_nudge_day, policy.second_nudge_day, policy.due_day) == (1, 9, 5, 9, 10)
    assert (policy.nudge_rest_hours, policy.opens, policy.closes) == (72, 8, 21)
    assert (policy.digest_weekday, policy.digest_hour, policy.worth_a_call, policy.in_touch_days) == (0, 9, 10, 14)
    assert (policy.checkin_days_back, policy.members_days, policy.active_members_days) == (400, 365, 92)
    assert (policy.composition_days, policy.composition_every_months, policy.dues_days, policy.reporting_days) == (365, 6, 365, 365)
    assert (policy.small_cell, policy.small_total, policy.sum_chapters, policy.sum_people) == (4, 10, 3, 10)


@given(st.dictionaries(st.sampled_from([field.name for field in fields(Policy)]) | st.text(max_size=5), st.integers(0, 500)))
def test_an_organisation_changes_what_it_chose_and_nothing_else(chosen: dict[str, int]) -> None:
    policy = Policy.of(chosen)
    for field in fields(Policy):
        assert getattr(policy, field.name) == chosen.get(field.name, field.default)


def test_what_was_stored_as_lists_is_the_same_policy_again() -> None:
    stored = {"together_kinds": ["meeting", "social"], "dimensions": [["age", ["under 26", "over 25"]]]}
    policy = Policy.of(stored)
    assert policy == Policy(together_kinds=("meeting", "social"), dimensions=(("age", ("under 26", "over 25")),))
    assert hash(policy) == hash(Policy.of(stored))
