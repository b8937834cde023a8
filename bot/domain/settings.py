"""The settings of the policy: what each is called, what it may be, and what must hold between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from typing import Any

from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.text import Text, counted, text


class Group(StrEnum):
    """What settings have to do with, in the order in which they are shown."""

    FUNCTIONING = auto()
    REPORT = auto()
    FACILITATORS = auto()
    FIGURES = auto()
    GOALS = auto()
    PRIVACY = auto()


class Unit(StrEnum):
    """What a setting is counted in, or chosen from."""

    DAYS = auto()
    TIMES = auto()
    PEOPLE = auto()
    CHAPTERS = auto()
    HOUR = auto()
    HOURS = auto()
    DAY_OF_MONTH = auto()
    WEEKDAY = auto()
    MONTHS = auto()
    KINDS = auto()
    QUESTIONS = auto()
    DIMENSIONS = auto()
    RULE = auto()

    @property
    def is_number(self) -> bool:
        """Whether it is one number; a weekday is kept as one, Monday is 0."""
        return self not in (Unit.KINDS, Unit.QUESTIONS, Unit.DIMENSIONS, Unit.RULE)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that an organisation may choose: its name, what it is counted in, from what to what it may be."""

    key: str
    group: Group
    name: Text
    unit: Unit
    least: int = 0
    most: int = 0

    @property
    def default(self) -> Any:
        """What the rules were written with."""
        return getattr(Policy(), self.key)


def _all() -> tuple[Setting, ...]:
    """Every setting, in the order in which it is shown.

    The small totals may be raised and never lowered: with these least values every hidden cell keeps at least 8 possible values.
    """
    of, days = Group.FUNCTIONING, Unit.DAYS
    functioning = (
        Setting("together_days", of, text("Comes together: within how many days"), days, 7, 400),
        Setting("together_count", of, text("Comes together: how often in that time"), Unit.TIMES, 1, 8),
        Setting("together_people", of, text("Comes together: with at least how many people"), Unit.PEOPLE, 1, 50),
        Setting("together_kinds", of, text("Comes together: which kinds of check-in count"), Unit.KINDS),
        Setting("learns_days", of, text("Learns: within how many days"), days, 7, 400),
        Setting("learns_count", of, text("Learns: how often in that time"), Unit.TIMES, 1, 8),
        Setting("reports_days", of, text("Reports: within how many days"), days, 31, 400),
        Setting("reports_count", of, text("Reports: how often in that time"), Unit.TIMES, 1, 8),
        Setting("at_risk_days", of, text("At risk: how many days before it would stop functioning"), days, 1, 60),
        Setting("new_days", of, text("New: for how many days after it was added"), days, 1, 400),
    )
    of, day = Group.REPORT, Unit.DAY_OF_MONTH
    report = (
        Setting("prompt_day", of, text("The monthly question: on which day"), day, 1, 24),
        Setting("prompt_hour", of, text("The monthly question: at what hour"), Unit.HOUR, 0, 23),
        Setting("first_nudge_day", of, text("First reminder: on which day"), day, 2, 25),
        Setting("second_nudge_day", of, text("Second reminder: on which day"), day, 3, 26),
        Setting("due_day", of, text("The report is due: on which day"), day, 4, 27),
        Setting("nudge_rest_hours", of, text("No reminder: for how long after the question"), Unit.HOURS, 0, 240),
        Setting("later_hour", of, text("“Remind me”: at what hour"), Unit.HOUR, 0, 23),
        Setting("opens", of, text("Messages go out: from what hour"), Unit.HOUR, 0, 22),
        Setting("closes", of, text("Messages go out: until what hour"), Unit.HOUR, 1, 24),
        Setting("questions", of, text("Questions of the monthly report"), Unit.QUESTIONS),
        Setting("dues_every_months", of, text("Dues, once decided: asked again after how long"), Unit.MONTHS, 1, 36),
    )
    of = Group.FACILITATORS
    facilitators = (
        Setting("digest_weekday", of, text("The weekly list: on which day"), Unit.WEEKDAY, 0, 6),
        Setting("digest_hour", of, text("The weekly list: at what hour"), Unit.HOUR, 0, 23),
        Setting("worth_a_call", of, text("The weekly list: how many chapters in full"), Unit.CHAPTERS, 1, 10),
        Setting("in_touch_days", of, text("After a call: for how long a chapter is left out"), days, 1, 90),
    )
    of = Group.FIGURES
    figures = (
        Setting("checkin_days_back", of, text("Check-ins: how many days back they may be entered"), days, 31, 1000),
        Setting("members_days", of, text("Members: how old an answer may be"), days, 31, 1500),
        Setting("active_members_days", of, text("Active members: how old an answer may be"), days, 31, 1500),
        Setting("reporting_days", of, text("Chapters that report: within how many days"), days, 31, 1500),
        Setting("dues_days", of, text("Dues: for how long an answer counts"), days, 31, 1500),
    )
    of = Group.GOALS
    goals = (
        Setting(
            "direct_chapters", of, text("Goals: up to how many chapters coordinators set them by themselves"), Unit.CHAPTERS, 0, 100_000
        ),
        Setting("adoption", of, text("Goals: how chapters adopt them"), Unit.RULE),
        Setting("proposal_days", of, text("Proposals: for how long they are open at least"), days, 7, 120),
    )
    of = Group.PRIVACY
    privacy = (
        Setting("dimensions", of, text("Composition: what is counted beside gender"), Unit.DIMENSIONS),
        Setting("composition_every_months", of, text("Composition: counted anew after how long"), Unit.MONTHS, 1, 24),
        Setting("composition_days", of, text("Composition: how old a count may be"), days, 31, 1500),
        Setting("small_cell", of, text("Composition: up to how many people a group is hidden"), Unit.PEOPLE, 4, 20),
        Setting("small_total", of, text("Composition: from how many people the total is shown"), Unit.PEOPLE, 10, 100),
        Setting("sum_chapters", of, text("Sums: over at least how many chapters"), Unit.CHAPTERS, 3, 20),
        Setting("sum_people", of, text("Sums: over at least how many people"), Unit.PEOPLE, 10, 500),
        Setting("retention_months", of, text("Who wrote an entry: for how long it is kept"), Unit.MONTHS, 1, 120),
    )
    return functioning + report + facilitators + figures + goals + privacy


