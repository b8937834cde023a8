"""Goals: what is measured, against which target, and how well it is known."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.domain.checkins import Kind
from bot.domain.refusal import Refusal
from bot.domain.text import text

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


def checkin_kind(metric: str) -> Kind | None:
    """The kind that a `checkins:<kind>` metric counts; None for every other metric."""
    return Kind(metric.removeprefix(CHECKINS_PREFIX)) if metric.startswith(CHECKINS_PREFIX) else None


def check_metric(metric: str) -> str:
    """The metric's name; refuses one that is not measured."""
    tidy = metric.strip().casefold()
    if tidy not in METRICS:
        raise Refusal(text("There is nothing called {metric} to measure. Choose one from the list.", metric=metric[:40]))
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
        raise Refusal(text("The deadline is to lie after today. You gave {deadline}.", deadline=deadline))
    return deadline


def coverage(behind: int, chapters: int, value: int, oldest: date | None) -> Measured:
    """A value with the chapters behind it; not known if none is."""
    return Measured(value if behind else None, behind, chapters, oldest if behind else None)


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
