"""Proposals: what chapters are asked to adopt, one voice for each of them, and the two rules by which it is decided.

The base is every chapter that is active when the proposal closes, added meanwhile or not. A resting chapter is not waited for: it is in the
base only if it spoke. An archived one is out, and its voice with it. A hidden one counts like any other and is never named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.domain.chapters import check_length
from bot.domain.goals import Goal
from bot.domain.refusal import Refusal
from bot.domain.text import counted, text
from bot.domain.writing import said

WHY_LENGTH = 700
REASON_LENGTH = 300
LONGEST_DAYS = 180
AMENDED_WITHIN = timedelta(days=30)
"""So long after it was stopped by an objection a proposal may still be amended."""


class Act(StrEnum):
    """What a proposal would do to a goal."""

    ADD = "add"
    EDIT = "edit"
    RETIRE = "retire"


class Voice(StrEnum):
    """What a chapter may say, in the order in which it is shown."""

    SUPPORT = "support"
    ASIDE = "aside"
    OBJECT = "object"


class Rule(StrEnum):
    """How it is decided."""

    CONSENT = "consent"
    MAJORITY = "majority"


class State(StrEnum):
    """What became of a proposal; `VOID` if by the close there was nothing left that it could change."""

    OPEN = "open"
    ADOPTED = "adopted"
    STOPPED = "stopped"
    VOID = "void"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """What the voices come to."""

    ADOPTED = "adopted"
    TOO_FEW = "too_few"
    OBJECTION = "objection"
    TOO_FEW_AND_OBJECTION = "too_few_and_objection"
    NO_MAJORITY = "no_majority"

    @property
    def objected(self) -> bool:
        """Whether an objection stands in the way."""
        return self in (Outcome.OBJECTION, Outcome.TOO_FEW_AND_OBJECTION)


@dataclass(frozen=True, slots=True)
class Content:
    """What is proposed: a goal as it would be, or (`RETIRE`) as it is."""

    act: Act
    metric: str
    name: str | None
    target: int
    deadline: date

    @classmethod
    def of(cls, act: Act, goal: Goal) -> "Content":
        """What is proposed where a goal is to become, or is, like this."""
        return cls(act, goal.metric, goal.name, goal.target, goal.deadline)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many chapters said what, of `active` ones: those that are active, and resting ones that spoke."""

    active: int
    support: int = 0
    aside: int = 0
    object: int = 0

    @property
    def answered(self) -> int:
        """How many spoke."""
        return self.support + self.aside + self.object

    @property
    def needed(self) -> int:
        """How many have to speak: half of them, and one at least, so that silence adopts nothing."""
        return max(1, (self.active + 1) // 2)


def decide(rule: Rule, tally: Tally) -> Outcome:
    """By consent nobody objects, by majority more support than object; both need an answer of half of the active chapters."""
    too_few = tally.answered < tally.needed
    if rule is Rule.CONSENT and tally.object:
        return Outcome.TOO_FEW_AND_OBJECTION if too_few else Outcome.OBJECTION
    if too_few:
        return Outcome.TOO_FEW
    if rule is Rule.MAJORITY and tally.support <= tally.object:
        return Outcome.NO_MAJORITY
    return Outcome.ADOPTED


def shown(named: Mapping[Voice, int], hidden: Mapping[Voice, int], active: int, at_least: int) -> Tally:
    """The figures that all may see: hidden chapters are in one only where at least so many of them say the same."""
    figures = {voice: named.get(voice, 0) + (unseen if (unseen := hidden.get(voice, 0)) >= at_least else 0) for voice in Voice}
    return Tally(active, figures[Voice.SUPPORT], figures[Voice.ASIDE], figures[Voice.OBJECT])


def true(named: Mapping[Voice, int], hidden: Mapping[Voice, int], active: int) -> Tally:
    """The figures by which it is decided: every voice, whoever it is."""
    return shown(named, hidden, active, 0)


def check_closing(closes: date | None, today: date, least_days: int) -> date:
    """The last day of a proposal, so that chapters can meet before; without one the first that may be."""
    earliest, latest = today + timedelta(days=least_days), today + timedelta(days=max(LONGEST_DAYS, least_days))
    if closes is None:
        return earliest
    if not earliest <= closes <= latest:
        raise Refusal(
            counted(
                "Chapters need time to meet, so a proposal is open for at least {n} day. It can close from {earliest} to {latest}. "
                "You gave {closes}.",
                "Chapters need time to meet, so a proposal is open for at least {n} days. It can close from {earliest} to {latest}. "
                "You gave {closes}.",
                least_days,
                earliest=earliest,
                latest=latest,
                closes=closes,
            )
        )
    return closes


def check_lasts(deadline: date, closes: date) -> date:
    """The deadline; refuses one that is over by the time at which chapters have decided."""
    if deadline <= closes:
        raise Refusal(
            text(
                "Chapters may answer until {closes}, so the goal's deadline must be after that. You gave {deadline}.",
                closes=closes,
                deadline=deadline,
            )
        )
    return deadline


def check_why(why: str | None) -> str | None:
    """Why somebody wants it, without what is around it; nothing for an empty one, and too long a one is refused."""
    tidy = said(why)
    return check_length(tidy, WHY_LENGTH, text("The reason")) if tidy else None


def check_reason(reason: str) -> str:
    """Why a chapter objects; refuses an objection without a reason, which nobody could answer."""
    tidy = said(reason)
    if not tidy:
        raise Refusal(text("Say in a sentence why your chapter objects, so that others can answer it."))
    return check_length(tidy, REASON_LENGTH, text("The reason"))


def check_amended(before: Content, after: Content) -> Content:
    """What is proposed instead; refuses the same once more."""
    if before == after:
        raise Refusal(text("This is what is proposed already. Change the target, the deadline or the name."))
    return after
