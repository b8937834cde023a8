"""Carrying a letter to Discord: into channels, forums and direct messages, and into messages that are there already."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.delivery import answers
from bot.delivery.answers import named
from bot.delivery.letters import Direct, InChannel, Letter, Place, Post, Route
from bot.delivery.looking import find_sent
from bot.delivery.pace import Pace
from bot.locales import plain
from cogs.cards.setup_steps import OTHERS
from cogs.layout import TAG_LENGTH, Card, Picture, files, mentions, to_view
from db.outbox import Errand

log = logging.getLogger(__name__)

NONCE_MEMORY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Carrier:
    """Whoever carries letters to Discord, at their pace. All that Discord refuses is raised."""

    bot: discord.Client
    pace: Pace

    async def open(self, route: Route) -> Any:
        """The channel that a route leads to."""
        if isinstance(route, Direct):
            async with self.pace:
                return await self.bot.create_dm(discord.Object(route.user_id))
        known = self.bot.get_channel(route.channel_id)
        if known is not None:
            return known
        async with self.pace:
            return await self.bot.fetch_channel(route.channel_id)

    async def send(self, errand: Errand, letter: Letter, route: Route) -> Place:
        """Sends a letter on one of its routes."""
        channel = await self.open(route)
        cover = route.card if isinstance(route, InChannel) else None
        card = _fit_for(channel, cover or letter.card)
        view, allowed = to_view(card, letter.language, marker=errand.mark), mentions(card)
        if isinstance(channel, discord.ForumChannel) and isinstance(route, Post):
            async with self.pace:
                tags = _tags(channel, route.tag, letter.language)
                created = await channel.create_thread(name=route.title, view=view, applied_tags=tags, allowed_mentions=allowed)
            return Place(created.thread.id, created.message.id)
        async with self.pace:
            sent = files(card, letter.language)
            message = await channel.send(view=view, files=sent, allowed_mentions=allowed, nonce=errand.nonce)
        if isinstance(route, Post):
            await self._open_thread(message, route.title)
        return Place(channel.id, message.id, cover)

    async def say(self, card: Card, language: str, channel_id: int) -> None:
        """Posts a card that nobody keeps a record of."""
        channel = await self.open(InChannel(channel_id))
        async with self.pace:
            await channel.send(view=to_view(card, language), allowed_mentions=mentions(card))

    async def already_sent(self, errand: Errand, route: Route, now: datetime) -> Place | None:
        """Looks for the message of an earlier try that ended before it was recorded, where Discord would not recognise it any more."""
        first = errand.first_claimed_at
        if errand.attempts < 2 or first is None:
            return None
        channel = await self.open(route)
        in_forum = isinstance(channel, discord.ForumChannel)
        if now - first < NONCE_MEMORY and not in_forum:
            return None
        try:
            found = await find_sent(channel, errand.mark, first, route.title if isinstance(route, Post) else "", self.pace)
        except discord.Forbidden as error:
            # Who may write but not read back cannot look. What was never sent would be lost, so it is sent.
            log.warning("could not look for errand %s: %s", errand.id, named(error))
            return None
        if found is not None and isinstance(route, Post) and not in_forum:
            await self._open_thread(channel.get_partial_message(found.message_id), route.title)
        return found and replace(found, card=route.card if isinstance(route, InChannel) else None)

    async def sent_before(self, errand: Errand, letter: Letter, since: datetime) -> Place | None:
        """Looks on every route for a message that may have been sent at any time since a moment, and brings it up to date."""
        for route in letter.routes:
            found = None
            try:
                channel = await self.open(route)
                found = await find_sent(channel, errand.mark, since, route.title if isinstance(route, Post) else "", self.pace)
                if found is None:
                    continue
                found = replace(found, card=route.card if isinstance(route, InChannel) else None)
                await self.edit(errand, letter, found)
            except discord.HTTPException as error:
                if answers.passes(error):
                    raise
                # Where the bot may not look, nothing is known; what was found and may not be changed any more was sent all the same.
                log.info("could not look for errand %s: %s", errand.id, named(error))
            if found is not None:
                return found
        return None

    async def _open_thread(self, message: discord.Message | discord.PartialMessage, title: str) -> None:
        """Opens the thread for comments; where the bot may not, the message stands without one."""
        try:
            async with self.pace:
                await message.create_thread(name=title)
        except discord.HTTPException as error:
            if answers.passes(error):
                raise
            if error.code != answers.THREAD_EXISTS:
                log.warning("no thread for comments could be opened: %s", named(error))

    async def edit(self, errand: Errand, letter: Letter, place: Place) -> None:
        """Puts a letter in the place of a message; a post that was archived is opened again for it."""
        channel = await self.open(InChannel(place.channel_id))
        if isinstance(channel, discord.Thread) and channel.archived:
            await self._unarchive(channel)
        card = _fit_for(channel, letter.card if place.card is None or isinstance(channel, discord.DMChannel) else place.card)
        view, nobody = to_view(card, letter.language, marker=place.mark or errand.mark), discord.AllowedMentions.none()
        message = channel.get_partial_message(place.message_id)
        if letter.drawing is not None:
            async with self.pace:
                await message.edit(view=view, attachments=files(card, letter.language), allowed_mentions=nobody)
            return
        try:
            async with self.pace:
                await message.edit(view=view, allowed_mentions=nobody)
        except discord.HTTPException as error:
            if error.code != answers.ARCHIVED or not isinstance(channel, discord.Thread):
                raise
            await self._unarchive(channel)
            async with self.pace:
                await message.edit(view=view, allowed_mentions=nobody)

    async def pin(self, place: Place) -> bool | None:
        """Pins a message; False where the bot may not, or there is no room for another; None where Discord cannot say now."""
        try:
            channel = await self.open(InChannel(place.channel_id))
            async with self.pace:
                await channel.get_partial_message(place.message_id).pin()
        except (discord.HTTPException, *answers.CUT) as error:
            log.info("a message could not be pinned: %s", named(error))
            return None if answers.passes(error) else False
        return True

    async def unpin(self, place: Place) -> None:
        """Unpins a message that another one takes the place of; where the bot may not do that, or it is gone, all stays as it is."""
        try:
            channel = await self.open(InChannel(place.channel_id))
            async with self.pace:
                await channel.get_partial_message(place.message_id).unpin()
        except discord.HTTPException as error:
            log.info("a message could not be unpinned: %s", named(error))

    async def _unarchive(self, thread: discord.Thread) -> None:
        async with self.pace:
            await thread.edit(archived=False)


def _fit_for(channel: Any, card: Card) -> Card:
    """The card as the bot may send it there: without permission to attach files, in words alone."""
    if not any(isinstance(block, Picture) for block in card.blocks) or not isinstance(channel, discord.abc.GuildChannel):
        return card
    if channel.permissions_for(channel.guild.me).attach_files:
        return card
    return replace(card, blocks=tuple(block for block in card.blocks if not isinstance(block, Picture)))


def _tags(forum: discord.ForumChannel, wanted: str | None, language: str) -> list[discord.ForumTag]:
    """The tag that is called so; where there is none, the one for others, and where one is required, the last."""
    names = (wanted or "")[:TAG_LENGTH].casefold(), plain(OTHERS, language).casefold()
    fitting = [tag for name in names for tag in forum.available_tags if tag.name.casefold() == name]
    if not fitting and forum.flags.require_tag:
        fitting = list(forum.available_tags[-1:])
    return fitting[:1]
