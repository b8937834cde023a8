"""The monthly health report: its questions, what may be answered, and in which state it is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from bot.domain import calendar
from bot.domain.calendar import Month
from bot.domain.chapters import Dues, check_length
from bot.domain.checkins import Kind, Tally, check_number, check_part
from bot.domain.functioning import Criterion
from bot.domain.policy import EVERY_QUESTION, Policy
from bot.domain.refusal import Refusal
from bot.domain.text import counted, text
from bot.domain.writing import said

TEXT_LENGTH = 700
SKIP_REASON_LENGTH = 200
MONTHS_OPEN = 24


class Part(StrEnum):
    """The parts that are filled in one at a time."""

    PEOPLE = "people"
    ACTIVITY = "activity"
    WORDS = "words"


class State(StrEnum):
    """Where a report is on its way; `missed` can still be published."""

    ASKED = "asked"
    DRAFT = "draft"
    PUBLISHED = "published"
    SKIPPED = "skipped"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class People:
    """How many members, and how many of them met face to face."""

    members: int | None = None
    met: int | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What the chapter did and tried."""

    kinds: tuple[Kind, ...] | None = None
    meetings: int | None = None
    education: int | None = None
    tried: int | None = None
    worked: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What the chapter says in its own words; the private note is for itself and its facilitators."""

    dues: Dues | None = None
    changing: str | None = None
    hard: str | None = None
    help: str | None = None
    private_note: str | None = None


Answers = People | Activity | Words

_PARTS: dict[Part, type[People] | type[Activity] | type[Words]] = {
    Part.PEOPLE: People,
    Part.ACTIVITY: Activity,
    Part.WORDS: Words,
}


@dataclass(frozen=True, slots=True)
class Report:
    """All answers of one report."""

    people: People = People()
    activity: Activity = Activity()
    words: Words = Words()

    def part(self, part: Part) -> Answers:
        """The answers of one part."""
        parts: dict[Part, Answers] = {Part.PEOPLE: self.people, Part.ACTIVITY: self.activity, Part.WORDS: self.words}
        return parts[part]

    def public(self) -> "Report":
        """The report without what is never published."""
        return replace(self, words=replace(self.words, private_note=None))


def questions(part: Part) -> tuple[str, ...]:
    """The names of a part's answers."""
    return tuple(field.name for field in fields(_PARTS[part]))


def only(report: Report, asked: Collection[str]) -> Report:
    """The report with the answers to these questions alone."""

    def kept(answers: Any) -> Any:
        return replace(answers, **{field.name: None for field in fields(answers) if field.name not in asked})

    return Report(kept(report.people), kept(report.activity), kept(report.words))


def answered(answers: Answers) -> bool:
    """Whether any question of the part has an answer; zero and "nothing" are answers, not known is none."""
    return any(getattr(answers, field.name) is not None for field in fields(answers))


def keeping(before: Answers | None, after: Answers, unasked: Iterable[str], apart: Iterable[str] = ()) -> Answers:
    """The answers that somebody sent, with what stood there before for the questions that their form did not hold.

    What is `apart` is asked of nobody: where nothing stood there before, nothing does after.
    """
    kept: dict[str, Any] = {name: getattr(before, name, None) for name in apart}
    if before is not None:
        kept |= {name: getattr(before, name) for name in unasked}
    return replace(after, **kept)


def changed(before: Answers | None, after: Answers) -> list[str]:
    """The names of the answers that differ, for the open log; never that there is a private note."""
    names = [field.name for field in fields(after) if field.name != "private_note"]
    return sorted(name for name in names if getattr(before, name, None) != getattr(after, name))


def check(answers: Answers) -> Answers:
    """The answers with tidy texts; refuses numbers out of range, parts larger than their whole and texts that are too long."""
    if isinstance(answers, People):
        return _check_people(answers)
    if isinstance(answers, Activity):
        return _check_activity(answers)
    return _check_words(answers)


def check_all(report: Report) -> Report:
    """The whole report with tidy texts; refuses what `check` refuses of any part."""
    return Report(_check_people(report.people), _check_activity(report.activity), _check_words(report.words))


def _check_people(people: People) -> People:
    if people.members is not None:
        check_number(people.members, text("Members"))
    if people.met is not None:
        check_number(people.met, text("Met face to face"))
    check_part(
        people.met,
        people.members,
        lambda met, members: counted(
            "{met} met face to face, but there is only {n} member. Count members only, or correct one of the two.",
            "{met} met face to face, but there are only {n} members. Count members only, or correct one of the two.",
            members,
            met=met,
        ),
    )
    return people


