"""Which reports are asked for, and when a chapter is overdue."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain, islice
from zoneinfo import ZoneInfo

from bot.domain import calendar
from bot.domain.calendar import Month
from bot.domain.chapters import Rest
from bot.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Owed:
    """What is known of a chapter's periods.

    `first` is the first that could be owed (None while nobody has agreed that the chapter is asked), `rhythm_since` the month in which
    the rhythm was last changed, `unanswered` are the periods owed after the newest answered one.
    """

    first: Month | None
    rhythm: int = 1
    newest_owed: Month | None = None
    newest_answered: Month | None = None
    unanswered: tuple[Month, ...] = ()
    rests: tuple[Rest, ...] = ()
    rhythm_since: Month | None = None

    @property
    def asked_for(self) -> Month | None:
        """The only period that is asked for: the newest owed one, until it or a later one is answered."""
        return self.unanswered[-1] if self.unanswered else None


def first_asked(added_on: date, agreed: datetime | None, zone: ZoneInfo) -> Month | None:
    """The first full month from the day a chapter was added on, but none that was over there when coordinators agreed that it is asked."""
    return None if agreed is None else max(calendar.first_full_month(added_on), Month.of(calendar.today(agreed, zone)))


def upcoming(owed: Owed) -> Iterator[Month]:
    """The periods that come to be owed next if nothing is answered, in order; none while a chapter is archived, or not asked."""
    if owed.first is None:
        return
    anchors = [month for month in (owed.newest_owed, owed.newest_answered) if month is not None]
    candidate = max(owed.first, max(anchors).plus(owed.rhythm)) if anchors else owed.first
    # A month that was over when the rhythm changed would be asked for after its day.
    candidate = max(candidate, owed.rhythm_since or candidate)
    for_good = [rest.since for rest in owed.rests if rest.until is None]
    while not any(since <= candidate.last for since in for_good):
        if not any(rest.touches(candidate.first, candidate.last) for rest in owed.rests):
            yield candidate
            candidate = candidate.plus(owed.rhythm)
        else:
            candidate = candidate.plus(1)


def on(owed: Owed, today: date) -> Owed:
    """The same chapter on a later day: periods that ended before it have come to be owed."""
    became: list[Month] = []
    for month in upcoming(owed):
        if today <= month.last:
            break
        became.append(month)
    if not became:
        return owed
    return replace(owed, newest_owed=became[-1], unanswered=(*owed.unanswered, *became))


def past_due(period: Month, policy: Policy, zone: ZoneInfo) -> datetime:
    """The moment after the last day on which a report is in time."""
    return calendar.start_of(period.plus(1).first + timedelta(days=policy.due_day), zone)


def due_day(period: Month, policy: Policy) -> date:
    """The last day on which a report is in time."""
    return period.plus(1).first + timedelta(days=policy.due_day - 1)


def becomes_owed(period: Month, zone: ZoneInfo) -> datetime:
    """The moment at which a period is over and its report is owed."""
    return calendar.start_of(period.plus(1).first, zone)


def becomes_missed(owed: Owed, period: Month, zone: ZoneInfo) -> datetime | None:
    """The moment at which the next period is owed and this one is missed if it is not answered before."""
    following = next((month for month in chain(owed.unanswered, upcoming(owed)) if month > period), None)
    return None if following is None else becomes_owed(following, zone)


def overdue_at(owed: Owed, policy: Policy, zone: ZoneInfo) -> datetime | None:
    """When the chapter becomes, or became, overdue if nothing is answered: the start of the unbroken run, which a rest breaks."""
    return _nth_past_due(owed, 0, policy, zone)


def silent_at(owed: Owed, policy: Policy, zone: ZoneInfo) -> datetime | None:
    """When the two newest past-due periods are, or were, neither published nor skipped."""
    return _nth_past_due(owed, 1, policy, zone)


def _nth_past_due(owed: Owed, n: int, policy: Policy, zone: ZoneInfo) -> datetime | None:
    after = islice(chain(owed.unanswered, upcoming(owed)), n, None)
    period = next(after, None)
    if period is None or any(rest.until is None for rest in owed.rests):
        return None
    wakings = [calendar.start_of(rest.until + calendar.ONE_DAY, zone) for rest in owed.rests if rest.until is not None]
    return max([past_due(period, policy, zone), *wakings])
