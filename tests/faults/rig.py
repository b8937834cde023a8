"""One organisation on a small Discord, the real bot as a process beside it, and their common clock."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.faults.child import Child
from tests.faults.clock import Clock
from tests.faults.discord import Discord, small_discord
from tests.faults.discord.world import FORUM, Json, Server
from tests.faults.people import Answer, Person, Unanswered

BEGINS = datetime(2026, 9, 30, 10, tzinfo=UTC)
"""What is added now is asked about October, on 1 November."""
ZONE = "Europe/London"
LEASE = timedelta(seconds=70)
"""After so long what a dead process had claimed is free again."""
A_TICK = timedelta(seconds=61)
IN_HAND = 0.3
"""Seconds without a change after which the bot is taken to wait for its next tick."""
PATIENCE = 30.0

MEMBERS = {
    "mia": (),
    "cora": ("Coordinators",),
    "fay": ("Facilitators",),
    "ana": (),
    "ben": (),
    "lea": (),
    "hal": (),
    "kim": (),
    "yan": (),
    "bea": (),
}
CHAPTERS: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "London": ("london", ("ana", "ben")),
    "Leeds": ("leeds", ("lea",)),
    "Hull": ("hull", ("hal",)),
    "Kent": ("kent", ("kim",)),
    "York": (None, ("yan",)),
    "Bath": ("bath", ("bea",)),
}
"""Each chapter's channel and admins; York is asked by direct message, and Bath is looked after by Fay."""


@dataclass(eq=False)
class Rig:
    """Everything there is; `people`, `places` and `roles` by name, `chapters` by name once they were added."""

    discord: Discord
    child: Child
    clock: Clock
    server: Server
    people: dict[str, Person]
    places: dict[str, int]
    roles: dict[str, int]
    chapters: dict[str, int] = field(default_factory=dict)

    async def start(self) -> None:
        """Starts the bot, and waits until it hears what people do; Unanswered if it ended before."""
        self.discord.gateway.ready.clear()
        self.child.start()
        async with asyncio.timeout(PATIENCE):
            while self.child.alive and not self.discord.gateway.ready.is_set():
                await asyncio.sleep(0.01)
        if not self.child.alive:
            raise Unanswered("the bot ended before it was there")

    async def set_up(self) -> None:
        """Sets the organisation up as its people would, by commands; what is there already is left as it is."""
        general = self.places["general"]
        choices = {"coordinator_role": self.roles["Coordinators"], "facilitator_role": self.roles["Facilitators"], "timezone": ZONE}
        choices |= {"facilitators_channel": self.places["facilitators"], "reports_channel": self.places["reports"]}
        await self.people["mia"].slash("setup", general, **choices)
        for name, (place, admins) in CHAPTERS.items():
            there = {"channel": self.places[place]} if place else {}
            await self.people["cora"].slash("chapter add", general, name=name, timezone=ZONE, **there)
            for admin in admins:
                await self.people["cora"].slash("chapter admins add", general, user=self.people[admin].id, chapter=name)
        await self.people["fay"].slash("facilitate claim", general, chapter="Bath")
        if self.rows("SELECT asks_since FROM organisation") == [(None,)]:
            await agree(self.people["cora"], general)
        self.chapters = dict(self.rows("SELECT name, id FROM chapter"))

    async def settle(self, within: float = PATIENCE) -> None:
        """Lets a minute pass as often as it takes until the bot has done all that is due; it is given time for what it has in hand."""
        ends, left, looked = time.monotonic() + within, self.due(), time.monotonic()
        while left:
            assert self.child.alive, f"the bot has ended: {self.child.log.read_text()[-2000:]}"
            assert time.monotonic() < ends, f"still due: {left}"
            await asyncio.sleep(0.02)
            before, left = left, self.due()
            if left != before:
                looked = time.monotonic()
            elif time.monotonic() - looked > IN_HAND:
                self.clock.move(A_TICK)
                looked = time.monotonic()

    def due(self) -> list[tuple[Any, ...]]:
        """What the bot has to do at this moment, or has put off because it failed, as its database says."""
        now = int(self.clock.now().timestamp() * 1000)
        return self.rows(
            "SELECT kind, chapter_id, state, reason FROM outbox"
            " WHERE state = 'leased' OR (state = 'waiting' AND (due_at <= ? OR attempts > 0))"
            " UNION ALL SELECT 'chapter', chapter_id, '', '' FROM summary WHERE next_at <= ?"
            " UNION ALL SELECT 'organisation', guild_id, '', '' FROM organisation WHERE next_at <= ?",
            *[now] * 3,
        )

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the database says, read beside the bot."""
        with closing(sqlite3.connect(f"file:{self.child.database}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(sql, parameters).fetchall()

    def seen(self, where: str | Person) -> list[Json]:
        """What all can see in a place, or somebody in their direct messages; oldest first."""
        channel_id = self.places[where] if isinstance(where, str) else self.discord.world.direct(where.id)
        return self.discord.world.visible(channel_id)

    async def check_in(self, name: str, chapter: str, **entered: Any) -> Answer:
        """Somebody records a meeting by command."""
        return await self.people[name].slash("checkin", self.places["general"], chapter=chapter, **{"kind": "meeting"} | entered)


async def agree(coordinator: Person, channel: int) -> None:
    """A coordinator agrees that all chapters are asked for their reports."""
    shown = await coordinator.slash("setup", channel)
    await coordinator.press(await coordinator.send_component(shown.message, "as.all:0"), "Yes, ask ")


@asynccontextmanager
async def new_rig(folder: Path, begins: datetime = BEGINS) -> AsyncIterator[Rig]:
    """An organisation that nobody has set up yet, and a bot that does not run yet; at the end it is killed."""
    clock = Clock(folder / "clock")
    clock.move_to(begins)
    async with small_discord(clock.now) as discord:
        world = discord.world
        server = world.add_server("The organisation")
        roles = {name: world.add_role(server, name) for name in ("Coordinators", "Facilitators")}
        people = {}
        for name, held in MEMBERS.items():
            user_id = world.add_user(name)
            world.add_member(server, user_id, *(roles[role] for role in held))
            people[name] = Person(discord, server, user_id, manages=name == "mia")
        places = {name: world.add_channel(server, name) for name in ("general", "london", "leeds", "hull", "kent", "bath", "facilitators")}
        places["reports"] = world.add_channel(server, "reports", FORUM)
        child = Child(folder, discord.address, discord.gateway.address, folder / "clock")
        try:
            yield Rig(discord, child, clock, server, people, places, roles)
        finally:
            child.kill()
            if child.process is not None:
                await child.end()
            clock.close()
