"""What an organisation may choose, alone and beside what else it chose; and how it is written and shown."""

from collections.abc import Iterable
from dataclasses import fields

import pytest
from hypothesis import given

from bot.domain import choices, settings
from bot.domain.checkins import Kind
from bot.domain.policy import EVERY_KIND, EVERY_QUESTION, Policy
from bot.domain.refusal import Refusal
from bot.domain.reports import Activity, People, Words
from bot.domain.settings import SETTINGS, Unit
from bot.domain.text import Text
from tests.domain.accepted import accepted

NUMBERS = [setting for setting in SETTINGS.values() if setting.unit.is_number]


def spoken(word: Text) -> Iterable[str]:
    return [word.msgid]


def read(key: str, written: str, policy: Policy | None = None) -> object:
    return choices.read(SETTINGS[key], written, policy or Policy(), spoken)


def test_every_number_and_choice_of_the_policy_can_be_set_by_a_name_of_its_own() -> None:
    assert set(SETTINGS) == {field.name for field in fields(Policy)}
    assert len({setting.name.msgid for setting in SETTINGS.values()}) == len(SETTINGS)


def test_the_kinds_and_questions_are_those_of_check_ins_and_reports() -> None:
    assert EVERY_KIND == tuple(choices.KIND_CHOICES) == tuple(kind.value for kind in Kind)
    assert set(EVERY_QUESTION) == {field.name for part in (People, Activity, Words) for field in fields(part)}
    assert tuple(choices.QUESTION_CHOICES) == EVERY_QUESTION


def test_the_defaults_may_be() -> None:
    for setting in SETTINGS.values():
        assert settings.changed(Policy(), setting.key, setting.default) == Policy()


@pytest.mark.parametrize("setting", NUMBERS, ids=lambda setting: setting.key)
def test_a_number_out_of_its_range_is_refused(setting: settings.Setting) -> None:
    for number in (setting.least - 1, setting.most + 1):
        with pytest.raises(Refusal) as refused:
            settings.changed(Policy(), setting.key, number)
        assert refused.value.reason == settings.range_of(setting)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("at_risk_days", 45),
        ("together_days", 7),
        ("first_nudge_day", 9),
        ("second_nudge_day", 10),
        ("due_day", 9),
        ("prompt_day", 5),
        ("prompt_hour", 7),
        ("prompt_hour", 21),
        ("digest_hour", 21),
        ("opens", 10),
        ("closes", 9),
        ("composition_days", 185),
        ("composition_every_months", 12),
        ("questions", ("private_note", "dues")),
        ("questions", ("members", "worked")),
    ],
)
def test_what_does_not_go_with_the_rest_is_refused(key: str, value: object) -> None:
    with pytest.raises(Refusal):
        settings.changed(Policy(), key, value)


@pytest.mark.parametrize(("key", "weaker"), [("small_cell", 3), ("small_total", 9), ("sum_chapters", 2), ("sum_people", 9)])
def test_small_totals_are_never_hidden_less_than_is_safe(key: str, weaker: int) -> None:
    with pytest.raises(Refusal):
        settings.changed(Policy(), key, weaker)


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("together_days", "30", 30),
        ("together_days", " 30 days ", 30),
        ("prompt_hour", "09:00", 9),
        ("due_day", "day 12", 12),
        ("digest_weekday", "tuesday", 1),
        ("digest_weekday", "6", 6),
        ("together_kinds", "all", EVERY_KIND),
        ("together_kinds", "social, Meeting", ("meeting", "social")),
        ("questions", "help, members now", ("members", "help")),
        ("dimensions", "age: under 26, 26 to 40, over 40", (("age", ("under 26", "26 to 40", "over 40")),)),
    ],
)
def test_a_value_is_read_as_people_write_it(key: str, written: str, value: object) -> None:
    assert read(key, written) == value


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("together_days", "many"),
        ("together_days", "4.5"),
        ("together_days", "-5"),
        ("together_days", "1e9"),
        ("digest_weekday", "someday"),
        ("together_kinds", "meeting, party"),
        ("together_kinds", ""),
        ("questions", ","),
        ("dimensions", "age"),
        ("dimensions", "age: young"),
        ("dimensions", "age: young, Young"),
        ("dimensions", "age: a, b, c, d, e"),
        ("dimensions", "gender: a, b"),
        ("dimensions", "a:b: c, d"),
        ("dimensions", "x: @everyone, b"),
        ("dimensions", "a: 1, 2; b: 1, 2; c: 1, 2; d: 1, 2"),
        ("dimensions", "a name that is far too long: b, c"),
    ],
)
def test_what_cannot_be_read_is_refused(key: str, written: str) -> None:
    with pytest.raises(Refusal):
        read(key, written)


def test_a_dimension_takes_the_place_of_the_one_of_its_name_and_none_takes_it_away() -> None:
    two = Policy(dimensions=(("age", ("young", "old")), ("class", ("worker", "student"))))
    assert read("dimensions", "Age: under 30, over 29", two) == (("Age", ("under 30", "over 29")), ("class", ("worker", "student")))
    assert read("dimensions", "age: none", two) == (("class", ("worker", "student")),)
    assert read("dimensions", "none", two) == ()


@given(accepted())
def test_what_is_in_force_can_be_typed_again_and_shown(policy: Policy) -> None:
    for setting in SETTINGS.values():
        value = getattr(policy, setting.key)
        assert isinstance(choices.value(setting, value), Text)
        if setting.unit is Unit.DIMENSIONS:
            assert read(setting.key, choices.typed(setting, value), Policy()) == value
        else:
            assert read(setting.key, choices.typed(setting, value)) == value
        assert settings.changed(policy, setting.key, value) == policy
