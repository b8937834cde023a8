"""What coordinators have to know when nothing can be stored: said at once and not through the outbox, which could not note that it was."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import discord

from bot.delivery import answers
from bot.delivery.posting import Carrier
from cogs.cards.upkeep import stored_again_card, unstored_card
from cogs.layout import Card
from db import organisations
from db.organisations import Organisation
from db.store import Store

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=5)
"""How long nothing could be stored before anybody is told: what passes by itself troubles nobody."""
SAID_AGAIN_AFTER = timedelta(hours=6)
AT_ONCE = 20
"""So many servers are told at a look; the others at the next ones."""


class Alarm:
    """Remembers who was told, in memory alone: a program that starts anew may say it once more."""

    def __init__(self, bot: discord.Client, store: Store, carrier: Carrier) -> None:
        self._bot = bot
        self._store = store
        self._carrier = carrier
        self._since: datetime | None = None
        self._told: set[int] = set()
        self._last: dict[int, datetime] = {}

    async def look(self, now: datetime) -> None:
        """Tells each server's coordinators once that nothing can be stored, and those who were told that it can be again."""
        if self._store.failing is None:
            await self._all_is_well()
        else:
            self._since = self._since or now
            if now - self._since >= PATIENCE:
                await self._all_is_not_well(self._since, now)

    async def _all_is_not_well(self, since: datetime, now: datetime) -> None:
        untold = [each for each in await self._reached() if each.guild_id not in self._told and self._may_say_it(each.guild_id, now)]
        for each in untold[:AT_ONCE]:
            if await self._say(each, lambda to: unstored_card(since, to.coordinator_role)):
                self._told.add(each.guild_id)
                self._last[each.guild_id] = now

    def _may_say_it(self, guild_id: int, now: datetime) -> bool:
        last = self._last.get(guild_id)
        return last is None or not last <= now < last + SAID_AGAIN_AFTER

    async def _all_is_well(self) -> None:
        self._since = None
        if not self._told:
            return
        waiting = {each.guild_id: each for each in await self._reached()}
        for guild_id in sorted(self._told)[:AT_ONCE]:
            if guild_id not in waiting or await self._say(waiting[guild_id], lambda _: stored_again_card()):
                self._told.discard(guild_id)

    async def _reached(self) -> list[Organisation]:
        """The organisations that have a place for such news, in servers that the bot is in."""
        async with self._store.read() as c:
            everybody = await organisations.all_of_them(c)
        return [each for each in everybody if each.facilitators_channel is not None and self._bot.get_guild(each.guild_id) is not None]

    async def _say(self, to: Organisation, card: Callable[[Organisation], Card]) -> bool:
        """Whether it was said, or never can be: what Discord is not able to take now is tried at the next look."""
        guild = self._bot.get_guild(to.guild_id)
        role = to.coordinator_role
        if role is not None and (guild is None or guild.get_role(role) is None):
            to = replace(to, coordinator_role=None)
        try:
            await self._carrier.say(card(to), to.language, to.facilitators_channel or 0)
        except (discord.HTTPException, *answers.CUT) as error:
            log.warning("could not tell coordinators that nothing can be stored: %s", answers.named(error))
            return not answers.passes(error)
        return True
