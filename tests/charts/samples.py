"""Pictures as the bot would want them, with everything in them that can be."""

from collections.abc import Sequence
from datetime import date, timedelta

from bot.charts.values import ActivityPicture, Course, Fan, GoalLine, GoalsPicture, Key, KindRow
from bot.domain.calendar import Month

DAY = date(2026, 11, 22)
DUE = date(2028, 6, 30)
KEY = Key("so far", "target", "deadline", "as so far", ("steady", "compounding"))
TICKS = tuple((date(year, month, 1), f"{'Jan' if month == 1 else 'Jul'} {year}") for year in (2026, 2027, 2028) for month in (1, 7))


def course(*values: int | None) -> Course:
    """These values at the last month ends, and today."""
    ends = [Month.of(DAY).plus(-n).last for n in range(len(values) - 1, 0, -1)]
    return tuple((day, None if value is None else float(value)) for day, value in zip((*ends, DAY), values, strict=True))


def fan(value: float, slow: float, fast: float) -> Fan:
    """What lies ahead at two paces a month."""
    days = [DAY + timedelta(days=30 * n) for n in range(21)]

    def at(pace: float, rate: float) -> Course:
        return tuple((day, (value + pace * n) * rate**n) for n, day in enumerate(days))

    return Fan(at(slow, 1), at(fast, 1.012), (at((slow + fast) / 2, 1), at((slow + fast) / 2, 1.01)))


def goal(called: str, standing: str, line: Course, target: int, deadline: date = DUE, ahead: Fan | None = None) -> GoalLine:
    """One goal."""
    unknown = "" if line else "not known yet"
    return GoalLine(
        called, "3. Members", standing, line, target, deadline, f"due {deadline:%-d %B %Y}", f"target {target:,}", ahead, unknown
    )


MEMBERS = goal(
    "Members",
    "2,512 of 5,000",
    course(1750, 1800, 1830, 1900, 1950, 2000, 2030, 2100, 2160, 2200, 2290, 2350, 2430, 2480, 2512),
    5000,
    ahead=fan(2512, 60, 130),
)
FUNCTIONING = goal("Functioning chapters", "18 of 100", course(None, 5, 6, 8, None, 9, 12, 14, 16, 18), 100, ahead=fan(18, 0.5, 4))
REACHED = goal("Branches that gathered", "6 of 5, reached", course(0, 0, 0, 1, 1, 1, 2, 3, 4, 6), 5, date(2026, 6, 30))
ONE_POINT = goal("Gender balance", "37% of 40%", course(37), 40)
UNKNOWN = goal("Bodies collecting dues", "goal: 10", (), 10)


def goals(*drawn: GoalLine, more: str = "") -> GoalsPicture:
    """These goals on one line of time."""
    return GoalsPicture("Where we stand", DAY, "22 November 2026", date(2025, 9, 10), date(2028, 9, 15), drawn, TICKS, KEY, more)


def hostile(names: Sequence[str]) -> GoalsPicture:
    """Goals with these names."""
    return goals(*(goal(name, "2,512 of 5,000", course(1, 2, 3), 5) for name in names))


ACTIVITY = ActivityPicture(
    "Activity month by month",
    ("Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"),
    ("", "2026", *[""] * 10),
    (
        KindRow("Meeting", (1, 2, 2, 1, 3, 2, 2, 2, 0, 2, 4, 3)),
        KindRow("Education", (0, 1, 0, 1, 0, 1, 2, 0, 0, 1, 1, 0)),
        KindRow("Outreach", (0, 0, 0, 0, 3, 0, 12, 0, 0, 0, 105, 0)),
    ),
    "A dot: none was recorded.",
)
