"""What each metric counts and what it leaves out, on this day and on past ones; who adopts goals; one value kept for each day."""

import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.domain.calendar import Month
from bot.domain.chapters import State
from bot.domain.goals import METRICS, Measured
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain
from bot.services import boards, checkins, gatherings, goal_revisions, goals
from bot.services.boards import Board
from bot.services.facts import Key
from cogs.cards import goals as cards
from db import tallies
from db.measures import At
from db.store import Store
from db.tables import change, goal_revision, goal_value
from tests.conftest import Statements
from tests.services.growing import CORA, FOUNDED, GUILD, MO, Growing, admin, cora, mo, noon, told

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
OCTOBER, SEPTEMBER = Month(2026, 10), Month(2026, 9)


@pytest.fixture
async def town(store: Store) -> Growing:
    """An organisation without chapters and goals."""
    growing = Growing(store)
    await growing.set_up()
    return growing


async def refusal(awaited: object) -> str:
    """The words with which something is refused."""
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return plain(refused.value.reason, "en")


async def test_the_first_set_up_adopts_five_goals_that_are_due_in_24_months(town: Growing) -> None:
    async with town.store.write() as c:
        assert await goals.create_first_goals(c, GUILD, TODAY, noon(TODAY), CORA)
        assert not await goals.create_first_goals(c, GUILD, TODAY, noon(TODAY), CORA)
    standings = (await town.board(TODAY)).standings
    assert [(each.goal.metric, each.goal.target) for each in standings] == [
        ("members", 5000),
        ("functioning_chapters", 100),
        ("gender_balance", 40),
        ("branch_gatherings", 5),
        ("dues_bodies", 10),
    ]
    assert {each.goal.deadline for each in standings} == {date(2028, 11, 22)}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("as_of", [None, YESTERDAY])
async def test_what_nobody_has_told_is_unknown_and_not_zero(town: Growing, metric: str, as_of: date | None) -> None:
    await town.adopts(metric, name="ours")
    assert (await town.measure(metric, TODAY, as_of)).value is None
    await town.chapter("London")
    assert (await town.measure(metric, TODAY, as_of)).value is None


