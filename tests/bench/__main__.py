"""`make bench`: how long people wait, as differences from and ratios to a bare command in the same run."""

import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.delivery.planner import plan
from tests.bench.acts import BARE, BARE_TYPING, CONTROL, Act, acts
from tests.bench.page import page_facts
from tests.bench.rig import CONTROL_SECONDS, Rig, clock, rig

Fact: TypeAlias = tuple[float, float | None, str]
"""A figure, what it may be at the most, and its unit."""

SIZES = (100, 10_000)
RUNS, ROUNDS = 60, 3
WARM_UP = 4
DUE = 1_000
WHOLE_PAST = 400
"""Milliseconds that a whole organisation's past may take at 10,000 chapters, off the event loop."""
TICKS = 30
MEMORY_LIMIT = 150
MEMORY = """
import asyncio, sys
from pathlib import Path
from bot.client import ChapterBot
from db.store import Store

async def main():
    store = await Store.open("sqlite+aiosqlite:///" + sys.argv[1])
    bot = ChapterBot(store)
    await bot.add_cogs()
    await bot.run_due(bot.clock())
    assert "simcord" not in sys.modules
    await store.close()
    # Not ru_maxrss: a new program inherits that from the one that started it.
    print(next(int(line.split()[1]) // 1024 for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))

asyncio.run(main())
"""

console = Console()


