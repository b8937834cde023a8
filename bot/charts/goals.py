"""Goals drawn one below the other: what each came from, its target and deadline, and what may lie ahead."""

from collections.abc import Callable
from datetime import date

from matplotlib.patches import Polygon

from bot.charts.card import (
    AHEAD,
    AHEAD_EDGE,
    FAINT,
    GROUND,
    HISTORY,
    INK,
    MARGIN,
    PALE,
    SMALL,
    TARGET,
    TEXT,
    WIDTH,
    Sheet,
    drawable,
    width,
)
from bot.charts.values import Course, GoalLine, GoalsPicture, Key

HEAD, FOOT, MORE = 34.0, 48.0, 18.0
NAMES, PLOT, PLOT_ALONE, GAP = 22.0, 62.0, 150.0, 12.0
HEADROOM = 1.3
"""So much higher than its target or value a goal's ground is: the words over the target line stand there."""
CLEAR = 12.0
"""So far from a dot its neighbours' words stand."""
DOTTED = 26
"""So many months have each a dot of their own."""
LEFT, RIGHT = MARGIN, WIDTH - MARGIN

Across = Callable[[date], float]


def draw(picture: GoalsPicture) -> Sheet:
    """The picture on its card."""
    plot = PLOT_ALONE if len(picture.goals) == 1 else PLOT
    height = HEAD + len(picture.goals) * (NAMES + plot + GAP) + FOOT + (MORE if picture.more else 0)
    sheet, across = Sheet(height), _across(picture)
    sheet.write(LEFT, 20, picture.title, bold=True, room=230)
    sheet.write(RIGHT, 20, picture.day_words, size=SMALL, ink=FAINT, to="right", room=130)
    for place, goal in enumerate(picture.goals):
        top = HEAD + place * (NAMES + plot + GAP)
        _goal(sheet, goal, picture, across, top, plot)
    bottom = HEAD + len(picture.goals) * (NAMES + plot + GAP) - GAP
    _time(sheet, picture, across, bottom)
    _key(sheet, picture.key, bottom + 34, fan=any(goal.fan for goal in picture.goals))
    if picture.more:
        sheet.write(LEFT, bottom + 53, picture.more, size=SMALL, ink=FAINT, room=RIGHT - LEFT)
    return sheet


def _across(picture: GoalsPicture) -> Across:
    # Room for half a dot on both sides.
    days = max((picture.last - picture.first).days, 1)
    return lambda day: LEFT + 6 + (RIGHT - LEFT - 12) * (day - picture.first).days / days


def _goal(sheet: Sheet, goal: GoalLine, picture: GoalsPicture, across: Across, top: float, plot: float) -> None:
    standing = width(goal.standing, TEXT)
    sheet.write(RIGHT, top + NAMES / 2, goal.standing, to="right", room=190)
    called = goal.called if drawable(goal.called) else goal.instead
    sheet.write(LEFT, top + NAMES / 2, called, bold=True, room=RIGHT - LEFT - min(standing, 190) - 10)
    floor = top + NAMES + plot
    known = [value for _, value in goal.course if value is not None]
    highest = HEADROOM * max(goal.target, *known, 1)

    def up(value: float) -> float:
        return floor - plot * min(max(value / highest, 0), 1)

    axes = sheet.axes
    axes.plot((LEFT, RIGHT), (floor, floor), color=PALE, linewidth=1.2)
    _ahead(sheet, goal, across, up, picture.key.readings if plot == PLOT_ALONE else None)
    axes.plot((LEFT, RIGHT), (up(goal.target),) * 2, color=TARGET, linewidth=1.6, dashes=(5, 3))
    due = across(goal.deadline)
    axes.plot((due, due), (floor, top + NAMES + 2), color=INK, linewidth=1.6, dashes=(1, 2))
    _due(sheet, goal, due, floor, [(across(day), up(value)) for day, value in goal.course if value is not None])
    if plot == PLOT_ALONE:
        sheet.write(LEFT + 2, up(goal.target) - 8, goal.aim, size=SMALL, ink=TARGET, room=160, halo=True)
    if known:
        _history(sheet, goal.course, across, up)
    else:
        sheet.write(LEFT + 4, floor - 8, goal.unknown, size=SMALL, ink=FAINT, room=200)