@pytest.mark.parametrize("as_of", [None, YESTERDAY])
class TestMetrics:
    async def test_members_are_the_newest_answers_and_those_outside_chapters(self, town: Growing, as_of: date | None) -> None:
        london, leeds, _porto = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        await town.reports(london, SEPTEMBER, date(2026, 10, 2), members=30)
        await town.reports(london, OCTOBER, date(2026, 11, 2), members=40)
        await town.reports(leeds, SEPTEMBER, date(2026, 10, 5), members=0)
        goal = await town.adopts("members")
        assert await town.measure("members", TODAY, as_of) == Measured(40, 2, 3, date(2026, 9, 30))
        await goals.record(town.store, cora, "members", 500, "2026-08-15", noon(TODAY))
        assert await town.measure("members", TODAY, as_of) == Measured(540, 2, 3, date(2026, 8, 15))
        assert goal.id

    async def test_members_of_more_than_a_year_ago_are_not_counted(self, town: Growing, as_of: date | None) -> None:
        await town.reports(await town.chapter("London"), Month(2025, 10), date(2025, 11, 2), members=40)
        await town.adopts("members")
        assert await town.measure("members", TODAY, as_of) == Measured(None, 0, 1, None)

    async def test_a_report_without_members_keeps_the_older_total_and_its_age(self, town: Growing, as_of: date | None) -> None:
        london = await town.chapter("London")
        await town.reports(london, SEPTEMBER, date(2026, 10, 2), members=30)
        await town.reports(london, OCTOBER, date(2026, 11, 2), members=None, met=7)
        await town.adopts("members")
        assert await town.measure("members", TODAY, as_of) == Measured(30, 1, 1, date(2026, 9, 30))

    async def test_active_members_are_those_of_the_last_92_days(self, town: Growing, as_of: date | None) -> None:
        london, leeds = await town.chapter("London"), await town.chapter("Leeds")
        await town.reports(london, OCTOBER, date(2026, 11, 2), members=40, met=14)
        await town.reports(leeds, Month(2026, 7), date(2026, 8, 2), members=40, met=20)
        await town.adopts("active_members")
        assert await town.measure("active_members", TODAY, as_of) == Measured(14, 1, 2, date(2026, 10, 31))

    async def test_functioning_counts_whoever_comes_together_learns_and_reports(self, town: Growing, as_of: date | None) -> None:
        london, leeds, _porto = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        for each in (london, leeds):
            await town.reports(each, OCTOBER, date(2026, 11, 2))
        await town.does(london, date(2026, 11, 1))
        await town.does(leeds, date(2026, 10, 1))
        await town.adopts("functioning_chapters")
        assert await town.measure("functioning_chapters", TODAY, as_of) == Measured(1, 2, 3, date(2026, 11, 1))

    async def test_a_chapter_about_to_lapse_still_functions_and_is_at_risk(self, town: Growing, as_of: date | None) -> None:
        london = await town.chapter("London")
        await town.reports(london, OCTOBER, date(2026, 11, 2))
        await town.does(london, date(2026, 10, 10))
        await town.adopts("functioning_chapters")
        board = await town.board(TODAY, as_of)
        assert (board.standings[0].measured.value, board.at_risk) == (1, 1)

    async def test_a_resting_chapter_does_not_function_but_its_members_count(self, town: Growing, as_of: date | None) -> None:
        london = await town.chapter("London")
        await town.reports(london, OCTOBER, date(2026, 11, 2), members=40)
        await town.does(london, date(2026, 11, 1))
        await town.becomes(london, State.RESTING, date(2026, 11, 20), date(2026, 12, 20))
        await town.adopts("functioning_chapters")
        await town.adopts("members")
        assert (await town.measure("functioning_chapters", TODAY, as_of)).value == 0
        assert await town.measure("members", TODAY, as_of) == Measured(40, 1, 1, date(2026, 10, 31))

    async def test_bodies_that_collect_dues_are_chapters_and_branches_confirmed_within_a_year(
        self, town: Growing, as_of: date | None
    ) -> None:
        london, leeds, porto, york = [await town.chapter(name) for name in ("London", "Leeds", "Porto", "York")]
        await town.collects(london, date(2026, 3, 1))
        await town.collects(leeds, date(2025, 11, 1))
        await town.says(Key.DUES, "declined", date(2026, 5, 1), chapter_id=porto)
        await town.says(Key.DUES, "collecting", date(2026, 5, 1), chapter_id=york)
        branch = await town.branch("GB")
        await town.says(Key.MONEY, "cash_box", date(2026, 2, 1), branch_id=branch)
        await town.says(Key.DUES, "collecting", date(2026, 6, 1), branch_id=branch)
        await town.adopts("dues_bodies")
        assert await town.measure("dues_bodies", TODAY, as_of) == Measured(2, 3, 4, date(2026, 2, 1))

    async def test_a_delegate_counts_until_the_chapter_says_otherwise(self, town: Growing, as_of: date | None) -> None:
        london, leeds, _porto = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        await town.says(Key.DELEGATE, "yes", date(2025, 3, 1), chapter_id=london)
        await town.says(Key.DELEGATE, "yes", date(2025, 3, 1), chapter_id=leeds)
        await town.says(Key.DELEGATE, "no", date(2026, 3, 1), chapter_id=leeds)
        await town.adopts("delegates")
        assert await town.measure("delegates", TODAY, as_of) == Measured(1, 2, 3, date(2025, 3, 1))

    async def test_reporting_chapters_published_something_within_a_year(self, town: Growing, as_of: date | None) -> None:
        london, leeds, _porto = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        await town.reports(london, OCTOBER, date(2026, 11, 2))
        await town.reports(leeds, Month(2025, 9), date(2025, 10, 3))
        await town.adopts("reporting_chapters")
        assert await town.measure("reporting_chapters", TODAY, as_of) == Measured(1, 2, 3, date(2026, 11, 2))

    async def test_check_ins_count_since_the_goal_began_a_joint_one_once_and_a_withdrawn_one_not(
        self, town: Growing, as_of: date | None
    ) -> None:
        london, leeds = await town.chapter("London"), await town.chapter("Leeds")
        await town.does(london, date(2026, 10, 31), "outreach")
        await town.adopts("checkins:outreach", date(2026, 11, 1))
        assert await town.measure("checkins:outreach", TODAY, as_of) == Measured(0, 0, 2, None)
        together = await town.does(london, date(2026, 11, 2), "outreach", together_with="Leeds")
        await town.takes_part(together, leeds, date(2026, 11, 3))
        await town.does(leeds, date(2026, 11, 4), "outreach")
        await town.does(leeds, date(2026, 11, 4), "meeting")
        wrong = await town.does(leeds, date(2026, 11, 5), "outreach")
        seen = await checkins.see(town.store, admin, leeds, wrong, noon(date(2026, 11, 5)))
        await checkins.withdraw(town.store, admin, leeds, wrong, seen.version, noon(date(2026, 11, 6)))
        assert await town.measure("checkins:outreach", TODAY, as_of) == Measured(2, 2, 2, date(2026, 11, 2))

    async def test_a_gathering_counts_once_two_of_its_chapters_have_confirmed_it(self, town: Growing, as_of: date | None) -> None:
        branch = await town.branch("GB")
        ids = [await town.chapter(name, branch_id=branch) for name in ("London", "Leeds", "York")]
        await town.adopts("branch_gatherings", date(2026, 11, 1))
        held = date(2026, 11, 7)
        made = await town.gathers(branch, held, "London", "Leeds", "York")
        for chapter_id, value in zip(ids, (0, 1, 1), strict=True):
            await gatherings.answer(town.store, admin, made, chapter_id, noon(held), took_part=True)
            assert (await town.measure("branch_gatherings", TODAY, as_of)).value == value
        again = await town.gathers(branch, held + timedelta(days=1), "London", "Leeds", at=date(2026, 11, 9))
        for chapter_id in ids[:2]:
            await gatherings.answer(town.store, admin, again, chapter_id, noon(held + timedelta(days=2)), took_part=True)
        assert await town.measure("branch_gatherings", TODAY, as_of) == Measured(1, 3, 3, held)

    async def test_a_gathering_before_the_goal_does_not_count(self, town: Growing, as_of: date | None) -> None:
        branch = await town.branch("GB")
        ids = [await town.chapter(name, branch_id=branch) for name in ("London", "Leeds")]
        held = date(2026, 10, 7)
        made = await town.gathers(branch, held, "London", "Leeds")
        for chapter_id in ids:
            await gatherings.answer(town.store, admin, made, chapter_id, noon(held), took_part=True)
        await town.adopts("branch_gatherings", date(2026, 11, 1))
        assert (await town.measure("branch_gatherings", TODAY, as_of)).value == 0

    async def test_a_figure_recorded_by_hand_is_the_newest_of_its_goal(self, town: Growing, as_of: date | None) -> None:
        await town.adopts("manual", name="Translators")
        await town.adopts("manual", name="Rooms")
        for value, day in ((5, "2026-11-10"), (4, "2026-10-01"), (6, "2026-11-10")):
            await goals.record(town.store, cora, "translators", value, day, noon(TODAY))
        board = await town.board(TODAY, as_of)
        assert [each.measured for each in board.standings] == [Measured(6, oldest=date(2026, 11, 10)), Measured(None)]

    async def test_the_balance_is_that_of_the_last_month_end(self, town: Growing, as_of: date | None) -> None:
        ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        for chapter_id in ids:
            await town.counts(chapter_id, date(2026, 9, 12), 6, 10, 1)
        await town.reports(ids[0], OCTOBER, date(2026, 11, 2), members=60)
        await town.adopts("gender_balance")
        board = await town.board(TODAY, as_of)
        assert board.standings[0].measured == Measured(37, 3, 3, date(2026, 9, 12))
        assert (board.shares, board.balance_on) == ({"women": 35, "men": 59, "another": 6, "rather_not_say": 0}, date(2026, 10, 31))
        assert not board.standings[0].reached

    async def test_a_balance_of_fewer_than_half_of_the_members_is_not_known(self, town: Growing, as_of: date | None) -> None:
        ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
        for chapter_id in ids:
            await town.counts(chapter_id, date(2026, 9, 12), 10, 10)
        await town.adopts("gender_balance")
        await town.adopts("members")
        for outside, value in ((120, 50), (121, None)):
            await goals.record(town.store, cora, "members", outside, "2026-11-20", noon(TODAY))
            assert (await town.measure("gender_balance", TODAY, as_of)).value == value

    async def test_archived_chapters_are_in_no_figure(self, town: Growing, as_of: date | None) -> None:
        ids = [await town.chapter(name) for name in ("London", "Leeds")]
        for chapter_id in ids:
            await town.reports(chapter_id, OCTOBER, date(2026, 11, 2), members=40, met=10)
            await town.does(chapter_id, date(2026, 11, 3))
            await town.collects(chapter_id, date(2026, 11, 3))
            await town.says(Key.DELEGATE, "yes", date(2026, 11, 3), chapter_id=chapter_id)
        await town.becomes(ids[1], State.ARCHIVED, date(2026, 11, 20))
        metrics = ["members", "active_members", "functioning_chapters", "dues_bodies", "delegates", "reporting_chapters"]
        for metric in (*metrics, "checkins:meeting"):
            await town.adopts(metric)
        board = await town.board(TODAY, as_of)
        assert [(each.measured.value, each.measured.chapters) for each in board.standings] == [(40, 1), (10, 1), *[(1, 1)] * 5]
        before = await town.board(TODAY, date(2026, 11, 19))
        assert [(each.measured.value, each.measured.chapters) for each in before.standings] == [(80, 2), (20, 2), *[(2, 2)] * 5]


