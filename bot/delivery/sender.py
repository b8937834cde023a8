"""The only one who speaks unasked: claims what is due, paces itself, sends, and records what became of it."""

import asyncio
import logging
import random
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import discord

from bot.delivery import answers, writers
from bot.delivery.alarm import Alarm
from bot.delivery.answers import named
from bot.delivery.brake import Brake
from bot.delivery.letters import Direct, Letter, Place, Removal, Route
from bot.delivery.looking import find_sent
from bot.delivery.pace import Pace
from bot.delivery.posting import Carrier
from bot.delivery.removing import take_away
from bot.domain import errands
from bot.domain.stuck import NO_WAY
from bot.domain.upkeep import may_have_been_sent
from bot.services import duty, leaving
from bot.services.pictures import Pictures
from cogs.layout import Picture, with_picture
from cogs.ui import new_reference
from db import outbox, upkeep
from db.faults import StorageFault
from db.outbox import Errand
from db.store import Store

log = logging.getLogger(__name__)

BATCH = 10
LEASE = timedelta(seconds=60)
MARGIN = timedelta(seconds=30)
PICTURE_PATIENCE = 10.0
"""Seconds that a message waits for its picture."""
PATIENCE = 20.0
"""Seconds after which others go on beside a message that takes long: less than MARGIN, so that its lease can be lengthened in time."""
MOST_SLOW = 5
REQUESTS_A_SECOND = 40
REQUESTS_AT_ONCE = 8
REASON_LIMIT = 80
PLANNED = frozenset({"prompt", "first_nudge", "second_nudge"})
LEFT = "the bot was taken out of the server; what belongs to it waits"


