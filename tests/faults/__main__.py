"""`make faults`: what was done to the bot, how often, and what was lost or doubled by it."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import pytest
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from tests.faults.crowds import HEADINGS
from tests.faults.discord.contract import contract
from tests.faults.kills import Outcome, kill_again_and_again
from tests.faults.network import ROWS, suffer
from tests.faults.stories import CROWDS, STORIES, pressed, told

SEED = 20261122
WIDE = 150


def main(
    seed: Annotated[int, typer.Option(help="What decides who does what and when the bot is killed.")] = SEED,
    kills: Annotated[int, typer.Option(help="How often the bot is killed.")] = 200,
    a_day: Annotated[int, typer.Option(help="How often on each day on which something falls due.")] = 5,
    network: Annotated[bool, typer.Option(help="Also what the network and Discord can do.")] = True,
    clock: Annotated[bool, typer.Option(help="Also what a clock can do.")] = True,
    crowds: Annotated[bool, typer.Option(help="Also many people at once.")] = True,
    storage: Annotated[bool, typer.Option(help="Also what the file and its disk can do.")] = True,
) -> None:
    """Does to the real bot what a machine and a network can do to it, and ends with 1 if anything was lost, doubled or unsound."""
    # In a file the tables are whole; on a screen they are as wide as it is.
    console = Console() if sys.stdout.isatty() else Console(width=WIDE)
    judged = "held against Discord's own document" if contract() else "not held against Discord's document, which is not here"
    console.print(f"seed {seed}, {kills} deaths; requests are {judged}")
    console.print(f'again: make faults ARGS="--seed {seed} --kills {kills} --a-day {a_day}"')
    sound = True
    if network:
        sound = asyncio.run(_trouble(console))
    if clock:
        sound = asyncio.run(_strange_times(console)) and sound
    if crowds:
        sound = asyncio.run(_crowds(console)) and sound
    if storage:
        sound = _storage(console) and sound
    if kills:
        with Progress(console=console, transient=True) as bar, TemporaryDirectory() as folder:
            task = bar.add_task("Deaths", total=kills)
            outcome = asyncio.run(kill_again_and_again(Path(folder), seed, kills, a_day, lambda done: bar.update(task, completed=done)))
        _show(console, outcome)
        sound = sound and not (outcome.lost or outcome.doubled or outcome.faults)
    raise typer.Exit(int(not sound))


async def _trouble(console: Console) -> bool:
    """Each trouble of the network, in a table of its own; whether all came to nothing."""
    table = Table("trouble", "prompts", "posts", "check-ins", "lost", "doubled", "faults", title="What the network and Discord did")
    words: list[str] = []
    with Progress(console=console, transient=True) as bar:
        for name, row in bar.track(ROWS.items(), description="Troubles"):
            with TemporaryDirectory() as folder:
                done = await suffer(Path(folder), row)
            counts = (done.prompts, done.posts, done.entries)
            lost, doubled = [each for count in counts for each in count.lost], [each for count in counts for each in count.doubled]
            table.add_row(name, *(str(count.owed) for count in counts), str(len(lost)), str(len(doubled)), str(len(done.faults)))
            words += [f"{name}: {each}" for each in (*lost, *doubled, *done.faults)]
    console.print(table)
    for line in words:
        console.print(line, markup=False)
    return not words


async def _strange_times(console: Console) -> bool:
    """Each strange time in a table of its own; whether everybody was told once, and when they should be."""
    kinds = ("prompt", "first nudge", "second nudge", "digest")
    table = Table("what the clock did", *(f"{kind}s" for kind in kinds), "faults", title="What people were told meanwhile")
    words: list[str] = []
    with Progress(console=console, transient=True) as bar:
        for name, (begins, story) in bar.track(STORIES.items(), description="Times"):
            seen, faults = await told(begins, story)
            table.add_row(name, *(str(sum(each.kind == kind for each in seen)) for kind in kinds), str(len(faults)))
            words += [f"{name}: {each}" for each in faults]
    console.print(table)
    for line in words:
        console.print(line, markup=False)
    return not words


async def _crowds(console: Console) -> bool:
    """Many at once, with the three seconds that Discord waits; whether nothing of theirs was lost or doubled."""
    table = Table(*HEADINGS, title="Many at once")
    words: list[str] = []
    for crowd in CROWDS:
        outcome = await pressed(crowd)
        table.add_row(*outcome.row)
        words += [f"{outcome.name}: {each}" for each in (*outcome.lost, *outcome.doubled)]
    console.print(table)
    for line in words:
        console.print(line, markup=False)
    return not words


class Stories:
    """What pytest says of each test, in words."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, float]] = {}
        self.words: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes how a test went; of what comes before and after it only what went wrong."""
        name = report.location[2].removeprefix("test_").replace("_", " ")
        if report.when == "call" or not report.passed:
            came = {"passed": "as it should", "skipped": "not tried here"}.get(report.outcome, "not as it should")
            self.rows[name] = (came, report.duration)
        if report.failed:
            self.words.append(f"{name}: {report.longreprtext}")


def _storage(console: Console) -> bool:
    """Each fault of the file and its disk, in a table of its own; whether all came to what it should."""
    stories, tests = Stories(), Path(__file__).with_name("test_storage.py")
    options = ("-p", "no:terminal", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib")
    ended = pytest.main([str(tests), *options], plugins=[stories])
    table = Table("what the file and its disk did, and what was to come of it", "it came", "seconds", title="A file and a disk that fail")
    for name, (came, seconds) in stories.rows.items():
        table.add_row(escape(name), came, f"{seconds:.0f}")
    console.print(table)
    for line in stories.words:
        console.print(line, markup=False)
    return ended == pytest.ExitCode.OK


def _show(console: Console, outcome: Outcome) -> None:
    """The tables of the deaths."""
    tried = Table("killed", "times", title="What was tried")
    for name, times in sorted(outcome.tried.items(), key=lambda each: -each[1]):
        tried.add_row(name, str(times))
    tried.add_section()
    tried.add_row("in all", str(sum(outcome.tried.values())))
    counted = Table("what", "owed or acknowledged", "lost", "doubled", title="What came of it")
    for kind, count in outcome.counts.items():
        counted.add_row(kind, str(count.owed), str(len(count.lost)), str(len(count.doubled)))
    console.print(tried, counted)
    console.print(
        f"The database was looked at after {outcome.checked} deaths (integrity_check, check --deep): {len(outcome.faults)} faults."
    )
    for line in (*outcome.lost, *outcome.doubled, *outcome.faults):
        console.print(line, markup=False)


if __name__ == "__main__":
    typer.run(main)
