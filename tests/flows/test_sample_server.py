"""The sample organisation's server: what the bot has said there when the demo opens, whatever the day."""

import re
from collections.abc import Iterable
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


@pytest.mark.parametrize("now", NOWS, ids=str)
async def test_the_demo_opens_with_what_the_bot_has_said_lately(database: Path, now: datetime) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{database}")
    bot = ChapterBot(store, clock=lambda: world.now(), shard_count=1)  # noqa: PLW0108 - there is no world yet
    world = new_world(bot, starts=sample.begins(now), name="Chapterhouse")
    await world.start()
    try:
        server = await sample.build(world, bot, now)
        await as_bot(world, bot.run_due(world.now()))
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
        assert world.errors == []
    finally:
        await world.shutdown()
        await bot.close()
        await store.close()
