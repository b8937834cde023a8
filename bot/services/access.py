"""Who asks, about which chapter, and what they may: the first step of every use case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain import calendar, rights
from bot.domain.chapters import Chapter, fold
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller, Role
from bot.domain.text import Listing, text
from bot.services import spelling
from db import chapters, names, organisations, people
from db.organisations import Organisation
from db.store import Connection

NEAREST = 3
_AT_ONCE = 100
WRITTEN = 120
"""So many letters of what is written are looked at: more than a name may have."""
_NOT_HERE = text("This chapter is not in this server any more. Type /chapter list to see those that are.")


@dataclass(frozen=True, slots=True)
class Scope:
    """A caller in front of one chapter: what they are to it, and who its people are."""

    organisation: Organisation
    chapter: Chapter
    caller: Caller
    roles: frozenset[Role]
    admins: tuple[int, ...]
    facilitators: tuple[int, ...]

    @property
    def guild_id(self) -> int:
        """The organisation's server."""
        return self.organisation.guild_id

    def today(self, now: datetime) -> date:
        """The chapter's own calendar day."""
        return calendar.today(now, self.chapter.zone)

    def may(self, action: Action) -> bool:
        """Whether the caller may do this here; of an archived chapter nobody may what only living ones do."""
        return rights.may(action, self.roles) and not (self.chapter.archived and rights.TABLE[action].living)

    def require(self, action: Action) -> None:
        """Refuses a caller who may not do this here, and says who may, except in direct messages to somebody who may long have left."""
        if self.caller.guild_id is None and not self.roles:
            raise Refusal(rights.in_direct_messages(action))
        rights.require(action, self.roles, chapter=self.chapter.name, people=self.admins)
        rights.require_life(action, archived=self.chapter.archived, chapter=self.chapter.name)


async def organisation(c: Connection, caller: Caller) -> Organisation:
    """The organisation of the server that the caller is in; refuses where nobody has set it up."""
    if caller.guild_id is None:
        raise Refusal(rights.ONLY_IN_SERVERS)
    found = await organisations.find(c, caller.guild_id)
    if found is None:
        raise Refusal(text("Chapterhouse is not set up here yet. Somebody who may manage this server can type /setup."))
    return found


def roles_in(organisation: Organisation, caller: Caller) -> frozenset[Role]:
    """What the caller is to the organisation."""
    return rights.organisation_roles(caller, organisation.coordinator_role, organisation.facilitator_role)


def require_asked(caller: Caller, action: Action, organisation: Organisation, asked: int | None) -> None:
    """Refuses whoever was not asked; in a direct message they are not told who was, as they may long have left."""
    held = rights.asked_roles(roles_in(organisation, caller), caller.user_id, asked)
    rights.require(action, held, people=() if caller.guild_id is None or asked is None else (asked,))


def require_facilitator(organisation: Organisation, role_ids: frozenset[int]) -> None:
    """Refuses to make a facilitator of somebody who has lost the role for it, or has left, since they were asked."""
    if organisation.facilitator_role not in role_ids:
        raise Refusal(text("You do not have the facilitator role any more, so nothing changed. A coordinator can give it to you."))


async def named(c: Connection, caller: Caller, name: str | None, *, own: bool = False) -> Scope:
    """The named chapter, else the one the caller is admin of, else (unless `own`) the one whose role they carry."""
    entity = await organisation(c, caller)
    chapter = await _by_name(c, entity, caller, name) if name else await _implied(c, entity, caller, own=own)
    return await _scope(c, entity, chapter, caller, name)


async def pressed(c: Connection, caller: Caller, chapter_id: int) -> Scope:
    """The chapter that a button names; in a direct message the organisation is found from the chapter; refuses another server's."""
    guild_id = caller.guild_id or await chapters.guild_of(c, chapter_id)
    entity = None if guild_id is None else await organisations.find(c, guild_id)
    chapter = None if entity is None else await chapters.find(c, entity.guild_id, chapter_id)
    if entity is None or chapter is None:
        raise Refusal(_NOT_HERE)
    return await _scope(c, entity, chapter, caller, None)


