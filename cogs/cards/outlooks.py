"""What is foreseen for a goal, in words: one short line beside each goal, and a card of its own with two scenarios side by side."""

from collections.abc import Iterator
from datetime import date

from bot.domain import forecast, goals
from bot.domain.calendar import Month, months_later
from bot.domain.forecast import HORIZON_YEARS, Assumption, Kind, Outlook
from bot.domain.goals import LARGEST_TARGET, Goal, Metric
from bot.domain.text import Brief, Percent, Text, Value, counted, text
from bot.domain.trend import CHAINED, POINTS_NEEDED
from bot.services.forecasts import Foreseen
from cogs.layout import Block, Button, Card, Line, Row, Rule, Small, Title, address, card

_PEOPLE = frozenset({Metric.MEMBERS, Metric.ACTIVE_MEMBERS})


def line(goal: Goal, outlook: Outlook) -> Text | None:
    """When a goal is reached at this pace, or why no date can be named, and the pace that is needed; None while nothing is known of it."""
    if outlook.value is None:
        return None
    match outlook.kind:
        case Kind.REACHED:
            return text("The goal is reached.")
        case Kind.OVERDUE:
            return _with_pace(goal, outlook, _overdue(goal, outlook))
        case Kind.TOO_FEW:
            return _with_pace(goal, outlook, _too_few(outlook))
        case _:
            return _with_pace(goal, outlook, _said(goal, outlook))


def names_deadline(outlook: Outlook) -> bool:
    """Whether the line says the day of the deadline itself."""
    return outlook.kind is Kind.OVERDUE and outlook.value is not None


def _said(goal: Goal, outlook: Outlook) -> Text:
    if outlook.kind is Kind.BETTER_REPORTING:
        return counted(
            "In the last month more was reported, but those who reported before did not clearly grow: no date can be named.",
            "In the last {n} months more was reported, but those who reported before did not clearly grow: no date can be named.",
            outlook.months,
        )
    if outlook.kind is Kind.NOT_UPWARD:
        return counted(
            "In the last month there was no clear upward trend: no date can be named.",
            "In the last {n} months there was no clear upward trend: no date can be named.",
            outlook.months,
        )
    return counted(
        "At the pace of the last month: {when}, {against}.",
        "At the pace of the last {n} months: {when}, {against}.",
        outlook.months,
        when=_when(outlook.earliest, outlook.latest),
        against=_against(goal, outlook.earliest, outlook.latest),
    )


def _too_few(outlook: Outlook) -> Text:
    return counted(
        "Too early for a forecast: it takes the ends of {needed} months, and {n} is known.",
        "Too early for a forecast: it takes the ends of {needed} months, and {n} are known.",
        outlook.points,
        needed=POINTS_NEEDED,
    )


def _overdue(goal: Goal, outlook: Outlook) -> Text:
    if outlook.earliest is None:
        return text("The deadline was {day}; still missing: {missing}.", day=goal.deadline, missing=_missing(goal, outlook))
    return counted(
        "The deadline was {day}; at the pace of the last month: {when}.",
        "The deadline was {day}; at the pace of the last {n} months: {when}.",
        outlook.months,
        day=goal.deadline,
        when=_when(outlook.earliest, outlook.latest),
    )


def _missing(goal: Goal, outlook: Outlook) -> Value:
    return _figure(goal, max(goal.target - (outlook.value or 0), 0))


def _when(first: date | None, last: date | None) -> Text:
    """Between which months; what is further off than the horizon is not named."""
    if first is None:
        return text("in more than {years} years", years=HORIZON_YEARS)
    begins = Month.of(first)
    if last is None:
        return text("in {month} or much later", month=Brief(begins))
    ends = Month.of(last)
    if begins == ends:
        return text("in {month}", month=Brief(begins))
    return text("between {first} and {last}", first=Brief(begins, year=begins.year != ends.year), last=Brief(ends))


def _against(goal: Goal, first: date | None, last: date | None) -> Text:
    if first is None or first > goal.deadline:
        return text("after the deadline")
    return text("before the deadline") if last is not None and last <= goal.deadline else text("perhaps after the deadline")


