"""Looking for a message that an earlier try may have sent, where Discord would not recognise it by its nonce any more."""

from datetime import datetime, timedelta
from typing import Any

import discord

from bot.delivery.letters import Place
from bot.delivery.pace import Pace
from cogs.layout import is_marked

SEARCHED = 300
ARCHIVED = 50
BEFORE = timedelta(minutes=1)
"""By how much this machine's clock may be ahead of Discord's."""


async def find_sent(channel: Any, mark: int, first: datetime, title: str, pace: Pace) -> Place | None:
    """The message in a channel, or the post in a forum, that was sent with this mark since then."""
    if isinstance(channel, discord.ForumChannel):
        return await _find_post(channel, mark, first, title, pace)
    async with pace:
        async for message in channel.history(limit=SEARCHED, after=first - BEFORE, oldest_first=False):
            if is_marked(message.components, mark):
                return Place(channel.id, message.id, at=message.created_at)
    return None


async def _find_post(forum: discord.ForumChannel, mark: int, first: datetime, title: str, pace: Pace) -> Place | None:
    async with pace:
        # What the gateway has told so far is not enough: it may have been away just when the post was made.
        threads = [thread for thread in await forum.guild.active_threads() if thread.parent_id == forum.id]
    async with pace:
        threads += [thread async for thread in forum.archived_threads(limit=ARCHIVED)]
    recent = [thread for thread in threads if thread.created_at is not None and thread.created_at >= first - BEFORE]
    for thread in sorted(recent, key=lambda each: each.name != title):
        async with pace:
            starters = [message async for message in thread.history(limit=1, oldest_first=True)]
        if starters and is_marked(starters[0].components, mark):
            return Place(thread.id, starters[0].id, at=starters[0].created_at)
    return None
