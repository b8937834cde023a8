"""Forecasts as people meet them: a line beside each goal, and /forecast with what the reader supposes beside it."""

from dataclasses import replace
from datetime import date

import pytest

from bot.domain.calendar import Month
from bot.domain.forecast import Assumption, Kind, Outlook, Reading
from bot.domain.goals import Goal, Measured, Standing
from bot.domain.reports import Part, People
from bot.domain.rights import Caller
from bot.domain.trend import Link
from bot.locales import plain, pseudo
from bot.services import goals, reports
from bot.services.forecasts import Foreseen
from bot.services.trends import Trend
from cogs.cards import outlooks
from db import stale, trends
from tests.flows.rig import ADDED, Server
from tests.services.growing import told

SEPTEMBER = Month(2026, 9)


@pytest.fixture
async def town(server: Server) -> Server:
    """The five goals of a set-up; London has 400 members, and chapters that answered month by month grew by 5 to 7 of a hundred."""
    async with server.store.write() as c:
        await goals.create_first_goals(c, server.guild.id, ADDED.date(), ADDED, server.cora.id)
        for n, after in enumerate((105, 107, 105, 106, 105, 106)):
            month = SEPTEMBER.plus(-n)
            await trends.keep(c, server.guild.id, "members", month, Link(month, 100, after, 3))
        # No report gives this growth: until it is worked out again, it stands as it was kept.
        await stale.from_month(c, server.guild.id, Month(2026, 1))
    ana, london = Caller(server.ana.id, server.guild.id), server.chapters["London"]
    await reports.save_part(server.store, ana, london, SEPTEMBER, Part.PEOPLE, People(400, 14), 0, None, server.now)
    await reports.publish(server.store, ana, london, SEPTEMBER, server.now)
    return server


async def test_progress_says_beside_each_goal_when_it_is_reached_or_why_that_cannot_be_said(town: Server) -> None:
    shown = town.text_of(await town.slash(town.mo, "progress"))
    assert "At the pace of the last 6 months: between " in shown
    assert "Needed: 197 more a month; now: 19." in shown
    assert "Too early for a forecast: it takes the ends of 4 months, and 0 are known. Needed: 4.3 more a month." in shown


async def test_forecast_shows_both_readings_and_what_the_pace_means_for_a_chapter_and_a_person(town: Server) -> None:
    answer = await town.slash(town.mo, "forecast", goal="Members")
    shown = town.text_of(answer)
    assert answer.ephemeral
    assert "Members · forecast" in shown
    assert "400 of 5,000, due 1 October 2028." in shown
    assert "Steady, as much each month: between " in shown
    assert "Compounding, the same share each month, so that it doubles in 13 months: between " in shown
    assert "For each chapter that means 99 more a month." in shown
    assert "For a person it means one new member for every 2 members each month." in shown
    assert "Only chapters that answered in both of two months are compared" in shown
    assert "As you suppose" not in shown


async def test_what_the_reader_supposes_stands_beside_the_pace_of_now(town: Server) -> None:
    shown = town.text_of(await town.slash(town.mo, "forecast", goal="members", joining=250, leaving=20))
    assert "**As so far**: 19 more a month, reached between " in shown
    assert "**As you suppose**, 250 joining and 20 leaving a month: reached in Jun 2028, before the deadline." in shown
    assert "20 October 2027: as so far " in shown
    assert "; as you suppose 3,160" in shown
    shown = town.text_of(await town.slash(town.mo, "forecast", goal="members", doubling_months=12, years=3))
    assert "**As you suppose**, doubling every year: reached in " in shown
    assert "20 October 2029: as so far " in shown
    assert "; as you suppose 3,200" in shown
    shown = town.text_of(await town.slash(town.mo, "forecast", goal="functioning chapters", joining=1, leaving=3))
    assert "**As so far**: not known, because it is too early for a forecast." in shown
    assert "**As you suppose**, 1 more and 3 fewer a month: not reached in 30 years." in shown


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"goal": "Members", "joining": 5, "doubling_months": 12}, "Choose one: how many join and leave each month, or in how many"),
        ({"goal": "Gender balance", "joining": 5}, "Gender balance is a share, so nobody joins it, and it does not double."),
        ({"goal": "Branches that gathered", "leaving": 5}, "Branches that gathered counts what was done, and that stays done."),
        ({"goal": "Branches that gathered", "joining": 5}, "Nothing is known of Branches that gathered yet"),
        ({"goal": "Mambers"}, "There is no goal “Mambers”. Choose one: Members, "),
    ],
)
async def test_what_cannot_be_supposed_is_refused(town: Server, options: dict[str, object], said: str) -> None:
    answer = await town.slash(town.mo, "forecast", **options)
    assert answer.ephemeral
    assert said in town.text_of(answer)


async def test_goals_are_offered_and_every_word_can_be_translated(town: Server) -> None:
    assert "Members" in await town.suggest(town.mo, "forecast", "goal")
    with pseudo.everywhere():
        for options in ({}, {"joining": 30}, {"doubling_months": 7, "years": 1}):
            town.assert_translated(await town.slash(town.mo, "forecast", goal="members", **options))


