"""The only one who speaks unasked: claims what is due, paces itself, sends, and records what became of it."""

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.delivery import planner, writers
from bot.delivery.letters import Direct, InChannel, Letter, Place, Post, Removal, Route
from bot.delivery.pace import Pace
from bot.delivery.removing import take_away
from bot.domain import errands
from bot.services import duty
from cogs.layout import mentions, to_view
from db import outbox
from db.faults import StorageFault
from db.outbox import Errand
from db.store import Store

log = logging.getLogger(__name__)

BATCH = 10
LEASE = timedelta(seconds=60)
MARGIN = timedelta(seconds=15)
NONCE_MEMORY = timedelta(minutes=2)
REQUESTS_A_SECOND = 40
REQUESTS_AT_ONCE = 8
MOST_ATTEMPTS = 60
SEARCHED = 100
REASON_LIMIT = 80

REFUSES_DIRECT_MESSAGES = 50007
UNKNOWN_MEMBER = 10007
UNKNOWN_USER = 10013
THREAD_EXISTS = 160004
OLD_MESSAGE = 30046
GONE = frozenset({10003, 10008})


class Sender:
    """Works through the outbox; one per program."""

    def __init__(self, bot: discord.Client, store: Store, clock: Callable[[], datetime]) -> None:
        self._bot = bot
        self._store = store
        self._clock = clock
        self._owner = uuid.uuid4().hex
        self._pace = Pace(REQUESTS_A_SECOND, REQUESTS_AT_ONCE)
        self._one_at_a_time = asyncio.Lock()
        self._stopped = False

    def stop(self) -> None:
        """Takes nothing new in hand; what is being sent is still sent and recorded."""
        self._stopped = True

    async def run_due(self, now: datetime) -> None:
        """Plans what is owed at this moment and sends it."""
        try:
            await planner.plan(self._store, now)
        finally:
            await self.send_due(now)

    async def send_due(self, now: datetime) -> None:
        """Sends what is in the outbox and due, a few at a time."""
        async with self._one_at_a_time:
            while not self._stopped and await self._is_due(max(now, self._clock())):
                async with self._store.write() as c:
                    claimed = await outbox.claim(c, self._owner, max(now, self._clock()), max(now, self._clock()) + LEASE, BATCH)
                for errand in claimed:
                    await self._in_hand(errand)
                if not claimed:
                    return

    async def _is_due(self, now: datetime) -> bool:
        """Whether there is anything to claim: asked of a reader, so that the writer is free for people while there is not."""
        async with self._store.read() as c:
            return await outbox.is_due(c, now)

    async def _in_hand(self, errand: Errand) -> None:
        now = max(self._clock(), errand.due_at)
        if self._stopped or errand.lease_until is None or now > errand.lease_until - MARGIN:
            return None
        if errand.expires_at is not None and errand.expires_at <= now:
            return await self._finish(errand, "dropped", now, reason="expired")
        try:
            await self._deliver(errand, now)
        except (discord.HTTPException, OSError, TimeoutError) as error:
            await self._try_later(errand, now, _named(error))
        except StorageFault:
            # Nothing can be written down about it: it stays claimed, and is looked at again when its lease is over.
            raise
        except Exception as error:
            log.exception("errand %s of kind %s could not be delivered", errand.id, errand.kind)
            await self._try_later(errand, now, type(error).__name__)

    async def _deliver(self, errand: Errand, now: datetime) -> None:
        letter = await self._letter(errand, now)
        if letter is None:
            return await self._finish(errand, "dropped", now, reason="not wanted any more")
        if isinstance(letter, Removal):
            return await self._take_away(errand, letter, now)
        if letter.earliest is not None and letter.earliest > now:
            return await self._postpone(errand, letter.earliest, "outside sending hours")
        if letter.edits:
            for place in letter.edits:
                await self._edit(errand, letter, place)
            return await self._finish(errand, "sent", now)
        reasons: list[str] = []
        for route in letter.routes:
            try:
                sent = await self._already_sent(errand, route, now) or await self._send(errand, letter, route)
            except (discord.Forbidden, discord.NotFound) as error:
                reasons.append(_named(error))
                await self._remember_refusal(errand, route, error, now)
                continue
            return await self._record(errand, sent, now)
        log.warning("errand %s of kind %s reached nobody", errand.id, errand.kind)
        return await self._finish(errand, "refused", now, reason=", ".join(reasons) or "no way to send it")

    async def _take_away(self, errand: Errand, removal: Removal, now: datetime) -> None:
        if removal.route is not None and errand.first_claimed_at is not None:
            found = await self._find_sent(await self._open(removal.route), errand.id, errand.first_claimed_at)
            removal = replace(removal, place=found)
        left = await take_away(self._bot, self._pace, removal)
        return await self._finish(errand, "sent" if left is None else "refused", now, reason=left)

    async def _letter(self, errand: Errand, now: datetime) -> Letter | Removal | None:
        """The letter to people who are still here: whoever has left is remembered as gone, and the next one asked, if there is one."""
        gone: set[int] = set()
        while True:
            letter = await writers.write(self._store, errand, now)
            if letter is None or isinstance(letter, Removal) or letter.asks is None:
                return letter
            if letter.asks in gone:
                return replace(letter, asks=None, routes=tuple(route for route in letter.routes if route != Direct(letter.asks)))
            if await self._is_here(errand.guild_id, letter.asks):
                return letter
            gone.add(letter.asks)
            await duty.has_left(self._store, errand.guild_id, letter.asks, errand.chapter_id, now)

    async def _is_here(self, guild_id: int, user_id: int) -> bool:
        guild = self._bot.get_guild(guild_id)
        if guild is None:
            return True
        try:
            async with self._pace:
                await guild.fetch_member(user_id)
        except discord.NotFound as error:
            if error.code in (UNKNOWN_MEMBER, UNKNOWN_USER):
                return False
            raise
        return True

    async def _send(self, errand: Errand, letter: Letter, route: Route) -> Place:
        channel = await self._open(route)
        cover = route.card if isinstance(route, InChannel) else None
        card = cover or letter.card
        view, allowed = to_view(card, letter.language, marker=errand.id), mentions(card)
        async with self._pace:
            if isinstance(channel, discord.ForumChannel):
                return await self._post(channel, letter, view, allowed)
            message = await channel.send(view=view, allowed_mentions=allowed, nonce=f"ch{errand.id}")
        if isinstance(route, Post):
            await self._open_thread(message, route.title)
        return Place(channel.id, message.id, cover)

    async def _post(self, forum: discord.ForumChannel, letter: Letter, view: Any, allowed: discord.AllowedMentions) -> Place:
        route = next(route for route in letter.routes if isinstance(route, Post))
        tags = [tag for tag in forum.available_tags if tag.name.casefold() == (route.tag or "").casefold()]
        if not tags and forum.flags.require_tag:
            tags = list(forum.available_tags[-1:])
        created = await forum.create_thread(name=route.title, view=view, applied_tags=tags[:1], allowed_mentions=allowed)
        return Place(created.thread.id, created.message.id)

    async def _open_thread(self, message: discord.Message, title: str) -> None:
        try:
            async with self._pace:
                await message.create_thread(name=title)
        except discord.HTTPException as error:
            if error.code != THREAD_EXISTS:
                log.warning("no thread for comments could be opened: %s", _named(error))

    async def _edit(self, errand: Errand, letter: Letter, place: Place) -> None:
        try:
            channel = await self._open(InChannel(place.channel_id))
            if isinstance(channel, discord.Thread) and channel.archived:
                async with self._pace:
                    await channel.edit(archived=False)
            card = letter.card if place.card is None or isinstance(channel, discord.DMChannel) else place.card
            async with self._pace:
                await channel.get_partial_message(place.message_id).edit(
                    view=to_view(card, letter.language, marker=errand.id), allowed_mentions=discord.AllowedMentions.none()
                )
        except discord.HTTPException as error:
            if error.code not in GONE | {OLD_MESSAGE} and not isinstance(error, discord.Forbidden):
                raise
            log.info("a message could not be brought up to date: %s", _named(error))

    async def _open(self, route: Route) -> Any:
        if isinstance(route, Direct):
            async with self._pace:
                return await self._bot.create_dm(discord.Object(route.user_id))
        known = self._bot.get_channel(route.channel_id)
        if known is not None:
            return known
        async with self._pace:
            return await self._bot.fetch_channel(route.channel_id)

    async def _already_sent(self, errand: Errand, route: Route, now: datetime) -> Place | None:
        """Looks for the message of an earlier try that ended before it was recorded, where Discord would not recognise it any more."""
        first = errand.first_claimed_at
        if errand.attempts < 2 or first is None:
            return None
        channel = await self._open(route)
        if now - first < NONCE_MEMORY and not isinstance(channel, discord.ForumChannel):
            return None
        return await self._find_sent(channel, errand.id, first)

    async def _find_sent(self, channel: Any, errand_id: int, first: datetime) -> Place | None:
        if isinstance(channel, discord.ForumChannel):
            return await self._find_post(channel, errand_id, first)
        async with self._pace:
            async for message in channel.history(limit=SEARCHED, after=first - timedelta(minutes=1), oldest_first=False):
                if _carries(message, errand_id):
                    return Place(channel.id, message.id)
        return None

    async def _find_post(self, forum: discord.ForumChannel, errand_id: int, first: datetime) -> Place | None:
        threads = list(forum.threads)
        async with self._pace:
            threads += [thread async for thread in forum.archived_threads(limit=25)]
        for thread in threads:
            if thread.created_at is None or thread.created_at < first - timedelta(minutes=1):
                continue
            async with self._pace:
                starters = [message async for message in thread.history(limit=1, oldest_first=True)]
            if starters and _carries(starters[0], errand_id):
                return Place(thread.id, starters[0].id)
        return None

    async def _remember_refusal(self, errand: Errand, route: Route, error: discord.HTTPException, now: datetime) -> None:
        if isinstance(route, Direct) and error.code in (REFUSES_DIRECT_MESSAGES, UNKNOWN_USER):
            await duty.refuses_messages(self._store, errand.guild_id, route.user_id, errand.chapter_id, now)

    async def _try_later(self, errand: Errand, now: datetime, reason: str) -> None:
        if errand.attempts >= MOST_ATTEMPTS:
            return await self._finish(errand, "refused", now, reason=reason)
        jitter = random.random()  # noqa: S311 - spreads the tries, keeps no secret
        return await self._postpone(errand, errands.retry_at(now, errand.attempts, jitter), reason)

    async def _postpone(self, errand: Errand, until: datetime, reason: str) -> None:
        async with self._store.write() as c:
            await outbox.postpone(c, errand, self._owner, until, reason[:REASON_LIMIT])

    async def _record(self, errand: Errand, sent: Place, now: datetime) -> None:
        async with self._store.write() as c:
            if await outbox.finish(c, errand, self._owner, "sent", now, channel_id=sent.channel_id, message_id=sent.message_id):
                await writers.delivered(c, errand, sent, now)

    async def _finish(self, errand: Errand, state: str, now: datetime, *, reason: str | None = None) -> None:
        async with self._store.write() as c:
            ended = await outbox.finish(c, errand, self._owner, state, now, reason=reason and reason[:REASON_LIMIT])
            if ended and state == "refused":
                await writers.undelivered(c, errand, now)


def _named(error: BaseException) -> str:
    if isinstance(error, discord.HTTPException):
        return f"Discord {error.status}/{error.code}"
    return type(error).__name__


def _carries(message: discord.Message, errand_id: int) -> bool:
    """Whether one of the message's buttons or selects is marked with this errand."""
    return any(custom_id.endswith(f"~{errand_id}") for custom_id in _custom_ids(message.components))


def _custom_ids(components: Sequence[Any]) -> Iterator[str]:
    for component in components:
        custom_id = getattr(component, "custom_id", None)
        if custom_id:
            yield custom_id
        yield from _custom_ids(getattr(component, "children", ()))
