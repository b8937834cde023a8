"""What another policy would come to: how chapters would stand, and when things would next happen."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain import calendar, errands
from bot.domain.calendar import Month
from bot.domain.functioning import Status
from bot.domain.policy import Policy

JUDGING = frozenset(
    {
        "together_days",
        "together_count",
        "together_people",
        "together_kinds",
        "learns_days",
        "learns_count",
        "reports_days",
        "reports_count",
        "at_risk_days",
        "new_days",
    }
)
"""The settings by which chapters are judged."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How many chapters would stand otherwise: those that function before and after, and those that change."""

    before: int
    after: int
    lost: int
    gained: int
    at_risk_before: int
    at_risk_after: int
    new_before: int
    new_after: int


def effect(moves: Mapping[tuple[Status, Status], int]) -> Effect:
    """The sums of how many chapters go from one status to another."""

    def many(pairs: Iterable[bool]) -> int:
        return sum(n for n, here in zip(moves.values(), pairs, strict=True) if here)

    return Effect(
        before=many(one.counts_as_functioning for one, _ in moves),
        after=many(other.counts_as_functioning for _, other in moves),
        lost=many(one.counts_as_functioning and not other.counts_as_functioning for one, other in moves),
        gained=many(other.counts_as_functioning and not one.counts_as_functioning for one, other in moves),
        at_risk_before=many(one is Status.AT_RISK for one, _ in moves),
        at_risk_after=many(other is Status.AT_RISK for _, other in moves),
        new_before=many(one is Status.NEW for one, _ in moves),
        new_after=many(other is Status.NEW for _, other in moves),
    )


def shown_moves(visible: Counter[tuple[Status, Status]], hidden: Counter[tuple[Status, Status]], policy: Policy) -> Effect:
    """The effect on all chapters; without hidden ones where so few there are that a sum would tell of one."""
    few = visible.total() + hidden.total() < policy.sum_chapters
    return effect(visible if few else visible + hidden)


@dataclass(frozen=True, slots=True)
class Next:
    """When something next happens: a day and, where there is one, the hour."""

    day: date
    hour: int | None = None


def next_time(key: str, policy: Policy, zone: ZoneInfo, now: datetime) -> Next | None:
    """When what this setting moves next happens on clocks of this zone; None for a setting that moves nothing."""
    match key:
        case "prompt_day" | "prompt_hour":
            return _next_of_month(policy.prompt_day, policy.prompt_hour, zone, now)
        case "first_nudge_day":
            return _next_of_month(policy.first_nudge_day, policy.prompt_hour, zone, now)
        case "second_nudge_day":
            return _next_of_month(policy.second_nudge_day, policy.prompt_hour, zone, now)
        case "due_day":
            return Next(_next_of_month(policy.due_day, 24, zone, now).day)
        case "digest_weekday" | "digest_hour":
            day, _ = errands.newest_digest(now, policy, zone)
            return Next(day + timedelta(days=7), policy.digest_hour)
        case _:
            return None


def _next_of_month(day: int, hour: int, zone: ZoneInfo, now: datetime) -> Next:
    local = now.astimezone(zone)
    this = Month.of(local.date())
    coming = this if (day, hour) > (local.day, local.hour) else this.plus(1)
    return Next(coming.first + timedelta(days=day - 1), hour)


def asked_at_once(before: Policy, after: Policy, zone: ZoneInfo, now: datetime) -> bool:
    """Whether this month's question, still to come so far, would be due already."""

    def due(policy: Policy) -> datetime:
        first = Month.of(calendar.today(now, zone)).first
        return calendar.moment(first + timedelta(days=policy.prompt_day - 1), policy.prompt_hour, zone)

    return due(after) <= now < due(before)
