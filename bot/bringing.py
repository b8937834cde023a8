"""The command line's imports: what an organisation already has, from files; and an import taken back."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from inspect import cleandoc
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from bot import copies, terminal
from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.terminal import NOT_SOUND, SOME_LEFT_OUT, Config, faults_in_sentences, progress_of, say, settings_of

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.services.imports import ImportReport
    from bot.services.taking.bringing import Brought
    from bot.services.taking.kinds import Kind
    from bot.services.taking.table import Bad, Table
    from db.store import Store

LARGEST_ID = 2**63 - 1
MOST_NAMED = 500

app = typer.Typer(help="Bring in what an organisation already has.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A .csv, .xlsx or .json file.")]
Guild = Annotated[int, typer.Option("--guild", metavar="ID", min=1, max=LARGEST_ID, help="The id of the Discord server.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and store nothing.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave out rows that cannot be taken, and store the others.")]
Mapped = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="OURS=THEIRS", help="Take our column from theirs, such as name=title or city=location.city (JSON)."),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="COLUMN=VALUE", help="Take only rows whose column is this value, or a list that holds it."),
]
SheetName = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="The sheet of a workbook that has several.")]
ToMend = Annotated[
    Path | None,
    typer.Option("--bad-rows", metavar="FILE", help="Write the rows that cannot be taken to this file, each with its reason."),
]


def _bring_chapters(
    file: Path,
    guild_id: int,
    config: Path | None,
    words: tuple[list[str] | None, list[str] | None, str | None],
    dry_run: bool,
    skip_bad: bool,
    bad_rows: Path | None,
) -> None:
    from bot.services.taking.kinds import Kind

    mapped, only, sheet = words
    settings = settings_of(config)
    with faults_in_sentences():
        report = asyncio.run(_import_chapters(settings, file, guild_id, (mapped or [], only or [], sheet), skip_bad, dry_run))
        for fault in report.faults():
            say(fault, err=True)
        for line in report.lines():
            say(line, err=not report.stored)
        if report.bad and bad_rows is not None:
            _write_to_mend(report.taken, report.bad, bad_rows)
        if not report.stored:
            raise typer.Exit(NOT_SOUND)
        if report.added and not dry_run:
            _say_what_is_next(Kind.CHAPTERS, guild_id)
        if report.bad:
            raise typer.Exit(SOME_LEFT_OUT)


async def _import_chapters(
    settings: "Settings", file: Path, guild_id: int, words: tuple[list[str], list[str], str | None], skip_bad: bool, dry_run: bool
) -> "ImportReport":
    from bot.services.imports import import_chapters
    from bot.services.taking.table import Chosen

    chosen = Chosen.of(*words)
    async with _store_to_import_into(settings, dry_run) as store:
        with progress_of(text("Chapters")) as progress:
            return await import_chapters(
                store, guild_id, file, terminal.now(), chosen=chosen, skip_bad=skip_bad, dry_run=dry_run, progress=progress
            )


@asynccontextmanager
async def _store_to_import_into(settings: "Settings", dry_run: bool) -> AsyncIterator["Store"]:
    """A dry run needs no lock, so that it can be tried beside a running bot, and makes no database that is not there yet."""
    from db.store import Store, database_path

    url = settings.database_url
    with TemporaryDirectory() as folder:
        missing = not database_path(url).exists()
        if dry_run and missing:
            url = f"sqlite+aiosqlite:///{folder}/dry-run.db"
        store = await Store.open(url, writer=not dry_run or missing, backups=copies.plan_of(settings).folder)
        try:
            yield store
        finally:
            await store.close()


TOLD: Mapping[str, str] = MappingProxyType(
    {
        "chapters": """Add the chapters of a file; those that are there already are left as they are.

        Columns: name; and as far as they are known branch, city, latitude, longitude, timezone, founded, channel, admins. What is not
        given is filled in where it can be.
        """,
        "checkins": """Add check-ins from a file; of one that is there already, what the file says otherwise is corrected.

        Columns: chapter, date, kind; and as far as they are known people, format, education, with_chapters, note.
        """,
        "reports": """Add published reports from a file, counted on the days on which they were published; those that are here already stay.

        Columns: chapter, period, published_on; and as far as they are known members, met, kinds, meetings, education, tried, worked, dues,
        changing, hard, help, may_share.
        """,
        "goals": """Adopt the goals of a file; one that is there already gets the file's target and deadline.

        Columns: metric, target; and as far as they are wanted name, start, deadline.
        """,
        "figures": """Record figures of the past for goals that are recorded by hand, and members outside chapters.

        Columns: goal, date, value.
        """,
    }
)
"""What can be brought in, each with what the command line says of it."""
ENDS = "Ends with 0 if all rows were taken, with 3 if some were left out (--skip-bad), and with 1 if nothing was stored."


def _command_for(kind: str, told: str) -> None:
    @app.command(kind, help=f"{cleandoc(told)}\n\n{ENDS}")
    def bring(
        file: File,
        guild: Guild,
        config: Config = None,
        dry_run: DryRun = False,
        skip_bad: SkipBad = False,
        mapped: Mapped = None,
        only: Only = None,
        sheet: SheetName = None,
        bad_rows: ToMend = None,
    ) -> None:
        bring_in = _bring_chapters if kind == "chapters" else partial(_bring, kind)
        bring_in(file, guild, config, (mapped, only, sheet), dry_run, skip_bad, bad_rows)


for _kind, _told in TOLD.items():
    _command_for(_kind, _told)


@app.command("undo")
def undo(guild: Guild, config: Config = None) -> None:
    """Take the newest import of a server back, whole, as long as it is not older than 7 days and nobody changed any of it since."""
    settings = settings_of(config)
    with faults_in_sentences():
        asyncio.run(_undo(settings, guild))


async def _undo(settings: "Settings", guild_id: int) -> None:
    from bot.services.taking import bringing, undoing

    async with _store_to_import_into(settings, dry_run=False) as store:
        for line in undoing.said(await bringing.take_back(store, guild_id, terminal.now())):
            say(line)


def _bring(
    kind: str,
    file: Path,
    guild_id: int,
    config: Path | None,
    words: tuple[list[str] | None, list[str] | None, str | None],
    dry_run: bool,
    skip_bad: bool,
    bad_rows: Path | None,
) -> None:
    from bot.services.taking.kinds import Kind

    settings = settings_of(config)
    with faults_in_sentences():
        brought = asyncio.run(_brought(settings, Kind(kind), file, guild_id, words, dry_run, skip_bad))
        status = _said(brought, skip_bad, dry_run)
        if brought.plan.preview.refused and bad_rows is not None:
            assert brought.plan.taken is not None
            _write_to_mend(brought.plan.taken, brought.plan.preview.bad, bad_rows)
        if brought.stored:
            _say_what_is_next(brought.plan.preview.kind, guild_id)
        if status:
            raise typer.Exit(status)


async def _brought(
    settings: "Settings",
    kind: "Kind",
    file: Path,
    guild_id: int,
    words: tuple[list[str] | None, list[str] | None, str | None],
    dry_run: bool,
    skip_bad: bool,
) -> "Brought":
    from bot.services.taking import bringing
    from bot.services.taking.kinds import CALLED
    from bot.services.taking.table import Chosen

    mapped, only, sheet = words
    chosen = Chosen.of(mapped or [], only or [], sheet, kind)
    async with _store_to_import_into(settings, dry_run) as store:
        with progress_of(CALLED[kind]) as progress:
            return await bringing.bring_in(
                store, guild_id, file, kind, terminal.now(), chosen=chosen, skip_bad=skip_bad, dry_run=dry_run, progress=progress
            )


def _say_what_is_next(kind: "Kind", guild_id: int) -> None:
    from bot.services.taking import telling

    say(telling.next_line(kind))
    command = f"python -m bot import undo --guild {guild_id}"
    say(text("It can be taken back for 7 days, unless somebody changes any of it: {command}", command=command))


def _write_to_mend(taken: "Table", bad: "Sequence[Bad]", to: Path) -> None:
    from bot.locales import SOURCE, plain
    from bot.services.taking import mending

    try:
        to.write_bytes(mending.to_mend(taken, bad, to.suffix.removeprefix("."), lambda reason: plain(reason, SOURCE))[1])
    except OSError as error:
        raise Refusal(text("{file} cannot be written: {reason}.", file=str(to), reason=error.strerror or type(error).__name__)) from error
    say(text("They are in {file}, each with its reason.", file=str(to)), err=True)


def _said(brought: "Brought", skip_bad: bool, dry_run: bool) -> int:
    from bot.services.taking import telling

    preview = brought.plan.preview
    stopped = preview.refused > 0 and not skip_bad
    for line in (*telling.bad_lines(preview.shortened(MOST_NAMED)), *telling.bad_rows_lines(preview.refused, skipped=skip_bad)):
        say(line, err=True)
    for line in telling.file_lines(preview):
        say(line, err=stopped)
    for line in () if stopped else telling.would_lines(preview) if dry_run else telling.did_lines(preview):
        say(line)
    return NOT_SOUND if stopped else SOME_LEFT_OUT if preview.refused else 0