async def test_a_hidden_chapter_counts_only_where_three_stand_behind_a_figure(town: Growing) -> None:
    ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto")]
    await town.hides(ids[0])
    await town.adopts("members")
    await town.adopts("functioning_chapters")
    await town.adopts("checkins:meeting")
    for chapter_id in ids[:2]:
        await town.reports(chapter_id, OCTOBER, date(2026, 11, 2), members=40)
        await town.does(chapter_id, date(2026, 11, 3))
    for as_of in (None, YESTERDAY):
        board = await town.board(TODAY, as_of)
        assert [(each.measured.value, each.measured.behind, each.measured.chapters) for each in board.standings] == [
            (40, 1, 3),
            (1, 1, 3),
            (1, 1, 3),
        ]
    await town.reports(ids[2], OCTOBER, date(2026, 11, 2), members=40)
    await town.does(ids[2], date(2026, 11, 3))
    for as_of in (None, YESTERDAY):
        board = await town.board(TODAY, as_of)
        assert [each.measured.value for each in board.standings] == [120, 3, 3]


async def test_two_chapters_of_which_one_is_hidden_are_counted_as_one(town: Growing) -> None:
    ids = [await town.chapter(name) for name in ("London", "Leeds")]
    await town.hides(ids[0])
    await town.adopts("members")
    assert (await town.measure("members", TODAY)).chapters == 1


