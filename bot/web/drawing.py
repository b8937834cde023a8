"""The figures of a public page as plain geometry: the trend of a goal, and the map. A template draws them; no words are made here.

The outline of the land in world.txt is Natural Earth's 1:110m land (public domain) from the npm package world-atlas 2.0.2, in Mercator's
projection, 3,600 units wide, without Antarctica.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from db.public import Spot

WIDTH, HEIGHT = 360, 168
LEFT, RIGHT, TOP, BOTTOM = 6, 10, 20, 24
HEADROOM = 1.06
LABEL, LINE = 60, 24
"""Nearer to the right edge than this, the newest figure stands on the left of its dot; nearer to the lower one, above it."""

WORLD = 3600
NORTH, SOUTH = 84.0, -58.0
NARROWEST = 420
"""Units: some 40 degrees, so that few chapters are seen in their surroundings."""
RATIO = 2.0
DOTS_ACROSS = (90, 60, 44, 32, 24)
"""Chapters nearer to each other than such a part of the map's width share a dot: the first that leaves few enough."""
MOST_DOTS = 240


@dataclass(frozen=True, slots=True)
class Trend:
    """Where a goal's line, its dots, its target and its deadline are drawn; a fan, if there is one, shows what may come."""

    line: str
    dots: tuple[tuple[float, float], ...]
    target_y: float
    deadline_x: float
    base_y: float
    fan: str | None
    now_x: float
    now_y: float
    late: bool
    first: date
    last: date
    width: int = WIDTH
    height: int = HEIGHT


Future = tuple[Callable[[date], float], Callable[[date], float]]
"""The lower and the upper edge of what may come, as functions of a day."""


def trend(points: Sequence[tuple[date, int]], target: int, deadline: date, future: Future | None = None) -> Trend | None:
    """A goal's line from its first point to the deadline, from 0 up to a little more than the target or the largest value."""
    if len(points) < 2:
        return None
    first, newest = points[0][0], points[-1][0]
    last = max(deadline, newest)
    top = max(target, *(value for _, value in points)) * HEADROOM
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / days, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(value, 0), top) / top, 1)

    dots = tuple((x(day), y(value)) for day, value in points)
    late = dots[-1][0] > WIDTH - LABEL
    return Trend(
        line=" ".join(f"{across},{down}" for across, down in dots),
        dots=dots,
        target_y=y(target),
        deadline_x=x(deadline),
        base_y=HEIGHT - BOTTOM,
        fan=None if future is None else _fan(newest, points[-1][1], last, future, x, y),
        now_x=dots[-1][0],
        now_y=round(down + 18 if (down := dots[-1][1]) < HEIGHT - BOTTOM - LINE else down - 10, 1),
        late=late,
        first=first,
        last=last,
    )


def _fan(
    newest: date, value: int, last: date, future: Future, x: Callable[[date], float], y: Callable[[float], float], steps: int = 12
) -> str | None:
    """The outline of what lies between the two edges, from today to the end of the drawing."""
    days = (last - newest).days
    if days <= 0:
        return None
    there = [newest + timedelta(days=round(days * n / steps)) for n in range(1, steps + 1)]
    lower, upper = ([(x(day), y(edge(day))) for day in there] for edge in future)
    return " ".join(f"{across},{down}" for across, down in [(x(newest), y(value)), *upper, *reversed(lower)])


@dataclass(frozen=True, slots=True)
class Dot:
    """Chapters in one place."""

    x: float
    y: float
    r: float
    chapters: int
    functioning: bool
    name: str | None


@dataclass(frozen=True, slots=True)
class Map:
    """The part of the world that the chapters are in."""

    view: str
    dots: tuple[Dot, ...]
    line: float
    marked: bool


@cache
def land() -> str:
    """The outline of the land as one SVG path."""
    return Path(__file__).with_name("world.txt").read_text(encoding="ascii").strip()


def project(latitude: float, longitude: float) -> tuple[float, float]:
    """Mercator's projection; what lies beyond the map's edge in the north or south is put on it."""
    radians = math.radians(min(max(latitude, SOUTH), NORTH))
    return (longitude + 180) / 360 * WORLD, WORLD / 2 - WORLD / (2 * math.pi) * math.log(math.tan(math.pi / 4 + radians / 2))


def chart(spots: Sequence[Spot]) -> Map | None:
    """The map of these spots, cut to where they are; those that would lie on each other share a dot."""
    if not spots:
        return None
    placed = [(*project(spot.latitude, spot.longitude), spot) for spot in spots]
    x, y, width, height = _frame([across for across, _, _ in placed], [down for _, down, _ in placed])
    return Map(
        f"{x:.0f} {y:.0f} {width:.0f} {height:.0f}", _few_enough(placed, width), round(width / 1000, 2), any(spot.name for spot in spots)
    )


def _frame(across: Sequence[float], down: Sequence[float]) -> tuple[float, float, float, float]:
    width = max(max(across) - min(across), NARROWEST) * 1.16
    height = max(max(down) - min(down), 0) * 1.2
    width = min(max(width, height * RATIO), WORLD)
    height = width / RATIO
    top, bottom = project(NORTH, 0)[1], project(SOUTH, 0)[1]
    x = min(max((min(across) + max(across) - width) / 2, 0), WORLD - width)
    y = min(max((min(down) + max(down) - height) / 2, top), max(bottom - height, top))
    return x, y, width, height


def _few_enough(placed: Sequence[tuple[float, float, Spot]], width: float) -> tuple[Dot, ...]:
    wide = (width / across for across in DOTS_ACROSS)
    cell = next((cell for cell in wide if len({(x // cell, y // cell) for x, y, _ in placed}) <= MOST_DOTS), width / DOTS_ACROSS[-1])
    cells: dict[tuple[float, float], list[tuple[float, float, Spot]]] = {}
    for each in placed:
        cells.setdefault((each[0] // cell, each[1] // cell), []).append(each)
    dots = []
    for there in list(cells.values())[:MOST_DOTS]:
        chapters = sum(spot.chapters for _, _, spot in there)
        dots.append(
            Dot(
                x=round(sum(across * spot.chapters for across, _, spot in there) / chapters, 1),
                y=round(sum(down * spot.chapters for _, down, spot in there) / chapters, 1),
                r=round(width / 190 * min(1 + math.log10(chapters) * 0.9, 3.2), 1),
                chapters=chapters,
                functioning=any(spot.functioning for _, _, spot in there),
                name=there[0][2].name if chapters == 1 else None,
            )
        )
    return tuple(sorted(dots, key=lambda dot: -dot.r))
