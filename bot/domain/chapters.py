"""What a chapter is: its name, where it is, and in which state."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain import calendar
from bot.domain.refusal import Refusal
from bot.domain.text import Text, counted, text
from bot.domain.writing import line

NAME_LENGTH = 60
CITY_LENGTH = 60
LOOSENING = timedelta(hours=24)
LONG = 200

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})


class State(StrEnum):
    """What a chapter is on a day."""

    ACTIVE = "active"
    RESTING = "resting"
    ARCHIVED = "archived"


class Visibility(StrEnum):
    """How far a chapter lets itself be seen."""

    OPEN = "open"
    MEMBERS = "members"
    HIDDEN = "hidden"


class Dues(StrEnum):
    """Where a chapter stands on dues; each answer is an ordinary one."""

    UNDECIDED = "undecided"
    DECLINED = "declined"
    AGREED = "agreed"
    COLLECTING = "collecting"


class Money(StrEnum):
    """A way to hold money."""

    NONE = "none"
    BANK_ACCOUNT = "bank_account"
    FISCAL_HOST = "fiscal_host"
    CASH_BOX = "cash_box"


@dataclass(frozen=True, slots=True)
class Rest:
    """Days on which a chapter rests, first and last; `until` is None for one that was archived."""

    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Whether this day is one of them."""
        return self.since <= day and (self.until is None or day <= self.until)

    def touches(self, first: date, last: date) -> bool:
        """Whether any day from first to last is one of them."""
        return self.since <= last and (self.until is None or first <= self.until)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter as stored."""

    id: int
    guild_id: int
    name: str
    branch_id: int | None
    city: str | None
    latitude: float | None
    longitude: float | None
    timezone: str
    languages: tuple[str, ...]
    channel_id: int | None
    role_id: int | None
    founded: date | None
    added_on: date
    visibility: Visibility
    resting_from: date | None
    resting_until: date | None
    archived: bool
    rhythm: int
    prompt_hour: int | None
    discreet: bool
    duty_user_id: int | None
    loosens_to: Visibility | None = None
    loosens_at: datetime | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The zone its days are counted in."""
        return calendar.zone(self.timezone)

    @property
    def hidden(self) -> bool:
        """Whether only its own people may learn of it."""
        return self.visibility is Visibility.HIDDEN

    def state(self, day: date) -> State:
        """What it is on this day."""
        if self.archived:
            return State.ARCHIVED
        resting = self.resting_from is not None and Rest(self.resting_from, self.resting_until).covers(day)
        return State.RESTING if resting else State.ACTIVE


def visible_from(before: Visibility, after: Visibility, now: datetime) -> datetime:
    """When a chosen visibility takes hold: at once where less is seen, a day later where more is, so that it can be taken back."""
    openness = (Visibility.HIDDEN, Visibility.MEMBERS, Visibility.OPEN)
    return now + LOOSENING if openness.index(after) > openness.index(before) else now


def fold(name: str) -> str:
    """A name as it is compared: without case, accents and doubled spaces."""
    if len(name) > LONG:
        # No name is so long, and to put a long run of accents in order takes a time that grows with its square.
        name = "".join(letter for letter in name if not unicodedata.combining(letter))
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in decomposed if not "\u0300" <= letter <= "\u036f")
    return " ".join(bare.casefold().translate(_LETTERS).split())


def check_name(name: str, what: Text, limit: int = NAME_LENGTH) -> str:
    """The name without outer space and unseen marks; refuses an empty one, one too long, and commas or line breaks: they part names."""
    if len(name.strip().splitlines()) > 1:
        raise _parts_names(what)
    tidy = check_length(line(name), limit, what)
    folded = fold(tidy)
    if not any(letter.isalnum() for letter in folded):
        raise Refusal(text("{what} needs at least one letter or digit.", what=what))
    # One letter may stand for a whole phrase, and what is compared is stored as well.
    check_length(folded, 2 * limit, what)
    if "," in tidy:
        raise _parts_names(what)
    return tidy


def _parts_names(what: Text) -> Refusal:
    return Refusal(
        text("{what} cannot have a comma or a line break, because they separate the names in a list. Write it without.", what=what)
    )


def check_length(words: str, limit: int, what: Text) -> str:
    """The words themselves; refuses more than `limit` characters and says by how many they are too long."""
    over = len(words) - limit
    if over > 0:
        raise Refusal(
            counted(
                "{what} is {n} character too long: at most {limit}. Shorten it and send it again.",
                "{what} is {n} characters too long: at most {limit}. Shorten it and send it again.",
                over,
                what=what,
                limit=limit,
            )
        )
    return words


def rounded(degrees: float) -> float:
    """A coordinate as it is kept: to a tenth of a degree, so that it names a town and not a house."""
    return round(degrees, 1) + 0.0
