"""What the check of all that is kept has found, in sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.domain.calendar import Month
from bot.domain.text import Moment, Style, Text, counted, text


@dataclass(frozen=True, slots=True)
class Findings:
    """What was compared, what should not differ but does (in each server: how much), and what differs rightly."""

    chapters: int
    evidence: int
    values: int
    faults: tuple[Text, ...]
    notes: tuple[Text, ...]
    servers: Mapping[int, int]

    def lines(self) -> Iterator[Text]:
        """What was looked at and is as it should be, in sentences."""
        yield text(
            "Compared with the entries: {summaries}, {evidence}, {values}.",
            summaries=counted("{n} summary", "{n} summaries", self.chapters),
            evidence=counted("{n} piece of evidence", "{n} pieces of evidence", self.evidence),
            values=counted("{n} daily value", "{n} daily values", self.values),
        )
        yield from self.notes
        if not self.faults:
            yield text("Nothing differs that should not.")

    def advice(self) -> Iterator[Text]:
        """What to do about faults."""
        if self.faults:
            yield counted(
                "{n} difference that should not be. Keep a copy of the database, and tell those who make this program.",
                "{n} differences that should not be. Keep a copy of the database, and tell those who make this program.",
                len(self.faults),
            )


@dataclass(slots=True)
class Tally:
    """Findings while they are being made."""

    chapters: int = 0
    evidence: int = 0
    values: int = 0
    faults: list[Text] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    servers: dict[int, int] = field(default_factory=dict)

    def findings(self) -> Findings:
        """What was found, once all is compared."""
        return Findings(self.chapters, self.evidence, self.values, tuple(self.faults), tuple(self.notes), self.servers)


def shown(value: Any) -> Text:
    """A kept value in words."""
    match value:
        case None:
            return text("not known")
        case bool():
            return text("yes") if value else text("no")
        case datetime():
            return text("{moment}", moment=Moment(value, Style.DAY_AND_HOUR))
        case int() | date() | Month():
            return text("{value}", value=value)
        case _:
            raise TypeError(f"nothing kept holds {value!r}")
