"""The bot's working life: logs in, looks for due work at every tick, and stops in order when asked to."""

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import watchdog
from bot.config import Settings
from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.pulse import Pulse
from bot.services.backups import Plan
from bot.services.pictures import Pictures
from bot.services.public import Address
from bot.upkeep import FIRST_LOOK, LOOKS, Upkeep

if TYPE_CHECKING:
    from bot.client import ChapterBot

log = logging.getLogger(__name__)

# The bot never speaks in voice channels: that it could not is no news to an operator.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

GRACE = 8.0
"""Seconds that work in hand has to finish, of the 10 in which the program promises to stop."""

FIRST_PICTURE = 30.0
"""Seconds after its start at which the program gets ready to draw: until then it has better things to do."""

# discord.py names its tasks so: somebody waits for an answer. The last is the client's own, while it sends.
IN_HAND = ("CommandTree-invoker", "discord-ui-view-dispatch-", "discord-ui-modal-dispatch-", "discord.py: on_interaction", "outbox-round")
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


async def serve(bot: "ChapterBot", settings: Settings, plan: Plan) -> None:
    """Runs the bot until SIGTERM or SIGINT, then lets work in hand finish and closes the connection.

    Backups are made as `plan` says. Raises ConnectionFault, NoPort, or StorageFault when the database was taken away.
    """
    busy = asyncio.Lock()
    pulse = Pulse(settings.tick_seconds, connected=lambda: bot.is_ready() and not any(shard.is_closed() for shard in bot.shards.values()))

    async def tick() -> None:
        failed = True
        async with busy:
            with bot.troubles.told():
                bot.store.insist()
                await bot.plan_due(bot.clock())
                failed = False
        pulse.ticked(failed=failed)

    # A tick that comes late, because the machine slept or the last one took long, is done once and never dropped.
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None})
    scheduler.add_job(tick, IntervalTrigger(seconds=settings.tick_seconds, timezone=UTC), next_run_time=bot.clock())
    if settings.backup_enabled:
        looks = IntervalTrigger(seconds=int(LOOKS.total_seconds()), timezone=UTC)
        care = Upkeep(bot.store, plan, settings.backup_hour, bot.wake)
        scheduler.add_job(see_to, looks, args=[care, bot.clock], next_run_time=bot.clock() + FIRST_LOOK)
    pulse.looked = partial(_keep_in_time, scheduler, bot.clock)

    async with _watched(bot, pulse, settings, plan.folder):
        stop = asyncio.create_task(_asked_to_stop().wait())
        life = asyncio.create_task(_live(bot, settings.token.get_secret_value(), scheduler, pulse))
        try:
            ends: set[asyncio.Future[Any]] = {life, stop, bot.store.lost}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            watchdog.tell("STOPPING=1")
            if scheduler.running:
                log.info("stopping: what is in hand is finished first")
                scheduler.pause()
                bot.sender.stop()
                await _finish(busy)
                scheduler.shutdown(wait=False)
        finally:
            stop.cancel()
            life.cancel()
            try:
                with suppress(asyncio.CancelledError):
                    await life
            finally:
                await bot.close()
    if bot.store.lost.done():
        raise bot.store.lost.result()


async def see_to(care: Upkeep, clock: Callable[[], datetime]) -> None:
    """Does what is due of the care for the database; when the program stops meanwhile, it is done after its next start."""
    # The scheduler would log being stopped as an error.
    with suppress(asyncio.CancelledError):
        await care.look(clock())


def _keep_in_time(scheduler: AsyncIOScheduler, clock: Callable[[], datetime]) -> None:
    """A machine's clock that was set back does not keep what is done regularly waiting until it has caught up with itself."""
    now = clock()
    for job in scheduler.get_jobs():
        if job.next_run_time - now > job.trigger.interval:
            log.info("the clock was set back: %s is done at once", job.name)
            job.modify(next_run_time=now)


@asynccontextmanager
async def _watched(bot: "ChapterBot", pulse: Pulse, settings: Settings, backups: Path) -> AsyncIterator[None]:
    """Tells systemd that the program lives, and, if the operator wants it, answers how it is."""
    async with AsyncExitStack() as around:
        if settings.web_enabled:
            await around.enter_async_context(_web(bot, pulse, settings, backups))
        tasks = [asyncio.create_task(work) for work in (pulse.beat(), watchdog.keep(pulse), _get_ready_to_draw(bot.pictures))]
        for task in tasks:
            around.callback(task.cancel)
        watchdog.tell("READY=1")
        yield


async def _get_ready_to_draw(pictures: Pictures) -> None:
    await asyncio.sleep(FIRST_PICTURE)
    await pictures.warm_up()


@asynccontextmanager
async def _web(bot: "ChapterBot", pulse: Pulse, settings: Settings, backups: Path) -> AsyncIterator[None]:
    # Only whoever asks for figures or pages pays for their libraries.
    from bot.web.health import Watch
    from bot.web.metrics import Metrics
    from bot.web.server import opened
    from bot.web.site import Site, Terms

    metrics = Metrics(backups)
    bot.observe, pulse.felt = metrics.observe, metrics.felt
    here = f"http://127.0.0.1:{settings.web_port}"
    bot.address = Address(settings.web_public_url or here, everywhere=bool(settings.web_public_url))
    terms = Terms(bot.address.url, settings.web_proxies, settings.web_requests_per_minute)
    site = Site(bot.store, bot.clock, terms, asyncio.get_running_loop(), lambda: bot.arrived)
    async with opened(Watch(bot.store, pulse, metrics, bot.clock), settings.web_port, site, settings.web_address):
        log.info("health and figures are at %s, public pages at %s/o/", here, bot.address.url)
        yield


async def _live(bot: discord.Client, token: str, scheduler: AsyncIOScheduler, pulse: Pulse) -> None:
    async with discord_faults():
        await bot.login(token)
        connection, ready = asyncio.create_task(bot.connect()), asyncio.create_task(bot.wait_until_ready())
        try:
            await asyncio.wait({connection, ready}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                spare_the_collector()
                scheduler.start()
                pulse.at_work()
                log.info("at work in %d servers", len(bot.guilds))
            await connection
        finally:
            connection.cancel()
            ready.cancel()


def spare_the_collector() -> None:
    """Takes what start-up made, and what stays, out of the garbage collector's sight: looking through it held everybody up for 0.1 s."""
    gc.collect()
    gc.freeze()


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
    in_hand = [task for task in asyncio.all_tasks() if task.get_name().startswith(IN_HAND)]
    _, late = await asyncio.wait({last_tick, *in_hand}, timeout=GRACE)
    for task in late:
        task.cancel()
