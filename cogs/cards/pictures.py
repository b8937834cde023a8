"""What the pictures show, and the same in words for who cannot see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from bot.charts.values import ActivityPicture, Course, Fan, GoalLine, GoalsPicture, Key, KindRow, Picture
from bot.domain import goals
from bot.domain.calendar import Month
from bot.domain.forecast import Outlook
from bot.domain.goals import Standing
from bot.domain.text import Brief, Listing, Text, Value, counted, text
from bot.locales import plain
from bot.services.boards import Board
from bot.services.chapters import ChapterStatus
from bot.services.trends import Trend
from cogs.cards.words import KIND_CHOICES, in_unit

MOST_GOALS = 6
"""So many goals can still be read on a phone; the others stand in the words."""
SAMPLES = 16
"""Days on which the lines of a forecast are drawn."""
AFTER = timedelta(days=366)
"""So far after the last deadline a forecast is still drawn."""
MOST_TICKS = 6
STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)
"""Months from one named day to the next."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture that is wanted: as what file, what it shows, and that in words."""

    name: str
    picture: Picture
    words: Text


def board_drawing(board: Board, trends: Sequence[Trend], locale: str) -> Drawing | None:
    """All goals in one picture, or as many as fit; None where there are none."""
    return _goals(board.day, board.standings, tuple(trends), locale, "goals.png") if board.standings else None


def goal_drawing(board: Board, standing: Standing, trend: Trend, locale: str) -> Drawing:
    """One goal's own picture."""
    return _goals(board.day, (standing,), (trend,), locale, "goal.png")


# Who asks next mostly sees the same.
@lru_cache(maxsize=32)
def _goals(day: date, standings: tuple[Standing, ...], trends: tuple[Trend, ...], locale: str, name: str) -> Drawing:
    drawn = list(zip(standings, trends, strict=True))[:MOST_GOALS]
    first, last = _span(day, drawn)
    rest = len(standings) - len(drawn)
    more = counted("{n} more goal stands in the words", "{n} more goals stand in the words", rest) if rest else None
    picture = GoalsPicture(
        title=plain(text("Where we stand"), locale),
        day=day,
        day_words=plain(text("{day}", day=day), locale),
        first=first,
        last=last,
        goals=tuple(_line(place, standing, trend, last, locale) for place, (standing, trend) in enumerate(drawn, 1)),
        ticks=tuple((each, plain(text("{month}", month=Brief(Month.of(each))), locale)) for each in _ticks(first, last)),
        key=Key(
            so_far=plain(text("so far"), locale),
            target=plain(text("target"), locale),
            deadline=plain(text("deadline"), locale),
            forecast=plain(text("as so far"), locale),
            readings=(plain(text("steady"), locale), plain(text("compounding"), locale)),
        ),
        more="" if more is None else plain(more, locale),
    )
    words = [_goal_words(standing, trend) for standing, trend in drawn]
    return Drawing(name, picture, _one_after_the_other([*words, *([text("{more}.", more=more)] if more else [])]))


def _span(day: date, drawn: Sequence[tuple[Standing, Trend]]) -> tuple[date, date]:
    due = max(standing.goal.deadline for standing, _ in drawn)
    starts = [min(standing.goal.starts, standing.goal.deadline) for standing, _ in drawn]
    first = min([*starts, day, *(point for _, trend in drawn for point, _ in trend.points)])
    ends = [trend.outlook.latest for _, trend in drawn if trend.outlook.latest is not None]
    return first, max(day, due, *(min(end, max(due, day) + AFTER) for end in ends)) + timedelta(days=10)


