"""A missed deadline is an occasion to evaluate: all members are invited by one message, and nothing ends by it.

It goes where reports go: that is the one channel that all members are known to read and in which they answer each other.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain import calendar, errands
from bot.domain.calendar import Month
from bot.domain.goals import Goal, Measured, Standing
from db import evaluations, outbox
from db import goals as stored
from db.organisations import Organisation
from db.store import Connection, Store

USEFUL = timedelta(days=30)
"""So long after a deadline the invitation is still sent, if the program was away."""
VOICES, LOOKED_AT = 5, 50


@dataclass(frozen=True, slots=True)
class Quote:
    """What is hard for a chapter, in a report that it let others quote."""

    chapter: str
    period: Month
    words: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A goal whose deadline has passed unreached: its value on that day, and what chapters say is hard."""

    goal: Goal
    deadline: date
    target: int
    then: Measured
    quotes: tuple[Quote, ...]


def key(goal_id: int, deadline: date) -> str:
    """What makes an invitation the same one, so that it goes out once."""
    return f"deadline:{goal_id}:{deadline}"


async def owe(store: Store, organisation: Organisation, now: datetime) -> None:
    """Owes the invitation for each goal whose deadline is over and whose value on that day, which is kept by then, was below its target."""
    today = calendar.today(now, organisation.zone)
    async with store.read() as c:
        past = [goal for goal in await stored.in_force(c, organisation.guild_id) if today - USEFUL <= goal.deadline < today]
        missed = [goal for goal in past if await _unreached(c, organisation.guild_id, goal)]
    if missed:
        async with store.write() as c:
            for goal in missed:
                begins = calendar.start_of(goal.deadline + calendar.ONE_DAY, organisation.zone)
                due = errands.in_sending_hours(max(begins, now), organisation.policy, organisation.zone)
                day, ends = str(goal.deadline), begins + USEFUL
                await outbox.put(
                    c,
                    organisation.guild_id,
                    "deadline",
                    key(goal.id, goal.deadline),
                    due,
                    now,
                    expires_at=ends,
                    goal_id=goal.id,
                    deadline=day,
                )


async def _unreached(c: Connection, guild_id: int, goal: Goal) -> bool:
    kept = await stored.values(c, guild_id, goal.id, [goal.deadline])
    return bool(kept) and not Standing(goal, kept[0][1]).reached


async def missed(c: Connection, organisation: Organisation, goal_id: int, deadline: date, *, anew: bool = False) -> Missed | None:
    """What the invitation says; None where the goal was given up or (unless it is shown `anew`) has another deadline by now."""
    guild_id = organisation.guild_id
    found = await stored.find(c, guild_id, goal_id)
    kept = await stored.values(c, guild_id, goal_id, [deadline])
    if found is None or not kept or (not anew and (found[1] or found[0].deadline != deadline)):
        return None
    as_it_was = await stored.in_force(c, guild_id, calendar.start_of(deadline + calendar.ONE_DAY, organisation.zone))
    goal = next((each for each in as_it_was if each.id == goal_id), found[0])
    return Missed(goal, deadline, goal.target, kept[0][1], await _quotes(c, guild_id))


async def _quotes(c: Connection, guild_id: int) -> tuple[Quote, ...]:
    """What is hard by the newest reports that may be quoted, one of each chapter, by name and not by figures."""
    newest: dict[str, Quote] = {}
    for chapter, period, words in await evaluations.shared(c, guild_id, LOOKED_AT):
        if len(newest) < VOICES:
            newest.setdefault(chapter, Quote(chapter, period, words))
    return tuple(sorted(newest.values(), key=lambda quote: quote.chapter.casefold()))


async def show_again(c: Connection, guild_id: int, now: datetime) -> None:
    """Owes every invitation that went out its present state: a chapter does not want to be quoted or named any more."""
    for goal_id, deadline in await evaluations.deadlines_before(c, guild_id, now.date()):
        if await outbox.sent_under(c, guild_id, key(goal_id, deadline)) is not None:
            again = f"deadline_show:{goal_id}:{deadline}:{int(now.timestamp() * 1000)}"
            await outbox.put(c, guild_id, "deadline_show", again, now, now, goal_id=goal_id, deadline=str(deadline))