def _with_pace(goal: Goal, outlook: Outlook, said: Text) -> Text:
    """The same with the pace that is needed and the pace of now, as far as there are such."""
    needed = None if outlook.needed is None else _rate(goal, forecast.rounded_up(outlook.needed))
    now = None if outlook.pace is None else forecast.rounded(outlook.pace)
    if needed is not None and forecast.in_last_month(goal, outlook.day):
        pace = text("Needed by the deadline: {needed}.", needed=needed)
        if now is not None:
            pace = text("Needed by the deadline: {needed}; now: {now} a month.", needed=needed, now=_rate(goal, now))
    elif needed is not None and now is not None:
        pace = text("Needed: {needed} a month; now: {now}.", needed=needed, now=now if now >= 0 else _rate(goal, now))
    elif needed is not None:
        pace = text("Needed: {needed} a month.", needed=needed)
    elif now is not None:
        pace = text("Now: {now} a month.", now=_rate(goal, now))
    else:
        return said
    return text("{said} {pace}", said=said, pace=pace)


def _rate(goal: Goal, pace: float) -> Text:
    if goal.metric == Metric.GENDER_BALANCE:
        return text("{n} points fewer", n=-pace) if pace < 0 else text("{n} points more", n=pace)
    return text("{n} fewer", n=-pace) if pace < 0 else text("{n} more", n=pace)


# A card of its own


def forecast_card(found: Foreseen) -> Card:
    """One goal: what is foreseen and from what, the pace that is needed, and what the reader supposes beside it."""
    goal, outlook = found.standing.goal, found.trend.outlook
    said = line(goal, outlook)
    return card(
        Title(text("{goal} · forecast", goal=goals.label(goal))),
        Line(_standing(found)),
        None if said is None else Line(said),
        *(Line(each) for each in _readings(goal, outlook)),
        *(Small(each) for each in _means(found)),
        None if outlook.pace is None else Small(_basis(goal)),
        *_scenarios(found),
        Row((Button(text("All goals"), address("pg.all", None)), Button(text("What counts?"), address("pg.what")))),
    )


def _standing(found: Foreseen) -> Text:
    goal, value = found.standing.goal, found.standing.measured.value
    target = _figure(goal, goal.target)
    if value is None:
        return text("Not known yet; the goal is {target} by {day}.", target=target, day=goal.deadline)
    told = {"value": _figure(goal, value), "target": target, "day": goal.deadline}
    if goal.deadline < found.day:
        return text("{value} of {target}; the deadline was {day}.", **told)
    return text("{value} of {target}, due {day}.", **told)


def _figure(goal: Goal, value: float) -> Value:
    return Percent(int(value)) if goal.metric == Metric.GENDER_BALANCE else round(value)


def _readings(goal: Goal, outlook: Outlook) -> Iterator[Text]:
    """The two readings, where a date is named at all."""
    if outlook.earliest is None:
        return
    for reading in outlook.readings:
        when = _when(*forecast.within(reading, goal.target))
        if not reading.compounding:
            yield text("Steady, as much each month: {when}.", when=when)
        elif outlook.doubling_months is None:
            yield text("Compounding, the same share each month: {when}.", when=when)
        else:
            yield counted(
                "Compounding, the same share each month, so that it doubles in {n} month: {when}.",
                "Compounding, the same share each month, so that it doubles in {n} months: {when}.",
                max(round(outlook.doubling_months), 1),
                when=when,
            )


def _means(found: Foreseen) -> Iterator[Text]:
    """What the needed pace means for a chapter and for a person."""
    goal, outlook, chapters = found.standing.goal, found.trend.outlook, found.standing.measured.chapters
    if goal.metric != Metric.MEMBERS or not outlook.needed or not outlook.value:
        return
    soon = forecast.in_last_month(goal, outlook.day)
    if chapters:
        each = forecast.rounded_up(outlook.needed / chapters)
        by_then = text("For each chapter that means {each} more by the deadline.", each=each)
        yield by_then if soon else text("For each chapter that means {each} more a month.", each=each)
    every = forecast.one_for_every(outlook.needed, outlook.value)
    if every is None and soon:
        yield text("For a person it means more than one new member for each member by the deadline.")
    elif every is None:
        yield text("For a person it means more than one new member for each member each month.")
    elif soon:
        yield counted(
            "For a person it means one new member for every member by the deadline.",
            "For a person it means one new member for every {n} members by the deadline.",
            every,
        )
    else:
        yield counted(
            "For a person it means one new member for every member each month.",
            "For a person it means one new member for every {n} members each month.",
            every,
        )


