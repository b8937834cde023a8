"""The program as an operator meets it: real processes, what they print, how they end."""

import asyncio
import json
import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest
from discord import Permissions

from db import chapters, organisations, outbox
from db.store import Store
from tests.small_discord import BOT, TOKEN, SmallDiscord, small_discord, start

NOWHERE = "http://127.0.0.1:9"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
EVERYBODY = {"id": "7", "name": "@everyone", "permissions": "0", "position": 0, "color": 0}
EVERYBODY |= dict.fromkeys(["hoist", "managed", "mentionable"], False)


@pytest.fixture
async def discord() -> AsyncIterator[SmallDiscord]:
    async with small_discord() as opened:
        yield opened


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """The exit status, standard output and standard error of a process that ends by itself, in time and without a traceback."""
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert b"Traceback" not in out + err
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_version_names_the_program(tmp_path: Path) -> None:
    assert await ended(await start(NOWHERE, tmp_path, "--version")) == (0, f"chapterhouse {version('chapterhouse')}\n", "")


async def test_all_faults_of_the_configuration_are_listed_and_end_with_2(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[log]\nlevel = "loud"\n[schedule]\ntick_seconds = 0\n')
    status, out, err = await ended(await start(NOWHERE, tmp_path, "run"))
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        "The configuration has 3 faults:",
        "  discord.token is empty: put the bot's token there, or set CHAPTERHOUSE_TOKEN.",
        "  schedule.tick_seconds must be a whole number of seconds from 1 to 3600.",
        "  log.level must be one of debug, info, warning, error.",
    ]


async def test_a_wrong_token_is_one_sentence(discord: SmallDiscord, tmp_path: Path) -> None:
    for command in ("check", "run"):
        status, _, err = await ended(await discord.program(tmp_path, command, token="wrong.wrong.wrong", CHAPTERHOUSE_LOG_LEVEL="error"))
        assert status == 1
        assert (
            err == "Discord refused the bot's token. Copy it again from the developer portal (Bot, Reset Token) into the configuration.\n"
        )


async def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    for command in ("check", "run"):
        variables = {"CHAPTERHOUSE_TOKEN": TOKEN, "CHAPTERHOUSE_LOG_LEVEL": "error"}
        status, _, err = await ended(await start(NOWHERE, tmp_path, command, **variables))
        assert status == 1
        assert err == "Discord cannot be reached. Look at this machine's connection to the internet, then start again.\n"


async def test_an_error_of_discords_own_is_one_sentence(discord: SmallDiscord, tmp_path: Path) -> None:
    discord.refuses_all = True
    status, _, err = await ended(await discord.program(tmp_path, "check"))
    assert (status, err) == (1, "Discord answered with an error of its own. Wait some minutes, then start again.\n")


