"""What an archive for coordinators leaves out of single rows: they may see no more in a file than they may on a card."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain import privacy
from bot.domain.policy import Policy
from bot.domain.reports import Part
from bot.services.compositions import Way
from bot.services.facts import Key
from db import organisations, whole
from db.store import Connection
from db.whole import Plain

UNSEEN_ANSWERS = frozenset({"private_note", "dues"})
"""Answers of a report that are for a chapter's own admins and facilitators."""


def public(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of one part of a report that everybody may see."""
    return {name: value for name, value in answers.items() if name not in UNSEEN_ANSWERS}


@dataclass(frozen=True, slots=True)
class Sieve:
    """Takes out what is only for a chapter's own people, whoever asks; rows of hidden chapters are not even read."""

    policy: Policy
    hidden: frozenset[int]

    @classmethod
    async def of(cls, c: Connection, guild_id: int) -> "Sieve":
        """The sieve of a server, as its chapters have chosen and its policy says today."""
        return cls(await organisations.policy_in_force(c, guild_id), await whole.hidden_ids(c, guild_id))

    def kept(self, table: str, rows: list[Plain]) -> list[Plain]:
        """What remains of rows of a table."""
        trims: Mapping[str, Callable[[Plain], Plain | None]] = {
            "standing_fact": lambda row: None if row["key"] == Key.DUES else row,
            "admin": lambda row: {**row, "away_until": None},
            "handover": lambda row: {**row, "note": None},
            "composition": self._composition,
            "composition_sum": self._sum,
            "report_part": lambda row: {**row, "answers": public(row["answers"])},
            "report_version": lambda row: {**row, "answers": _words(row["answers"])},
            "checkin_version": self._version,
        }
        trim = trims.get(table)
        return rows if trim is None else [kept for row in rows if (kept := trim(row)) is not None]

    def _composition(self, row: Plain) -> Plain | None:
        if privacy.shown_alone(row["counts"], self.policy, insider=False).cells is None:
            return None
        return row if row["method"] in set(Way) else {**row, "method": ""}

    def _sum(self, row: Plain) -> Plain:
        return {**row, "sources": {of: each for of, each in row["sources"].items() if int(of) not in self.hidden}}

    def _version(self, row: Plain) -> Plain:
        named = [each for each in row["fields"]["partners"] if each not in self.hidden]
        return {**row, "fields": {**row["fields"], "partners": named}}


def _words(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {part: public(given) if part == Part.WORDS else given for part, given in answers.items()}
