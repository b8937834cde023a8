"""What people write into the cells of a spreadsheet: days, months, yes or no, numbers. What could mean two things is refused."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from enum import Enum
from functools import cache

from babel import Locale

from bot.domain import checkins
from bot.domain.calendar import Month
from bot.domain.chapters import fold
from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Text, text

LONGEST = 60
YEARS = range(1000, 3000)
LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "nl", "ca", "sv", "da", "nb", "fi", "pl", "cs", "tr", "ru", "uk", "el", "ro", "hu", "id")
"""In which the names of months are known: where two of them disagree on one, it is refused."""

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_DOTTED = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})")
_UNCLEAR = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
_DAY_FIRST = re.compile(r"(?:[^\W\d_]+\.?,? )?(\d{1,2})(?:st|nd|rd|th|er|º|\.)? (?:de |of )?([^\W\d_]+)\.?,? (?:de )?(\d{4})")
_WORD_FIRST = re.compile(r"([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_MONTH = re.compile(r"(\d{4})[-/. ](\d{1,2})")
_MONTH_LAST = re.compile(r"(\d{1,2})[-/. ](\d{4})")
_MONTH_IN_WORDS = re.compile(r"([^\W\d_]+)\.?,? (?:de )?(\d{4})")
_YES = frozenset(["yes", "y", "true", "1", "x", "ja", "si", "sim", "oui", "da", "tak", "evet", "kylla"])
_NO = frozenset(["no", "n", "false", "0", "nein", "nao", "non", "nej", "nie", "ne", "hayir", "ei"])


class Order(Enum):
    """Which of two numbers before a year is the day."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


def order_of(column: Iterable[str]) -> Order | None:
    """How a column writes its days, if some of them can be read in one way only, and none in the other."""
    found = set()
    for written in column:
        match = _UNCLEAR.fullmatch(_tidy(written))
        if match is not None:
            first, second = int(match[1]), int(match[3])
            if first > 12 >= second:
                found.add(Order.DAY_FIRST)
            elif second > 12 >= first:
                found.add(Order.MONTH_FIRST)
    return found.pop() if len(found) == 1 else None


def day(written: str, order: Order | None) -> date:
    """The day that is meant; refuses what is none, and what could be two."""
    tidy = _tidy(written)
    if found := _YEAR_FIRST.fullmatch(tidy):
        return _day(written, found[1], found[3], found[4])
    if found := _DOTTED.fullmatch(tidy):
        return _day(written, found[3], found[2], found[1])
    if found := _UNCLEAR.fullmatch(tidy):
        return _of_two(written, int(found[1]), int(found[3]), found[4], order)
    if found := _DAY_FIRST.fullmatch(tidy):
        return _day(written, found[3], _named(found[2], written), found[1])
    if found := _WORD_FIRST.fullmatch(tidy):
        return _day(written, found[3], _named(found[1], written), found[2])
    raise _no_day(written)


def _of_two(written: str, first: int, second: int, year: str, order: Order | None) -> date:
    if first == second or (first > 12 >= second):
        return _day(written, year, second, first)
    if second > 12 >= first:
        return _day(written, year, first, second)
    if order is None and first <= 12 and second <= 12:
        one, other = _day(written, year, second, first), _day(written, year, first, second)
        raise Refusal(
            text("“{written}” could be {one} or {other}. Write it one of these ways.", written=written[:40], one=str(one), other=str(other))
        )
    month, found = (second, first) if order is Order.DAY_FIRST else (first, second)
    return _day(written, year, month, found)


def _day(written: str, year: str, month: str | int, day_: str | int) -> date:
    with suppress(ValueError):
        if int(year) in YEARS:
            return date(int(year), int(month), int(day_))
    raise _no_day(written)


def _no_day(written: str) -> Refusal:
    return Refusal(text("“{written}” is not a day that can be read. Write it like {example}.", written=written[:40], example="2026-11-14"))


def month(written: str) -> Month:
    """The month that is meant; a day stands for its month only if it is the first or last of it."""
    tidy = _tidy(written)
    if found := _MONTH.fullmatch(tidy):
        return _month(written, found[1], found[2])
    if found := _MONTH_LAST.fullmatch(tidy):
        return _month(written, found[2], found[1])
    if found := _MONTH_IN_WORDS.fullmatch(tidy):
        return _month(written, found[2], _named(found[1], written, _no_month))
    if _YEAR_FIRST.fullmatch(tidy):
        whole = day(written, None)
        if whole in (Month.of(whole).first, Month.of(whole).last):
            return Month.of(whole)
    raise _no_month(written)


def _month(written: str, year: str, number: str | int) -> Month:
    if int(year) in YEARS and 1 <= int(number) <= 12:
        return Month(int(year), int(number))
    raise _no_month(written)


def _no_month(written: str) -> Refusal:
    return Refusal(text("“{written}” is not a month that can be read. Write it like {example}.", written=written[:40], example="2026-10"))


def _named(word: str, written: str, otherwise: object = None) -> int:
    found = _months().get(fold(word))
    if found is None:
        raise _no_month(written) if otherwise is _no_month else _no_day(written)
    return found


@cache
def _months() -> Mapping[str, int]:
    """The names of months, long and short, in all languages; without those that mean two."""
    known: dict[str, int] = {}
    twice = set()
    for language in LANGUAGES:
        for names in (each for context in Locale(language).months.values() for width, each in context.items() if width != "narrow"):
            for number, name in names.items():
                folded = fold(name.rstrip("."))
                if not folded.isdigit() and known.setdefault(folded, number) != number:
                    twice.add(folded)
    return {name: number for name, number in known.items() if name not in twice}


def yes_or_no(written: str) -> bool | None:
    """Whether yes is meant; nothing means not known."""
    folded = fold(_tidy(written)[:LONGEST])
    if not folded:
        return None
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise Refusal(text("“{written}” is neither yes nor no. Write one of them, or leave it empty.", written=written[:40]))


def number(written: str, what: Text, largest: int = checkins.LARGEST_NUMBER) -> int | None:
    """The whole number that is meant, also in groups of three digits; nothing means not known."""
    return checkins.parse_number(written, what, largest)


def one_of(written: str, choices: Iterable[str]) -> str | None:
    """The choice that is meant, in any case and with spaces or hyphens for underscores; nothing means none."""
    known = [str(each) for each in choices]
    tidy = re.sub(r"[\s-]+", "_", fold(_tidy(written)[:LONGEST]))
    if not tidy:
        return None
    if tidy in known:
        return tidy
    raise Refusal(
        text("“{written}” is not known here. Write one of these: {choices}.", written=written[:40], choices=Listing(tuple(known), "comma"))
    )


def several(cell: str | tuple[str, ...]) -> list[str]:
    """The values that a cell holds: a list, or words parted by commas or semicolons."""
    parts = cell if isinstance(cell, tuple) else re.split(r"[,;\n]", cell)
    return [part.strip() for part in parts if part.strip()]


def _tidy(written: str) -> str:
    return " ".join(written.split())[:LONGEST]
