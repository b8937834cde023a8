"""The sample organisation's server: what the bot has said there when the demo opens, whatever the day."""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import discord
import pytest
from simcord.builders import ChannelHandle
from simcord.components import walk_components
from simcord.env import Env

from bot.client import ChapterBot
from bot.demo import sample
from bot.demo.world import as_bot, new_world
from db.store import Store

NOWS = (
    datetime(2026, 11, 1, 0, 30, tzinfo=UTC),
    datetime(2026, 11, 5, 12, tzinfo=UTC),
    datetime(2026, 11, 22, 3, tzinfo=UTC),
)


def said(world: Env, message: discord.Message) -> str:
    """Every word of a message."""
    parts = walk_components(world.backend.get_message(message.channel.id, message.id).components)
    return "\n".join(part[key] for part in parts for key in ("content", "label") if part.get(key))


def all_said(world: Env, channels: Iterable[ChannelHandle]) -> list[str]:
    return [said(world, message) for channel in channels for message in channel.history()]


@asynccontextmanager
async def opened(database: Path, now: datetime) -> AsyncIterator[tuple[Env, ChapterBot, sample.Server]]:
    """The demo at a moment, with everything said that is due."""
    store = await Store.open(f"sqlite+aiosqlite:///{database}")
    bot = ChapterBot(store, clock=lambda: world.now(), shard_count=1)  # noqa: PLW0108 - there is no world yet
    world = new_world(bot, starts=sample.begins(now), name="Chapterhouse")
    await world.start()
    try:
        server = await sample.build(world, bot, now)
        await as_bot(world, bot.run_due(world.now()))
        yield world, bot, server
        assert world.errors == []
    finally:
        await world.shutdown()
        await bot.close()
        await store.close()


@pytest.mark.parametrize("now", NOWS, ids=str)
async def test_the_demo_opens_with_what_the_bot_has_said_lately(database: Path, now: datetime) -> None:
    async with opened(database, now) as (world, _, server):
        assert timedelta() <= world.now() - now < timedelta(minutes=1)
        london = all_said(world, [server.places["london"]])
        assert re.search(r"Published by <@\d+> <t:\d+:D> → \[London, (September|October) 2026\]", london[0])
        asked = [words for words in london if "how was October 2026 in London?" in words]
        assert len(asked) == (now.day == 5)
        assert any("Together with Glasgow?" in words for words in london)
        digest = all_said(world, [server.people["Fay"].user.dm_channel])
        assert any("This week, of your 7 chapters" in words and "**Porto**  Asks for help: “A printer”." in words for words in digest)
        assert any("chapters without facilitator" in words for words in all_said(world, [server.places["facilitators"]]))
        posts = server.places["reports"].threads
        assert len({post.name for post in posts}) == len(posts) >= 15
        moments = [message.created_at for place in server.places.values() for message in place.history()]
        assert all(sample.begins(now) <= moment <= world.now() for moment in moments)


async def test_a_deadline_passes_soon_and_everybody_is_invited_to_look_back(database: Path) -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    async with opened(database, now) as (world, bot, server):
        before = {post.id for post in server.places["reports"].threads}
        for _ in range(4):
            await world.advance_time(86_400)
            await as_bot(world, bot.run_due(world.now()))
        new = [post for post in server.places["reports"].threads if post.id not in before]
        (invited,) = [post for post in new if post.name == "Education activities held · 30 November 2026"]
        words = "\n".join(all_said(world, [invited]))
        assert re.search(r"was 30 November 2026. On that day it was \*\*\d\d of 100\*\*", words)
        assert "**Toronto**, October 2026: Posters are torn down within a day." in words
        assert "Propose a revision" in words
        asked = await server.people["Mo"].slash(server.places["general"], "progress")
        walked = "\n".join(part.get("content", "") for part in walk_components(asked.response.components))
        assert "The deadline was 30 November 2026; at the pace of the last 6 months:" in walked
        assert "Due 30 November" not in walked
