"""Coordinates as people write them."""

import re
from collections.abc import Mapping

from bot.domain.chapters import rounded
from bot.domain.refusal import Refusal
from bot.domain.text import Text, text

LONGEST = 60
EXAMPLE = "51.5, -0.1"

_HALF = (
    r"(?P<before{n}>[NSEW])?\s*(?P<sign{n}>[+-])?(?P<degrees{n}>\d{{1,3}}(?:[.,]\d{{1,15}})?)\s*°?"
    r"(?:\s*(?P<minutes{n}>\d{{1,2}}(?:[.,]\d{{1,15}})?)\s*'(?:\s*(?P<seconds{n}>\d{{1,2}}(?:[.,]\d{{1,15}})?)\s*\")?)?"
    r"(?(before{n})|(?:\s*(?P<after{n}>[NSEW]))?)"
)
# A comma parts the two numbers or stands in them: what parts them more clearly is tried first.
_PAIRS = [re.compile(_HALF.format(n=1) + between + _HALF.format(n=2)) for between in (r"\s*;\s*", r"\s*,\s+", r"\s+", r"\s*,\s*")]
_MAYBE_ONE = re.compile(r"[+-]?\d+,\d+")
_PLAIN = str.maketrans({"−": "-", "–": "-", "º": "°", "˚": "°", "′": "'", "’": "'", "ʹ": "'", "″": '"', "”": '"', "ʺ": '"'})
_NORTH_SOUTH, _EAST_WEST = ("N", "S"), ("E", "W")


def parse(written: str) -> tuple[float, float]:
    """Latitude and longitude, to a tenth of a degree; refuses what is not two numbers, and what lies nowhere."""
    tidy = written.strip().translate(_PLAIN).upper().strip("()[] ")
    found = None
    if len(tidy) <= LONGEST and not _MAYBE_ONE.fullmatch(tidy):
        found = next((match for pair in _PAIRS if (match := pair.fullmatch(tidy))), None)
    if found is None:
        raise _unread()
    (first, one), (second, other) = (_half(found.groupdict(), n) for n in (1, 2))
    if first in _EAST_WEST and second in _NORTH_SOUTH:
        one, other = other, one
    elif (first or second) and not (first in _NORTH_SOUTH and second in _EAST_WEST):
        raise _unread()
    return _within(one, 90, text("The latitude")), _within(other, 180, text("The longitude"))


def _half(found: Mapping[str, str | None], n: int) -> tuple[str, float]:
    """The letter of one of the two numbers, and its degrees: below zero south of the equator and west of Greenwich."""
    letter, sign = found[f"before{n}"] or found[f"after{n}"] or "", found[f"sign{n}"]
    degrees, minutes, seconds = (float((found[f"{part}{n}"] or "0").replace(",", ".")) for part in ("degrees", "minutes", "seconds"))
    if minutes >= 60 or seconds >= 60 or (letter and sign):
        raise _unread()
    size = degrees + minutes / 60 + seconds / 3600
    return letter, -size if sign == "-" or letter in ("S", "W") else size


def _within(degrees: float, most: int, what: Text) -> float:
    if abs(degrees) > most:
        raise Refusal(text("{what} is a number from {least} to {most}, such as 51.5.", what=what, least=-most, most=most))
    return rounded(degrees)


def _unread() -> Refusal:
    return Refusal(text("Coordinates are written as latitude and longitude, such as {example}.", example=EXAMPLE))
