"""Goals as stored: revisions, figures and daily values, each organisation's own."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.goals import Goal, Measured, Standing
from db import goals, organisations
from db.goals import Figure
from db.store import Store

HERE, ELSEWHERE = 1, 2
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = date(2026, 11, 21)
LATER = NOW + timedelta(days=1)


@pytest.fixture
async def goal(store: Store) -> Goal:
    """A goal of one of two organisations."""
    async with store.write() as c:
        for guild_id in (HERE, ELSEWHERE):
            await organisations.create(c, guild_id, NOW)
        adopted = Goal(await goals.add(c, HERE, "members", NOW), "members", None, 5000, DAY, date(2028, 6, 30))
        await goals.revise(c, HERE, adopted, NOW, 7)
    return adopted


async def test_the_newest_revision_before_a_moment_is_in_force(store: Store, goal: Goal) -> None:
    revised = Goal(goal.id, "members", "More", 6000, goal.starts, goal.deadline)
    async with store.write() as c:
        await goals.revise(c, HERE, revised, LATER, 7)
        assert await goals.in_force(c, HERE) == [revised]
        assert await goals.in_force(c, HERE, LATER) == [goal]
        assert await goals.in_force(c, HERE, NOW) == []
        assert await goals.in_force(c, ELSEWHERE) == []
        assert await goals.first_adopted(c, HERE) == NOW
        assert await goals.first_adopted(c, ELSEWHERE) is None


async def test_a_retired_goal_is_not_in_force_but_was_there_once(store: Store, goal: Goal) -> None:
    async with store.write() as c:
        await goals.revise(c, HERE, goal, LATER, 7, retired=True)
        assert await goals.in_force(c, HERE) == []
        assert await goals.in_force(c, HERE, LATER) == [goal]
        assert await goals.any_ever(c, HERE)
        assert not await goals.any_ever(c, ELSEWHERE)


async def test_the_newest_figure_by_a_day_counts_and_of_one_day_the_one_stored_last(store: Store, goal: Goal) -> None:
    async with store.write() as c:
        for days, value in ((0, 10), (-5, 20), (0, 30), (3, 40)):
            await goals.add_figure(c, HERE, goal.id, DAY + timedelta(days=days), value, NOW, 7)
        assert await goals.figures(c, HERE, DAY) == [Figure(goal.id, "members", DAY, 30)]
        assert await goals.figures(c, HERE, DAY - timedelta(days=1)) == [Figure(goal.id, "members", DAY - timedelta(days=5), 20)]
        assert await goals.figures(c, HERE, DAY - timedelta(days=6)) == []
        assert await goals.figures(c, ELSEWHERE, DAY) == []


async def test_a_value_worked_out_again_takes_the_place_of_the_one_before_and_days_are_never_undone(store: Store, goal: Goal) -> None:
    first, second = Measured(40, 1, 2, DAY), Measured(50, 2, 2, DAY)
    async with store.write() as c:
        await goals.keep_values(c, HERE, DAY, [Standing(goal, first)])
        await goals.keep_values(c, HERE, DAY, [Standing(goal, second)])
        await goals.keep_values(c, HERE, DAY - timedelta(days=1), [])
        assert await goals.values(c, HERE, goal.id, [DAY, DAY - timedelta(days=1)]) == [(DAY, second)]
        assert await goals.values(c, ELSEWHERE, goal.id, [DAY]) == []
        here, elsewhere = await organisations.find(c, HERE), await organisations.find(c, ELSEWHERE)
    assert here is not None
    assert here.valued_through == DAY
    assert elsewhere is not None
    assert elsewhere.valued_through is None


async def test_what_is_not_known_is_kept_as_not_known(store: Store, goal: Goal) -> None:
    async with store.write() as c:
        await goals.keep_values(c, HERE, DAY, [Standing(goal, Measured(None, 0, 3))])
        assert await goals.values(c, HERE, goal.id, [DAY]) == [(DAY, Measured(None, 0, 3))]
