"""The command line: run, check, import and demo. Each imports what it needs when it is called, so that --version is quick."""

import asyncio
import faulthandler
import importlib.util
import sys
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import bringing, copies, exports, forgetting, terminal
from bot.domain.text import Text, counted, text
from bot.terminal import NOT_SOUND, Config, collected, faults_in_sentences, progress_of, say, settings_of

if TYPE_CHECKING:
    from discord import Client

    from bot.config import Settings
    from db.store import Store

app = typer.Typer(
    name="chapterhouse",
    help="Chapterhouse: a Discord bot for organisations made of many local chapters.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(bringing.app, name="import")
app.command()(copies.backup)
app.command()(copies.restore)
app.command()(forgetting.forget)
app.command()(exports.export)
bringing.app.command("archive")(exports.import_archive)


def main() -> None:
    """The console script `chapterhouse`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal in an old encoding shows a question mark for what it does not know.
            stream.reconfigure(errors="replace")
    app(prog_name="chapterhouse")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"chapterhouse {version('chapterhouse')}")
        raise typer.Exit


@app.callback()
def chapterhouse(
    shown: Annotated[bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and stop.")] = False,
) -> None:
    """A Discord bot for organisations made of many local chapters."""


@app.command()
def run(config: Config = None) -> None:
    """Run the bot on Discord until it is told to stop (Ctrl-C or SIGTERM)."""
    settings = settings_of(config, token_needed=True)
    with faults_in_sentences():
        asyncio.run(_run(settings))


async def _run(settings: "Settings") -> None:
    from bot import log
    from bot.client import ChapterBot
    from bot.serve import serve
    from bot.services.pictures import Pictures
    from db.store import Store

    log.set_up(settings)
    # A program that hangs is ended by systemd's watchdog: where it hung goes to standard error, lines of the program and no values.
    faulthandler.enable()
    log.take_what_nobody_caught(asyncio.get_running_loop())
    with log.last_words():
        plan = copies.plan_of(settings)
        store = await Store.open(settings.database_url, backups=plan.folder)
        try:
            await serve(ChapterBot(store, clock=terminal.now, pictures=Pictures()), settings, plan)
        finally:
            await store.close()


@app.command()
def check(
    config: Config = None,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Also work out anew all that is kept beside the entries, and name what differs; it changes nothing."),
    ] = False,
) -> None:
    """Say whether the configuration, the database and (with a token) the login and each server's set-up are sound."""
    settings = settings_of(config)
    say(text("The configuration is sound."))
    faults = asyncio.run(_check(settings, deep=deep))
    for fault in faults:
        say(fault, err=True)
    if faults:
        raise typer.Exit(NOT_SOUND)


async def _check(settings: "Settings", *, deep: bool) -> list[Text]:
    from bot.services.deep import file_line
    from db.faults import StorageFault, of_the_place
    from db.store import Store, database_path

    faults: list[Text] = []
    store: Store | None = None
    place: StorageFault | None = None
    with collected(faults):
        path = database_path(settings.database_url)
        if path.exists():
            store = await Store.open(settings.database_url, writer=False)
            say(await file_line(store))
            place = of_the_place(path)
        else:
            say(text("There is no database yet: {file} is made when the bot first runs.", file=str(path)))
    readable = not faults
    if place is not None:
        faults.append(place.reason)
    try:
        with collected(faults):
            if deep and store and readable:
                faults += await _check_deep(store)
        with collected(faults):
            if store and readable:
                faults += await copies.upkeep_faults(store, settings)
        with collected(faults):
            # What a database that cannot be read would say of the servers is not known.
            faults += await _check_discord(settings, store, servers=readable)
    finally:
        if store:
            await store.close()
    return faults


async def _check_deep(store: "Store") -> list[Text]:
    from bot.services import deep

    with progress_of(text("Compared")) as progress:
        findings = await deep.compare(store, terminal.now(), progress)
    for line in findings.lines():
        say(line)
    return [*findings.faults, *findings.advice()]


async def _check_discord(settings: "Settings", store: "Store | None", *, servers: bool) -> list[Text]:
    token = settings.token.get_secret_value()
    if not token:
        say(text("Discord was not asked: there is no token. {variable} sets one.", variable="CHAPTERHOUSE_TOKEN"))
        return []
    import discord

    from bot.domain.permissions import invite
    from bot.serve import discord_faults

    faults: list[Text] = []
    async with discord_faults(), discord.Client(intents=discord.Intents.none()) as client:
        await client.login(token)
        guilds = [guild async for guild in client.fetch_guilds()]
        welcome = counted(
            "The token is right: the bot {name} is in one server.",
            "The token is right: the bot {name} is in {n} servers.",
            len(guilds),
            name=str(client.user),
        )
        say(welcome)
        if client.application_id is not None:
            say(text("To invite it to a server, open {address}", address=invite(client.application_id)))
        for guild in guilds if servers else ():
            found = await _check_set_up(client, guild.id, store)
            faults += [text("{server}: {fault}", server=guild.name, fault=fault) for fault in found]
            if not found:
                say(text("{server}: the set-up is sound.", server=guild.name))
    return faults


async def _check_set_up(client: "Client", guild_id: int, store: "Store | None") -> list[Text]:
    from bot.services.organisations import Seen, find, homeless, homes, setup_faults, shut_out, stuck
    from cogs.cards.stuck import count_line, stuck_lines
    from cogs.setup import seen, speaks

    organisation = await find(store, guild_id) if store else None
    if store is None or organisation is None or client.user is None:
        return setup_faults(None, Seen(frozenset(), {}))
    guild = await client.fetch_guild(guild_id)
    me = await guild.fetch_member(client.user.id)
    places = await guild.fetch_channels()
    faults = setup_faults(organisation, seen(organisation, guild.roles, places, me))
    known = await homes(store, guild_id)
    faults += homeless(known, {place.id for place in places})
    faults += shut_out(known, {place.id for place in places if not speaks(place, me)})
    undelivered = await stuck(store, guild_id, terminal.now())
    return faults + count_line(undelivered) + stuck_lines(undelivered)


@app.command()
def demo(
    port: Annotated[int, typer.Option("--port", help="The port on this machine that the demo answers on.")] = 8000,
    keep: Annotated[Path | None, typer.Option("--keep", metavar="PATH", help="Keep the demo's database in this file.")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Begin with an empty server, to try how an organisation is set up.")] = False,
) -> None:
    """Show the bot on a simulated Discord, in the browser: no account and no token needed."""
    if importlib.util.find_spec("simcord") is None:
        say(text("The demo needs what its extra brings: install {package}.", package="chapterhouse[demo]"), err=True)
        raise typer.Exit(NOT_SOUND)
    import bot.demo

    with faults_in_sentences():
        asyncio.run(bot.demo.main(port=port, keep=keep, empty=empty))
