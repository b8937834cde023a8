"""What one chapter of the sample organisation has done up to now: a function of the chapter and of the present alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, cached_property
from math import sqrt
from zoneinfo import ZoneInfo

from bot.demo import words
from bot.demo.towns import FOUNDED_MONTHS_AGO, HOME, LONDON, PATRAS, TOWNS, Town
from bot.domain import calendar, owed
from bot.domain.calendar import ONE_DAY, Month
from bot.domain.chapters import Rest
from bot.domain.checkins import CheckIn, Format, Kind, Tally
from bot.domain.owed import Owed
from bot.domain.policy import Policy
from bot.domain.reports import Activity, People, Report, quiet_month

POLICY = Policy()
RESTING_SINCE, RESTING_FOR = timedelta(days=40), timedelta(days=90)
EVENING = 20
GROWTH = 0.04
"""How much smaller a chapter was one report ago, as a share of what it is now."""

_KINDS = (Kind.MEETING, Kind.MEETING, Kind.EDUCATION, Kind.MEETING, Kind.OUTREACH, Kind.MEETING, Kind.PROJECT, Kind.SOCIAL, Kind.MEETING)
_FORMATS = (Format.IN_PERSON, Format.IN_PERSON, Format.HYBRID, Format.IN_PERSON, Format.ONLINE)
_MORE_OR_LESS = (1, -2, 0, 2, -1)
_LATER_IN_THE_DAY = 11


@dataclass(frozen=True, slots=True)
class Entry:
    """A check-in: by whom it was recorded, and when."""

    checkin: CheckIn
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A report that was published or (with a reason) skipped; `back` counts the reports after it."""

    town: Town
    period: Month
    at: datetime
    by: str
    back: int
    quiet: bool = False
    skipped: str | None = None

    def report(self, known: Tally) -> Report:
        """What it says, where check-ins tell this much."""
        if self.quiet:
            return quiet_month(known)
        assert self.town.members is not None
        index = TOWNS.index(self.town)
        members = max(self.town.members - round(self.town.members * GROWTH * self.back), 5)
        tried = (index + self.back) % 4
        said = words.of_month(index, self.back)
        return Report(
            People(members, None if known.met is None else min(known.met, members)),
            Activity(known.kinds or None, known.meetings, known.education, tried, min(tried, 1 + index % 3) if tried else None),
            words.NEWEST.get(self.town.name, said) if self.back == 0 else said,
        )


@dataclass(frozen=True)
class Past:
    """One chapter's past, as it is at this moment."""

    town: Town
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The zone its days are counted in."""
        return ZoneInfo(self.town.zone)

    @property
    def today(self) -> date:
        """The chapter's own calendar day."""
        return calendar.today(self.now, self.zone)

    @property
    def added_at(self) -> datetime:
        """When it was added: the first ones at the founding, each later one in the second week of its month."""
        began = founded_at(self.now)
        month = Month.of(calendar.today(began, HOME)).plus(self.town.joined)
        return began if self.town.joined == 0 else calendar.moment(month.first + 7 * ONE_DAY, _LATER_IN_THE_DAY, HOME)

    @property
    def added_on(self) -> date:
        """The day in its own zone on which it was added."""
        return calendar.today(self.added_at, self.zone)

    @property
    def rest(self) -> Rest | None:
        """The days on which it rests."""
        if self.town.name != PATRAS:
            return None
        since = self.today - RESTING_SINCE
        return Rest(since, since + RESTING_FOR)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Its check-ins, oldest first."""
        return tuple(sorted(self._entries(), key=lambda entry: entry.at))

    def _entries(self) -> Iterator[Entry]:
        town = self.town
        day = self.today - timedelta(days=town.last)
        for n in range((day - self.added_on).days // town.every + 1 if town.every else 0):
            ago = town.last + n * town.every
            people = max(round(2 * sqrt(town.members or 20)) + _MORE_OR_LESS[n % 5] - ago // 120, 3)
            learns = n % 3 == 1 and ago >= town.learnt
            kind = _KINDS[n % len(_KINDS)]
            if kind is Kind.EDUCATION and ago < town.learnt:
                kind = Kind.MEETING
            checkin = CheckIn(kind, self.today - timedelta(days=ago), people, _FORMATS[n % 5], learns or None)
            yield Entry(checkin, calendar.moment(checkin.day, EVENING, self.zone), town.admins[n % len(town.admins)])

    @cached_property
    def owed(self) -> tuple[Month, ...]:
        """The months that it was asked about, oldest first."""
        rests = () if self.rest is None else (self.rest,)
        return owed.on(Owed(calendar.first_full_month(self.added_on), rests=rests), self.today).unanswered

    @property
    def past_due(self) -> int:
        """How many of these may no longer be answered in time."""
        return sum(owed.past_due(month, POLICY, self.zone) <= self.now for month in self.owed)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Its reports, oldest first: all that it owes but the newest few, and the one that is due if its day has come."""
        if self.town.members is None:
            return ()
        told = list(self.owed[: max(self.past_due - self.town.behind, 0)])
        due = self.owed[self.past_due :]
        if self.town.behind == 0 and self.town.name != LONDON:
            told += [month for month in due if self._answered_at(month) < self.now]
        kept = [(len(told) - 1 - n, month) for n, month in enumerate(told)]
        return tuple(self._answer(month, back) for back, month in kept if (self.town.name, back) != ("Norwich", 4))

    def asked_at(self, month: Month) -> datetime:
        """When it was asked how a month was."""
        return calendar.moment(month.plus(1).first, POLICY.prompt_hour, self.zone)

    def _answered_at(self, month: Month) -> datetime:
        day = month.plus(1).first + timedelta(days=self.town.reports_on - 1)
        return calendar.moment(day, 10 + len(self.town.name), self.zone)

    def _answer(self, month: Month, back: int) -> Answer:
        by = self.town.admins[(back + 1) % len(self.town.admins)]
        answer = Answer(self.town, month, self._answered_at(month), by, back)
        if (self.town.name, back) == ("Cardiff", 3):
            return replace(answer, skipped=words.SKIPPED)
        return replace(answer, quiet=(self.town.name, back) == ("Recife", 1))

    @property
    def asked_for(self) -> Month | None:
        """The month that it is asked about now."""
        newest = self.owed[-1] if self.owed else None
        return None if self.answers and self.answers[-1].period == newest else newest


def founded_at(now: datetime) -> datetime:
    """When the organisation was set up: in the morning of a month's first day, which is that day from Vancouver to Athens."""
    month = Month.of(calendar.today(now, HOME)).plus(-FOUNDED_MONTHS_AGO)
    return calendar.moment(month.first, 10, HOME)


@cache
def shown_since(now: datetime) -> datetime:
    """From when on what the bot said stands in the server: just before it asked London for the newest month that London has answered."""
    london = next(town for town in TOWNS if town.name == LONDON)
    return calendar.moment(Past(london, now).answers[-1].period.plus(1).first, POLICY.opens, HOME)
