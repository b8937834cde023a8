"""Check-ins: one thing that a chapter did, on one day."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.domain import functioning
from bot.domain.calendar import YEARS, Month, months_later
from bot.domain.chapters import check_length
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.text import Text, text
from bot.domain.writing import said

NOTE_LENGTH = 1000
LARGEST_NUMBER = 100_000
MOST_DIGITS = 12

# Digits, or digits in groups (two or three, the last of three) all parted by the same sign: "12,5" is no hundred and twenty-five.
_WHOLE = re.compile(r"\d+|\d{1,3}(?P<sign>[\s.,'’٬])(?:\d{2,3}(?P=sign))*\d{3}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Kind(StrEnum):
    """What a chapter did."""

    MEETING = "meeting"
    EDUCATION = "education"
    OUTREACH = "outreach"
    RECRUITMENT = "recruitment"
    CAMPAIGN = "campaign"
    NETWORKING = "networking"
    FUNDRAISER = "fundraiser"
    PROJECT = "project"
    SOCIAL = "social"


class Format(StrEnum):
    """How people came together."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    HYBRID = "hybrid"


class PartnerState(StrEnum):
    """What a partner chapter has said to a joint check-in."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What is recorded of one activity; None means not known."""

    kind: Kind
    day: date
    people: int | None = None
    format: Format | None = None
    education: bool | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What a chapter's check-ins of one period come to; `people` has a number for each meeting by day, None where nobody counted."""

    meetings: int
    education: int
    kinds: tuple[Kind, ...]
    met: int | None
    people: tuple[int | None, ...] = ()


def brings_together(entry: CheckIn, policy: Policy) -> bool:
    """Whether it counts for *comes together*; the format does not matter."""
    return functioning.brings_together(entry.kind, entry.people, policy)


def teaches(entry: CheckIn) -> bool:
    """An activity of the kind education counts, and any with an education part."""
    return entry.kind is Kind.EDUCATION or entry.education is True


def tally(entries: Iterable[CheckIn], policy: Policy) -> Tally:
    """What the entries come to; `met` is the largest number that came together face to face at one of them."""
    known = sorted(entries, key=lambda e: (e.day, -1 if e.people is None else e.people))
    together = [e for e in known if brings_together(e, policy)]
    face_to_face = [e.people for e in known if e.people is not None and e.format in (Format.IN_PERSON, Format.HYBRID)]
    return Tally(
        meetings=len(together),
        education=sum(teaches(e) for e in known),
        kinds=tuple(kind for kind in Kind if any(e.kind is kind for e in known)),
        met=max(face_to_face, default=None),
        people=tuple(e.people for e in together),
    )


def check(entry: CheckIn, today: date, founded: date | None, policy: Policy) -> CheckIn:
    """The entry with a tidy note; refuses a day or number out of range and a note that is too long."""
    check_day(entry.day, today, founded, policy)
    if entry.people is not None:
        check_number(entry.people, text("The number of people"))
    note = said(entry.note)
    check_length(note, NOTE_LENGTH, text("The note"))
    return CheckIn(entry.kind, entry.day, entry.people, entry.format, entry.education, note or None)


def check_day(day: date, today: date, founded: date | None, policy: Policy) -> None:
    """A check-in's day is neither in the future, nor before the founding, nor too far back."""
    earliest = today - timedelta(days=policy.checkin_days_back)
    if founded is not None:
        earliest = max(earliest, founded)
    if not earliest <= day <= today:
        raise Refusal(
            text("The day can be from {earliest} to {today}. You gave {day}.", earliest=earliest, today=today, day=day),
        )


def check_number(number: int, what: Text) -> int:
    """The number itself; refuses what is not from 0 to 100,000."""
    if not 0 <= number <= LARGEST_NUMBER:
        raise Refusal(text("{what} can be from 0 to {largest}. You gave {number}.", what=what, largest=LARGEST_NUMBER, number=number))
    return number


def check_part(part: int | None, whole: int | None, told: Callable[[int, int], Text]) -> None:
    """Refuses a part that is more than its whole, where both are known; `told` says so of the two."""
    if part is not None and whole is not None and part > whole:
        raise Refusal(told(part, whole))


def parse_number(written: str, what: Text, largest: int = LARGEST_NUMBER) -> int | None:
    """A whole number as people type it ("1200", "1 200", "1.200"); nothing means not known; refuses anything else."""
    tidy = written.strip()
    if not tidy:
        return None
    if not _WHOLE.fullmatch(tidy):
        raise Refusal(text("{what} should be a whole number, such as 12. You wrote “{written}”.", what=what, written=tidy[:40]))
    digits = "".join(sign for sign in tidy if sign.isdecimal())
    if len(digits) > MOST_DIGITS or int(digits) > largest:
        raise Refusal(text("{what} can be from 0 to {largest}. You wrote “{written}”.", what=what, largest=largest, written=tidy[:40]))
    return int(digits)


def parse_day(written: str | None, today: date, *, ahead: bool = False) -> date:
    """A day written as 2026-11-14, today or yesterday; nothing means today; refuses all else (`ahead`: with a later one as example)."""
    tidy = (written or "today").strip().casefold()
    if tidy == "today":
        return today
    if tidy == "yesterday":
        return today - timedelta(days=1)
    day = _iso_day(tidy)
    if day is None:
        if ahead:
            example = str(months_later(today, 6))
            raise Refusal(text("“{written}” is not a day that I can read. Write it like {example}.", written=tidy[:40], example=example))
        raise Refusal(
            text(
                "“{written}” is not a day that I can read. Write it like {example}, or write today or yesterday.",
                written=tidy[:40],
                example=str(today),
            ),
        )
    return day


def _iso_day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None


def parse_month(written: str) -> Month:
    """A month written as 2026-10; refuses anything else."""
    try:
        month = Month.parse(written.strip())
    except ValueError:
        month = None
    if month is None or month.year not in YEARS:
        raise Refusal(text("“{written}” is not a month that I can read. Write it like 2026-10.", written=written.strip()[:40]))
    return month