SETTINGS: Mapping[str, Setting] = {setting.key: setting for setting in _all()}


def changed(policy: Policy, key: str, value: Any) -> Policy:
    """The policy with another value; refuses one that may not be, alone or beside the others."""
    setting = SETTINGS[key]
    if setting.unit.is_number and not (isinstance(value, int) and setting.least <= value <= setting.most):
        raise Refusal(range_of(setting))
    after = replace(policy, **{key: value})
    for rule in _BETWEEN:
        told = rule(after)
        if told is not None:
            raise Refusal(told)
    return after


def range_of(setting: Setting) -> Text:
    """What a setting may be, as a refusal says it."""
    values = {"name": setting.name, "least": shown(setting, setting.least), "most": shown(setting, setting.most)}
    return text("{name}: this can be from {least} to {most}.", **values)


def shown(setting: Setting, number: int) -> Text:
    """A number of this setting with what it is counted in."""
    match setting.unit:
        case Unit.HOUR:
            return text("{hour}:00", hour=number)
        case Unit.WEEKDAY:
            return WEEKDAYS[number]
        case Unit.DAY_OF_MONTH:
            return text("day {n}", n=number)
        case Unit.TIMES:
            return counted("{n} time", "{n} times", number)
        case Unit.PEOPLE:
            return counted("{n} person", "{n} people", number)
        case Unit.CHAPTERS:
            return counted("{n} chapter", "{n} chapters", number)
        case Unit.HOURS:
            return counted("{n} hour", "{n} hours", number)
        case Unit.MONTHS:
            return counted("{n} month", "{n} months", number)
        case _:
            return counted("{n} day", "{n} days", number)


WEEKDAYS: tuple[Text, ...] = (
    text("Monday"),
    text("Tuesday"),
    text("Wednesday"),
    text("Thursday"),
    text("Friday"),
    text("Saturday"),
    text("Sunday"),
)


# What must hold between settings, each with what is said where it does not


def _at_risk_is_within_every_window(policy: Policy) -> Text | None:
    shortest = min(policy.together_days, policy.learns_days, policy.reports_days)
    if policy.at_risk_days < shortest:
        return None
    return text(
        "Every chapter that functions would be at risk as well: at risk begins {days} days before, the shortest time is {shortest}. "
        "Change the other one of the two first.",
        days=policy.at_risk_days,
        shortest=shortest,
    )


def _asked_before_due(policy: Policy) -> Text | None:
    if policy.prompt_day < policy.first_nudge_day < policy.second_nudge_day < policy.due_day:
        return None
    return text(
        "The question comes first, then both reminders, and then the day on which the report is due. "
        "This would be day {prompt}, {first}, {second} and {due}. Change the others first.",
        prompt=policy.prompt_day,
        first=policy.first_nudge_day,
        second=policy.second_nudge_day,
        due=policy.due_day,
    )


def _sent_in_sending_hours(policy: Policy) -> Text | None:
    if policy.opens >= policy.closes:
        return text(
            "Messages would go out from {opens}:00 until {closes}:00: at no time. Change the other one of the two first.",
            opens=policy.opens,
            closes=policy.closes,
        )
    for key in ("prompt_hour", "later_hour", "digest_hour"):
        hour = getattr(policy, key)
        if not policy.opens <= hour < policy.closes:
            return text(
                "Messages go out from {opens}:00 until {closes}:00, and this would be at {hour}:00: {name} Change the other one first.",
                opens=policy.opens,
                closes=policy.closes,
                hour=hour,
                name=text("“{name}”.", name=SETTINGS[key].name),
            )
    return None


def _counted_anew_in_time(policy: Policy) -> Text | None:
    if policy.composition_days >= 31 * policy.composition_every_months:
        return None
    return counted(
        "A count would be too old before it is asked for anew: it may be {days} days old, and is asked for after {n} month. "
        "Change the other one of the two first.",
        "A count would be too old before it is asked for anew: it may be {days} days old, and is asked for after {n} months. "
        "Change the other one of the two first.",
        policy.composition_every_months,
        days=policy.composition_days,
    )


def _a_report_is_possible(policy: Policy) -> Text | None:
    if not set(policy.questions) - {"private_note", "dues"}:
        return text("A report needs at least one question that everybody can read, other than dues.")
    if "worked" in policy.questions and "tried" not in policy.questions:
        return text("“How many of these worked” speaks of what was tried: ask both, or neither.")
    return None


_BETWEEN: tuple[Callable[[Policy], Text | None], ...] = (
    _at_risk_is_within_every_window,
    _asked_before_due,
    _sent_in_sending_hours,
    _counted_anew_in_time,
    _a_report_is_possible,
)