def _basis(goal: Goal) -> Text:
    if goal.metric == Metric.FUNCTIONING_CHAPTERS:
        return text("A chapter that was there before and is heard from for the first time is not taken for growth.")
    if goal.metric in CHAINED:
        return text("Only chapters that answered in both of two months are compared, so that better reporting is not taken for growth.")
    return text("Reckoned from the values at the ends of the last months.")


def _scenarios(found: Foreseen) -> Iterator[Block]:
    """As so far, and beside it what the reader supposes: both on the same days, neither without the other."""
    assumed, outlook, goal, value = found.assumption, found.trend.outlook, found.standing.goal, found.standing.measured.value
    if value is None or (assumed is None and not found.years_wished):
        return
    yield Rule()
    yield Line(text("**As so far**: {said}", said=_so_far(goal, outlook)))
    if assumed is not None:
        yield Line(text("**As you suppose**, {supposed}: {said}", supposed=_supposed(goal, assumed), said=_reached(found, assumed, value)))
    for year in range(1, found.years + 1):
        day = months_later(found.day, 12 * year)
        so_far = _range_on(goal, outlook, day)
        supposed = None if assumed is None else _capped(assumed.at(value, 12 * year))
        if so_far is not None and supposed is not None:
            yield Small(text("{day}: as so far {so_far}; as you suppose {supposed}", day=day, so_far=so_far, supposed=supposed))
        elif so_far is not None:
            yield Small(text("{day}: as so far {so_far}", day=day, so_far=so_far))
        elif supposed is not None:
            yield Small(text("{day}: as you suppose {supposed}", day=day, supposed=supposed))
    if assumed is not None:
        yield Small(text("Neither is a promise: the one goes on as it did, the other as you suppose."))


def _so_far(goal: Goal, outlook: Outlook) -> Text:
    if outlook.kind is Kind.REACHED:
        return text("reached already.")
    if outlook.pace is None:
        return text("not known, because it is too early for a forecast.")
    pace = _rate(goal, forecast.rounded(outlook.pace))
    if outlook.earliest is None:
        return text("{pace} a month, and no date can be named.", pace=pace)
    return text("{pace} a month, reached {when}.", pace=pace, when=_when(outlook.earliest, outlook.latest))


def _supposed(goal: Goal, assumed: Assumption) -> Text:
    if assumed.doubling_months == 12:
        return text("doubling every year")
    if assumed.doubling_months is not None:
        return counted("doubling every month", "doubling every {n} months", assumed.doubling_months)
    if goal.metric in _PEOPLE:
        return text("{joining} joining and {leaving} leaving a month", joining=assumed.joining, leaving=assumed.leaving)
    return text("{more} more and {fewer} fewer a month", more=assumed.joining, fewer=assumed.leaving)


def _reached(found: Foreseen, assumed: Assumption, value: float) -> Text:
    goal = found.standing.goal
    if value >= goal.target:
        return text("reached already.")
    day = assumed.reaches(value, goal.target, found.day)
    if day is None:
        return text("not reached in {years} years.", years=HORIZON_YEARS)
    return text("reached in {month}, {against}.", month=Brief(Month.of(day)), against=_against(goal, day, day))


def _range_on(goal: Goal, outlook: Outlook, day: date) -> Text | None:
    """Where the figure may be on a day; None where no date can be named either."""
    low, high = outlook.low(day), outlook.high(day)
    if low is None or high is None or outlook.earliest is None:
        return None
    least, most = (_figure(goal, min(each, 100 if goal.metric == Metric.GENDER_BALANCE else LARGEST_TARGET)) for each in (low, high))
    return text("{value}", value=least) if least == most else text("{low} to {high}", low=least, high=most)


def _capped(value: float) -> Text:
    if value >= LARGEST_TARGET:
        return text("more than {value}", value=LARGEST_TARGET)
    return text("{value}", value=round(value))
