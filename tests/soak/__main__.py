"""`make soak`: years of many chapters in minutes, with faults, and whether anything grows, is lost, or is counted wrongly."""

import argparse
import asyncio
import sys
import tempfile
import time
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.faults.discord.trouble import Act, Point, Trouble, cut, error, lost, slow, too_many
from tests.faults.rig import Rig, new_rig
from tests.soak import inside
from tests.soak.life import Life
from tests.soak.recount import Entries

BEGINS = datetime(2026, 1, 10, 10, tzinfo=UTC)
GROWTH = 1.05
"""What is kept in memory may grow by so much after the warm-up."""
HOURS = {1: (10, 16, 23), 2: (12,), 5: (13,), 6: (1,), 9: (13,), 10: (1,), 12: (12,), 18: (12,), 24: (12,), 27: (12,)}
"""The hours (UTC) of a month's days on which the clock stops and people act; and Mondays, for the digest."""
SHARES = {1: 0.15, 2: 0.2, 5: 0.2, 9: 0.15, 12: 0.1, 18: 0.15, 24: 0.15, 27: 0.1}
A_WEEK = timedelta(days=7)
"""After which Discord archives a post, and the bot need not know of it any more."""
LEFT_OVER = ("sent", "dropped", "refused")
ROUTES = (("POST", r"/channels/\d+/messages"), ("PATCH", r"/channels/\d+/messages/\d+"), ("POST", r"/channels/\d+/threads"))
ANSWERS = ("POST", r"/interactions/.+/callback")

console = Console()


@dataclass(frozen=True)
class Look:
    """The bot's process after a month."""

    month: str
    memory: float
    files: int
    tasks: int
    waiting: int
    database: float
    log: float
    acts: int


def stops(year: int, month: int) -> Iterator[datetime]:
    """The moments of a month at which the clock stops."""
    for day in range(1, monthrange(year, month)[1] + 1):
        monday = (9,) if date(year, month, day).weekday() == 0 else ()
        for hour in sorted({*HOURS.get(day, ()), *monday}):
            yield datetime(year, month, day, hour, 5, tzinfo=UTC)


def trouble(dice: Random) -> Trouble:
    """One request that goes wrong, at random."""
    acts: tuple[Act, ...] = (error(500), error(502), slow(0.5), cut, lost)
    # What Discord turns away because it is too much, it has not carried out.
    turned_away: tuple[Act, ...] = (too_many(0.2), too_many(0.2, everywhere=True))
    method, path = dice.choice((*ROUTES, ANSWERS))
    act = dice.choice(acts + turned_away)
    point = Point.ARRIVED if act in turned_away else dice.choice((Point.ARRIVED, Point.CARRIED_OUT))
    return Trouble(method, path, act, point, first=dice.randint(1, 20))


async def look(rig: Rig, month: str, acts: int) -> Look:
    """What the process has and holds now."""
    process = rig.child.process
    assert process is not None
    assert process.pid is not None
    answer = inside.ask(process.pid, rig.child.folder)
    async with asyncio.timeout(10):
        while not answer.exists():
            await asyncio.sleep(0.01)
    status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    files = len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
    (waiting,) = rig.rows(f"SELECT count(*) FROM outbox WHERE state NOT IN {LEFT_OVER}")[0]
    sizes = [rig.child.database.stat().st_size, rig.child.database.with_name("chapterhouse.db-wal").stat().st_size]
    return Look(month, memory / 1024, files, int(answer.read_text()), waiting, sizes[0] / 2**20, sizes[1] / 2**20, acts)


async def live(rig: Rig, life: Life, months: int, warm_up: int, progress: Progress) -> list[Look]:
    """Month after month; the process is killed now and then at first, and from then on it is one and the same."""
    task = progress.add_task("months", total=months)
    looks = []
    for n in range(months):
        year, month = divmod(BEGINS.month + n, 12)
        for moment in stops(BEGINS.year + year, month + 1):
            rig.clock.move_to(max(moment, rig.clock.now()))
            rig.discord.world.put_away(A_WEEK)
            await rig.settle(120)
            rig.discord.api.troubles[:] = [each for each in rig.discord.api.troubles if each.seen < each.first]
            if life.dice.random() < 0.5:
                rig.discord.api.troubles.append(trouble(life.dice))
            if life.dice.random() < 0.1:
                await rig.discord.gateway.drop(resumable=life.dice.random() < 0.5)
                await asyncio.wait_for(rig.discord.gateway.ready.wait(), 60)
            if moment.day in SHARES and moment.hour >= 10:
                await life.day(moment.date(), SHARES[moment.day])
                await rig.settle(120)
            elif 2 * n < warm_up and life.dice.random() < 0.2:
                await _die(rig)
        rig.discord.api.troubles.clear()
        await rig.settle(120)
        looks.append(await look(rig, f"{BEGINS.year + year}-{month + 1:02}", life.done.total()))
        progress.update(task, completed=n + 1, description=f"{looks[-1].month}: {life.done.total():,} acts, {looks[-1].memory:.0f} MB")
    return looks


async def _die(rig: Rig) -> None:
    rig.child.kill()
    await rig.child.end()
    rig.discord.forsake()
    await rig.start()
    await rig.settle(120)


