"""Report duty: whose turn it is among a chapter's admins, who of them is away, and what they hand over with it.

It takes turns in the admins' order, round and round, and passes over whoever has left or is away. If nobody else is left, the one who is
back first counts as there (of several, the first in order): so somebody is always asked, and no more than one who wanted to be away.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from bot.domain.chapters import check_length
from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.domain.writing import said

LONGEST_AWAY = timedelta(weeks=12)
NOTE_LENGTH = 700
NOTE_KEPT = timedelta(days=30)
"""How long the words that go with a hand-over are kept at most."""


def is_away(until: date | None, today: date) -> bool:
    """Whether somebody is away on a day of the chapter's: on the day that they named they are back."""
    return until is not None and today < until


@dataclass(frozen=True, slots=True)
class Turns:
    """A chapter's admins in duty order on one day: whose turn it was, until when some are away, and who has left."""

    admins: Sequence[int]
    turn: int | None
    away: Mapping[int, date] = field(default_factory=dict)
    gone: Set[int] = frozenset()

    @property
    def there(self) -> list[int]:
        """Who can be asked, in duty order."""
        here = [admin for admin in self.admins if admin not in self.gone]
        present = [admin for admin in here if admin not in self.away]
        return present or sorted(here, key=lambda admin: self.away[admin])[:1]

    @property
    def asked(self) -> list[int]:
        """The same beginning with the one whose turn it is, or who comes after them if they are not there."""
        return self._from(self.turn)

    @property
    def on_duty(self) -> int | None:
        """Who is on duty."""
        return next(iter(self.asked), None)

    @property
    def passed(self) -> "Turns":
        """The turns once it has passed on: to the next in order who is there; to the first if it was nobody's turn."""
        asked = self.asked
        following = self.on_duty if self.turn not in self.admins else next(iter(asked[1:] or asked), None)
        return replace(self, turn=following)

    def without(self, user_id: int) -> "Turns":
        """The turns once somebody is no admin any more, and their duty has passed on."""
        left = [admin for admin in self.admins if admin != user_id]
        after = replace(self, gone={*self.gone, user_id})
        return replace(self, admins=left, turn=after.on_duty)

    def _from(self, turn: int | None) -> list[int]:
        at = self.admins.index(turn) if turn is not None and turn in self.admins else 0
        there = set(self.there)
        return [admin for admin in (*self.admins[at:], *self.admins[:at]) if admin in there]


def check_away(until: date, today: date) -> date | None:
    """The day on which somebody is back, None if they are back already; refuses a day gone by, and more than twelve weeks."""
    latest = today + LONGEST_AWAY
    if not today <= until <= latest:
        raise Refusal(text("The day can be from {earliest} to {latest}. You gave {day}.", earliest=today, latest=latest, day=until))
    return None if until == today else until


def check_note(written: str) -> str | None:
    """A note without outer space, None if it says nothing; refuses one that is too long."""
    return check_length(said(written), NOTE_LENGTH, text("The note")) or None
