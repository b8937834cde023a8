"""The rig of the walks through the bot: each test has a server of its own, and fails for every error that it did not expect, and if
what is kept beside the entries at its end is not what they come to."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.locales import plain
from bot.services import deep
from tests.flows.beginning import start
from tests.flows.rig import Server


class _Alarm(logging.Handler):
    """Remembers what was logged at ERROR."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
async def server(database: Path) -> AsyncIterator[Server]:
    """The real bot in a server that is set up; see `Server` for who and what is there."""
    alarm = _Alarm()
    logging.getLogger().addHandler(alarm)
    server = await start(database)
    try:
        yield server
    finally:
        await server.world.settle()
        faults = () if server.trouble_expected else (await deep.compare(server.store, server.now)).faults
        await server.world.shutdown()
        await server.bot.close()
        await server.store.close()
        logging.getLogger().removeHandler(alarm)
    trouble = [repr(error) for error in server.world.errors] + alarm.lines
    assert bool(trouble) == server.trouble_expected, "\n".join(trouble) or "no trouble, although the test expected some"
    assert [plain(fault, "en") for fault in faults] == []
