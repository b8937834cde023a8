"""What a picture shows, as plain values: all words are in the reader's language already, and all numbers are to be seen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

Course: TypeAlias = tuple[tuple[date, float | None], ...]
"""Days and the value on each, oldest first; None where it was not known."""


@dataclass(frozen=True, slots=True)
class Fan:
    """What lies ahead, from today on: the least and the most that may be, and each reading's own line between them."""

    least: Course
    most: Course
    readings: tuple[Course, ...]


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One goal: how it came to where it stands, and where it is to go.

    `called` is drawn, or `instead` where somebody's own words hold letters that the picture has no shapes for.
    """

    called: str
    instead: str
    standing: str
    course: Course
    target: float
    deadline: date
    due: str
    aim: str
    fan: Fan | None = None
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """What the lines are called; `readings` are the two of a forecast."""

    so_far: str
    target: str
    deadline: str
    forecast: str
    readings: tuple[str, str]


@dataclass(frozen=True, slots=True)
class GoalsPicture:
    """Goals one below the other on one line of time, from `first` to `last`; `ticks` are days that it names, `more` what is not drawn."""

    title: str
    day: date
    day_words: str
    first: date
    last: date
    goals: tuple[GoalLine, ...]
    ticks: tuple[tuple[date, str], ...]
    key: Key
    more: str = ""


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of activity: how often in each month."""

    called: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ActivityPicture:
    """A chapter's activity month by month by kind; a year stands above the first of its months."""

    title: str
    months: tuple[str, ...]
    years: tuple[str, ...]
    rows: tuple[KindRow, ...]
    none: str


Picture: TypeAlias = GoalsPicture | ActivityPicture


# Whoever asks next mostly sees the same.
@lru_cache(maxsize=32)
def written(picture: Picture) -> str:
    """The picture in one line: two that look the same are written the same."""
    return json.dumps({type(picture).__name__: picture}, default=_plain, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    # Not asdict, which copies all there is.
    return {each.name: getattr(value, each.name) for each in fields(value)}


def read(line: str | bytes) -> Picture:
    """The picture that was written so."""
    ((kind, values),) = json.loads(line).items()
    return _goals(values) if kind == GoalsPicture.__name__ else _activity(values)


def _goals(values: Mapping[str, Any]) -> GoalsPicture:
    goals = tuple(
        GoalLine(
            **{
                **each,
                "course": _course(each["course"]),
                "deadline": date.fromisoformat(each["deadline"]),
                "fan": each["fan"] and _fan(each["fan"]),
            }
        )
        for each in values["goals"]
    )
    ticks = tuple((date.fromisoformat(day), words) for day, words in values["ticks"])
    key = Key(**{**values["key"], "readings": tuple(values["key"]["readings"])})
    days = {name: date.fromisoformat(values[name]) for name in ("day", "first", "last")}
    return GoalsPicture(**{**values, **days, "goals": goals, "ticks": ticks, "key": key})


def _activity(values: Mapping[str, Any]) -> ActivityPicture:
    rows = tuple(KindRow(each["called"], tuple(each["counts"])) for each in values["rows"])
    return ActivityPicture(**{**values, "months": tuple(values["months"]), "years": tuple(values["years"]), "rows": rows})


def _fan(values: Mapping[str, Any]) -> Fan:
    return Fan(_course(values["least"]), _course(values["most"]), tuple(_course(each) for each in values["readings"]))


def _course(points: list[Any]) -> Course:
    return tuple((date.fromisoformat(day), value) for day, value in points)
