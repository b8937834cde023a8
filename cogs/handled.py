"""How an interaction ended and how long somebody waited for it: one line of the log, and one figure for the operator."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord

from db.faults import StorageFault

log = logging.getLogger(__name__)

_CAME, _ANSWERED = "came", "answered"


class Outcome(StrEnum):
    """How an interaction ended: as asked, with a rule's no, with an apology, too late for anybody, or with an answer that was lost."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"
    LATE = "late"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Handled:
    """One interaction that is over: what was asked, in which way, how it ended, and the seconds until the first answer."""

    name: str
    way: str
    outcome: Outcome
    seconds: float


_WORDS = {
    Outcome.ANSWERED: "was answered",
    Outcome.REFUSED: "was refused",
    Outcome.FAILED: "failed",
    Outcome.LATE: "was answered too late",
    Outcome.LOST: "was answered, but Discord did not take the answer",
}
_LEVELS = {Outcome.FAILED: logging.ERROR, Outcome.LATE: logging.WARNING, Outcome.LOST: logging.WARNING}


def note_arrival(interaction: discord.Interaction[Any]) -> None:
    """The interaction came in just now, unless that was noted before."""
    interaction.extras.setdefault(_CAME, time.perf_counter())


def note_answer(interaction: discord.Interaction[Any]) -> None:
    """An answer has gone out just now, the first if none was noted before."""
    interaction.extras.setdefault(_ANSWERED, time.perf_counter())


def report(
    interaction: discord.Interaction[Any],
    name: str,
    outcome: Outcome,
    observe: Callable[[Handled], None],
    error: BaseException | None = None,
    reference: str | None = None,
) -> None:
    """One line for each interaction, with the reference that the person was told; for suggestions only where everything is logged.

    `name` has to be one that the program gave: whatever somebody could make up would be somebody's words, and without end.
    """
    way, times = interaction.type.name, interaction.extras
    seconds = times.get(_ANSWERED, time.perf_counter()) - times[_CAME]
    facts = {"asked": name, "way": way, "outcome": outcome.value, "ms": round(1000 * seconds)}
    usual = logging.DEBUG if interaction.type is discord.InteractionType.autocomplete else logging.INFO
    words = f"{name} ({way}) {_WORDS[outcome]} after {facts['ms']} ms" + (f", reference {reference}" if reference else "")
    told = {"facts": {**facts, "reference": reference, "guild": interaction.guild_id}}
    if isinstance(error, StorageFault):
        # What is wrong with the database is a sentence; of all else it has to be known where it happened.
        words, error = f"{words}: {error}", None
    log.log(_LEVELS.get(outcome, usual), "%s", words, exc_info=error, extra=told)
    observe(Handled(name, way, outcome, seconds))
