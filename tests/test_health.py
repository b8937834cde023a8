"""What the operator's own tools are told: whether all is well, in which figures, and that the program lives."""

import asyncio
import json
import logging
import os
import signal
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import discord
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import pulse, watchdog
from bot.client import ChapterBot
from bot.config import Settings
from bot.locales import plain
from bot.pulse import Pulse
from bot.serve import serve
from bot.services import backups
from bot.services.backups import Plan
from bot.web import health
from cogs.handled import Outcome
from db import organisations, outbox, vitals
from db.store import Store
from tests.conftest import Statements
from tests.small_discord import BOT, MESSAGE, TOKEN, SmallDiscord, small_discord, start

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
GUILD = 118765432109876543


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Place:
    """The real bot at work, connected to a Discord of its own, and somebody who asks how it is."""

    discord: SmallDiscord
    bot: ChapterBot
    address: str
    client: aiohttp.ClientSession

    async def health(self) -> tuple[int, list[str]]:
        async with self.client.get(f"{self.address}/healthz") as answer:
            told = await answer.json()
            assert told["well"] == (answer.status == 200)
            return answer.status, told["faults"]

    async def until(self, wanted: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(30):
            while not await wanted():
                pass

    async def figures(self) -> dict[tuple[str, tuple[str, ...]], float]:
        async with self.client.get(f"{self.address}/metrics") as answer:
            assert answer.status == 200
            families = list(text_string_to_metric_families(await answer.text()))
        return {
            (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
            for family in families
            for sample in family.samples
        }

    async def interact(self, kind: int, **data: object) -> None:
        """Somebody does something, is answered, and that is counted."""
        already = await self.counted()
        told = {"id": str(900 + already), "application_id": BOT["id"], "type": kind, "token": "aW50ZXJhY3Rpb246dGVzdA", "version": 1}
        told |= {"channel_id": "5", "channel": {"id": "5", "type": 1}, "user": {**BOT, "id": "31", "bot": False}, "locale": "en-US"}
        told |= {"entitlements": [], "authorizing_integration_owners": {}, "app_permissions": "0", "attachment_size_limit": 1, "context": 1}
        message = {"message": {**MESSAGE, "id": "6", "channel_id": "5"}} if kind == 3 else {}
        await self.discord.tell("INTERACTION_CREATE", {**told, **message, "data": data})

        async def answered() -> bool:
            return await self.counted() > already

        await self.until(answered)

    async def counted(self) -> int:
        return int(sum(value for (name, _), value in (await self.figures()).items() if name == "chapterhouse_answer_seconds_count"))


@asynccontextmanager
async def at_work(store: Store, **settings: int) -> AsyncIterator[Place]:
    async with small_discord() as there, aiohttp.ClientSession() as client:
        before, discord.http.Route.BASE = discord.http.Route.BASE, there.address
        port = free_port()
        bot = ChapterBot(store)
        wanted = Settings(token=TOKEN, web_enabled=True, web_port=port, database_url=f"sqlite+aiosqlite:///{store.path}", **settings)  # type: ignore[arg-type]
        life = asyncio.create_task(serve(bot, wanted, Plan(store.path, store.path.parent / "backups", keep=3)))
        place = Place(there, bot, f"http://127.0.0.1:{port}", client)
        try:
            async with asyncio.timeout(30):
                await there.connected.wait()
                await bot.wait_until_ready()

            async def well() -> bool:
                return (await place.health())[0] == 200

            await place.until(well)
            yield place
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            await life
            discord.http.Route.BASE = before


@pytest.fixture
async def place(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    monkeypatch.setattr(pulse, "BEAT", 0.01)
    async with at_work(store) as opened:
        yield opened


async def tells_the_log(place: Place, store: Store) -> bool:
    """Whether the size told of the file beside the database is the one it has; it is emptied now and then."""
    there = store.path.with_name(f"{store.path.name}-wal").stat().st_size
    return (await place.figures())["chapterhouse_file_bytes", ("wal",)] == there


async def test_figures_of_all_that_happens_can_be_read_by_prometheus(place: Place, store: Store) -> None:
    async with store.write() as c:
        await organisations.create(c, GUILD, NOW)
        await outbox.put(c, GUILD, "prompt", "later", place.bot.clock() + timedelta(days=1), NOW)
    await place.interact(3, custom_id="Zanzibar:7", component_type=2)
    await place.interact(2, id="1", name="help", type=1)
    assert (await place.figures())["chapterhouse_last_backup_timestamp_seconds", ()] == 0
    backups.make(backups.plan(store.path, str(store.path.parent / "backups"), 3, "", ""), NOW)
    figures = await place.figures()
    assert figures["chapterhouse_last_backup_timestamp_seconds", ()] == NOW.timestamp()
    assert figures["chapterhouse_gateway_connected", ()] == 1
    assert (figures["chapterhouse_outbox_waiting", ()], figures["chapterhouse_outbox_due", ()]) == (1, 0)
    assert abs(figures["chapterhouse_last_tick_timestamp_seconds", ()] - place.bot.clock().timestamp()) < 60
    assert figures["chapterhouse_file_bytes", ("database",)] == store.path.stat().st_size
    await place.until(lambda: tells_the_log(place, store))
    assert figures["chapterhouse_loop_lag_seconds_count", ()] > 0
    assert figures["process_resident_memory_bytes", ()] > 10_000_000
    assert figures["chapterhouse_answer_seconds_count", ("unknown", "refused", "component")] == 1
    assert figures["chapterhouse_answer_seconds_count", ("help", "refused", "application_command")] == 1
    assert 0 < figures["chapterhouse_answer_seconds_sum", ("help", "refused", "application_command")] < 30
    assert "Zanzibar" not in str(figures)
    assert str(GUILD) not in str(figures)


async def test_no_label_can_take_values_without_end(place: Place) -> None:
    for made_up in range(5):
        await place.interact(3, custom_id=f"made-up-{made_up}:1", component_type=2)
    labels = {labels for name, labels in await place.figures() if name == "chapterhouse_answer_seconds_count"}
    assert labels == {("unknown", "refused", "component")}
    possible = {command.qualified_name for command in place.bot.tree.walk_commands()} | set(place.bot.handlers)
    assert len(possible) * len(Outcome) < 2000


async def test_a_connection_to_discord_that_stays_away_is_said_and_no_new_start_is_asked_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "AWAY", 0.0)
    await place.discord.hang_up()

    async def unwell() -> bool:
        return (await place.health())[0] == 503

    await place.until(unwell)
    (said,) = (await place.health())[1]
    assert said.startswith("The program has not been connected to Discord for")
    assert (await place.figures())["chapterhouse_gateway_connected", ()] == 0


async def test_a_database_that_nobody_can_write_is_said_until_it_can_be_written(place: Place, store: Store) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await place.health() == (503, ["The database has not let anybody write for 2 seconds."])
        other.execute("ROLLBACK")

    async def well() -> bool:
        return (await place.health())[0] == 200

    await place.until(well)


async def test_a_program_that_stood_still_says_so_for_a_minute(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "STALL", 0.3)
    assert (await place.health())[0] == 200
    time.sleep(0.6)

    async def unwell() -> bool:
        return (await place.health())[0] == 503

    await place.until(unwell)
    assert (await place.health())[1] == ["Within the last minute the program stood still for 1 second."]
    figures = await place.figures()
    assert figures["chapterhouse_loop_lag_seconds_count", ()] > figures["chapterhouse_loop_lag_seconds_bucket", ("0.5",)]


async def test_a_look_for_what_is_due_that_fails_is_said_until_one_succeeds(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_work(store, tick_seconds=1) as place:
        async with store.write() as c:
            await c.exec_driver_sql("ALTER TABLE summary RENAME TO mislaid")

        async def unwell() -> bool:
            return (await place.health())[0] == 503

        await place.until(unwell)
        assert (await place.health())[1] == ["The last look for what is due ended with an error; the log has it."]
        async with store.write() as c:
            await c.exec_driver_sql("ALTER TABLE mislaid RENAME TO summary")

        async def well() -> bool:
            return (await place.health())[0] == 200

        await place.until(well)


async def test_only_this_machine_by_its_own_name_may_read_and_only_read(place: Place) -> None:
    async def asked(path: str, method: str = "GET", host: str = "127.0.0.1") -> int:
        async with place.client.request(method, f"{place.address}{path}", headers={"Host": host}) as answer:
            if path in health.PATHS:
                assert {name: answer.headers.get(name) for name in health.HEADERS} == health.HEADERS, (path, method, host)
            return answer.status

    for path in ("/healthz", "/metrics"):
        assert await asked(path, host="localhost:9999") == 200
        assert await asked(path, "HEAD") == 200
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
            assert await asked(path, method) == 405
        for host in ("example.org", "127.0.0.1.example.org:80", "example.org:127.0.0.1", ""):
            assert await asked(path, host=host) == 421
    for path in ("/", "/../config.toml", "/healthz/", "/static", "/chapterhouse.db"):
        assert await asked(path) == 404
    async with place.client.get(f"{place.address}/metrics", headers={"X-Forwarded-For": "127.0.0.1"}) as answer:
        assert answer.status == 421  # through a proxy on this machine that gives its own name as Host


async def test_it_listens_nowhere_but_on_this_machine(place: Place) -> None:
    port = int(place.address.rpartition(":")[2])
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"]
    assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]


async def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        variables = {"CHAPTERHOUSE_TOKEN": TOKEN, "CHAPTERHOUSE_WEB_ENABLED": "true", "CHAPTERHOUSE_WEB_PORT": port}
        process = await start("http://127.0.0.1:9", tmp_path, "run", CHAPTERHOUSE_LOG_LEVEL="error", **variables)
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert err.decode() == f"Port {port} of this machine is in use by another program. Stop that one, or choose another: web.port.\n"


async def test_systemd_is_told_that_it_started_that_it_lives_without_discord_and_that_it_stops(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)

        async def told() -> str:
            async with asyncio.timeout(60):
                return (await asyncio.get_running_loop().sock_recv(systemd, 100)).decode()

        async with small_discord() as there:
            there.silent = True
            process = await there.program(tmp_path, "run", NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="200000")
            assert {await told() for _ in range(4)} == {"READY=1", "WATCHDOG=1"}
            process.send_signal(signal.SIGTERM)
            while await told() != "STOPPING=1":
                pass
            await process.communicate()
    assert process.returncode == 0


async def test_where_it_hung_is_told_when_systemd_ends_it(tmp_path: Path) -> None:
    async with small_discord() as there:
        there.silent = True
        process = await there.program(tmp_path, "run")
        async with asyncio.timeout(60):
            await there.called.wait()
            process.send_signal(signal.SIGABRT)
            _, err = await process.communicate()
    assert process.returncode == -signal.SIGABRT
    assert b"Fatal Python error: Aborted" in err
    assert b"bot/cli.py" in err
    assert TOKEN.encode() not in err


def a_pulse(**known: object) -> Pulse:
    return Pulse(60, connected=lambda: True, clock=lambda: 1000.0, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("beating", "said", "stuck"),
    [
        (a_pulse(), ["The program is not connected to Discord yet."], False),
        (a_pulse(seen=True, looked_at=900.0), [], False),
        (a_pulse(seen=True, looked_at=990.0, away_since=941.0), [], False),
        (a_pulse(seen=True, looked_at=990.0, away_since=100.0), ["The program has not been connected to Discord for 900 seconds."], False),
        (
            a_pulse(seen=True, looked_at=819.0),
            ["The program has not looked for what is due for 181 seconds; it should every 60."],
            True,
        ),
        (a_pulse(seen=True, looked_at=990.0, failed=True), ["The last look for what is due ended with an error; the log has it."], False),
    ],
)
def test_what_is_wrong_is_said_and_only_what_a_new_start_would_mend_asks_for_one(beating: Pulse, said: list[str], stuck: bool) -> None:
    assert [plain(fault, "en") for fault in beating.faults()] == said
    assert (beating.stuck() is not None) == stuck


def test_a_stall_is_forgotten_after_a_minute() -> None:
    time_is = [1000.0]
    beating = Pulse(60, connected=lambda: True, clock=lambda: time_is[0])
    beating.look(1000.0)
    beating.feel(2.9)
    assert [*beating.faults()] == []
    beating.feel(7.2)
    time_is[0] = 1059.0
    assert [plain(fault, "en") for fault in beating.faults()] == ["Within the last minute the program stood still for 7 seconds."]
    time_is[0] = 1061.0
    assert [*beating.faults()] == []


async def test_a_program_that_no_longer_looks_for_what_is_due_gives_no_sign_of_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{tmp_path}/notify")
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    time_is = [0.0]
    beating = Pulse(1, connected=lambda: False, clock=lambda: time_is[0])
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as systemd:
        systemd.bind(f"\0{tmp_path}/notify")
        systemd.setblocking(False)
        loop = asyncio.get_running_loop()
        beating.at_work()
        keeping = loop.create_task(watchdog.keep(beating))
        try:
            async with asyncio.timeout(30):
                assert await loop.sock_recv(systemd, 100) == b"WATCHDOG=1"
                time_is[0] = 100.0
                while not caplog.records:
                    await asyncio.wait({keeping}, timeout=0.01)
                with pytest.raises(BlockingIOError):  # noqa: PT012 - what was told before is read first
                    while True:
                        systemd.recv(100)
                beating.ticked(failed=True)
                assert await loop.sock_recv(systemd, 100) == b"WATCHDOG=1"
        finally:
            keeping.cancel()
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "has not looked for what is due for 100 seconds; it should every 1. systemd" in caplog.text


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_systemds_patience_is_what_it_says(variables: dict[str, str], seconds: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert watchdog.patience() == seconds


async def test_the_outbox_says_how_much_waits_and_for_how_long_the_oldest_should_have_been_sent(
    store: Store, statements: Statements
) -> None:
    assert await vitals.waiting(store, NOW) == vitals.Waiting(0, 0, None)
    async with store.write() as c:
        await organisations.create(c, GUILD, NOW)
        for key, due in (("a", NOW - timedelta(hours=3)), ("b", NOW - timedelta(hours=1)), ("c", NOW + timedelta(days=3))):
            await outbox.put(c, GUILD, "prompt", key, due, NOW)
    assert await vitals.waiting(store, NOW) == vitals.Waiting(3, 2, NOW - timedelta(hours=3))
    async with store.write() as c:
        (errand, *_) = await outbox.claim(c, "me", NOW - timedelta(hours=2), NOW, 1)
        await outbox.postpone(c, errand, "me", NOW + timedelta(hours=1), "Discord 503/0")
    statements.clear()
    assert await vitals.waiting(store, NOW) == vitals.Waiting(3, 2, NOW - timedelta(hours=2))
    (plan,) = await statements.plans(store)
    assert "ix_outbox_due_at" in plan
    assert json.dumps(vitals.sizes(store.path))
