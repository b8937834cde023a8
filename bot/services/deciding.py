"""The close of proposals: what the voices come to, what is put in force by it, and who hears of it."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain import calendar, goals, proposals
from bot.domain.goals import Goal
from bot.domain.proposals import Act, Outcome, State, Tally
from bot.domain.refusal import Refusal
from bot.services.proposals import View, show_again, view_of
from db import changes, outbox
from db import goals as stored_goals
from db import proposals as stored
from db.organisations import Organisation
from db.proposals import Stored
from db.store import Connection, Store

_KINDS = {State.ADOPTED: "goal.adopted", State.STOPPED: "goal.stopped", State.VOID: "goal.overtaken"}


async def close_due(store: Store, organisation: Organisation, now: datetime) -> None:
    """Decides every proposal whose time is over, one after another, each once: what is decided already is left as it is."""
    async with store.read() as c:
        due = await stored.due(c, organisation.guild_id, now)
    for proposal_id in due:
        async with store.write() as c:
            await _close(c, organisation, proposal_id, now)


async def _close(c: Connection, organisation: Organisation, proposal_id: int, now: datetime) -> None:
    found = await stored.find(c, organisation.guild_id, proposal_id)
    if found is None or found.state is not State.OPEN or found.closes_at > now:
        return
    # Chapters as they were at the close, however late the program comes to it.
    named, hidden = await stored.figures(c, found, found.closes_at)
    active = await stored.active_then(c, found, found.closes_at, found.closes_on)
    outcome = proposals.decide(found.rule, proposals.true(named, hidden, active))
    state, goal_id = State.STOPPED, found.goal_id
    if outcome is Outcome.ADOPTED:
        adopted = await _put_in_force(c, organisation, found)
        state, goal_id = (State.VOID, goal_id) if adopted is None else (State.ADOPTED, adopted)
    await stored.change(c, found.guild_id, found.id, state=state.value, goal_id=goal_id, decided_at=now, active=active)
    shown = proposals.shown(named, hidden, active, organisation.policy.sum_chapters)
    await changes.log(c, found.guild_id, _KINDS[state], now, None, goal_id=goal_id, fields=_figures(shown))
    await show_again(c, found.guild_id, found.id, now, "closed")
    objectors = await stored.objectors(c, found, found.closes_at)
    for user_id in dict.fromkeys((found.made_by, *(each.said_by for each in objectors))):
        if user_id is not None:
            key = f"proposal_closed:{found.id}:{found.version}:{user_id}"
            await outbox.put(c, found.guild_id, "proposal_closed", key, now, now, proposal_id=found.id, user_id=user_id)


def _figures(tally: Tally) -> list[str]:
    numbers = {"active": tally.active, "answered": tally.answered, "support": tally.support, "aside": tally.aside, "object": tally.object}
    return [f"{name}={number}" for name, number in numbers.items()]


async def _put_in_force(c: Connection, organisation: Organisation, found: Stored) -> int | None:
    """Puts what was adopted in force from the moment of the close; None where there is nothing left that it could change."""
    guild_id, content, at = found.guild_id, found.content, found.closes_at
    day = calendar.today(at, organisation.zone)
    in_force = await stored_goals.in_force(c, guild_id)
    others = [goal for goal in in_force if goal.id != found.goal_id]
    before = next((goal for goal in in_force if goal.id == found.goal_id), None)
    if (before is None) != (content.act is Act.ADD):
        return None
    try:
        if content.act is not Act.RETIRE:
            goals.check_new(others, content.metric, content.name)
    except Refusal:
        return None
    if before is None:
        made = await stored_goals.add(c, guild_id, content.metric, at)
        new = Goal(made, content.metric, content.name, content.target, day, content.deadline)
    else:
        new = replace(before, name=content.name, target=content.target, deadline=content.deadline)
    retired = content.act is Act.RETIRE
    await stored_goals.revise(c, guild_id, new, at, None, retired=retired, proposal_id=found.id)
    return new.id


@dataclass(frozen=True, slots=True)
class News:
    """What became of a proposal, for one who made it or objected."""

    view: View
    made: bool


async def news(c: Connection, organisation: Organisation, proposal_id: int, user_id: int, now: datetime) -> News | None:
    """What somebody is told at the close; None where it was opened again meanwhile."""
    found = await stored.find(c, organisation.guild_id, proposal_id)
    if found is None or found.state in (State.OPEN, State.WITHDRAWN):
        return None
    return News(await view_of(c, organisation, found, now), found.made_by == user_id)