def percentile(taken: list[float], share: float) -> float:
    """The value that this share of the runs did not exceed, in milliseconds."""
    ordered = sorted(taken)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def measure(size: int, progress: Progress) -> tuple[Table, list[str]]:
    """One table for so many chapters, and what falls short of the aims."""
    with tempfile.TemporaryDirectory(prefix="chapterhouse-bench-") as folder:
        path = Path(folder) / "bench.db"
        task = progress.add_task(f"{size:,} chapters: five years of history", total=None)
        async with rig(path, size) as bench:
            todo = await acts(bench)
            progress.update(task, description=f"{size:,} chapters: measuring", total=len(todo) * (ROUNDS + 1))
            for act in todo.values():
                await bench.time(act.run, WARM_UP)
                progress.advance(task)
            bench.watch.longest_pause = 0.0
            taken: dict[str, list[float]] = {name: [] for name in todo}
            for _ in range(ROUNDS):
                for name, act in todo.items():
                    # What others did meanwhile is drawn anew once; that has a line of its own.
                    await act.run()
                    taken[name] += await bench.time(act.run, RUNS // ROUNDS)
                    progress.advance(task)
            facts = {
                "idle tick": (await _idle_tick(bench), 5.0, "ms"),
                "longest event-loop pause": (1000 * bench.watch.longest_pause, 50.0, "ms"),
                "start to ready": (bench.ready_seconds, None, "s"),
            }
            if size >= DUE:
                facts |= await _tick_with_many_due(bench)
            facts |= await page_facts(bench, todo["/progress"].run)
        facts["memory"] = (_memory(path), MEMORY_LIMIT, "MB")
        progress.remove_task(task)
    return _table(size, todo, taken, facts)


async def _idle_tick(bench: Rig) -> float:
    taken = []
    for _ in range(TICKS):
        began = clock()
        await bench.bot.run_due(bench.world.now())
        taken.append(clock() - began)
    return 1000 * statistics.median(taken)


async def _tick_with_many_due(bench: Rig) -> dict[str, Fact]:
    """How long a tick takes that plans a prompt for each of a thousand new chapters, and the longest that it holds everybody up."""
    those = f"IN (SELECT id FROM chapter ORDER BY id DESC LIMIT {DUE})"
    async with bench.store.write() as c:
        await c.exec_driver_sql("UPDATE summary SET next_at = NULL")
        await c.exec_driver_sql(f"UPDATE chapter SET added_on = '2026-09-30' WHERE id {those}")
        await c.exec_driver_sql(f"DELETE FROM report WHERE chapter_id {those}")
        await c.exec_driver_sql(f"UPDATE summary SET next_at = 0 WHERE chapter_id {those}")
    bench.watch.longest_pause, began = 0.0, clock()
    await plan(bench.store, bench.world.now())
    seconds = clock() - began
    async with bench.store.read() as c:
        planned = (await c.exec_driver_sql("SELECT count(DISTINCT chapter_id) FROM outbox")).scalar_one()
    if planned < DUE:
        raise RuntimeError(f"something was planned for {planned} chapters, not {DUE}")
    pause = 1000 * bench.watch.longest_pause
    async with bench.store.write() as c:
        await c.exec_driver_sql("DELETE FROM outbox")
        await c.exec_driver_sql("UPDATE summary SET next_at = NULL")
    return {f"tick that plans for {DUE:,} chapters": (seconds, None, "s"), "longest pause in it": (pause, 50.0, "ms")}


def _memory(path: Path) -> int:
    done = subprocess.run([sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def _table(size: int, todo: dict[str, Act], taken: dict[str, list[float]], facts: dict[str, Fact]) -> tuple[Table, list[str]]:
    table = Table(title=f"{size:,} chapters, 5 years of history; {RUNS} runs each", title_justify="left")
    for column in ("", "p50 ms", "p95 ms", "p50 ÷ bare", "p95 − bare ms"):
        table.add_column(column, justify="left" if not column else "right")
    allowed = 10 if size <= 100 else 25
    short = []
    for name, act in todo.items():
        p50, p95 = percentile(taken[name], 0.5), percentile(taken[name], 0.95)
        bare_p50, bare_p95 = percentile(taken[act.against], 0.5), percentile(taken[act.against], 0.95)
        table.add_row(name, f"{p50:.1f}", f"{p95:.1f}", f"{p50 / bare_p50:.1f}", f"{p95 - bare_p95:.1f}")
        aim = WHOLE_PAST if "as_of" in name and size > 100 else allowed
        if name not in (BARE, CONTROL, BARE_TYPING):
            short += [f"{size:,} chapters, {name}: {missed}" for missed in _missed(act, (p50, bare_p50), (p95, bare_p95), aim)]
    seen = percentile(taken[CONTROL], 0.5) - percentile(taken[BARE], 0.5)
    if not 0.8 * CONTROL_SECONDS * 1000 <= seen <= 2 * CONTROL_SECONDS * 1000:
        short.append(f"{size:,} chapters: the control's 20 ms show as {seen:.1f} ms, so this run proves nothing")
    table.caption = " · ".join(f"{what} {value:.{0 if value >= 100 else 2}f} {unit}" for what, (value, _, unit) in facts.items())
    for what, (value, aim, unit) in facts.items():
        if aim is not None and value > aim:
            short.append(f"{size:,} chapters, {what}: {value:.1f} {unit}; aim: {aim:g}")
    return table, short


def _missed(act: Act, p50: tuple[float, float], p95: tuple[float, float], aim: int) -> Iterator[str]:
    """What an act takes longer than it should; of both figures the act's own comes first, then bare's."""
    if act.limit is not None:
        if p95[0] > act.limit:
            yield f"p95 is {p95[0]:.0f} ms; aim: {act.limit} ms"
        return
    if p95[0] - p95[1] > aim:
        yield f"p95 is bare + {p95[0] - p95[1]:.1f} ms; aim: + {aim} ms"
    if act.read and p50[0] > 3 * p50[1]:
        yield f"p50 is {p50[0] / p50[1]:.1f} × bare; aim: 3 ×"


def main() -> None:
    """Measures every size in turn and says what falls short; an unmet aim is a line, and no failure, on a machine that is busy."""
    short: list[str] = []
    for size in SIZES:
        with Progress(console=console, transient=True) as progress:
            table, missed = asyncio.run(measure(size, progress))
        console.print(table)
        short += missed
    console.print("\n".join(["Short of the aims:", *short]) if short else "Every aim is met.")
    usage = resource.getrusage(resource.RUSAGE_SELF)
    console.print(f"(this took {usage.ru_utime + usage.ru_stime:.0f} s of processor time)")


if __name__ == "__main__":
    main()