def _ticks(first: date, last: date) -> list[date]:
    begin, end = Month.of(first), Month.of(last)
    step = next((each for each in STEPS if (end.index - begin.index) // each < MOST_TICKS), STEPS[-1])
    return [day for n in range(begin.index, end.index + 1) if n % step == 0 and (day := Month.at(n).first) >= first]


def _line(place: int, standing: Standing, trend: Trend, last: date, locale: str) -> GoalLine:
    goal, value = standing.goal, standing.measured.value
    measures = text("{n}. {metric}", n=place, metric=goals.words(goal.metric))
    return GoalLine(
        called=goal.name or plain(goals.words(goal.metric), locale),
        instead=plain(measures, locale),
        standing=plain(_standing(standing), locale),
        course=tuple((day, float(known)) for day, known in trend.points),
        target=goal.target,
        deadline=goal.deadline,
        due=plain(text("due {day}", day=goal.deadline), locale),
        aim=plain(text("target {target}", target=in_unit(goal.metric, goal.target)), locale),
        fan=_fan(trend.outlook, last),
        unknown=plain(text("not known yet"), locale) if value is None else "",
    )


def _standing(standing: Standing) -> Text:
    goal, value = standing.goal, standing.measured.value
    target = in_unit(goal.metric, goal.target)
    if value is None:
        return text("goal: {target}", target=target)
    if standing.reached:
        return text("{value} of {target}, reached", value=in_unit(goal.metric, value), target=target)
    return text("{value} of {target}", value=in_unit(goal.metric, value), target=target)


def _fan(outlook: Outlook, last: date) -> Fan | None:
    """What lies ahead, where a date is named for it."""
    if outlook.earliest is None or last <= outlook.day:
        return None
    days = [outlook.day + (last - outlook.day) * n / SAMPLES for n in range(SAMPLES + 1)]

    def line(at: Mapping[date, float | None]) -> Course:
        return tuple((day, None if value is None else round(value, 2)) for day, value in at.items())

    return Fan(
        least=line({day: outlook.low(day) for day in days}),
        most=line({day: outlook.high(day) for day in days}),
        readings=tuple(line({day: each.at(day) for day in days}) for each in outlook.readings),
    )


def _goal_words(standing: Standing, trend: Trend) -> Text:
    goal, outlook = standing.goal, trend.outlook
    named: dict[str, Value] = {"goal": goals.label(goal), "day": goal.deadline}
    if standing.measured.value is None:
        told = text("{goal}: not known yet, the goal is {target}, due {day}", **named, target=in_unit(goal.metric, goal.target))
    else:
        told = text("{goal}: {standing}, due {day}", **named, standing=_standing(standing))
    if len(trend.points) > 1:
        day, value = trend.points[0]
        told = text("{told}; it was {value} in {month}", told=told, value=in_unit(goal.metric, value), month=Month.of(day))
    if outlook.earliest is None:
        return text("{told}.", told=told)
    if outlook.latest is None:
        return text("{told}; as so far it is reached after {month}, or not.", told=told, month=Month.of(outlook.earliest))
    earliest, latest = Month.of(outlook.earliest), Month.of(outlook.latest)
    if earliest == latest:
        return text("{told}; as so far it is reached in {month}.", told=told, month=earliest)
    return text("{told}; as so far it is reached between {earliest} and {latest}.", told=told, earliest=earliest, latest=latest)


def _years(months: Sequence[Month]) -> tuple[str, ...]:
    """A year over its first month; over the first of all only where it is not in the next one's way."""
    apart = months[0].month <= 10
    return tuple(str(month.year) if month.month == 1 or (apart and place == 0) else "" for place, month in enumerate(months))


def _one_after_the_other(sentences: Sequence[Text]) -> Text:
    said = sentences[0]
    for each in sentences[1:]:
        said = text("{said} {next}", said=said, next=each)
    return said


def activity_drawing(shown: ChapterStatus, locale: str) -> Drawing | None:
    """A chapter's activity month by month by kind; None where none was recorded."""
    activity = shown.activity
    if not activity.counts:
        return None
    months = activity.months
    title = text("Activity month by month")
    picture = ActivityPicture(
        title=plain(title, locale),
        months=tuple(plain(text("{month}", month=Brief(month, year=False)), locale) for month in months),
        years=_years(months),
        rows=tuple(KindRow(plain(KIND_CHOICES[kind], locale), counts) for kind, counts in activity.counts.items()),
        none=plain(text("A dot: none was recorded."), locale),
    )
    told = [
        text(
            "{kind}: {months}.",
            kind=KIND_CHOICES[kind],
            months=Listing(
                tuple(text("{n} in {month}", n=n, month=Brief(month)) for month, n in zip(months, counts, strict=True) if n), "comma"
            ),
        )
        for kind, counts in activity.counts.items()
    ]
    return Drawing("activity.png", picture, _one_after_the_other([text("{title}.", title=title), *told]))