async def test_as_of_takes_goals_policy_and_states_of_that_day(town: Growing) -> None:
    london = await town.chapter("London")
    await town.reports(london, OCTOBER, date(2026, 11, 2))
    await town.does(london, date(2026, 10, 20))
    await town.adopts("functioning_chapters", date(2026, 11, 3), target=10)
    await town.set_policy("together_days", 14, date(2026, 11, 10))
    assert (await town.measure("functioning_chapters", TODAY, date(2026, 11, 9))).value == 1
    assert (await town.measure("functioning_chapters", TODAY, date(2026, 11, 10))).value == 0
    assert (await town.measure("functioning_chapters", TODAY)).value == 0
    assert (await town.board(TODAY, date(2026, 11, 2))).standings == ()


async def test_a_report_is_known_from_the_day_it_was_published(town: Growing) -> None:
    london = await town.chapter("London")
    await town.adopts("members")
    await town.reports(london, SEPTEMBER, date(2026, 10, 2), members=30)
    await town.reports(london, OCTOBER, date(2026, 11, 9), members=40)
    assert (await town.measure("members", TODAY, date(2026, 11, 8))).value == 30
    assert (await town.measure("members", TODAY, date(2026, 11, 9))).value == 40
    assert (await town.measure("members", TODAY, date(2026, 10, 1))).value is None


