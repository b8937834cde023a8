"""Chapters from what a server has already: one for every role, or every channel, whose name begins in the same way."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain import rights
from bot.domain.chapters import check_name, fold
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Text, text
from bot.services import access, adding
from bot.services.adding import Given
from db import chapters, pending
from db.organisations import Organisation
from db.store import Connection, Store

KEPT_FOR = timedelta(hours=24)
MOST = 500
"""As many channels as a server can have."""
PREFIX_LENGTH = 40


class Kind(StrEnum):
    """What chapters are made from."""

    ROLES = "roles"
    CHANNELS = "channels"


@dataclass(frozen=True, slots=True)
class Found:
    """A role or channel of the server."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody wants chapters made from."""

    kind: Kind
    prefix: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be added (what is there, and the chapter's name) and what would be left, each with the reason."""

    sought: Sought
    key: str
    add: tuple[tuple[Found, str], ...]
    left: tuple[tuple[Found, Text], ...]


async def check(store: Store, caller: Caller) -> None:
    """Refuses whoever may not add chapters."""
    async with store.read() as c:
        await _allowed(c, caller)


async def preview(store: Store, caller: Caller, sought: Sought, there: Sequence[Found], key: str, now: datetime) -> Plan:
    """What would be added, kept under a key until somebody says yes; nothing is stored of the chapters yet."""
    prefix = sought.prefix.strip()
    if not prefix or len(prefix) > PREFIX_LENGTH:
        raise Refusal(text("Write how their names begin, such as chapter-, in at most {n} characters.", n=PREFIX_LENGTH))
    async with store.write() as c:
        entity = await _allowed(c, caller)
        plan = await _plan(c, entity, Sought(sought.kind, prefix), there, key)
        await pending.keep(c, entity.guild_id, key, caller.user_id, {"adopt": [sought.kind.value, prefix]}, now)
    if not plan.add and not plan.left:
        raise Refusal(text("Nothing here begins with “{prefix}”. Look how they are written, and try again.", prefix=prefix))
    return plan


async def sought(store: Store, caller: Caller, key: str, now: datetime) -> Sought:
    """What this person looked for last under this key."""
    async with store.read() as c:
        entity = await _allowed(c, caller)
        entry = await pending.find(c, entity.guild_id, key, caller.user_id, now - KEPT_FOR)
    if entry is None or "adopt" not in entry:
        raise Refusal(text("This is kept for a day only. Please begin again with /setup."))
    kind, prefix = entry["adopt"]
    return Sought(Kind(kind), prefix)


async def adopt(store: Store, caller: Caller, wanted: Sought, there: Sequence[Found], key: str, now: datetime) -> Plan:
    """Adds the chapters, each linked to its role or channel; done twice it adds nothing more."""
    async with store.read() as c:
        entity = await _allowed(c, caller)
        plan = await _plan(c, entity, wanted, there, key)
        ground = await adding.ground(c, entity)
    linked = {fold(name): found.id for found, name in plan.add}
    given = [Given(name, channel=str(found.id) if wanted.kind is Kind.CHANNELS else "") for found, name in plan.add]
    newcomers = await asyncio.to_thread(lambda: [adding.settle(each, ground, now) for each in given])
    async with store.write() as c:
        taken = await chapters.ids_of(c, entity.guild_id, [fold(each.name) for each in newcomers])
        free = [each for each in newcomers if fold(each.name) not in taken]
        if free:
            stored = await adding.store(c, entity, free, now, caller.user_id)
            if wanted.kind is Kind.ROLES:
                for chapter_id, each in zip(stored.ids, free, strict=True):
                    await chapters.change(c, entity.guild_id, chapter_id, role_id=linked[fold(each.name)])
            await pending.drop(c, entity.guild_id, key)
    return plan


def chapter_name(name: str, prefix: str) -> str:
    """What a chapter is called whose role or channel is called so: `chapter-sao-paulo` is Sao Paulo."""
    rest = " ".join(name[len(prefix) :].replace("-", " ").replace("_", " ").split())
    return " ".join(word[:1].upper() + word[1:] for word in rest.split(" ")) if rest == rest.lower() else rest


async def _allowed(c: Connection, caller: Caller) -> Organisation:
    entity = await access.organisation(c, caller)
    rights.require(Action.ADD_CHAPTER, access.roles_in(entity, caller))
    return entity


async def _plan(c: Connection, entity: Organisation, wanted: Sought, there: Sequence[Found], key: str) -> Plan:
    known = await chapters.everything(c, entity.guild_id)
    linked = {each.role_id if wanted.kind is Kind.ROLES else each.channel_id: each for each, _ in known.values()}
    add: dict[str, tuple[Found, str]] = {}
    left: list[tuple[Found, Text]] = []
    for found in there[:MOST]:
        if not found.name.casefold().startswith(wanted.prefix.casefold()):
            continue
        try:
            name = check_name(chapter_name(found.name, wanted.prefix), text("The chapter's name"))
            same = known.get(fold(name))
            if same is not None:
                raise access.name_is_taken(same[0])
            owner = linked.get(found.id)
            if owner is not None:
                raise Refusal(_belongs(owner.name, hidden=owner.hidden))
            if fold(name) in add:
                raise Refusal(text("Another one has this name already."))
        except Refusal as refusal:
            left.append((found, refusal.reason))
        else:
            add[fold(name)] = (found, name)
    return Plan(wanted, key, tuple(add.values()), tuple(left))


def _belongs(name: str, *, hidden: bool) -> Text:
    return text("It belongs to a chapter already.") if hidden else text("It belongs to {chapter} already.", chapter=name)