class Sender:
    """Works through the outbox; one per program."""

    def __init__(
        self, bot: discord.Client, store: Store, clock: Callable[[], datetime], brake: Brake, pictures: Pictures | None = None
    ) -> None:
        self._bot = bot
        self._store = store
        self._clock = clock
        self._brake = brake
        self._pictures = pictures or Pictures(draws=False)
        self._owner = uuid.uuid4().hex
        self._carrier = Carrier(bot, Pace(REQUESTS_A_SECOND, REQUESTS_AT_ONCE))
        self.alarm = Alarm(bot, store, self._carrier)
        self._one_at_a_time = asyncio.Lock()
        self._stopped = False
        self._slow: set[asyncio.Task[None]] = set()
        self._failures: dict[int, tuple[int, datetime]] = {}

    def stop(self) -> None:
        """Takes nothing new in hand; what is being sent is still sent and recorded."""
        self._stopped = True

    async def send_due(self, now: datetime) -> None:
        """Sends what is in the outbox and due: a few of each server in turn, so that none waits for all of another's."""
        async with self._one_at_a_time:
            while servers := await self._servers_in_turn(now):
                if not sum([await self._some_of(guild_id, now) for guild_id in servers]):
                    return

    async def _servers_in_turn(self, now: datetime) -> list[int]:
        """The servers with something due that can be sent now; asked of a reader, so that the writer is free for people."""
        now = max(now, self._clock())
        async with self._store.read() as c:
            waiting = await outbox.servers_with_due(c, now)
        return [guild_id for guild_id in waiting if self._may_send(guild_id, now)]

    def _may_send(self, guild_id: int, now: datetime) -> bool:
        """What belongs to a server that the bot was taken out of, or that has an outage, waits untouched until it is there again."""
        guild = self._bot.get_guild(guild_id)
        if self._stopped or guild is None or guild.unavailable or self._brake.holds(now) or len(self._slow) >= MOST_SLOW:
            return False
        return guild_id not in self._failures or self._failures[guild_id][1] <= now

    async def _some_of(self, guild_id: int, now: datetime) -> int:
        now = max(now, self._clock())
        if not self._may_send(guild_id, now):
            return 0
        async with self._store.write() as c:
            claimed = await outbox.claim(c, self._owner, now, now + LEASE, BATCH, guild_id=guild_id)
        for place, errand in enumerate(claimed):
            if not self._may_send(guild_id, now) or not self._is_ours(errand):
                await self._give_back(*claimed[place:])
                break
            await self._in_hand(errand)
        return len(claimed)

    def _is_ours(self, errand: Errand) -> bool:
        """Whether there is time enough left to send it under its lease."""
        return errand.lease_until is not None and max(self._clock(), errand.due_at) <= errand.lease_until - MARGIN

    async def _in_hand(self, errand: Errand) -> None:
        """Sees to an errand; once that takes long it goes on by itself, under a lease that is kept."""
        if not self._is_ours(errand):
            return
        work = asyncio.create_task(self._see_to(errand), name=f"outbox-round: {errand.id}")
        await asyncio.wait({work}, timeout=PATIENCE)
        if work.done():
            work.result()
            return
        # It is not cancelled: discord.py, cancelled while it waits for a global limit to pass, would never send anything again.
        kept = asyncio.create_task(self._keep(errand, work), name=f"outbox-lease: {errand.id}")
        self._slow.add(kept)
        kept.add_done_callback(self._slow.discard)

    async def _keep(self, errand: Errand, work: asyncio.Task[None]) -> None:
        log.warning("errand %s of kind %s takes long; the others go on", errand.id, errand.kind)
        try:
            while not work.done():
                async with self._store.write() as c:
                    await outbox.keep(c, errand, self._owner, self._clock() + LEASE)
                await asyncio.wait({work}, timeout=PATIENCE)
            await work
        except Exception:
            log.exception("errand %s of kind %s could not be finished; it is taken up again once its lease ends", errand.id, errand.kind)

    async def _see_to(self, errand: Errand) -> None:
        now = max(self._clock(), errand.due_at)
        if errand.expires_at is not None and errand.expires_at <= now:
            return await self._finish(errand, "dropped", now, reason="expired")
        if errand.attempts > errands.MOST_TRIES:
            return await self._finish(errand, "refused", now, reason="never finished")
        try:
            await self._deliver(errand, now)
        except StorageFault:
            # Nothing can be written down about it: it stays claimed, and is looked at again when its lease is over.
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are sent
            await self._failed(errand, error, now)
        else:
            self._failures.pop(errand.guild_id, None)

    async def _failed(self, errand: Errand, error: Exception, now: datetime) -> None:
        """Decides what becomes of an errand that could not be delivered."""
        if answers.shuts_out(error):
            self._brake.keep_still(now, named(error))
        elif answers.is_outage(error):
            self._let_rest(errand.guild_id, now)
        if answers.passes(error) or self._stopped:
            return await self._try_later(errand, now, error)
        if isinstance(error, discord.HTTPException):
            return await self._finish(errand, "refused", now, reason=self._reason([error], errand))
        if not errands.is_given_up(errand.attempts, our_mistake=True):
            log.warning("errand %s of kind %s: %s; it is tried again", errand.id, errand.kind, type(error).__name__)
            return await self._try_later(errand, now, error)
        reference = new_reference()
        log.error("errand %s of kind %s is given up, reference %s", errand.id, errand.kind, reference, exc_info=error)
        return await self._finish(errand, "refused", now, reason=f"{named(error)}, reference {reference}")

    def _let_rest(self, guild_id: int, now: datetime) -> None:
        failures = self._failures.get(guild_id, (0, now))[0] + 1
        self._failures[guild_id] = (failures, errands.server_again_at(now, failures, _jitter()))

    async def _deliver(self, errand: Errand, now: datetime) -> None:
        letter = await self._letter(errand, now)
        if letter is None:
            return await self._finish(errand, "dropped", now, reason="not wanted any more")
        if isinstance(letter, Removal):
            return await self._take_away(errand, letter, now)
        if letter.earliest is not None and letter.earliest > now:
            return await self._give_back(errand, until=letter.earliest)
        return await self._carry(errand, await self._with_picture(letter), now)

    async def _carry(self, errand: Errand, letter: Letter, now: datetime) -> None:
        if letter.edits and letter.routes:
            if await self._could_edit(errand, letter):
                await self._finish(errand, "sent", now)
                return await self._pin(errand, letter, letter.edits[0])
        elif letter.edits:
            return await self._edit_all(errand, letter, now)
        found = await self._sent_before_a_restore(errand, letter)
        if found is not None:
            return await self._record(errand, found, now)
        refusals: list[discord.HTTPException] = []
        for route in letter.routes:
            try:
                sent = await self._carrier.already_sent(errand, route, now) or await self._carrier.send(errand, letter, route)
            except discord.HTTPException as error:
                if answers.passes(error):
                    raise
                refusals.append(error)
                await self._remember_refusal(errand, route, error, now)
                continue
            await self._record(errand, sent, now)
            return await self._pin(errand, letter, sent)
        if any(error.code in answers.NO_ACCESS for error in refusals) and not await self._is_member(errand.guild_id):
            raise ConnectionError(LEFT)
        log.warning("errand %s of kind %s reached nobody", errand.id, errand.kind)
        return await self._finish(errand, "refused", now, reason=self._reason(refusals, errand))

    async def _sent_before_a_restore(self, errand: Errand, letter: Letter) -> Place | None:
        """The message, if this database was a backup and what is owed may have gone out since that was made."""
        async with self._store.read() as c:
            restored = await upkeep.restored(c)
        if restored is None or not may_have_been_sent(errand.created_at, _begins(errand), restored.at):
            return None
        return await self._carrier.sent_before(errand, letter, restored.since)

    def _reason(self, refusals: list[discord.HTTPException], errand: Errand) -> str:
        """Why a message reached nobody; what we should not have sent so at all is logged with a reference."""
        said = ", ".join(dict.fromkeys(named(error) for error in refusals)) or NO_WAY
        ours = next((error for error in refusals if answers.is_our_mistake(error)), None)
        if ours is None:
            return said
        reference = new_reference()
        # Of what Discord says only where the mistake is: the rest may repeat what somebody wrote.
        where = ", ".join(re.findall(r"^In (\S+):", ours.text, re.MULTILINE))
        log.error("Discord did not accept errand %s of kind %s (%s), reference %s: %s", errand.id, errand.kind, said, reference, where)
        return f"{named(ours)}, reference {reference}"

    async def _take_away(self, errand: Errand, removal: Removal, now: datetime) -> None:
        if removal.route is not None and errand.first_claimed_at is not None:
            try:
                found = await find_sent(
                    await self._carrier.open(removal.route), errand.mark, errand.first_claimed_at, "", self._carrier.pace
                )
            except discord.NotFound:
                found = None
            removal = replace(removal, place=found)
        left = await take_away(self._bot, self._carrier.pace, removal)
        return await self._finish(errand, "sent" if left is None else "refused", now, reason=left)

    async def _letter(self, errand: Errand, now: datetime) -> Letter | Removal | None:
        """The letter to people who are still here: whoever has left is remembered as gone, and the next one asked, if there is one."""
        guild, gone = self._bot.get_guild(errand.guild_id), set[int]()
        if guild is None:
            raise ConnectionError(LEFT)
        while True:
            letter = await writers.write(self._store, errand, now, guild.get_role)
            if letter is None or isinstance(letter, Removal) or letter.asks is None:
                return letter
            if letter.asks in gone:
                return replace(letter, asks=None, routes=tuple(route for route in letter.routes if route != Direct(letter.asks)))
            why = await self._why_gone(errand.guild_id, letter.asks)
            if why is None:
                return letter
            gone.add(letter.asks)
            if why == answers.UNKNOWN_MEMBER:
                await leaving.has_left(self._store, errand.guild_id, letter.asks, now)
            else:
                await duty.is_unknown(self._store, errand.guild_id, letter.asks, errand.chapter_id, now)

    async def _why_gone(self, guild_id: int, user_id: int) -> int | None:
        """What Discord calls it that a person is not in the server; None if they are. An outage says nothing of the kind."""
        guild = self._bot.get_guild(guild_id)
        if guild is None:
            raise ConnectionError(LEFT)
        try:
            async with self._carrier.pace:
                await guild.fetch_member(user_id)
        except discord.HTTPException as error:
            if error.code in (answers.UNKNOWN_MEMBER, answers.UNKNOWN_USER):
                return error.code
            if error.code in answers.NO_ACCESS:
                raise ConnectionError(LEFT) from error
            raise
        return None

    async def _is_member(self, guild_id: int) -> bool:
        """Whether the bot is in a server: it may have been taken out without having heard of it yet."""
        try:
            async with self._carrier.pace:
                await self._bot.fetch_guild(guild_id, with_counts=False)
        except (discord.Forbidden, discord.NotFound):
            return False
        return True

    async def _with_picture(self, letter: Letter) -> Letter:
        """The letter with its picture, if that can be had: nobody waits for it here."""
        if letter.drawing is None:
            return letter
        content = await self._pictures.of(letter.drawing.picture, PICTURE_PATIENCE)
        if content is None:
            return letter
        return replace(letter, card=with_picture(letter.card, Picture(letter.drawing.name, content, letter.drawing.words)))

    async def _could_edit(self, errand: Errand, letter: Letter) -> bool:
        """Brings messages up to date; False once one of them is gone or too old to be changed, and so another has to take its place."""
        for place in letter.edits:
            try:
                await self._carrier.edit(errand, letter, place)
            except (discord.HTTPException, discord.RateLimited) as error:
                if not answers.is_past_changing(error):
                    raise
                log.info("a message that is kept up to date is posted anew: %s", named(error))
                await self._carrier.unpin(place)
                return False
        return True

    async def _pin(self, errand: Errand, letter: Letter, place: Place) -> None:
        if letter.pinned is None or (letter.pinned and place in letter.edits):
            return
        done = await self._carrier.pin(place)
        if done is None:
            # It is tried again when the message next changes.
            return
        async with self._store.write() as c:
            await writers.pinned(c, errand, place, done=done)

    async def _edit_all(self, errand: Errand, letter: Letter, now: datetime) -> None:
        """Brings every message up to date; one that cannot be now holds up no other, and what stays as it was is not called done."""
        later: discord.HTTPException | None = None
        refusals: list[discord.HTTPException] = []
        for place in letter.edits:
            try:
                await self._carrier.edit(errand, letter, place)
            except discord.HTTPException as error:
                if answers.is_outage(error):
                    raise
                if answers.passes(error):
                    later = later or error
                elif error.code not in answers.GONE:
                    refusals.append(error)
        if later is not None:
            raise later
        if refusals:
            return await self._finish(errand, "refused", now, reason=self._reason(refusals, errand))
        return await self._finish(errand, "sent", now)

    async def _remember_refusal(self, errand: Errand, route: Route, error: discord.HTTPException, now: datetime) -> None:
        if isinstance(route, Direct) and error.code in answers.NO_DIRECT_MESSAGES:
            await duty.refuses_messages(self._store, errand.guild_id, route.user_id, errand.chapter_id, now)

    async def _try_later(self, errand: Errand, now: datetime, error: Exception) -> None:
        if errands.is_given_up(errand.attempts):
            await self._finish(errand, "refused", now, reason=named(error))
            return
        at = errands.retry_at(now, errand.attempts, _jitter())
        if isinstance(error, discord.RateLimited):
            at = max(at, now + timedelta(seconds=error.retry_after))
        async with self._store.write() as c:
            await outbox.postpone(c, errand, self._owner, at, named(error)[:REASON_LIMIT])

    async def _give_back(self, *unsent: Errand, until: datetime | None = None) -> None:
        async with self._store.write() as c:
            for errand in unsent:
                await outbox.give_back(c, errand, self._owner, until or errand.due_at)

    async def _record(self, errand: Errand, sent: Place, now: datetime) -> None:
        async with self._store.write() as c:
            if await outbox.finish(c, errand, self._owner, "sent", sent.at or now, channel_id=sent.channel_id, message_id=sent.message_id):
                await writers.delivered(c, errand, sent, now)

    async def _finish(self, errand: Errand, state: str, now: datetime, *, reason: str | None = None) -> None:
        async with self._store.write() as c:
            ended = await outbox.finish(c, errand, self._owner, state, now, reason=reason and reason[:REASON_LIMIT])
            if ended and state == "refused":
                await writers.undelivered(c, errand, reason or "", now)


def _begins(errand: Errand) -> date | None:
    """The first day on which the planner may have owed this by itself; None for what only a person's act brings about."""
    if errand.kind in PLANNED and errand.period is not None:
        return errand.period.plus(1).first
    return date.fromisoformat(errand.payload["week"]) if errand.kind == "digest" else None


def _jitter() -> float:
    return random.random()  # noqa: S311 - spreads the tries, keeps no secret
