"""Errands: what the bot owes to whom at a moment, and when it should look again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain import calendar, owed
from bot.domain.calendar import Month
from bot.domain.owed import Owed
from bot.domain.policy import Policy


class Kind(StrEnum):
    """What is sent without anybody pressing a button at that moment."""

    PROMPT = "prompt"
    FIRST_NUDGE = "first_nudge"
    SECOND_NUDGE = "second_nudge"


PROMPTS = (Kind.PROMPT.value, "later", Kind.FIRST_NUDGE.value, Kind.SECOND_NUDGE.value)
"""The messages that ask for a period's report."""
QUESTIONS = ("partner", "gathering", "rest")
"""The messages that ask a chapter something else."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Something owed to a chapter: useful from `due` on and of no use any more at `expires`."""

    kind: Kind
    period: Month
    due: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides a chapter's errands; `owed` as of now, `prompted_at` for the period that is asked for."""

    owed: Owed
    zone: ZoneInfo
    prompt_hour: int | None
    prompted_at: datetime | None
    later_until: date | None
    duty_passed_for: Month | None
    loosens_at: datetime | None = None

    def loosens(self, now: datetime) -> bool:
        """Whether a chosen visibility that lets more be seen takes hold by now."""
        return self.loosens_at is not None and self.loosens_at <= now


def prompt(facts: Facts, period: Month, policy: Policy) -> Errand:
    """The question how the month was: on the first day after it, until the next one takes its place."""
    due = _asking(period.plus(1).first + timedelta(days=policy.prompt_day - 1), facts, policy)
    missed = owed.becomes_missed(facts.owed, period, facts.zone)
    return Errand(Kind.PROMPT, period, due, missed or due + timedelta(days=31))


def nudges(facts: Facts, period: Month, policy: Policy) -> tuple[Errand, Errand]:
    """Two reminders, each useful on its own day only."""
    days = ((Kind.FIRST_NUDGE, policy.first_nudge_day), (Kind.SECOND_NUDGE, policy.second_nudge_day))
    first, second = (_nudge(kind, period, day, facts, policy) for kind, day in days)
    return first, second


def _nudge(kind: Kind, period: Month, day_of_month: int, facts: Facts, policy: Policy) -> Errand:
    day = period.plus(1).first + timedelta(days=day_of_month - 1)
    return Errand(kind, period, _asking(day, facts, policy), calendar.start_of(day + calendar.ONE_DAY, facts.zone))


def _asking(day: date, facts: Facts, policy: Policy) -> datetime:
    """When a chapter is asked on a day: at the hour it chose, or the nearest to it at which anything may be sent."""
    chosen = policy.prompt_hour if facts.prompt_hour is None else facts.prompt_hour
    hour = min(max(chosen, policy.opens), policy.closes - 1)
    return in_sending_hours(calendar.moment(day, hour, facts.zone), policy, facts.zone)


def nudge_is_wanted(nudge: Errand, facts: Facts, policy: Policy) -> bool:
    """A nudge is dropped up to the day somebody chose as "later", or if the prompt went out under 72 hours before, or never."""
    if facts.later_until is not None and calendar.today(nudge.due, facts.zone) <= facts.later_until:
        return False
    rest = timedelta(hours=policy.nudge_rest_hours)
    return facts.prompted_at is not None and facts.prompted_at + rest <= nudge.due


def owed_now(facts: Facts, policy: Policy, now: datetime) -> list[Errand]:
    """What is due at this moment and still of use: for the newest owed period only, so that an outage ends in one message."""
    period = facts.owed.asked_for
    if period is None or _rests(facts, now):
        return []
    wanted = [prompt(facts, period, policy)] if facts.prompted_at is None else []
    wanted += [nudge for nudge in nudges(facts, period, policy) if nudge_is_wanted(nudge, facts, policy)]
    return [errand for errand in wanted if errand.due <= now < errand.expires]


def duty_passes(facts: Facts, policy: Policy, now: datetime) -> Month | None:
    """The period whose last day has gone by unanswered and for which duty has not passed on yet."""
    period = facts.owed.asked_for
    if period is None or (facts.duty_passed_for is not None and facts.duty_passed_for >= period):
        return None
    return period if owed.past_due(period, policy, facts.zone) <= now else None


