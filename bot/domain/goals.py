"""Goals: what is measured, against which target, and how well it is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from bot.domain.calendar import Month
from bot.domain.chapters import fold
from bot.domain.checkins import Kind
from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Text, text

CHECKINS_PREFIX = "checkins:"
LARGEST_TARGET = 1_000_000_000
MONTHS_TO_DEADLINE = 24


class Metric(StrEnum):
    """What a goal can measure; `checkins:<kind>` stands beside these, one for each kind."""

    MEMBERS = "members"
    ACTIVE_MEMBERS = "active_members"
    FUNCTIONING_CHAPTERS = "functioning_chapters"
    GENDER_BALANCE = "gender_balance"
    BRANCH_GATHERINGS = "branch_gatherings"
    DUES_BODIES = "dues_bodies"
    DELEGATES = "delegates"
    REPORTING_CHAPTERS = "reporting_chapters"
    MANUAL = "manual"


METRICS: tuple[str, ...] = (*(metric.value for metric in Metric), *(f"{CHECKINS_PREFIX}{kind}" for kind in Kind))

FIRST_GOALS: tuple[tuple[Metric, int], ...] = (
    (Metric.MEMBERS, 5000),
    (Metric.FUNCTIONING_CHAPTERS, 100),
    (Metric.GENDER_BALANCE, 40),
    (Metric.BRANCH_GATHERINGS, 5),
    (Metric.DUES_BODIES, 10),
)


RECORDED = frozenset({Metric.MEMBERS.value, Metric.MANUAL.value})
"""What coordinators record a figure for: members outside chapters, and whatever nothing else measures."""

_WORDS: dict[str, Text] = {
    Metric.MEMBERS: text("Members"),
    Metric.ACTIVE_MEMBERS: text("Active members"),
    Metric.FUNCTIONING_CHAPTERS: text("Functioning chapters"),
    Metric.GENDER_BALANCE: text("Gender balance"),
    Metric.BRANCH_GATHERINGS: text("Branches that gathered"),
    Metric.DUES_BODIES: text("Bodies collecting dues"),
    Metric.DELEGATES: text("Chapters with a delegate"),
    Metric.REPORTING_CHAPTERS: text("Chapters that report"),
    Metric.MANUAL: text("A figure recorded by hand"),
    f"{CHECKINS_PREFIX}{Kind.MEETING}": text("Meetings held"),
    f"{CHECKINS_PREFIX}{Kind.EDUCATION}": text("Education activities held"),
    f"{CHECKINS_PREFIX}{Kind.OUTREACH}": text("Outreach activities held"),
    f"{CHECKINS_PREFIX}{Kind.RECRUITMENT}": text("Recruitment activities held"),
    f"{CHECKINS_PREFIX}{Kind.CAMPAIGN}": text("Campaign activities held"),
    f"{CHECKINS_PREFIX}{Kind.NETWORKING}": text("Networking activities held"),
    f"{CHECKINS_PREFIX}{Kind.FUNDRAISER}": text("Fundraisers held"),
    f"{CHECKINS_PREFIX}{Kind.PROJECT}": text("Project activities held"),
    f"{CHECKINS_PREFIX}{Kind.SOCIAL}": text("Social activities held"),
}


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal as in force on a day: reached when the metric's value is at least `target`."""

    id: int
    metric: str
    name: str | None
    target: int
    starts: date
    deadline: date

    @property
    def kind(self) -> Kind | None:
        """The kind of check-ins it counts, if it counts check-ins."""
        return checkin_kind(self.metric)


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric's value on a day, or None if it is not known: never zero for want of data.

    `behind` of `chapters` chapters stand behind it; `oldest` is the day of its oldest part.
    """

    value: int | None
    behind: int | None = None
    chapters: int | None = None
    oldest: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal and where it stands."""

    goal: Goal
    measured: Measured

    @property
    def reached(self) -> bool:
        """Whether the value shown is at least the target."""
        return self.measured.value is not None and self.measured.value >= self.goal.target


def accumulates(metric: str) -> bool:
    """Whether it counts what was done since the goal began, so that it never becomes less."""
    return metric == Metric.BRANCH_GATHERINGS or checkin_kind(metric) is not None


def checkin_kind(metric: str) -> Kind | None:
    """The kind that a `checkins:<kind>` metric counts; None for every other metric."""
    return Kind(metric.removeprefix(CHECKINS_PREFIX)) if metric.startswith(CHECKINS_PREFIX) else None


def words(metric: str) -> Text:
    """What a metric is called."""
    return _WORDS[metric]


def label(goal: Goal) -> Text:
    """What a goal is called: its own name, else what it measures."""
    return called(goal.metric, goal.name)


def called(metric: str, name: str | None) -> Text:
    """What a goal of this metric and name is called."""
    return text("{name}", name=name) if name else words(metric)


