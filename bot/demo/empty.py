"""An empty server, for somebody who tries to set an organisation up: a few people, two channels, and a list of chapters to import.

`brigades.csv` is made from Code for America's public list of brigades (github.com/codeforamerica/brigade-information, MIT licence,
copyright 2015 Code for America).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import discord
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle
from simcord.env import Env

from bot.client import ChapterBot
from bot.demo.sample import Tab
from bot.demo.world import channel_of
from bot.domain.text import text

FILE = Path(__file__).with_name("brigades.csv")
PEOPLE = ("Cora", "Ana", "Ben", "Fay", "Mo")
FIRST_STEPS = (
    text("You are Cora, who manages this server. Download the list of chapters below. Type /setup in #general and follow the card."),
    text("When it comes to chapters: type /import file, attach brigades.csv, look at what it would add, and say yes."),
    text("Type /chapter admins add, with Ana as the user and Chi Hack Night as the chapter."),
    text("Ana, in #general: type /report, press People and fill it in, then press Publish."),
    text("Mo, in #general: type /progress and see where the whole organisation stands."),
)


@dataclass(frozen=True, slots=True)
class Empty:
    """The server as a newcomer finds it."""

    guild: GuildHandle
    places: dict[str, ChannelHandle]
    people: dict[str, MemberActor]

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """Who looks at what."""
        general = self.places["general"]
        cora, ana, mo = (self.people[name] for name in ("Cora", "Ana", "Mo"))
        return (
            ("cora", text("Cora, in #general"), general, (cora,)),
            ("ana", text("Ana, in #general"), general, (ana,)),
            ("mo", text("Mo, in #general"), general, (mo,)),
            ("ana-direct", text("Ana, direct messages"), ana.user, (ana,)),
        )

    def follow(self, world: Env, add: Callable[..., None]) -> None:
        """Gives each channel that is made later a tab of its own, as Cora sees it."""

        def note(event: str, payload: Mapping[str, Any]) -> None:
            if event == "CHANNEL_CREATE" and int(payload.get("guild_id") or 0) == self.guild.id:
                channel = channel_of(world, self.guild, int(payload["id"]))
                add(f"room-{payload['id']}", text("#{channel}", channel=str(payload["name"])), channel, (self.people["Cora"],))

        world.backend.subscribers.append(note)


def begins(now: datetime) -> datetime:
    """The empty server's clock begins with the demo."""
    return now


async def build(world: Env, _bot: ChapterBot, _now: datetime) -> Empty:
    """Makes the server: Cora may manage it, nobody has a role that the bot knows."""
    guild = world.create_guild("Our organisation")
    managers = guild.create_role("Founders", permissions=discord.Permissions(manage_guild=True))
    people = {
        name: guild.add_member(world.create_user(name.casefold(), global_name=name), roles=[managers] if name == "Cora" else [])
        for name in PEOPLE
    }
    places = {name: guild.create_text_channel(name) for name in ("general", "chicago")}
    await world.settle()
    return Empty(guild, places, people)
