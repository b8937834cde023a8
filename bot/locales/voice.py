"""One language as the bot speaks it: its sentences, and how it writes numbers, days and lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from gettext import c2py
from pathlib import Path
from string import Formatter
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from bot.domain.calendar import Month
from bot.domain.text import Style, Text

FOLDER = Path(__file__).parent
SOURCE = "en"
# Days are written "20 October 2026" for every reader of English: 10/20 and 20/10 are never in question.
_WRITTEN_AS = {SOURCE: "en_GB"}

Template = tuple[tuple[str, str | None], ...]


@lru_cache(maxsize=4096)
def template(written: str) -> Template:
    """The sentence in pieces: each a literal and the name that follows it, if any; raises ValueError for more than plain `{name}`."""
    pieces = []
    for literal, name, spec, conversion in Formatter().parse(written):
        if name is not None and (not name.isidentifier() or spec or conversion):
            raise ValueError(f"only plain {{name}} placeholders may stand in {written!r}")
        pieces.append((literal, name))
    return tuple(pieces)


@dataclass(frozen=True, eq=False, slots=True)
class Voice:
    """A catalogue ready to speak: its sentences by msgid (one form, or one per plural form) and the locale for figures and days."""

    code: str
    locale: Locale
    sentences: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]

    def template(self, text: Text) -> Template:
        """The sentence's pieces in this language, in English where it is not translated yet."""
        forms = self.sentences.get(text.msgid)
        if text.n is None or text.plural is None:
            return template(forms[0] if forms else text.msgid)
        if forms:
            return template(forms[self.form(abs(text.n))])
        return template(text.msgid if abs(text.n) == 1 else text.plural)


def catalogues() -> tuple[str, ...]:
    """The languages that have a catalogue, by their codes."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.po")))


def load(code: str, folder: Path = FOLDER) -> Voice:
    """The catalogue of this code, compiled in memory; sentences that are unfinished in it are left to English."""
    with (folder / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    sentences: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if message.id and message.string and not message.fuzzy:
            msgid = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
            if all(forms):
                sentences[msgid] = forms
    return Voice(code, locale_of(code), sentences, c2py(catalogue.plural_expr))


def locale_of(code: str) -> Locale:
    """Babel's rules for figures and days in the language of this catalogue."""
    return Locale.parse(_WRITTEN_AS.get(code, code))


@lru_cache(maxsize=4096, typed=True)
def number(value: int | float, locale: Locale) -> str:
    """1,234.5 as the language writes it."""
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=256)
def percent(whole: int, locale: Locale) -> str:
    """37% as the language writes it."""
    return format_percent(Decimal(whole) / 100, locale=locale)


@lru_cache(maxsize=4096)
def day(value: date, locale: Locale) -> str:
    """20 October 2026."""
    return format_date(value, "long", locale)


@lru_cache(maxsize=1024)
def month(value: Month, locale: Locale) -> str:
    """October 2026."""
    return format_skeleton("yMMMM", value.first, locale=locale)


@lru_cache(maxsize=1024)
def brief(value: Month, locale: Locale, *, year: bool) -> str:
    """Oct 2026, or Oct."""
    return format_skeleton("yMMM", value.first, locale=locale) if year else format_date(value.first, "LLL", locale)


def clock(local: datetime, style: Style, locale: Locale) -> str:
    """A moment where Discord's timestamps are not understood: its day, or its day and hour with the name of the zone."""
    if style is Style.DAY_AND_HOUR:
        return f"{day(local.date(), locale)} {format_datetime(local, 'HH:mm', locale=locale)} {local.tzname()}"
    return format_date(local, "short", locale) if style is Style.SHORT_DAY else day(local.date(), locale)


def listing(items: list[str], joined_by: Literal["and", "or", "comma"], locale: Locale) -> str:
    """a, b and c; a, b or c; a, b, c."""
    if joined_by == "comma":
        between: str = locale.list_patterns["standard"]["middle"]
        return between.format("", "").join(items)
    return format_list(items, "or" if joined_by == "or" else "standard", locale)