async def _scope(c: Connection, entity: Organisation, chapter: Chapter, caller: Caller, written: str | None) -> Scope:
    admins, facilitators = await people.of(c, entity.guild_id, chapter.id)
    roles = rights.chapter_roles(roles_in(entity, caller), caller.user_id, admins, facilitators)
    if chapter.hidden and not rights.sees_private(caller.user_id, admins, facilitators):
        # A hidden chapter is refused in the same words as one that is not there.
        raise await _unknown(c, entity, caller, written) if written else Refusal(_NOT_HERE)
    return Scope(entity, chapter, caller, roles, admins, facilitators)


async def _by_name(c: Connection, entity: Organisation, caller: Caller, name: str) -> Chapter:
    found = await chapters.by_name(c, entity.guild_id, name)
    if found is None or found.archived:
        raise await _unknown(c, entity, caller, name)
    return found


async def _implied(c: Connection, entity: Organisation, caller: Caller, *, own: bool) -> Chapter:
    mine = await chapters.of_admin(c, entity.guild_id, caller.user_id)
    if len(mine) != 1 and not own and caller.role_ids:
        mine = mine or await chapters.of_roles(c, entity.guild_id, caller.user_id, caller.role_ids)
    if len(mine) == 1:
        return mine[0]
    if mine:
        which = Listing(tuple(chapter.name for chapter in mine), "or")
        raise Refusal(text("Which chapter do you mean, {which}? Name it in the option chapter.", which=which))
    if own:
        raise Refusal(text("You are not an admin of a chapter. Name one in the option chapter, or ask a coordinator to add you."))
    raise Refusal(text("Which chapter do you mean? Name it in the option chapter; /chapter list shows them all."))


async def _unknown(c: Connection, entity: Organisation, caller: Caller, name: str) -> Refusal:
    near = await called_like(c, entity.guild_id, caller.user_id, name, NEAREST)
    if near:
        return Refusal(text("There is no chapter “{name}”. Did you mean {near}?", name=name[:60], near=Listing(tuple(near), "or")))
    if await names.beginning(c, entity.guild_id, caller.user_id, "", 1):
        return Refusal(text("There is no chapter “{name}” here. /chapter list shows those that are.", name=name[:60]))
    return Refusal(
        text("There is no chapter “{name}” here, and no other yet. A coordinator can add one with /chapter add.", name=name[:60])
    )


def name_is_taken(there: Chapter) -> Refusal:
    """Why a name cannot be had: of a hidden chapter no more than that, not even whether there is or once was one."""
    if there.hidden:
        return Refusal(text("This name cannot be used here. Choose another one."))
    if there.archived:
        return Refusal(text("{chapter} is archived here. Choose another name, or restore it.", chapter=there.name))
    return Refusal(text("There is a chapter {chapter} already. Choose another name.", chapter=there.name))


async def called_like(c: Connection, guild_id: int, user_id: int, written: str, limit: int) -> list[str]:
    """Names of chapters that this person may see: those that begin so, then those that hold it, and if there are none, the nearest."""
    wanted = fold(written[:WRITTEN])
    found = await names.beginning(c, guild_id, user_id, wanted, limit)
    if len(found) >= limit or not wanted:
        return found
    there = await names.every(c, guild_id)
    found += await _visible(c, guild_id, user_id, spelling.holding(wanted, there), limit - len(found))
    return found or await _visible(c, guild_id, user_id, spelling.near(wanted, there), limit)


async def _visible(c: Connection, guild_id: int, user_id: int, folded: Sequence[str], limit: int) -> list[str]:
    found: list[str] = []
    for start in range(0, len(folded), _AT_ONCE):
        some = folded[start : start + _AT_ONCE]
        known = await names.called(c, guild_id, user_id, some)
        found += [known[each] for each in some if each in known]
        if len(found) >= limit:
            break
    return found[:limit]


async def suggestions(c: Connection, caller: Caller, typed: str, limit: int = 25) -> list[str]:
    """Chapter names for an option that is being typed."""
    return [] if caller.guild_id is None else await called_like(c, caller.guild_id, caller.user_id, typed, limit)