async def test_just_after_midnight_yesterday_is_not_told_as_it_was_while_it_went_on(town: Growing) -> None:
    london = await town.chapter("London")
    await town.adopts("checkins:meeting", date(2026, 11, 1))
    await town.does(london, TODAY)  # there the day has begun already
    midnight = noon(TODAY) - timedelta(hours=12)
    before = await goals.progress(town.store, mo, midnight - timedelta(seconds=20))
    after = await goals.progress(town.store, mo, midnight + timedelta(seconds=20), str(YESTERDAY))
    assert [board.standings[0].measured.value for board in (before, after)] == [1, None]


async def test_where_the_policy_asks_for_more_past_days_ask_for_more_as_well(town: Growing) -> None:
    london = await town.chapter("London")
    await town.adopts("functioning_chapters")
    await town.set_policy("together_count", 3, date(2026, 9, 1))
    await town.reports(london, SEPTEMBER, date(2026, 10, 2))
    for day in (1, 8, 15):
        await town.does(london, date(2026, 10, day))
    day, lapses = date(2026, 10, 15), date(2026, 10, 1) + timedelta(days=45)
    assert (await town.measure("functioning_chapters", TODAY, day - timedelta(days=1))).value == 0
    assert (await town.measure("functioning_chapters", TODAY, day)).value == 1
    for before, risky in ((8, 0), (7, 1)):
        assert (await town.board(TODAY, lapses - timedelta(days=before))).at_risk == risky
    assert (await town.measure("functioning_chapters", TODAY, lapses - timedelta(days=1))).value == 1
    assert (await town.measure("functioning_chapters", TODAY, lapses)).value == 0


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        ("2026-11-23", "The day can be from 1 January 2025 to 22 November 2026. You gave 23 November 2026."),
        ("2024-12-31", "The day can be from 1 January 2025 to 22 November 2026. You gave 31 December 2024."),
        ("0001-01-01", "“0001-01-01” is not a day that I can read. Write it like 2026-11-22, or write today or yesterday."),
    ],
)
async def test_a_day_out_of_range_is_refused_with_the_range(town: Growing, as_of: str, said: str) -> None:
    assert await refusal(goals.progress(town.store, mo, noon(TODAY), as_of)) == said


async def test_only_coordinators_adopt_and_record(town: Growing) -> None:
    await town.adopts("members")
    said = "Only coordinators can do this. Ask one of them."
    assert await refusal(goals.add(town.store, mo, "delegates", 5, None, None, noon(TODAY))) == said
    assert await refusal(goals.record(town.store, admin, "members", 5, None, noon(TODAY))) == said


async def test_nothing_is_shown_where_nobody_has_set_it_up(town: Growing) -> None:
    said = "Chapterhouse is not set up here yet. Somebody who may manage this server can type /setup."
    assert await refusal(goals.progress(town.store, Caller(MO, 2), noon(TODAY))) == said


