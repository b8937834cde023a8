"""Proposals as everybody may see them: what is proposed, what chapters say to it, and that its message keeps itself up to date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import calendar, proposals
from bot.domain.goals import Goal
from bot.domain.proposals import Outcome, State, Tally, Voice
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller, Role
from bot.domain.text import text
from bot.services import access
from db import chapters, organisations, outbox
from db import goals as stored_goals
from db import proposals as stored
from db.organisations import Organisation
from db.proposals import Said, Stored
from db.store import Connection, Store

NAMED = 20
"""So many chapters are named for each voice; the others are counted, and named on pages."""
SLOT = timedelta(minutes=5)
"""The message is brought up to date once in this time at most: Discord caps how often an old one may be edited."""


@dataclass(frozen=True, slots=True)
class View:
    """A proposal as everybody may see it; `outcome` once it was decided, `before` the goal that it is about, as it is in force."""

    stored: Stored
    language: str
    before: Goal | None
    tally: Tally
    outcome: Outcome | None
    named: Mapping[Voice, tuple[Said, ...]]

    @property
    def is_open(self) -> bool:
        """Whether it has not been decided yet."""
        return self.stored.state is State.OPEN


@dataclass(frozen=True, slots=True)
class Looked:
    """A proposal for one reader: what their own chapters say, whether they made it, and whether there is a text they may take out."""

    view: View
    own: tuple[Said, ...]
    made: bool
    may_redact: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some of all proposals."""

    views: tuple[View, ...]
    page: int
    pages: int


async def roles(c: Connection, organisation: Organisation, caller: Caller) -> frozenset[Role]:
    """What somebody is to the organisation, and whether they are admin of a chapter."""
    held = access.roles_in(organisation, caller)
    mine = await chapters.of_admin(c, organisation.guild_id, caller.user_id, 1)
    return held | {Role.ADMIN} if mine else held


async def found_here(c: Connection, guild_id: int, proposal_id: int) -> Stored:
    """A proposal of this server; refuses another server's."""
    found = await stored.find(c, guild_id, proposal_id)
    if found is None:
        raise Refusal(text("This proposal is not in this server. /goal history shows those that are."))
    return found


async def find(c: Connection, caller: Caller, proposal_id: int) -> tuple[Organisation, Stored]:
    """A proposal of the asker's server; refuses another server's."""
    organisation = await access.organisation(c, caller)
    return organisation, await found_here(c, organisation.guild_id, proposal_id)


async def look(store: Store, caller: Caller, proposal_id: int, now: datetime) -> Looked:
    """A proposal as it stands, with what concerns the asker alone."""
    async with store.read() as c:
        organisation, found = await find(c, caller, proposal_id)
        own = await stored.voices_of(c, found, caller.user_id, _until(found, now))
        made = found.made_by == caller.user_id
        texts = [found.why] if made else [each.reason for each in own]
        if Role.COORDINATOR in access.roles_in(organisation, caller):
            texts += [found.why, *(each.reason for each in await stored.objectors(c, found, found.closes_at) if not each.hidden)]
        return Looked(await view_of(c, organisation, found, now), tuple(own), made, any(texts))


async def listed(store: Store, caller: Caller, page: int, size: int, now: datetime) -> Page:
    """All proposals, open ones first."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        found, count = await stored.page(c, organisation.guild_id, page * size, size)
        views = [await view_of(c, organisation, each, now) for each in found]
    return Page(tuple(views), page, max(1, -(-count // size)))


async def posted(c: Connection, guild_id: int, proposal_id: int, now: datetime) -> View | None:
    """What the message says; None where the proposal is gone."""
    organisation, found = await organisations.find(c, guild_id), await stored.find(c, guild_id, proposal_id)
    return None if organisation is None or found is None else await view_of(c, organisation, found, now)


async def was_posted(c: Connection, guild_id: int, proposal_id: int, message: tuple[int, int], now: datetime) -> None:
    """Notes where the message stands, and brings it up to date if anybody spoke while it was on its way."""
    await stored.change(c, guild_id, proposal_id, channel_id=message[0], message_id=message[1])
    found = await stored.find(c, guild_id, proposal_id)
    if found is not None and (found.state is not State.OPEN or any(await stored.figures(c, found, now))):
        await show_again(c, guild_id, proposal_id, now)


def _until(found: Stored, now: datetime) -> datetime:
    """The moment whose chapters count: now, and once it is closed the moment at which it closed."""
    return now if found.state is State.OPEN and now < found.closes_at else min(found.closes_at, found.decided_at or now)


async def view_of(c: Connection, organisation: Organisation, found: Stored, now: datetime, names: int = NAMED) -> View:
    """A proposal as everybody may see it: hidden chapters are in the figures where they are not few, and not among the names."""
    at = _until(found, now)
    named, hidden = await stored.figures(c, found, at)
    active = found.active
    if active is None:
        active = await stored.active(c, found, calendar.today(at, organisation.zone))
    outcome = None
    if found.state in (State.ADOPTED, State.STOPPED, State.VOID):
        outcome = proposals.decide(found.rule, proposals.true(named, hidden, active))
    said = {voice: tuple(await stored.named(c, found, voice, at, 0, names)) for voice in Voice if named.get(voice)}
    about = None if found.goal_id is None else await stored_goals.find(c, organisation.guild_id, found.goal_id)
    tally = proposals.shown(named, hidden, active, organisation.policy.sum_chapters)
    return View(found, organisation.language, about and about[0], tally, outcome, said)


async def show_again(c: Connection, guild_id: int, proposal_id: int, now: datetime, because: str = "") -> None:
    """Owes the message its present state: with what else changes in these minutes, or at once `because` of something that cannot wait."""
    slot = int(now.timestamp() // SLOT.total_seconds()) + 1
    if because:
        key, due = f"proposal:{proposal_id}:{because}:{int(now.timestamp() * 1000)}", now
    else:
        key, due = f"proposal:{proposal_id}:slot:{slot}", datetime.fromtimestamp(slot * SLOT.total_seconds(), now.tzinfo)
    await outbox.put(c, guild_id, "proposal_show", key, due, now, proposal_id=proposal_id)
