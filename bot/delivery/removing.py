"""Taking a message away, with the thread that belongs to it, as far as Discord lets."""

from typing import Any

import discord

from bot.delivery import answers
from bot.delivery.answers import named
from bot.delivery.letters import Removal
from bot.delivery.pace import Pace


async def take_away(bot: discord.Client, pace: Pace, removal: Removal) -> str | None:
    """Deletes a message; None once nothing of it is left (a second time too), else what stands in the way."""
    place = removal.place
    if place is None:
        return None
    try:
        channel = await _find(bot, pace, place.channel_id)
        if channel is None or (isinstance(channel, discord.DMChannel) and not removal.direct):
            return None
        if isinstance(channel, discord.Thread):
            return await _delete_thread(channel, place.message_id, pace, removal.name)
        await _delete_message(channel, place.message_id, pace)
        # A thread that was opened on a message has its id, and outlives it.
        thread = await _find(bot, pace, place.message_id) if removal.with_thread else None
        return None if thread is None else await _delete_thread(thread, place.message_id, pace, removal.name)
    except discord.HTTPException as error:
        if answers.passes(error):
            raise
        return named(error)


async def _find(bot: discord.Client, pace: Pace, channel_id: int) -> Any:
    try:
        async with pace:
            return bot.get_channel(channel_id) or await bot.fetch_channel(channel_id)
    except discord.NotFound:
        return None


async def _delete_message(channel: Any, message_id: int, pace: Pace) -> None:
    try:
        async with pace:
            await channel.get_partial_message(message_id).delete()
    except discord.NotFound:
        return


async def _delete_thread(thread: discord.Thread, message_id: int, pace: Pace, name: str) -> str | None:
    try:
        async with pace:
            await thread.delete()
    except discord.NotFound:
        return None
    except discord.Forbidden as error:
        # Only who may manage threads deletes one; its own words, and the title of what it opened, the bot may always change.
        await _empty(thread, message_id, pace, name)
        return named(error)
    return None


async def _empty(thread: discord.Thread, message_id: int, pace: Pace, name: str) -> None:
    async with pace:
        await thread.edit(name=name, archived=False)
    await _delete_message(thread, message_id, pace)
    async with pace:
        await thread.edit(archived=True)
