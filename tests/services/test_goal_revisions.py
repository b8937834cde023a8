"""Goals that are changed or given up: what holds from then on, and what past days keep."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.domain.refusal import Refusal
from bot.locales import plain
from bot.services import goal_revisions, goals
from bot.services.goal_revisions import Edited
from db.store import Store
from db.tables import change
from tests.services.growing import Growing, admin, cora, mo, noon

ADOPTED = date(2026, 11, 1)
TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
async def town(store: Store) -> Growing:
    """An organisation with a goal of members, and one of rooms that is recorded by hand."""
    growing = Growing(store)
    await growing.set_up()
    await growing.adopts("members", ADOPTED, target=5000)
    await growing.adopts("manual", ADOPTED, name="Rooms", target=12)
    return growing


async def refusal(awaited: object) -> str:
    """The words with which something is refused."""
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return plain(refused.value.reason, "en")


async def edited(
    town: Growing, wanted: str, *, target: int | None = None, deadline: str | None = None, name: str | None = None, on: date = TODAY
) -> Edited:
    """What Cora is told who changes a goal."""
    return await goal_revisions.edit(town.store, cora, wanted, target, deadline, name, noon(on))


async def logged(town: Growing) -> list[tuple[str, list[str]]]:
    """Kinds and fields of the open log's lines after the goals were adopted."""
    async with town.store.read() as c:
        rows = await c.execute(select(change.c.kind, change.c.fields).where(change.c.kind != "goal.add").order_by(change.c.id))
        return [(row.kind, row.fields) for row in rows]


async def targets(town: Growing, as_of: date | None = None) -> list[tuple[str | None, int, date]]:
    """The goals in force on a day, as asked today."""
    board = await town.board(TODAY, as_of)
    return [(each.goal.name, each.goal.target, each.goal.deadline) for each in board.standings]


async def test_a_change_holds_from_its_day_on_and_past_days_keep_the_goal_that_they_had(town: Growing) -> None:
    before = await targets(town)
    done = await edited(town, "members", target=4000, deadline="2029-06-30")
    assert (done.before.target, done.after.target, done.after.starts) == (5000, 4000, ADOPTED)
    assert await targets(town) == [(None, 4000, date(2029, 6, 30)), before[1]]
    assert await targets(town, YESTERDAY) == before
    assert await logged(town) == [("goal.edit", ["deadline", "target"])]


async def test_only_what_is_given_is_changed(town: Growing) -> None:
    await edited(town, "rooms", name="Rooms we can use")
    await edited(town, "rooms we CAN use", target=20)
    assert (await targets(town))[1] == ("Rooms we can use", 20, date(2030, 1, 1))
    assert [line[1] for line in await logged(town)] == [["name"], ["target"]]


async def test_the_same_again_changes_nothing(town: Growing) -> None:
    for given in ({"target": 5000}, {"deadline": "2030-01-01"}, {"name": "members"}, {"target": 5000, "name": "Members"}):
        done = await edited(town, "members", **given)  # type: ignore[arg-type]
        assert done.before == done.after
    assert await logged(town) == []


async def test_a_goal_that_measures_something_can_be_named_and_lose_its_name_again(town: Growing) -> None:
    assert (await edited(town, "members", name="Five thousand")).after.name == "Five thousand"
    assert (await edited(town, "five thousand", name="MEMBERS")).after.name is None


async def test_a_goal_whose_deadline_has_passed_can_still_be_changed(town: Growing) -> None:
    later = date(2030, 2, 1)
    assert (await edited(town, "members", target=6000, on=later)).after.deadline == date(2030, 1, 1)
    assert (await edited(town, "members", deadline="2030-01-01", target=7000, on=later)).after.target == 7000
    assert "The deadline must be after today." in await refusal(edited(town, "members", deadline="2030-01-02", on=later))


async def test_what_cannot_be_is_refused_and_nothing_is_changed(town: Growing) -> None:
    await town.adopts("gender_balance", ADOPTED, target=40)
    before = await targets(town)
    for wanted, given, said in (
        ("members", {}, "Say what to change: the target, the deadline or the name."),
        ("members", {"target": 0}, "The target can be from 1 to"),
        ("gender balance", {"target": 51}, "The target can be from 1 to 50. You gave 51."),
        ("members", {"deadline": "2026-11-22"}, "The deadline must be after today."),
        ("members", {"deadline": "some day"}, "“some day” is not a day that I can read."),
        ("members", {"name": "ROOMS"}, "There is a goal ROOMS already. Give this one a name of its own."),
        ("rooms", {"name": "Gender balance"}, "There is a goal Gender balance already."),
        ("rooms", {"name": "a,b"}, "The name cannot have a comma"),
        ("rooms", {"name": "x" * 61}, "The name is 1 character too long"),
        ("rooms", {"target": 5, "name": "😀" * 30}, "The name needs at least one letter or digit."),
        ("peace", {"target": 5}, "There is no goal “peace”. Choose one:"),
    ):
        assert said in await refusal(edited(town, wanted, **given))  # type: ignore[arg-type]
    for caller in (mo, admin):
        for awaited in (
            goal_revisions.edit(town.store, caller, "members", 1, None, None, noon(TODAY)),
            goal_revisions.to_retire(town.store, caller, "members", None, "form", noon(TODAY)),
            goal_revisions.retire(town.store, caller, 1, noon(TODAY)),
        ):
            assert await refusal(awaited) == "Only coordinators can do this. Ask one of them."
    assert await targets(town) == before
    assert await logged(town) == []


async def test_a_retired_goal_is_in_force_on_past_days_only_and_twice_changes_nothing(town: Growing) -> None:
    await goals.record(town.store, cora, "rooms", 5, "2026-11-10", noon(TODAY))
    goal = await goal_revisions.to_retire(town.store, cora, "rooms", None, "form", noon(TODAY))
    assert not (await goal_revisions.retire(town.store, cora, goal.id, noon(TODAY))).again
    assert (await goal_revisions.retire(town.store, cora, goal.id, noon(TODAY))).again
    assert [name for name, _, _ in await targets(town)] == [None]
    past = (await town.board(TODAY, YESTERDAY)).standings[1]
    assert (past.goal.name, past.measured.value) == ("Rooms", 5)
    assert [kind for kind, _ in await logged(town)] == ["goal.record", "goal.retire"]
    assert "There is no goal “rooms”." in await refusal(goal_revisions.to_retire(town.store, cora, "rooms", None, "form", noon(TODAY)))
    assert "There is no goal “rooms”." in await refusal(edited(town, "rooms", target=3))
    assert (await town.adopts("manual", TODAY, name="Rooms")).id != goal.id


async def test_a_goal_of_another_server_cannot_be_retired(town: Growing) -> None:
    for goal_id in (0, 77, 2**62):
        assert "not in force any more" in await refusal(goal_revisions.retire(town.store, cora, goal_id, noon(TODAY)))


async def test_the_days_kept_of_a_retired_goal_stay_as_they_were(town: Growing) -> None:
    await goals.record(town.store, cora, "rooms", 5, "2026-11-10", noon(TODAY))
    goal = await goal_revisions.to_retire(town.store, cora, "rooms", None, "form", noon(TODAY))
    await town.keeps(YESTERDAY)
    await goal_revisions.retire(town.store, cora, goal.id, noon(TODAY))
    await town.keeps(TODAY + timedelta(days=1))
    kept = await town.kept(goal.id, YESTERDAY)
    assert kept is not None
    assert kept.value == 5
    assert await town.kept(goal.id, TODAY) is None
