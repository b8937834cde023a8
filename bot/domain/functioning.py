"""Functioning: whether a chapter comes together, learns and reports, and until when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain import calendar
from bot.domain.chapters import State
from bot.domain.policy import EVERY_KIND, Policy


class Criterion(StrEnum):
    """What a functioning chapter does."""

    TOGETHER = "together"
    LEARNS = "learns"
    REPORTS = "reports"


class Met(StrEnum):
    """How a criterion stands; silence is not proof of failure."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """How a chapter stands on a day."""

    FUNCTIONING = "functioning"
    AT_RISK = "at_risk"
    NEW = "new"
    UNHEARD = "unheard"
    QUIET = "quiet"
    RESTING = "resting"
    ARCHIVED = "archived"

    @property
    def counts_as_functioning(self) -> bool:
        """At risk is still functioning."""
        return self in (Status.FUNCTIONING, Status.AT_RISK)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that may count for a criterion: dated on a day, known from a day on, `amount` times.

    Of a check-in also its kind and how many came, by which a policy tells whether it counts; of a report neither is known.
    """

    criterion: Criterion
    day: date
    known_on: date
    amount: int = 1
    kind: str | None = None
    people: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides a criterion: its newest evidence, and the oldest of the newest so many that the policy asks for."""

    newest: date | None = None
    deciding: date | None = None


@dataclass(frozen=True, slots=True)
class CriterionVerdict:
    """How one criterion stands on a day; `lapses_on` is the first day without enough evidence, past or to come.

    `kinds` are the kinds of check-in that count for coming together.
    """

    criterion: Criterion
    met: Met
    newest: date | None
    lapses_on: date | None
    kinds: tuple[str, ...] = EVERY_KIND


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a chapter stands on a day; `lapses_on` is the first day on which not every criterion is met any more, past or to come."""

    status: Status
    criteria: tuple[CriterionVerdict, ...]
    lapses_on: date | None


def window(criterion: Criterion, policy: Policy) -> timedelta:
    """For how long evidence counts."""
    days = {
        Criterion.TOGETHER: policy.together_days,
        Criterion.LEARNS: policy.learns_days,
        Criterion.REPORTS: policy.reports_days,
    }
    return timedelta(days=days[criterion])


def needed(criterion: Criterion, policy: Policy) -> int:
    """How much evidence the window must hold."""
    return {
        Criterion.TOGETHER: policy.together_count,
        Criterion.LEARNS: policy.learns_count,
        Criterion.REPORTS: policy.reports_count,
    }[criterion]


def brings_together(kind: str | None, people: int | None, policy: Policy) -> bool:
    """Whether something of this kind counts for *comes together*: one of the kinds that do, with enough people or no number given."""
    return (kind is None or kind in policy.together_kinds) and (people is None or people >= policy.together_people)


def counts(piece: Evidence, policy: Policy) -> bool:
    """Whether a piece of evidence counts under this policy."""
    return piece.criterion is not Criterion.TOGETHER or brings_together(piece.kind, piece.people, policy)


def standing(evidence: Iterable[Evidence], criterion: Criterion, policy: Policy, day: date) -> Standing:
    """How a criterion stands on a day, from what is dated by then and known by then."""
    usable = sorted(
        ((e.day, e.amount) for e in evidence if e.criterion is criterion and e.day <= day and e.known_on <= day and counts(e, policy)),
        reverse=True,
    )
    seen = 0
    for evidence_day, amount in usable:
        seen += amount
        if seen >= needed(criterion, policy):
            return Standing(usable[0][0], evidence_day)
    return Standing(usable[0][0] if usable else None, None)


def standings(evidence: Iterable[Evidence], policy: Policy, day: date) -> dict[Criterion, Standing]:
    """How each criterion stands on a day."""
    known = list(evidence)
    return {criterion: standing(known, criterion, policy, day) for criterion in Criterion}


def lapse_day(stands: Mapping[Criterion, Standing], policy: Policy) -> date | None:
    """The first day on which, with nothing new, some criterion is no longer met; None if one never was."""
    lapses = [_lapse(stands[criterion], criterion, policy) for criterion in Criterion]
    known = [day for day in lapses if day is not None]
    return min(known) if len(known) == len(lapses) else None


def lapses_at(stands: Mapping[Criterion, Standing], policy: Policy, zone: ZoneInfo) -> datetime | None:
    """The first moment (UTC) at which the chapter no longer functions if nothing new comes; None if it never did."""
    day = lapse_day(stands, policy)
    return None if day is None else calendar.start_of(day, zone)


def at_risk_from(lapses_on: date, policy: Policy, zone: ZoneInfo) -> datetime:
    """The moment (UTC) from which a chapter that lapses on this day is at risk."""
    return calendar.start_of(lapses_on - timedelta(days=policy.at_risk_days), zone)


def judge(stands: Mapping[Criterion, Standing], state: State, added_on: date, heard_on: date | None, policy: Policy, day: date) -> Verdict:
    """How a chapter stands on a day; `heard_on` is the day of its newest record of any kind, None if there is none."""
    criteria = tuple(_judge_criterion(stands[criterion], criterion, policy, day) for criterion in Criterion)
    lapses_on = lapse_day(stands, policy)
    return Verdict(status(lapses_on, state, added_on, heard_on, policy, day), criteria, lapses_on)


def status(lapses_on: date | None, state: State, added_on: date, heard_on: date | None, policy: Policy, day: date) -> Status:
    """A chapter's status on a day, from the first day on which it does not function any more with nothing new."""
    if state is not State.ACTIVE:
        return Status(state.value)
    if lapses_on is not None and day < lapses_on:
        safe = day + timedelta(days=policy.at_risk_days) < lapses_on
        return Status.FUNCTIONING if safe else Status.AT_RISK
    if day - added_on < timedelta(days=policy.new_days):
        return Status.NEW
    return Status.UNHEARD if heard_on is None else Status.QUIET


def _judge_criterion(stands: Standing, criterion: Criterion, policy: Policy, day: date) -> CriterionVerdict:
    if stands.newest is None:
        return CriterionVerdict(criterion, Met.UNKNOWN, None, None, policy.together_kinds)
    lapses_on = _lapse(stands, criterion, policy)
    met = Met.MET if lapses_on is not None and day < lapses_on else Met.NOT_MET
    return CriterionVerdict(criterion, met, stands.newest, lapses_on, policy.together_kinds)


def _lapse(stands: Standing, criterion: Criterion, policy: Policy) -> date | None:
    return None if stands.deciding is None else stands.deciding + window(criterion, policy)