@pytest.mark.parametrize(
    ("metric", "target", "deadline", "name", "said"),
    [
        ("happiness", 5, None, None, "Nothing called “happiness” can be measured here. Choose one from the list."),
        ("gender_balance", 51, None, None, "The target can be from 1 to 50. You gave 51."),
        ("delegates", 0, None, None, "The target can be from 1 to 1,000,000,000. You gave 0."),
        ("delegates", 5, "2026-11-22", None, "The deadline must be after today. You gave 22 November 2026."),
        ("delegates", 5, "soon", None, "“soon” is not a day that I can read. Write it like 2027-05-22."),
        ("manual", 5, None, None, "A figure recorded by hand needs a name. Say in the option name what it counts."),
        ("members", 5, None, None, "There is a goal Members already. Give this one a name of its own."),
        ("manual", 5, None, "MEMBERS", "There is a goal MEMBERS already. Give this one a name of its own."),
        (
            "delegates",
            5,
            None,
            "a, b",
            "The name cannot have a comma or a line break, because they separate the names in a list. Write it without.",
        ),
    ],
)
async def test_a_goal_that_cannot_be_is_refused_with_what_would_be_right(
    town: Growing, metric: str, target: int, deadline: str | None, name: str | None, said: str
) -> None:
    await town.adopts("members")
    assert await refusal(goals.add(town.store, cora, metric, target, deadline, name, noon(TODAY))) == said
    async with town.store.read() as c:
        assert await c.scalar(select(func.count()).select_from(goal_revision)) == 1


async def test_two_goals_of_one_metric_are_told_apart_by_their_names(town: Growing) -> None:
    await town.adopts("members", target=5000)
    await town.adopts("members", name="Ten thousand", target=10000)
    one = await goals.one_goal(town.store, mo, "ten THOUSAND", noon(TODAY))
    assert one.standing.goal.target == 10000
    await town.adopts("members", name="One thousand", target=1000)
    assert (await goals.one_goal(town.store, mo, "members", noon(TODAY))).standing.goal.target == 5000
    for each in await goals.known(town.store, mo, ["members"]):
        if each.name is None:
            await goal_revisions.retire(town.store, cora, each.id, noon(TODAY))
    said = "Several goals measure this. Which do you mean, Ten thousand or One thousand?"
    assert await refusal(goals.one_goal(town.store, mo, "members", noon(TODAY))) == said


async def test_a_deadline_that_has_passed_is_told_as_past(town: Growing) -> None:
    await town.adopts("members")
    board = await town.board(TODAY)
    assert "All goals are due 1 January 2030." in told(cards.board_card(board))
    assert "All goals are due 1 January 2030." in told(cards.board_card(replace(board, day=date(2030, 1, 1))))
    assert "The deadline of all goals was 1 January 2030." in told(cards.board_card(replace(board, day=date(2030, 1, 2))))


async def test_an_unknown_goal_is_refused_with_those_there_are(town: Growing) -> None:
    await town.adopts("members")
    await town.adopts("delegates")
    said = "There is no goal “peace”. Choose one: Members or Chapters with a delegate."
    assert await refusal(goals.one_goal(town.store, mo, "peace", noon(TODAY))) == said


@pytest.mark.parametrize(
    ("wanted", "value", "day", "said"),
    [
        (
            "delegates",
            5,
            None,
            "Chapters with a delegate is counted from what chapters record, so no figure can be recorded by hand. Choose another goal.",
        ),
        ("members", -1, None, "The figure can be from 0 to 1,000,000,000. You gave -1."),
        ("members", 5, "2026-11-23", "The day can be from 18 October 2025 to 22 November 2026. You gave 23 November 2026."),
    ],
)
async def test_a_figure_that_cannot_be_is_refused(town: Growing, wanted: str, value: int, day: str | None, said: str) -> None:
    await town.adopts("members")
    await town.adopts("delegates")
    assert await refusal(goals.record(town.store, cora, wanted, value, day, noon(TODAY))) == said