def compare(file: Path) -> tuple[int, list[str]]:
    """How many figures were compared, and those that are not what the entries say."""
    entries, compared, wrong = Entries(file), 0, []
    for day, metric, starts, kept in entries.kept():
        found = entries.figure(metric, date.fromisoformat(starts), day)
        compared += 1
        if kept != found:
            wrong.append(f"{day} {metric}: kept is {kept}, the entries give {found}")
    return compared, wrong


def twice(rig: Rig) -> tuple[int, int]:
    """How many messages the outbox sent, and how many came twice: messages are told apart by their nonce, a forum's posts by their name."""
    (sent,) = rig.rows("SELECT count(DISTINCT message_id) FROM outbox WHERE message_id IS NOT NULL")[0]
    nonces = [each["nonce"] for each in rig.discord.world.all_messages() if each.get("nonce")]
    posts = [each["name"] for each in rig.discord.world.threads(rig.places["reports"])]
    return sent, sum(times - 1 for times in Counter(nonces + posts).values())


async def soak(chapters: int, months: int, warm_up: int, seed: int) -> int:
    """Runs it all and prints what came of it; 0 if all is well."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chapterhouse-soak-") as folder:
        async with new_rig(Path(folder), BEGINS) as rig:
            rig.child.prepare = inside.prepare
            rig.discord.world.nonce_clock = time.monotonic
            life = Life(rig, Random(seed))
            life.people(chapters)
            await rig.start()
            with Progress(console=console, transient=True) as progress:
                task = progress.add_task("chapters are added", total=chapters)
                await life.begin(lambda n: progress.update(task, completed=n))
                progress.remove_task(task)
                looks = await live(rig, life, months, warm_up, progress)
            rig.clock.move(timedelta(days=1))
            await rig.settle(120)
            sent, doubled = twice(rig)
            soundness = rig.rows("PRAGMA integrity_check")
            stopped = await rig.child.stop()
            log = rig.child.log.read_text()
            compared, wrong = compare(rig.child.database)
            rig.child.start("check", "--deep")
            checked = await rig.child.end(600)
            deep = rig.child.log.read_text()[len(log) :]
    console.print(_table(looks, warm_up))
    console.print(f"seed {seed}: " + ", ".join(f"{n:,} × {what}" for what, n in sorted(life.done.items())))
    warm, last = looks[warm_up - 1], looks[-1]
    # These come and go with what is under way at that moment.
    files, tasks = (max(getattr(each, name) for each in looks[:warm_up]) for name in ("files", "tasks"))
    failures = [
        *wrong[:20],
        *([f"memory grew from {warm.memory:.0f} to {last.memory:.0f} MB"] if last.memory > GROWTH * warm.memory else []),
        *([f"open files grew from {files} to {last.files}"] if last.files > files else []),
        *([f"tasks grew from {tasks} to {last.tasks}"] if last.tasks > tasks else []),
        *([f"{last.waiting} rows of the outbox wait"] if last.waiting else []),
        *([f"{doubled} messages came twice"] if doubled else []),
        *([f"the database is not sound: {soundness}"] if soundness != [("ok",)] else []),
        *([f"it stopped with {stopped}"] if stopped else []),
        *(["its log holds a traceback"] if "Traceback" in log else []),
        *([f"check --deep ended with {checked}: {deep[-2000:]}"] if checked else []),
    ]
    console.print(f"{sent:,} messages sent, {doubled} twice; {compared:,} figures compared with the raw entries, {len(wrong)} differ.")
    console.print("\n".join(["Not as it should be:", *failures]) if failures else "All is as it should be.")
    console.print(f"(this took {(time.monotonic() - began) / 60:.1f} minutes)")
    return 1 if failures else 0


def _table(looks: list[Look], warm_up: int) -> Table:
    table = Table(title="The bot's process at the end of a month", title_justify="left")
    for column in ("", "memory MB", "open files", "tasks", "outbox", "database MB", "its log MB", "acts"):
        table.add_column(column, justify="right" if column else "left")
    shown = {0, warm_up - 1, len(looks) - 1, *range(warm_up - 1, len(looks), 6)}
    for n in sorted(shown):
        each = looks[n]
        note = f"{each.month}{', warmed up' if n == warm_up - 1 else ''}"
        sizes = (f"{each.database:.1f}", f"{each.log:.1f}")
        table.add_row(note, f"{each.memory:.1f}", str(each.files), str(each.tasks), str(each.waiting), *sizes, f"{each.acts:,}")
    return table


def main() -> None:
    """Reads what is wanted and runs it."""
    asked = argparse.ArgumentParser(prog="make soak", description="ARGS may hold:")
    asked.add_argument("--chapters", type=int, default=200)
    asked.add_argument("--months", type=int, default=30)
    asked.add_argument(
        "--warm-up", type=int, default=12, help="months of warming up; in the first half of them the process is killed now and then"
    )
    asked.add_argument("--seed", type=int, default=1)
    chosen = asked.parse_args()
    sys.exit(asyncio.run(soak(chosen.chapters, chosen.months, min(chosen.warm_up, chosen.months), chosen.seed)))


if __name__ == "__main__":
    main()
