"""The public page: what a reader costs, how long a page takes that has to be made anew, and what people in Discord feel of it all."""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp

from bot.domain.calendar import Month
from bot.web.server import Server
from bot.web.site import Site, Terms
from db import changes, public
from tests.bench.rig import Rig, clock

RUNS = 30
CONNECTIONS = 16
RATE = 1000
SECONDS = 8.0
WARM_UP = 1.0

KEEP = "INSERT OR IGNORE INTO goal_value (goal_id, day, guild_id, value, behind, chapters) VALUES (?, ?, ?, ?, ?, ?)"

Fact = tuple[float, float | None, str]


async def page_facts(bench: Rig, command: Callable[[], Awaitable[object]]) -> dict[str, Fact]:
    """Everything about the page with every chapter open; `command` is what somebody runs meanwhile."""
    await _open_all(bench)
    site = Site(bench.store, bench.world.now, Terms("http://127.0.0.1"), asyncio.get_running_loop(), lambda: bench.bot.arrived)
    server = Server("127.0.0.1", 0, None, site)
    port = await server.open()
    try:
        fresh = await _fresh(bench, port)
        cost = await _cost(server, port)
        quiet = statistics.median(await bench.time(command, RUNS))
        readers = await _readers(port, RATE, SECONDS)
        await asyncio.sleep(WARM_UP)
        busy = statistics.median(await bench.time(command, RUNS))
        rate, lost = (await readers.communicate())[0].split()
    finally:
        await server.close()
    if int(lost):
        raise RuntimeError("readers were turned away")
    return {
        "page made anew": (1000 * fresh, 30.0, "ms"),
        "page from cache: one core's time for 1,000": (1000 * cost, 1.0, "s"),
        f"command with {float(rate):,.0f} readers a second ÷ without": (busy / quiet, 1.5, "×"),
    }


async def _open_all(bench: Rig) -> None:
    guild_id, today = bench.guild.id, bench.world.now().date()
    async with bench.store.write() as c:
        await c.exec_driver_sql("UPDATE chapter SET visibility = 'open'")
        goals = [row[0] for row in await c.exec_driver_sql("SELECT id FROM goal")]
        for goal in goals:
            for n in range(1, 61):
                kept = (goal, str(Month.of(today).plus(-n).last), guild_id, 100 * (61 - n), 90, 100)
                await c.exec_driver_sql(
                    "INSERT OR IGNORE INTO goal_value (goal_id, day, guild_id, value, behind, chapters) VALUES (?,?,?,?,?,?)", kept
                )
        await public.switch(c, guild_id, "bench", "Bench", bench.world.now())
    await bench.store.keep_in_the_picture()


async def _fresh(bench: Rig, port: int) -> float:
    """Seconds for a page after something changed, from the request to its last byte."""
    taken = []
    async with aiohttp.ClientSession() as reader:
        for _ in range(RUNS):
            async with bench.store.write() as c:
                await changes.log(c, bench.guild.id, "setup.change", bench.world.now(), None)
            began = clock()
            async with reader.get(f"http://127.0.0.1:{port}/o/bench") as answer:
                await answer.read()
            taken.append(clock() - began)
    return statistics.median(taken)


async def _cost(server: Server, port: int) -> float:
    """Seconds of one core that an answer from the cache takes, whatever else this machine does."""
    spent = time.pthread_getcpuclockid(server._thread.ident or 0)
    began = time.clock_gettime(spent)
    readers = await _readers(port, 0, SECONDS / 2)
    rate, _ = (await readers.communicate())[0].split()
    return (time.clock_gettime(spent) - began) / (float(rate) * SECONDS / 2)


async def _readers(port: int, rate: float, seconds: float) -> asyncio.subprocess.Process:
    given = map(str, (port, "/o/bench", CONNECTIONS, seconds, rate))
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.readers", *given, stdout=asyncio.subprocess.PIPE)