def find(goals: Sequence[Goal], wanted: str) -> Goal:
    """The goal with this name, else the one without name, or the only one, that measures this; refuses what is none of them, or several."""
    tidy = fold(wanted)
    named = [goal for goal in goals if goal.name is not None and fold(goal.name) == tidy]
    measures = [goal for goal in goals if tidy in (goal.metric, fold(words(goal.metric).msgid))]
    found = named or [goal for goal in measures if goal.name is None] or measures
    if len(found) == 1:
        return found[0]
    if not goals:
        raise Refusal(text("No goals are set here yet. A coordinator can add one with /goal add."))
    which = Listing(tuple(label(goal) for goal in found or goals), "or")
    if found:
        raise Refusal(text("Several goals measure this. Which do you mean, {which}?", which=which))
    called_so = words(tidy) if tidy in METRICS else wanted.strip()[:60]
    raise Refusal(text("There is no goal “{goal}”. Choose one: {which}.", goal=called_so, which=which))


def check_new(goals: Sequence[Goal], metric: str, name: str | None) -> None:
    """Refuses a goal that could not be told from another: names differ, and what is recorded by hand has one."""
    if name is None and metric == Metric.MANUAL:
        raise Refusal(text("A figure recorded by hand needs a name. Say in the option name what it counts."))
    if any(_spoken(goal.metric, goal.name) == _spoken(metric, name) for goal in goals):
        raise Refusal(text("There is a goal {goal} already. Give this one a name of its own.", goal=called(metric, name)))


def new(goals: Sequence[Goal], metric: str, target: int, deadline: date, name: str | None, today: date) -> Goal:
    """A goal that starts today; refuses one that cannot be measured, reached, waited for or told from the others."""
    checked = check_metric(metric)
    made = Goal(0, checked, name, check_target(checked, target), today, check_deadline(deadline, today))
    check_new(goals, checked, name)
    return made


def changed(before: Goal, target: int | None, deadline: date | None, name: str | None, others: Sequence[Goal], today: date) -> Goal:
    """The goal with what is given in place of what it was; named like its metric it has no name of its own."""
    if target is None and deadline is None and name is None:
        raise Refusal(text("Say what to change: the target, the deadline or the name."))
    after = before
    if target is not None:
        after = replace(after, target=check_target(before.metric, target))
    if deadline is not None and deadline != before.deadline:
        after = replace(after, deadline=check_deadline(deadline, today))
    if name is not None:
        own = None if before.metric != Metric.MANUAL and fold(name) in (before.metric, fold(words(before.metric).msgid)) else name
        check_new(others, before.metric, own)
        after = replace(after, name=own)
    return after


def _spoken(metric: str, name: str | None) -> str:
    return fold(name or words(metric).msgid)


def check_recorded(goal: Goal) -> None:
    """Refuses to record a figure for what is counted from the chapters' own entries."""
    if goal.metric not in RECORDED:
        raise Refusal(
            text(
                "{goal} is counted from what chapters record, so no figure can be recorded by hand. Choose another goal.", goal=label(goal)
            ),
        )


def check_figure(value: int) -> int:
    """The figure; refuses one that is out of range."""
    if not 0 <= value <= LARGEST_TARGET:
        raise Refusal(text("The figure can be from 0 to {largest}. You gave {value}.", largest=LARGEST_TARGET, value=value))
    return value


def balance_month(day: date) -> Month:
    """The month whose end is the last one on or before this day: the gender balance moves at month ends only."""
    month = Month.of(day)
    return month if day == month.last else month.plus(-1)


def check_metric(metric: str) -> str:
    """The metric's name; refuses one that is not measured."""
    tidy = metric.strip().casefold()
    if tidy not in METRICS:
        raise Refusal(text("Nothing called “{metric}” can be measured here. Choose one from the list.", metric=metric[:40]))
    return tidy


def check_target(metric: str, target: int) -> int:
    """The target; refuses what cannot be reached or is reached from the start."""
    largest = 50 if metric == Metric.GENDER_BALANCE else LARGEST_TARGET
    if not 1 <= target <= largest:
        raise Refusal(text("The target can be from 1 to {largest}. You gave {target}.", largest=largest, target=target))
    return target


def check_deadline(deadline: date, today: date) -> date:
    """The deadline; refuses one that has passed."""
    if deadline <= today:
        raise Refusal(text("The deadline must be after today. You gave {deadline}.", deadline=deadline))
    return deadline


def members(
    reported: int | None, behind: int, chapters: int, oldest: date | None, outside: int | None, outside_on: date | None
) -> Measured:
    """Members in chapters plus those recorded outside chapters; not known if neither is."""
    if reported is None and outside is None:
        return Measured(None, behind, chapters)
    parts = [day for day, known in ((oldest, reported), (outside_on, outside)) if day is not None and known is not None]
    return Measured((reported or 0) + (outside or 0), behind, chapters, min(parts, default=None))


def enough_counted(people: int, members_known: int | None) -> bool:
    """A balance is known when the people counted are at least half of the members."""
    return members_known is not None and 2 * people >= members_known
