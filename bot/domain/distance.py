"""How far apart two places are, and where to look for what is near. Degrees and kilometres; the Earth is a ball here."""

from dataclasses import dataclass
from math import asin, cos, degrees, radians, sin, sqrt

EARTH = 6371.0
"""Mean radius in kilometres (IUGG)."""
ALL_ROUND = 180.0
SLACK = 1e-6
"""Degrees by which a box is wider than it must be, so that no rounding leaves out what lies on its edge."""


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees north and degrees east."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Box:
    """The places between two latitudes that are no more than so many degrees of longitude to either side of a point."""

    south: float
    north: float
    width: float


def kilometres(one: Point, other: Point) -> float:
    """The way between two points along a great circle (haversine formula)."""
    upward = sin(radians(other.latitude - one.latitude) / 2) ** 2
    aside = sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(upward + cos(radians(one.latitude)) * cos(radians(other.latitude)) * aside)))


def box(center: Point, km: float) -> Box:
    """The smallest box that holds all that is no more than so many kilometres away; round a pole it goes all round."""
    reach = degrees(km / EARTH) + SLACK
    south, north = center.latitude - reach, center.latitude + reach
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), min(north, 90.0), ALL_ROUND)
    return Box(south, north, degrees(asin(sin(radians(reach)) / cos(radians(center.latitude)))) + SLACK)


def farthest(center: Point, within: Box) -> float:
    """How far away from the center of a box its farthest place may be."""
    if within.width > 90:
        # Half round, the farthest place is the one opposite, or as near to that as the box goes.
        opposite = min(max(-center.latitude, within.south), within.north)
        return EARTH * radians(180 - abs(opposite + center.latitude))
    # A quarter round and no more, the way only grows along a side up to one of its ends.
    corners = (Point(latitude, center.longitude + within.width) for latitude in (within.south, within.north))
    return max(kilometres(center, corner) for corner in corners)


def rounded(km: float) -> int:
    """Kilometres as they are told: places are known to a tenth of a degree, so that the last digits would mean nothing; 0 is very near."""
    step = 10 if km < 200 else 50 if km < 1000 else 100
    return round(km / step) * step