def _check_activity(activity: Activity) -> Activity:
    named = {
        "meetings": text("Meetings"),
        "education": text("Education"),
        "tried": text("Projects or activities tried"),
        "worked": text("Of these, how many worked"),
    }
    for field, what in named.items():
        number = getattr(activity, field)
        if number is not None:
            check_number(number, what)
    check_part(
        activity.worked,
        activity.tried,
        lambda worked, tried: counted(
            "{worked} worked, but only {n} was tried. Correct one of the two.",
            "{worked} worked, but only {n} were tried. Correct one of the two.",
            tried,
            worked=worked,
        ),
    )
    return replace(activity, kinds=activity.kinds or None)


def _check_words(words: Words) -> Words:
    named = {
        "changing": text("What is changing"),
        "hard": text("What is hard"),
        "help": text("Help wanted"),
        "private_note": text("The private note"),
    }
    tidy = {field: said(getattr(words, field)) or None for field in named}
    for field, what in named.items():
        check_length(tidy[field] or "", TEXT_LENGTH, what)
    return Words(words.dues, **tidy)


def asks_dues(dues: Dues | None, confirmed_on: date | None, today: date, policy: Policy) -> bool:
    """Dues are asked about while undecided, and then every six months (or as the policy says) whether it is still so."""
    if dues in (None, Dues.UNDECIDED) or confirmed_on is None:
        return True
    return today >= calendar.months_later(confirmed_on, policy.dues_every_months)


def check_skip_reason(reason: str) -> str:
    """The reason without outer space; refuses an empty one and one that is too long."""
    tidy = said(reason)
    if not tidy:
        raise Refusal(text("Write a few words why this month is skipped; they help whoever reads it later."))
    return check_length(tidy, SKIP_REASON_LENGTH, text("The reason"))


def says_something(report: Report) -> bool:
    """Whether any question has an answer that is meant for all."""
    public = report.public()
    return any(answered(public.part(part)) for part in Part)


def check_period(period: Month, today: date) -> None:
    """A report can be filled in and published from the first day after its period, and for two years."""
    if today <= period.last:
        raise Refusal(text("{period} is not over yet: its report opens on {day}.", period=period, day=period.plus(1).first))
    newest = Month.of(today).plus(-1)
    earliest = newest.plus(1 - MONTHS_OPEN)
    if period < earliest:
        raise Refusal(
            text("A report can be for {earliest} to {newest}. You gave {period}.", earliest=earliest, newest=newest, period=period)
        )


def suggested(report: Report, known: Tally, asked: Collection[str] = EVERY_QUESTION) -> Report:
    """The report with what check-ins know of these questions filled in where nothing was saved yet."""
    people, activity = report.people, report.activity
    filled = quiet_month(known, asked)
    if not answered(people) and "met" in asked:
        people = replace(people, met=known.met)
    if not answered(activity):
        activity = filled.activity
    return replace(report, people=people, activity=activity)


def quiet_month(known: Tally, asked: Collection[str] = EVERY_QUESTION) -> Report:
    """A report of a month in which nothing much changed: activity as counted, totals empty so that older ones keep their own date."""
    counted_ones = Activity(kinds=known.kinds or None, meetings=known.meetings, education=known.education)
    return only(Report(activity=counted_ones), asked)


def claimed(activity: Activity, known: Tally) -> dict[Criterion, int]:
    """How many meetings and education activities a report claims beyond those recorded when it was first published."""
    more = {
        Criterion.TOGETHER: (activity.meetings or 0) - known.meetings,
        Criterion.LEARNS: (activity.education or 0) - known.education,
    }
    return {criterion: amount for criterion, amount in more.items() if amount > 0}


def state(
    *, period: Month, published: bool, skipped: bool, draft: bool, asked: bool, newest_owed: Month | None, newest_answered: Month | None
) -> State | None:
    """A report's state; None for a period that nobody was asked about and nobody opened."""
    if published:
        return State.PUBLISHED
    if skipped:
        return State.SKIPPED
    if not (asked or draft):
        return None
    if any(later is not None and later > period for later in (newest_owed, newest_answered)):
        return State.MISSED
    return State.DRAFT if draft else State.ASKED


def to_plain(answers: Answers) -> dict[str, Any]:
    """A part as plain data, without what is not known."""
    plain = {field.name: getattr(answers, field.name) for field in fields(answers)}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items() if value is not None}


def from_plain(part: Part, plain: Mapping[str, Any]) -> Answers:
    """The part that `to_plain` made plain."""
    values: dict[str, Any] = dict(plain)
    if values.get("kinds") is not None:
        values["kinds"] = tuple(Kind(kind) for kind in values["kinds"])
    if values.get("dues") is not None:
        values["dues"] = Dues(values["dues"])
    return _PARTS[part](**values)
