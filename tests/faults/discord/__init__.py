"""A small Discord on loopback: as much of its API and gateway as the bot's own calls need, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from tests.faults.discord.gateway import Gateway
from tests.faults.discord.http import Api
from tests.faults.discord.world import World


@dataclass
class Discord:
    """Its parts, and where it is to be found."""

    address: str
    world: World
    api: Api
    gateway: Gateway

    def forsake(self) -> None:
        """Nobody who waits for an answer is going to get one."""
        for each in self.api.interactions.values():
            if not each.settled.is_set():
                each.abandoned = True
                each.settled.set()

    async def go_down(self) -> None:
        """Nothing of it can be reached."""
        self.api.down = self.gateway.down = True
        await self.gateway.drop(resumable=False)

    def come_back(self) -> None:
        """All of it can be reached again."""
        self.api.down = self.gateway.down = False


@asynccontextmanager
async def small_discord(clock: Callable[[], datetime]) -> AsyncIterator[Discord]:
    """Opens one at a free port of this machine."""
    world = World(clock)
    api, gateway = Api(world), Gateway(world)
    world.told = gateway.tell
    application = api.application()
    application.router.add_get("/gateway/", gateway.connect)
    # A dead bot's requests are let go of at once; a live one's go on.
    runner = web.AppRunner(application, shutdown_timeout=0.1, handler_cancellation=False, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    api.gateway = gateway.address = f"ws://127.0.0.1:{port}/gateway/"
    try:
        yield Discord(f"http://127.0.0.1:{port}", world, api, gateway)
    finally:
        await asyncio.shield(runner.cleanup())