async def test_a_database_that_another_process_writes_is_one_sentence(discord: SmallDiscord, tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/chapterhouse.db")
    try:
        status, _, err = await ended(await discord.program(tmp_path, "run"))
    finally:
        await store.close()
    assert status == 1
    assert err.count("\n") == 1
    assert f"is in use by process {os.getpid()} on" in err


@pytest.mark.parametrize("command", ["run", "check"])
async def test_a_corrupt_database_is_one_sentence(command: str, discord: SmallDiscord, tmp_path: Path) -> None:
    (tmp_path / "chapterhouse.db").write_bytes(b"These are the minutes of our first meeting." * 100)
    status, _, err = await ended(await discord.program(tmp_path, command))
    assert status == 1
    assert err == f"The file {tmp_path}/chapterhouse.db is not a database. Name another file, or restore your latest backup.\n"


@pytest.mark.parametrize("command", ["run", "check"])
async def test_a_newer_database_is_one_sentence(command: str, discord: SmallDiscord, tmp_path: Path) -> None:
    await (await Store.open(f"sqlite+aiosqlite:///{tmp_path}/chapterhouse.db")).close()
    with sqlite3.connect(tmp_path / "chapterhouse.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'of the future'")
    database.close()
    status, _, err = await ended(await discord.program(tmp_path, command))
    assert status == 1
    assert "is newer than this program. Install the newer version" in err
    assert err.count("\n") == 1


async def test_check_says_that_all_is_sound_and_takes_no_lock(discord: SmallDiscord, tmp_path: Path) -> None:
    status, out, err = await ended(await start(NOWHERE, tmp_path, "check"))
    assert (status, err) == (0, "")
    assert "There is no database yet" in out
    assert "Discord was not asked: there is no token." in out
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/chapterhouse.db")
    try:
        status, out, err = await ended(await discord.program(tmp_path, "check"))
    finally:
        await store.close()
    assert (status, err) == (0, "")
    configuration, database, backup, token, invitation = out.splitlines()
    assert configuration == "The configuration is sound."
    assert database.startswith(f"The database {tmp_path}/chapterhouse.db is sound (SQLite {sqlite3.sqlite_version}")
    assert backup.startswith("There is no backup yet")
    assert token == "The token is right: the bot chapterhouse is in 0 servers."
    assert invitation.startswith("To invite it to a server, open https://discord.com/oauth2/authorize?client_id=")


async def test_a_deep_check_beside_a_writer_names_each_difference_and_ends_with_1(tmp_path: Path) -> None:
    await imported(tmp_path, "name,timezone\nLondon,Europe/London\n")
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/chapterhouse.db")
    try:
        status, out, err = await ended(await start(NOWHERE, tmp_path, "check", "--deep"))
        assert (status, err) == (0, "")
        assert out.splitlines()[2:4] == [
            "Compared with the entries: 1 summary, 0 pieces of evidence, 0 daily values.",
            "Nothing differs that should not.",
        ]
        async with store.write() as c:
            await c.exec_driver_sql("UPDATE summary SET members = 40")
        status, out, err = await ended(await start(NOWHERE, tmp_path, "check", "--deep"))
    finally:
        await store.close()
    assert status == 1
    assert err.splitlines() == [
        "London (server 118765432109876543): its summary is not what its entries come to: members: 40 instead of not known.",
        "1 difference that should not be. Keep a copy of the database, and tell those who make this program.",
    ]


async def test_check_names_what_a_servers_set_up_lacks(discord: SmallDiscord, tmp_path: Path) -> None:
    server = {"id": "7", "name": "Riverside", "owner_id": "8", "roles": [EVERYBODY], "emojis": [], "stickers": [], "features": []}
    (tmp_path / "damaged.db").write_bytes(b"minutes" * 1000)
    discord.knows |= {
        "/users/@me/guilds": [server],
        "/guilds/7": server,
        "/guilds/7/channels": [],
        f"/guilds/7/members/{BOT['id']}": {"user": BOT, "roles": [], "joined_at": "2026-11-01T12:00:00+00:00", "flags": 0},
    }
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/chapterhouse.db")
    status, _, err = await ended(await discord.program(tmp_path, "check"))
    assert (status, err) == (1, "Riverside: Chapterhouse is not set up here yet. Somebody who may manage this server can type /setup.\n")
    async with store.write() as c:
        await organisations.create(c, 7, LONG_AGO)
    status, out, _ = await ended(await discord.program(tmp_path, "check"))
    assert (status, out.splitlines()[-1]) == (0, "Riverside: the set-up is sound.")
    quiet = {"id": "11", "name": "quiet", "type": 0, "position": 0, "permission_overwrites": []}
    discord.knows["/guilds/7/channels"] = [quiet]
    speaking = EVERYBODY | {"permissions": str(Permissions(view_channel=True, send_messages=True, read_message_history=True).value)}
    discord.knows["/guilds/7"] = server | {"roles": [speaking, EVERYBODY | {"id": "12", "name": "Friends"}]}
    async with store.write() as c:
        await organisations.change(c, 7, {"facilitator_role": 12, "facilitators_channel": 11})
    status, _, err = await ended(await discord.program(tmp_path, "check"))
    assert status == 1
    assert err.startswith("Riverside: The role Friends cannot be mentioned, so those who have it will not be notified.")
    async with store.write() as c:
        await organisations.change(c, 7, {"facilitator_role": 9, "facilitators_channel": None, "reports_channel": 10})
    status, _, err = await ended(await discord.program(tmp_path, "check"))
    await store.close()
    unread = await ended(await discord.program(tmp_path, "check", CHAPTERHOUSE_DATABASE_URL="sqlite+aiosqlite:///damaged.db"))
    assert "Riverside" not in unread[2]
    assert status == 1
    assert err.splitlines() == [
        "Riverside: The facilitator role was deleted. Choose another with /setup facilitator_role.",
        "Riverside: The channel for reports is gone. Choose another with /setup reports_channel.",
    ]


async def test_run_works_until_sigterm_and_leaves_discord_and_the_database_in_order(discord: SmallDiscord, tmp_path: Path) -> None:
    variables = {"CHAPTERHOUSE_LOG_FORMAT": "json", "CHAPTERHOUSE_LOG_LEVEL": "debug"}
    process = await discord.program(tmp_path, "run", **variables)
    async with asyncio.timeout(60):
        await discord.connected.wait()
    asked_to_stop = time.monotonic()
    process.send_signal(signal.SIGTERM)
    status, out, err = await ended(process)
    assert (status, out) == (0, "")
    assert time.monotonic() - asked_to_stop < 10
    assert discord.left.is_set()
    assert TOKEN not in err
    logged = [json.loads(line) for line in err.splitlines()]
    assert not [line for line in logged if line["level"] in {"warning", "error"}]
    # Closed in order, the database leaves nothing beside it that a next start would have to repair.
    assert {file.name for file in tmp_path.iterdir()} <= {"chapterhouse.db", "chapterhouse.db.lock"}
    assert (tmp_path / "chapterhouse.db").stat().st_mode & 0o777 == 0o600


async def test_a_message_in_hand_at_sigterm_is_still_sent_and_recorded(discord: SmallDiscord, tmp_path: Path) -> None:
    guild_id, admin = 118765432109876543, 118765432109876999
    lists = ("roles", "channels", "members", "threads", "emojis", "stickers", "features", "voice_states", "presences")
    discord.servers = [{"id": str(guild_id), "name": "Riverside", "owner_id": "8", "unavailable": False} | dict.fromkeys(lists, ())]
    discord.knows["/users/@me/channels"] = {"id": "77", "type": 1, "recipients": [{**BOT, "id": str(admin), "username": "ada"}]}
    ada = {"user": {**BOT, "id": str(admin), "username": "ada"}, "roles": [], "joined_at": "2026-11-01T12:00:00+00:00", "flags": 0}
    discord.knows[f"/guilds/{guild_id}/members/{admin}"] = ada
    await imported(tmp_path, f"name,timezone,admins\nLondon,Europe/London,{admin}\n")
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/chapterhouse.db")
    async with store.write() as c:
        london = await chapters.by_name(c, guild_id, "London")
        assert london
        # What has waited for years is taken out, because it names people.
        organisation = await organisations.find(c, guild_id)
        assert organisation
        just_now = organisation.created_at
        await outbox.put(c, guild_id, "rest", "rest", just_now, just_now, chapter_id=london.id, by=admin)
    await store.close()
    process = await discord.program(tmp_path, "run")
    assert process.stderr
    async with asyncio.timeout(60):
        await discord.sending.wait()
        process.send_signal(signal.SIGTERM)
        while b"stopping" not in await process.stderr.readline():
            pass
        discord.takes.set()
    assert (await ended(process))[0] == 0
    assert len(discord.sent) == 1
    with closing(sqlite3.connect(tmp_path / "chapterhouse.db")) as database:
        assert database.execute("SELECT state, channel_id FROM outbox").fetchall() == [("sent", 77)]


async def test_run_stops_at_once_while_it_waits_for_discord(discord: SmallDiscord, tmp_path: Path) -> None:
    discord.silent = True
    process = await discord.program(tmp_path, "run")
    async with asyncio.timeout(60):
        await discord.called.wait()
    process.send_signal(signal.SIGINT)
    status, _, err = await ended(process)
    assert (status, "cannot be reached" in err) == (0, False)


async def imported(folder: Path, content: str, *options: str) -> tuple[int, str, str]:
    (folder / "chapters.csv").write_text(content)
    return await ended(await start(NOWHERE, folder, "import", "chapters", "chapters.csv", "--guild", "118765432109876543", *options))


async def test_an_import_says_what_it_did_and_a_second_one_changes_nothing(tmp_path: Path) -> None:
    sheet = "name,city,timezone\nLondon,London,Europe/London\nSão Paulo,São Paulo,America/Sao_Paulo\n"
    status, out, err = await imported(tmp_path, sheet)
    assert (status, out.splitlines()[:2], err) == (0, ["2 chapters were added.", "New branches: Brazil, United Kingdom."], "")
    assert out.splitlines()[-1].endswith("python -m bot import undo --guild 118765432109876543")
    status, out, err = await imported(tmp_path, sheet)
    assert (status, out.splitlines()[0], err) == (0, "Nothing has changed.", "")
    assert "undo" not in out


async def test_a_bad_row_is_named_by_its_line_and_nothing_is_stored(tmp_path: Path) -> None:
    status, out, err = await imported(tmp_path, "name,timezone\nLondon,Europe/London\nBristol,Mars/Base\n")
    assert (status, out) == (1, "")
    assert err.startswith("Line 3: There is no time zone “Mars/Base”.")
    assert err.splitlines()[-1].startswith("Nothing was stored: 1 row cannot be taken.")
    assert (await imported(tmp_path, "name,timezone\nLondon,Europe/London\n"))[1].startswith("1 chapter was added.")


async def test_bad_rows_may_be_left_out_which_the_exit_status_tells(tmp_path: Path) -> None:
    sheet = "name,timezone\nLondon,Europe/London\nBristol,Mars/Base\n"
    for done in ("1 chapter would be added.\n", "1 chapter was added.\n", "Nothing has changed.\n"):
        status, out, err = await imported(tmp_path, sheet, "--skip-bad", *(["--dry-run"] if "would" in done else []))
        assert status == 3
        assert out.startswith(done)
        assert err.startswith("Line 3: There is no time zone “Mars/Base”.")
        assert err.endswith("1 row was left out.\n")


async def test_a_list_in_another_shape_is_imported_by_naming_its_columns(tmp_path: Path) -> None:
    listed = Path(__file__).parent / "data" / "brigades.json"
    command = ("import", "chapters", str(listed), "--guild", "7", "--map", "branch=location.country")
    status, out, err = await ended(await start(NOWHERE, tmp_path, *command, "--only", "tags=Brigade"))
    assert (status, err) == (0, "")
    assert out.splitlines()[1:3] == ["40 rows were passed over, as --only asks.", "181 chapters were added."]
    status, out, err = await ended(await start(NOWHERE, tmp_path, *command, "--map", "title"))
    assert (status, out, err) == (1, "", "“title” cannot be read. Write it like --map name=title.\n")


async def test_a_dry_run_makes_no_database_and_can_be_tried_beside_a_running_bot(tmp_path: Path) -> None:
    sheet = "name,timezone\nLondon,Europe/London\n"
    assert await imported(tmp_path, sheet, "--dry-run") == (0, "1 chapter would be added.\n", "")
    assert not list(tmp_path.glob("chapterhouse.db*"))
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path}/chapterhouse.db")
    try:
        assert await imported(tmp_path, sheet, "--dry-run") == (0, "1 chapter would be added.\n", "")
        status, out, err = await imported(tmp_path, sheet)
    finally:
        await store.close()
    assert (status, out) == (1, "")
    assert f"is in use by process {os.getpid()} on" in err


async def test_an_import_without_its_file_or_server_is_refused_with_its_usage(tmp_path: Path) -> None:
    for arguments in (["missing.csv", "--guild", "1"], ["missing.csv"], ["missing.csv", "--guild", "London"]):
        status, out, err = await ended(await start(NOWHERE, tmp_path, "import", "chapters", *arguments))
        assert (status, out) == (2, "")
        assert "Usage: chapterhouse import chapters" in err


async def test_an_unknown_option_is_refused_with_its_usage(tmp_path: Path) -> None:
    status, out, err = await ended(await start(NOWHERE, tmp_path, "run", "--token", "x"))
    assert (status, out) == (2, "")
    assert "No such option: --token" in err


async def test_a_bad_port_of_the_demo_is_one_sentence(tmp_path: Path) -> None:
    status, out, err = await ended(await start(NOWHERE, tmp_path, "demo", "--port", "70000"))
    assert (status, out, err) == (1, "", "There is no port 70000. Choose one from 1024 to 65535.\n")