def next_look(facts: Facts, policy: Policy, now: datetime) -> datetime | None:
    """The first moment after now at which something may be due for this chapter if nobody does anything."""
    moments: list[datetime] = []
    period = facts.owed.asked_for
    if period is not None:
        moments.append(prompt(facts, period, policy).due)
        moments += [nudge.due for nudge in nudges(facts, period, policy)]
        moments.append(owed.past_due(period, policy, facts.zone))
    following = next(owed.upcoming(facts.owed), None)
    if following is not None:
        moments.append(owed.becomes_owed(following, facts.zone))
    if facts.loosens_at is not None:
        moments.append(facts.loosens_at)
    moments += [calendar.start_of(rest.until + calendar.ONE_DAY, facts.zone) for rest in facts.owed.rests if rest.until is not None]
    return min((moment for moment in moments if moment > now), default=None)


def _rests(facts: Facts, now: datetime) -> bool:
    return any(rest.covers(calendar.today(now, facts.zone)) for rest in facts.owed.rests)


def in_sending_hours(at: datetime, policy: Policy, zone: ZoneInfo) -> datetime:
    """When something that the bot starts by itself may go out: at once between 08:00 and 21:00, else at the next 08:00."""
    return calendar.within_hours(at, policy.opens, policy.closes, zone)


def newest_digest(now: datetime, policy: Policy, zone: ZoneInfo) -> tuple[date, datetime]:
    """The day and the moment of the newest weekly digest that is due."""
    today = calendar.today(now, zone)
    day = today - timedelta(days=(today.weekday() - policy.digest_weekday) % 7)
    due = calendar.moment(day, policy.digest_hour, zone)
    if due > now:
        day -= timedelta(days=7)
        due = calendar.moment(day, policy.digest_hour, zone)
    return day, due


def next_digest(now: datetime, policy: Policy, zone: ZoneInfo) -> datetime:
    """The moment of the digest after the newest one."""
    day, _ = newest_digest(now, policy, zone)
    return calendar.moment(day + timedelta(days=7), policy.digest_hour, zone)


def next_word(now: datetime, policy: Policy, zone: ZoneInfo) -> datetime:
    """When facilitators are next told what could not be delivered: once a day, at the hour of the digest."""
    today = calendar.today(now, zone)
    due = calendar.moment(today, policy.digest_hour, zone)
    return due if due > now else calendar.moment(today + calendar.ONE_DAY, policy.digest_hour, zone)


@dataclass(frozen=True, slots=True)
class Concern:
    """A chapter that a facilitator may want to call, and why."""

    chapter_id: int
    overdue: bool
    silent: bool
    unreachable: bool
    at_risk: bool
    quiet: bool
    help_wanted: bool
    heard_on: date | None
    hidden_until: datetime | None

    @property
    def worth_a_call(self) -> bool:
        """Two periods without an answer, nobody to reach, about to lapse, or quiet."""
        return self.silent or self.unreachable or self.at_risk or self.quiet


def digest(concerns: Sequence[Concern], now: datetime) -> tuple[list[Concern], list[Concern]]:
    """Who is worth a call, most urgent first (help wanted, then longest silent), and who is merely late; without those in touch lately."""
    shown = [concern for concern in concerns if concern.hidden_until is None or concern.hidden_until <= now]
    calls = [concern for concern in shown if concern.worth_a_call]
    calls.sort(key=lambda c: (not c.help_wanted, c.heard_on or date.min, c.chapter_id))
    late = [concern for concern in shown if concern.overdue and not concern.worth_a_call]
    return calls, late


MOST_TRIES, MOST_MISTAKES = 60, 5
"""How often something is tried at most: some two and a half days long, or some minutes if the mistake is the program's own."""


def retry_at(now: datetime, attempts: int, jitter: float) -> datetime:
    """When to try again what Discord could not take: pauses double from 30 s to 1 h, each up to a quarter longer (`jitter` 0 to 1)."""
    return now + _pause(attempts, timedelta(hours=1), jitter)


def server_again_at(now: datetime, failures: int, jitter: float) -> datetime:
    """When a server is turned to again after so many failures of Discord in a row: pauses double from 30 s to 5 min."""
    return now + _pause(failures, timedelta(minutes=5), jitter)


def _pause(times: int, longest: timedelta, jitter: float) -> timedelta:
    doublings = min(max(times - 1, 0), 7)
    return min(timedelta(seconds=30 * 2**doublings), longest) * (1 + jitter / 4)


def is_given_up(attempts: int, *, our_mistake: bool = False) -> bool:
    """Whether so many tries are enough: nothing is tried for ever."""
    return attempts >= (MOST_MISTAKES if our_mistake else MOST_TRIES)
