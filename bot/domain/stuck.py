"""Stuck messages: which ones people have to know of, and why they were not delivered."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.errands import PROMPTS

TRIES, WAITS = 3, timedelta(hours=1)
"""What waits is stuck once it was tried so often, the first time so long ago."""
KNOWN_FOR = timedelta(days=14)
"""How long it is shown that something was refused for good."""


class Why(StrEnum):
    """Why a message was not delivered, as far as it decides what somebody can do about it."""

    CLOSED = "closed"
    GONE = "gone"
    NO_TAG = "no_tag"
    NO_MESSAGES = "no_messages"
    NOBODY = "nobody"
    MISTAKE = "mistake"
    DISCORD = "discord"


_BY_CODE = {
    50001: Why.CLOSED,
    50013: Why.CLOSED,
    50024: Why.CLOSED,
    50083: Why.CLOSED,
    160005: Why.CLOSED,
    10003: Why.GONE,
    10008: Why.GONE,
    40067: Why.NO_TAG,
    50007: Why.NO_MESSAGES,
    50278: Why.NO_MESSAGES,
    10013: Why.NO_MESSAGES,
}


@dataclass(frozen=True, slots=True)
class Stuck:
    """A message that is not delivered: of which kind, to which chapter, why, since when, and whether it is still tried."""

    kind: str
    chapter: str | None
    reason: str
    since: datetime
    waits: bool = False

    @property
    def why(self) -> Why:
        """What somebody can do about it depends on."""
        return why(self.reason)

    @property
    def reference(self) -> str | None:
        """By which an operator finds it in the log, if it is the program's own mistake."""
        found = re.search(r"reference (\w+)", self.reason)
        return found and found[1]


def why(reason: str) -> Why:
    """What a kept reason comes to: of several, a place that can be mended before a person who takes no messages."""
    if "reference" in reason:
        return Why.MISTAKE
    answers = [(int(status), int(code)) for status, code in re.findall(r"Discord (\d+)/(\d+)", reason)]
    found = {_BY_CODE[code] for _, code in answers if code in _BY_CODE}
    first = next((each for each in Why if each in found), None)
    if first is not None:
        return first
    if not answers and reason == NO_WAY:
        return Why.NOBODY
    return Why.CLOSED if any(status == 403 for status, _ in answers) else Why.DISCORD


NO_WAY = "no way to send it"
"""The reason of what had nobody and no place to be sent to."""


def is_told(kind: str, reason: str) -> bool:
    """Whether facilitators are told: not what the digest says (nobody to reach) or somebody else is told, nor of a nudge nobody takes."""
    if kind in ("unpost", "undelivered"):
        return False
    return kind not in PROMPTS or why(reason) not in (Why.NO_MESSAGES, Why.NOBODY)