def _due(sheet: Sheet, goal: GoalLine, due: float, floor: float, course: list[tuple[float, float]]) -> None:
    """The deadline's words beside its line: where there is room, and over no dot of the history."""
    words = width(goal.due, SMALL)
    right = due + 5 + words < RIGHT
    left = due + 5 if right else max(due - 5 - words, LEFT)

    def is_free(y: float) -> bool:
        return not any(left - 8 < at < left + words + 8 and abs(height - y) < CLEAR for at, height in course)

    heights = [floor - 8 - CLEAR * n for n in range(4)]
    at = next((y for y in heights if is_free(y)), heights[0])
    sheet.write(left, at, goal.due, size=SMALL, ink=INK, room=160, halo=True)


def _history(sheet: Sheet, course: Course, across: Across, up: Callable[[float], float]) -> None:
    places = [(across(day), float("nan") if value is None else up(value)) for day, value in course]
    dots = "o" if len(places) <= DOTTED else ""
    sheet.axes.plot(
        *zip(*places, strict=True), color=HISTORY, linewidth=2.2, marker=dots, markersize=4.2, markerfacecolor=GROUND, markeredgewidth=1.4
    )
    newest = [place for place, (_, value) in zip(places, course, strict=True) if value is not None][-1:]
    sheet.axes.plot(*zip(*newest, strict=True), color=HISTORY, marker="o", markersize=7.5, linestyle="")


def _ahead(sheet: Sheet, goal: GoalLine, across: Across, up: Callable[[float], float], words: tuple[str, str] | None) -> None:
    if goal.fan is None:
        return
    fan = goal.fan
    least, most, *readings = (
        [(across(day), up(value)) for day, value in line if value is not None] for line in (fan.least, fan.most, *fan.readings)
    )
    edges = Polygon([*least, *reversed(most)], facecolor=AHEAD, edgecolor=AHEAD_EDGE, hatch="////", linewidth=0.8, alpha=0.55)
    sheet.axes.add_patch(edges)
    if words is None:
        return
    for line, dashes, called in zip(readings, ((6, 2, 1, 2), (3, 1.5)), words, strict=False):
        sheet.axes.plot(*zip(*line, strict=True), color=AHEAD_EDGE, linewidth=1.6, dashes=dashes)
        x, y = line[len(line) * 2 // 3]
        sheet.write(x, y, called, size=SMALL, ink=INK, to="center", halo=True)


def _time(sheet: Sheet, picture: GoalsPicture, across: Across, floor: float) -> None:
    free = LEFT - 20.0
    for day, words in picture.ticks:
        at, half = across(day), width(words, SMALL) / 2
        if at - half < max(free + 8, LEFT - 8) or at + half > RIGHT + 8:
            continue
        sheet.axes.plot((at, at), (floor, floor + 4), color=FAINT, linewidth=1)
        sheet.write(at, floor + 13, words, size=SMALL, ink=FAINT, to="center")
        free = at + half


def _key(sheet: Sheet, key: Key, y: float, *, fan: bool) -> None:
    samples = [(key.so_far, "so_far"), (key.target, "target"), (key.deadline, "deadline"), *([(key.forecast, "forecast")] if fan else [])]
    x, room = float(LEFT), (RIGHT - LEFT) / len(samples)
    for words, kind in samples:
        _sample(sheet, kind, x, y)
        sheet.write(x + 24, y, words, size=SMALL, ink=INK, room=RIGHT - x - 24)
        x += max(24 + width(words, SMALL) + 14, 0 if fan else room * 0.8)


def _sample(sheet: Sheet, kind: str, x: float, y: float) -> None:
    axes = sheet.axes
    match kind:
        case "so_far":
            axes.plot((x, x + 9, x + 18), (y, y, y), color=HISTORY, linewidth=2.2, marker="o", markersize=4, markerfacecolor=GROUND)
        case "target":
            axes.plot((x, x + 19), (y, y), color=TARGET, linewidth=1.6, dashes=(5, 3))
        case "deadline":
            axes.plot((x + 12, x + 12), (y - 7, y + 7), color=INK, linewidth=1.6, dashes=(1, 2))
        case _:
            corners = [(x, y), (x + 19, y - 7), (x + 19, y + 4)]
            axes.add_patch(Polygon(corners, facecolor=AHEAD, edgecolor=AHEAD_EDGE, hatch="////", linewidth=1, alpha=0.55))
