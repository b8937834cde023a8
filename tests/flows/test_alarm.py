"""When nothing can be stored: coordinators hear it in words, once, although nothing of it can be written down; and that it is over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.delivery.alarm import PATIENCE, SAID_AGAIN_AFTER
from bot.demo.world import as_bot
from db import organisations
from db.faults import StorageFault
from tests.flows.rig import Server

A_MINUTE = timedelta(minutes=1)
TOLD, OVER = "Nothing can be stored at the moment", "What is entered is stored again"


@asynccontextmanager
async def unwritable(server: Server) -> AsyncIterator[None]:
    """The database refuses every change; SQLite itself says so."""
    await _refuse(server, 1)
    with pytest.raises(StorageFault):
        await _write(server)
    yield
    await _refuse(server, 0)
    await _write(server)


async def _refuse(server: Server, how: int) -> None:
    assert server.store._writer is not None
    pooled = await server.store._writer.raw_connection()
    # Beside SQLAlchemy, which would begin a transaction first.
    pooled.driver_connection._conn.execute(f"PRAGMA query_only = {how}")
    pooled.close()


async def _write(server: Server) -> None:
    async with server.store.write() as c:
        await organisations.change(c, server.guild.id, {"language": "en"})


async def look(server: Server, after: timedelta = timedelta()) -> None:
    """What the bot does after each round of sending."""
    await server.world.advance_time(after.total_seconds())
    await as_bot(server.world, server.bot.sender.alarm.look(server.now))


def said(server: Server) -> list[str]:
    return [server.text_of(each).splitlines()[0].removeprefix("### ") for each in server.messages(server.facilitators)]


async def test_coordinators_are_told_once_in_the_facilitators_channel_and_once_that_it_is_over(server: Server) -> None:
    async with unwritable(server):
        await look(server)
        await look(server, PATIENCE - A_MINUTE)
        assert said(server) == [], "what passes by itself troubles nobody"
        for _ in range(3):
            await look(server, A_MINUTE)
        assert said(server) == [TOLD]
        assert server.notified(server.last(server.facilitators)) == ["Coordinators"]
        assert "Ask whoever runs the bot" in server.text_of(server.last(server.facilitators))
    for _ in range(2):
        await look(server, A_MINUTE)
    assert [each.split(",")[0] for each in said(server)] == [TOLD, OVER]
    assert server.notified(server.last(server.facilitators)) == []


async def test_a_fault_that_comes_and_goes_is_not_told_each_time(server: Server) -> None:
    for _ in range(3):
        async with unwritable(server):
            await look(server)
            await look(server, PATIENCE)
        await look(server)
    assert len(said(server)) == 2
    async with unwritable(server):
        await look(server)
        await look(server, SAID_AGAIN_AFTER)
        assert said(server)[2:] == [TOLD]


async def test_what_discord_cannot_take_now_is_said_at_the_next_look_and_where_it_may_not_write_it_is_left(server: Server) -> None:
    async with unwritable(server):
        await look(server)
        server.world.inject_error("POST", f"/channels/{server.facilitators.id}/messages", status=503, code=0, message="later")
        await look(server, PATIENCE)
        assert said(server) == []
        await look(server, A_MINUTE)
        assert said(server) == [TOLD]


async def test_the_bot_looks_after_each_round(server: Server) -> None:
    async with unwritable(server):
        await look(server)
        await server.world.advance_time(PATIENCE.total_seconds())
        await as_bot(server.world, _round(server))
        assert said(server) == [TOLD]


async def _round(server: Server) -> None:
    server.bot.wake()
    assert server.bot._round is not None
    await server.bot._round
