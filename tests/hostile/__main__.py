"""`make fuzz`: many thousand hostile interactions, then hostile files, and a table of what came of each; four of its lines must be 0."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.hostile.files_table import table
from tests.hostile.fuzz import Outcome, run

console = Console()
SHOWN = 12
"""Of each kind of trouble, so many are printed."""


def main(
    seed: Annotated[int, typer.Option(help="Where the examples begin: the same seed sends the same ones.")] = 1,
    rounds: Annotated[int, typer.Option(help="How many worlds are made, one after the other.")] = 5,
    examples: Annotated[int, typer.Option(help="How many payloads for each command, suggestion, address and a third of a form.")] = 20,
    files: Annotated[bool, typer.Option(help="Also every hostile file, given to the import.")] = True,
) -> None:
    """Sends them, prints the table and every trouble, and fails if there was any."""
    whole = Outcome()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        for number in range(rounds):
            whole.add(
                run(seed + number, examples, lambda name, number=number: progress.update(task, description=f"seed {seed + number}: {name}"))
            )
    console.print(_table(whole, f"seeds {seed} to {seed + rounds - 1}, {examples} examples each"))
    for each in _shown(whole):
        console.print(each[:3000].encode(errors="backslashreplace").decode(), markup=False, highlight=False)
    sys.exit(bool(whole.troubles()) or (files and not table()))


def _table(done: Outcome, title: str) -> Table:
    table = Table(title=f"Hostile interactions: {title}", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    tried = {"commands": done.commands, "options": done.options, "suggestions": done.suggested, "addresses": done.addresses}
    for what, names in (tried | {"fields of forms": done.fields}).items():
        table.add_row(f"{what} tried", f"{len(names):,}")
    for kind, number in sorted(done.payloads.items()):
        table.add_row(f"payloads: {kind}", f"{number:,}")
    table.add_row("payloads in all", f"{done.payloads.total():,}")
    table.add_row("answered", f"{done.answered:,}")
    table.add_row("refused in a sentence", f"{done.refused:,}")
    table.add_section()
    bad = {"tracebacks": done.tracebacks, "unanswered": done.unanswered, "stalls over 50 ms": done.stalls, "leaks": done.leaks}
    for what, found in (bad | {"live mentions, beyond limits, not ephemeral": done.others}).items():
        table.add_row(what, f"[bold red]{len(found):,}" if found else "0")
    table.caption = f"longest step of the event loop: {1000 * done.longest:.0f} ms of processor time"
    return table


def _shown(done: Outcome) -> Sequence[str]:
    kinds = (done.tracebacks, done.unanswered, done.stalls, done.leaks, done.others)
    return [each for kind in kinds for each in kind[:SHOWN]]


if __name__ == "__main__":
    typer.run(main)
