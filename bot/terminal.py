"""What the commands of the program share: the clock, the settings, how an operator is told sentences and faults, a bar that moves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.domain.refusal import Refusal
from bot.domain.text import Text, counted, text

if TYPE_CHECKING:
    from bot.config import Settings

NOT_SOUND, MISCONFIGURED, SOME_LEFT_OUT = 1, 2, 3

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="The configuration file (default: ./config.toml).")]


def now() -> datetime:
    """The moment by the program's one clock, aware and in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the program's one clock


def settings_of(config: Path | None, *, token_needed: bool = False) -> "Settings":
    """The settings in force; if they have faults, lists all of them and ends the program."""
    from bot.config import ConfigurationFault, load

    try:
        return load(config, token_needed=token_needed)
    except ConfigurationFault as found:
        say(counted("The configuration has one fault:", "The configuration has {n} faults:", len(found.faults)), err=True)
        for fault in found.faults:
            say(text("  {where} {right}", where=fault.where, right=fault.right), err=True)
        raise typer.Exit(MISCONFIGURED) from None


@contextmanager
def collected(faults: list[Text]) -> Iterator[None]:
    """Puts what a rule or the database says no to among the faults, and goes on behind the block."""
    from db.faults import StorageFault

    try:
        yield
    except (Refusal, StorageFault) as fault:
        faults.append(fault.reason)


@contextmanager
def faults_in_sentences() -> Iterator[None]:
    """Ends the program with a sentence where a rule or the database says no."""
    faults: list[Text] = []
    with collected(faults):
        yield
    if faults:
        say(faults[0], err=True)
        raise typer.Exit(NOT_SOUND)


def say(sentence: Text, *, err: bool = False) -> None:
    """Writes a sentence for the operator."""
    from bot.locales import SOURCE, plain

    typer.echo(plain(sentence, SOURCE), err=err)


@contextmanager
def progress_of(what: Text) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, and nothing where somebody reads along by program; gone when all is done."""
    from rich.console import Console
    from rich.progress import Progress

    from bot.locales import SOURCE, plain

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(plain(what, SOURCE), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