async def test_every_change_of_goals_stands_in_the_open_log_without_its_figures(town: Growing) -> None:
    goal = await town.adopts("manual", TODAY, name="Rooms")
    await goals.record(town.store, cora, "rooms", 7, None, noon(TODAY))
    async with town.store.read() as c:
        rows = (await c.execute(select(change.c.kind, change.c.made_by, change.c.goal_id, change.c.fields).order_by(change.c.id))).all()
    assert [tuple(row) for row in rows] == [
        ("goal.add", CORA, goal.id, ["deadline", "name", "target"]),
        ("goal.record", CORA, goal.id, ["figure"]),
    ]


async def test_progress_takes_a_handful_of_searches_however_many_chapters_there_are(town: Growing, statements: Statements) -> None:
    async with town.store.write() as c:
        await goals.create_first_goals(c, GUILD, FOUNDED, noon(FOUNDED), CORA)
    for n in range(8):
        chapter_id = await town.chapter(f"Town {n}")
        await town.reports(chapter_id, OCTOBER, date(2026, 11, 2))
        await town.does(chapter_id, date(2026, 11, 3))
        await town.counts(chapter_id, date(2026, 9, 12), 6, 10)
    await town.board(TODAY)
    statements.clear()
    await town.board(TODAY)
    assert len(statements) <= 10
    assert not any("SCAN summary" in plan or "SCAN chapter" in plan for plan in await statements.plans(town.store))


@pytest.mark.parametrize("metric", METRICS)
async def test_a_past_day_is_counted_by_searches_whichever_goal_there_is(town: Growing, statements: Statements, metric: str) -> None:
    await town.reports(await town.chapter("London"), OCTOBER, date(2026, 11, 2))
    async with town.store.read() as c:
        for hidden in (True, False):
            await tallies.tally(c, GUILD, At(YESTERDAY, noon(TODAY), noon(TODAY)), Policy(), {metric}, hidden=hidden)
    plans = "\n".join(await statements.plans(town.store))
    assert re.findall("^SCAN (?:report|money|dues|delegate|evidence).*", plans, re.MULTILINE) == []


async def test_a_goals_history_is_what_was_kept_at_month_ends(town: Growing) -> None:
    london = await town.chapter("London")
    goal = await town.adopts("members", date(2026, 9, 15))
    await town.reports(london, SEPTEMBER, date(2026, 10, 2), members=30)
    await town.keeps(YESTERDAY)
    one = await goals.one_goal(town.store, mo, goal.id, noon(TODAY))
    assert [(day, measured.value) for day, measured in one.points] == [(date(2026, 9, 30), None), (date(2026, 10, 31), 30)]


class TestDailyValues:
    async def test_each_day_from_the_first_goal_to_yesterday_is_kept_once(self, town: Growing) -> None:
        await town.adopts("members", date(2026, 11, 10))
        await town.adopts("delegates", date(2026, 11, 20))
        for _ in range(2):
            await town.keeps(YESTERDAY)
            async with town.store.read() as c:
                rows = await c.execute(
                    select(goal_value.c.goal_id, func.count(), func.min(goal_value.c.day)).group_by(goal_value.c.goal_id)
                )
                assert [tuple(row)[1:] for row in rows] == [(12, date(2026, 11, 10)), (2, date(2026, 11, 20))]

    async def test_an_entry_that_comes_late_has_its_days_worked_out_again(self, town: Growing) -> None:
        london = await town.chapter("London")
        goal = await town.adopts("checkins:meeting", date(2026, 11, 1))
        await town.does(london, date(2026, 11, 5))
        await town.keeps(date(2026, 11, 10))
        entered = checkins.Entered("meeting", "2026-11-04", 5, "online", False)
        await checkins.record(town.store, admin, london, entered, "late", noon(date(2026, 11, 12)))
        await town.keeps(YESTERDAY)
        found = [await town.kept(goal.id, date(2026, 11, day)) for day in (10, 11)]
        assert [each and each.value for each in found] == [2, 2]

    async def test_a_long_outage_is_made_up_for_a_month_at_a_time(self, town: Growing) -> None:
        await town.adopts("members", date(2026, 9, 1))
        organisation = await town.organisation()
        assert await goals.keep_daily(town.store, organisation, noon(TODAY))
        async with town.store.read() as c:
            assert await c.scalar(select(func.count()).select_from(goal_value)) == 31
        assert await goals.keep_daily(town.store, organisation, noon(TODAY))
        assert not await goals.keep_daily(town.store, organisation, noon(TODAY))
        assert (await town.organisation()).valued_through == YESTERDAY

    async def test_days_are_those_of_the_organisations_zone(self, store: Store) -> None:
        town = Growing(store)
        await town.set_up("Pacific/Auckland")
        await town.adopts("members", date(2026, 11, 20))
        # Noon in UTC is the next day in Auckland.
        assert not await goals.keep_daily(store, await town.organisation(), noon(TODAY))
        assert (await town.organisation()).valued_through == date(2026, 11, 22)

    async def test_an_organisation_without_goals_keeps_nothing(self, town: Growing) -> None:
        assert not await goals.keep_daily(town.store, await town.organisation(), noon(TODAY))
        assert (await town.organisation()).valued_through is None


