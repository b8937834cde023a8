"""Goals that are changed or given up: each is a dated revision, so that past days keep the goal that they had."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain import calendar, checkins, goals, rights
from bot.domain.chapters import check_name
from bot.domain.goals import Goal
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access
from db import changes
from db import goals as stored
from db.organisations import Organisation
from db.store import Connection, Store


@dataclass(frozen=True, slots=True)
class Edited:
    """A goal before and after a change; both are the same if it was so already."""

    before: Goal
    after: Goal


@dataclass(frozen=True, slots=True)
class Retired:
    """A goal that is no longer one, or (`again`) was none before."""

    goal: Goal
    again: bool


async def edit(
    store: Store, caller: Caller, wanted: str, target: int | None, deadline: str | None, name: str | None, now: datetime
) -> Edited:
    """Puts what is given of a goal in force from now on; what it says already changes nothing."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        in_force = await stored.in_force(c, organisation.guild_id)
        before = goals.find(in_force, wanted)
        today = calendar.today(now, organisation.zone)
        due = None if deadline is None else checkins.parse_day(deadline, today)
        tidy = None if name is None else check_name(name, text("The name"))
        others = [goal for goal in in_force if goal.id != before.id]
        after = goals.changed(before, target, due, tidy, others, today)
        if after != before:
            await stored.revise(c, organisation.guild_id, after, now, caller.user_id)
            fields = [field for field in ("target", "deadline", "name") if getattr(after, field) != getattr(before, field)]
            await changes.log(c, organisation.guild_id, "goal.edit", now, caller.user_id, goal_id=before.id, fields=fields)
    return Edited(before, after)


async def to_retire(store: Store, caller: Caller, wanted: str) -> Goal:
    """The goal that somebody wants to give up, before they confirm it."""
    async with store.read() as c:
        organisation = await _coordinated(c, caller)
        return goals.find(await stored.in_force(c, organisation.guild_id), wanted)


async def retire(store: Store, caller: Caller, goal_id: int, now: datetime) -> Retired:
    """Gives a goal up from today on; past days keep it, and a second time changes nothing."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        found = await stored.find(c, organisation.guild_id, goal_id)
        if found is None:
            raise Refusal(text("This goal is not in force any more. Type /progress to see those that are."))
        goal, retired = found
        if not retired:
            await stored.revise(c, organisation.guild_id, goal, now, caller.user_id, retired=True)
            await changes.log(c, organisation.guild_id, "goal.retire", now, caller.user_id, goal_id=goal_id)
        return Retired(goal, retired)


async def _coordinated(c: Connection, caller: Caller) -> Organisation:
    organisation = await access.organisation(c, caller)
    rights.require(Action.CHANGE_GOALS, access.roles_in(organisation, caller))
    return organisation