GOAL = Goal(1, "members", None, 5000, date(2026, 1, 1), date(2028, 6, 30))
LIKELY = Outlook(
    Kind.ENOUGH,
    date(2026, 11, 23),
    2680,
    points=7,
    months=6,
    earliest=date(2028, 2, 3),
    latest=date(2028, 9, 9),
    pace=41.2,
    needed=82.1,
    shown_pace=41.2,
)
PACE = "Needed: 83 more a month; now: 41."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, f"At the pace of the last 6 months: between Feb and Sept 2028, perhaps after the deadline. {PACE}"),
        ({"earliest": date(2028, 7, 1)}, f"At the pace of the last 6 months: between Jul and Sept 2028, after the deadline. {PACE}"),
        (
            {"day": date(2028, 6, 10), "needed": 2320.0},
            (
                "At the pace of the last 6 months: between Feb and Sept 2028, perhaps after the deadline. "
                "Needed by the deadline: 2,320 more; now: 41 more a month."
            ),
        ),
        ({"latest": date(2028, 2, 28)}, f"At the pace of the last 6 months: in Feb 2028, before the deadline. {PACE}"),
        (
            {"earliest": date(2027, 12, 1)},
            f"At the pace of the last 6 months: between Dec 2027 and Sept 2028, perhaps after the deadline. {PACE}",
        ),
        ({"latest": None}, f"At the pace of the last 6 months: in Feb 2028 or much later, perhaps after the deadline. {PACE}"),
        (
            {"earliest": None, "latest": None, "months": 3, "pace": 0.04},
            "At the pace of the last 3 months: in more than 30 years, after the deadline. Needed: 83 more a month; now: 0.",
        ),
        (
            {"kind": Kind.NOT_UPWARD, "pace": -12.4},
            "In the last 6 months there was no clear upward trend: no date can be named. Needed: 83 more a month; now: 12 fewer.",
        ),
        (
            {"kind": Kind.BETTER_REPORTING, "pace": 0.4, "needed": 3.11},
            (
                "In the last 6 months more was reported, but those who reported before did not clearly grow: no date can be named. "
                "Needed: 3.2 more a month; now: 0.4."
            ),
        ),
        (
            {"kind": Kind.TOO_FEW, "points": 1, "pace": None},
            "Too early for a forecast: it takes the ends of 4 months, and 1 is known. Needed: 83 more a month.",
        ),
        ({"kind": Kind.REACHED}, "The goal is reached."),
        (
            {"kind": Kind.OVERDUE, "needed": None},
            "The deadline was 30 June 2028; at the pace of the last 6 months: between Feb and Sept 2028. Now: 41 more a month.",
        ),
        (
            {"kind": Kind.OVERDUE, "needed": None, "earliest": None, "pace": None},
            "The deadline was 30 June 2028; still missing: 2,320.",
        ),
    ],
)
def test_each_state_has_its_own_sentence(changed: dict[str, object], said: str) -> None:
    found = outlooks.line(GOAL, replace(LIKELY, **changed))  # type: ignore[arg-type]
    assert found is not None
    assert plain(found, "en") == said


def test_a_share_moves_by_points_and_what_is_not_known_has_no_line() -> None:
    balance = replace(GOAL, metric="gender_balance", target=40)
    found = outlooks.line(balance, replace(LIKELY, value=37, pace=0.21, needed=0.15))
    assert found is not None
    assert plain(found, "en").endswith("Needed: 0.2 points more a month; now: 0.2.")
    assert outlooks.line(GOAL, replace(LIKELY, value=None)) is None


def foreseen(outlook: Outlook, goal: Goal = GOAL, assumption: Assumption | None = None, years: int | None = None) -> str:
    """The words of the card for 2,680 of 5,000 in 20 chapters, with this outlook."""
    standing = Standing(goal, Measured(2680, 20, 20))
    return told(outlooks.forecast_card(Foreseen(outlook.day, standing, Trend((), outlook), assumption, years or 1, years is not None)))


def test_in_the_last_month_all_is_said_of_the_deadline_and_nothing_of_each_month() -> None:
    for outlook, each, person in (
        (
            replace(LIKELY, day=date(2028, 6, 10), needed=2320.0),
            "116 more by the deadline",
            "one new member for every member by the deadline",
        ),
        (
            replace(LIKELY, day=date(2028, 6, 10), needed=20.0),
            "1 more by the deadline",
            "one new member for every 134 members by the deadline",
        ),
        (replace(LIKELY, day=date(2028, 6, 10), needed=3000.0), "150 more by the deadline", "more than one new member for each member by"),
    ):
        shown = foreseen(outlook)
        assert f"For each chapter that means {each}." in shown
        assert f"For a person it means {person}" in shown
        assert "each month" not in shown


def test_after_the_deadline_it_is_told_as_past() -> None:
    late = replace(LIKELY, kind=Kind.OVERDUE, day=date(2028, 7, 2), needed=None)
    assert "2,680 of 5,000; the deadline was 30 June 2028." in foreseen(late)


def test_where_no_date_can_be_named_no_range_is_either() -> None:
    steady = Reading(False, LIKELY.day, 2680, -1, -0.4, 2, 3)
    falling = replace(LIKELY, kind=Kind.NOT_UPWARD, earliest=None, latest=None, pace=-12.2, steady=steady)
    shown = foreseen(falling, assumption=Assumption(10), years=1)
    assert "**As so far**: 12 fewer a month, and no date can be named." in shown
    assert "\n23 November 2027: as you suppose 2,800" in shown
    assert "2027: as so far" not in shown
    assert "2027" not in foreseen(falling, years=1)
    balance = replace(GOAL, metric="gender_balance", target=40)
    assert "**As so far**: 0.4 points fewer a month" in foreseen(replace(falling, pace=-0.4), balance, years=1)