KINDS = ("meet", "learn", "report", "collect", "stop", "delegate", "count", "rest", "wake", "archive")
STEP = st.tuples(st.integers(0, 9), st.integers(0, 3), st.sampled_from(KINDS))


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=5, max_size=14))
async def test_past_days_equal_what_was_kept_and_today_equals_what_the_entries_say(
    template: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, str]]
) -> None:
    path = shutil.copy(template, tmp_path_factory.mktemp("history") / "chapterhouse.db")
    store = await Store.open(f"sqlite+aiosqlite:///{path}")
    try:
        await _compare(Growing(store), steps)
    finally:
        await store.close()


async def _compare(town: Growing, steps: list[tuple[int, int, str]]) -> None:
    await town.set_up()
    ids = [await town.chapter(name) for name in ("London", "Leeds", "Porto", "York")]
    await town.hides(ids[3])
    metrics = ["members", "active_members", "functioning_chapters", "gender_balance", "dues_bodies", "delegates", "reporting_chapters"]
    day, looked = date(2026, 3, 1), []
    adopted = [await town.adopts(metric, day) for metric in (*metrics, "checkins:meeting")]
    for days, n, step in steps:
        day += timedelta(days=days)
        await town.keeps(day - timedelta(days=1))
        await _step(town, ids[n], step, day)
        looked.append(day)
        today, entries = await town.board(day), await _from_entries(town, day)
        assert (today.standings, today.at_risk, today.shares) == (entries.standings, entries.at_risk, entries.shares)
    await town.keeps(day)
    for past in dict.fromkeys(looked):
        board = await town.board(day + timedelta(days=1), past)
        assert [each.measured for each in board.standings] == [await town.kept(goal.id, past) for goal in adopted]


async def _from_entries(town: Growing, day: date) -> Board:
    """The board of a day that is not over, found as that of a past day would be."""
    organisation = await town.organisation()
    return await boards.of_day(town.store, organisation, goals.end_of(organisation, day, noon(day)))


async def _step(town: Growing, chapter_id: int, step: str, day: date) -> None:
    try:
        match step:
            case "meet" | "learn":
                await town.does(chapter_id, day, learns=step == "learn")
            case "report":
                await town.reports(chapter_id, Month.of(day).plus(-1), day, members=day.day, met=day.day // 2)
            case "collect" | "stop":
                await town.says(Key.MONEY, "cash_box", day, chapter_id=chapter_id)
                await town.says(Key.DUES, "collecting" if step == "collect" else "declined", day, chapter_id=chapter_id)
            case "delegate":
                await town.says(Key.DELEGATE, "yes" if day.day % 2 else "no", day, chapter_id=chapter_id)
            case "count":
                await town.counts(chapter_id, day, 10 + day.day, 20, 3)
            case "rest":
                await town.becomes(chapter_id, State.RESTING, day, day + timedelta(days=day.day))
            case "wake" | "archive":
                await town.becomes(chapter_id, State.ACTIVE if step == "wake" else State.ARCHIVED, day)
    except Refusal:
        pass
