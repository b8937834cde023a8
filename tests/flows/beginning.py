"""Where every walk begins: the real bot in a server that is set up, beside another server that is not."""

from pathlib import Path

import discord
from simcord.env import Env

from bot.client import ChapterBot
from bot.demo.world import new_world
from db.store import Store
from tests.flows.rig import BEGINS, Server

# How long SimCord looks whether the bot is done; its 50 ms would be most of each test.
Env._settle_internal.__kwdefaults__["idle"] = 0.001


async def start(database: Path) -> Server:
    """The real bot in a server that is set up; see `Server` for who and what is there."""
    store = await Store.open(f"sqlite+aiosqlite:///{database}")
    program = ChapterBot(store, clock=lambda: world.now(), shard_count=1)  # noqa: PLW0108 - there is no world yet
    world = new_world(program, starts=BEGINS, name="Chapterhouse")
    await world.start()
    guild, elsewhere = world.create_guild("The organisation"), world.create_guild("Another organisation")
    roles = {name: guild.create_role(name) for name in ("Coordinators", "Facilitators", "London")}
    manager = guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
    places = {name: guild.create_text_channel(name) for name in ("general", "london", "leeds", "facilitators")}
    places["reports"] = guild.create_forum_channel("reports")
    elsewhere.create_text_channel("elsewhere")
    held = {
        "ana": [roles["London"]],
        "ben": [roles["London"]],
        "lea": [],
        "fay": [roles["Facilitators"]],
        "cora": [roles["Coordinators"]],
        "mo": [roles["London"]],
        "mia": [manager],
    }
    people = {name: guild.add_member(world.create_user(name, global_name=name.title()), roles=theirs) for name, theirs in held.items()}
    people["eve"] = elsewhere.add_member(world.create_user("eve", global_name="Eve"))
    await world.settle()
    server = Server(
        database=database,
        world=world,
        bot=program,
        store=store,
        guild=guild,
        elsewhere=elsewhere,
        people=people,
        places=places,
        roles=roles,
    )
    await server.set_up()
    return server
