"""Goals that are changed or given up: each is a dated revision, so that past days keep the goal that they had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain import calendar, checkins, goals, proposals, rights
from bot.domain.chapters import check_name
from bot.domain.goals import Goal
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access
from bot.services.drafts import KEPT_FOR
from bot.services.goals import require_direct
from db import changes, pending
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
    store: Store,
    caller: Caller,
    wanted: str,
    target: int | None,
    deadline: str | None,
    name: str | None,
    now: datetime,
    why: str | None = None,
) -> Edited:
    """Puts what is given of a goal in force from now on; what it says already changes nothing."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        await require_direct(c, organisation)
        edited = changed(await stored.in_force(c, organisation.guild_id), wanted, target, deadline, name, organisation.zone, now)
        before, after = edited.before, edited.after
        if after != before:
            await stored.revise(c, organisation.guild_id, after, now, caller.user_id, why=proposals.check_why(why))
            fields = [field for field in ("target", "deadline", "name") if getattr(after, field) != getattr(before, field)]
            await changes.log(c, organisation.guild_id, "goal.edit", now, caller.user_id, goal_id=before.id, fields=fields)
    return Edited(before, after)


def changed(
    in_force: Sequence[Goal], wanted: str, target: int | None, deadline: str | None, name: str | None, zone: ZoneInfo, now: datetime
) -> Edited:
    """One of the goals in force as it is, and as it would be with what is given of it."""
    before = goals.find(in_force, wanted)
    today = calendar.today(now, zone)
    due = None if deadline is None else checkins.parse_day(deadline, today, ahead=True)
    tidy = None if name is None else check_name(name, text("The name"))
    others = [goal for goal in in_force if goal.id != before.id]
    return Edited(before, goals.changed(before, target, due, tidy, others, today))


async def to_retire(store: Store, caller: Caller, wanted: str, why: str | None, form_key: str, now: datetime) -> Goal:
    """The goal that somebody wants to give up, before they confirm it; why is kept until then."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        await require_direct(c, organisation)
        goal = goals.find(await stored.in_force(c, organisation.guild_id), wanted)
        if tidy := proposals.check_why(why):
            await pending.keep(c, organisation.guild_id, form_key, caller.user_id, {"retire": goal.id, "why": tidy}, now)
        return goal


async def retire(store: Store, caller: Caller, goal_id: int, now: datetime, form_key: str = "") -> Retired:
    """Gives a goal up from today on; past days keep it, and a second time changes nothing."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        await require_direct(c, organisation)
        found = await stored.find(c, organisation.guild_id, goal_id)
        if found is None:
            raise Refusal(text("This goal is not in force any more. Type /progress to see those that are."))
        goal, retired = found
        if not retired:
            kept = await pending.find(c, organisation.guild_id, form_key, caller.user_id, now - KEPT_FOR) or {}
            why = kept.get("why") if kept.get("retire") == goal_id else None
            await stored.revise(c, organisation.guild_id, goal, now, caller.user_id, retired=True, why=why)
            await changes.log(c, organisation.guild_id, "goal.retire", now, caller.user_id, goal_id=goal_id)
        return Retired(goal, retired)


async def _coordinated(c: Connection, caller: Caller) -> Organisation:
    organisation = await access.organisation(c, caller)
    rights.require(Action.CHANGE_GOALS, access.roles_in(organisation, caller))
    return organisation
