"""The bot's working life: logs in, looks for due work at every tick, and stops in order when asked to."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import aiohttp
import discord
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.domain.refusal import Refusal
from bot.domain.text import text

GRACE = 8.0
"""Seconds that work in hand has to finish, of the 10 in which the program promises to stop."""

# discord.py names its tasks so; one that has begun is somebody waiting for an answer.
HANDLERS = ("CommandTree-invoker", "discord-ui-view-dispatch-", "discord-ui-modal-dispatch-", "discord.py: on_interaction")
TOKEN_RESET = 4004


class ConnectionFault(Refusal):
    """Discord cannot be worked with: tells the operator why and what to do next."""


REFUSED = text("Discord refused the bot's token. Copy it again from the developer portal (Bot, Reset Token) into the configuration.")
UNREACHABLE = text("Discord cannot be reached. Look at this machine's connection to the internet, then start again.")
TROUBLED = text("Discord answered with an error of its own. Wait some minutes, then start again.")


@asynccontextmanager
async def discord_faults() -> AsyncIterator[None]:
    """Turns what discord.py raises when it cannot log in, or stay, into a ConnectionFault."""
    try:
        yield
    except discord.LoginFailure as error:
        raise ConnectionFault(REFUSED) from error
    except discord.ConnectionClosed as error:
        raise ConnectionFault(REFUSED if error.code == TOKEN_RESET else TROUBLED) from error
    except (discord.GatewayNotFound, discord.HTTPException) as error:
        raise ConnectionFault(TROUBLED) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise ConnectionFault(UNREACHABLE) from error


async def serve(
    bot: discord.Client, run_due: Callable[[datetime], Awaitable[object]], clock: Callable[[], datetime], *, token: str, tick_seconds: int
) -> None:
    """Runs the bot until SIGTERM or SIGINT, then lets work in hand finish and closes the connection. Raises ConnectionFault."""
    busy = asyncio.Lock()

    async def tick() -> None:
        async with busy:
            await run_due(clock())

    # A tick that comes late, because the machine slept or the last one took long, is done once and never dropped.
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    scheduler.add_job(tick, IntervalTrigger(seconds=tick_seconds, timezone=UTC), next_run_time=clock())

    stop = asyncio.create_task(_asked_to_stop().wait())
    life = asyncio.create_task(_live(bot, token, scheduler))
    try:
        await asyncio.wait({life, stop}, return_when=asyncio.FIRST_COMPLETED)
        if scheduler.running:
            scheduler.pause()
            await _finish(busy)
            scheduler.shutdown(wait=False)
    finally:
        await bot.close()
        stop.cancel()
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life


async def _live(bot: discord.Client, token: str, scheduler: AsyncIOScheduler) -> None:
    async with discord_faults():
        await bot.login(token)
        connection, ready = asyncio.create_task(bot.connect()), asyncio.create_task(bot.wait_until_ready())
        try:
            await asyncio.wait({connection, ready}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                scheduler.start()
            await connection
        finally:
            connection.cancel()
            ready.cancel()


def _asked_to_stop() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for asked in (signal.SIGTERM, signal.SIGINT):
        # Windows has no such handlers: there Ctrl-C cancels the whole run.
        with suppress(NotImplementedError):
            loop.add_signal_handler(asked, stop.set)
    return stop


async def _finish(busy: asyncio.Lock) -> None:
    # Whoever holds the lock is the last tick: it is never given back.
    last_tick = asyncio.create_task(busy.acquire())
    handlers = [task for task in asyncio.all_tasks() if task.get_name().startswith(HANDLERS)]
    _, late = await asyncio.wait({last_tick, *handlers}, timeout=GRACE)
    for task in late:
        task.cancel()
