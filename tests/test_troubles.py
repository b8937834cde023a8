"""What goes wrong where nobody waits is said when it begins, and not at every tick."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.troubles import Troubles
from db import faults
from db.store import Store

BEGINS = datetime(2026, 11, 1, 9, tzinfo=UTC)
FULL = "is full. Make room; a bot that is running then goes on by itself. What is due waits until then."


async def test_a_trouble_that_lasts_is_said_once_an_hour(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    moments = [BEGINS + timedelta(minutes=n) for n in range(120)]
    present = iter(moments)
    troubles = Troubles(store, lambda: next(present))
    for _ in moments:
        with troubles.told():
            raise faults.disk_full(Path("chapterhouse.db"))
    assert len(caplog.messages) == 2
    assert all(each.endswith(FULL) for each in caplog.messages)
    assert not caplog.records[0].exc_info


async def test_a_mistake_of_the_program_is_said_with_its_traceback_and_another_one_too(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    troubles = Troubles(store, lambda: BEGINS)
    for n in (1, 2, 3):
        with troubles.told():
            int(f"no number {n}")
    with troubles.told():
        raise ZeroDivisionError
    assert [record.exc_info and record.exc_info[0] for record in caplog.records] == [ValueError, ZeroDivisionError]


async def test_that_changes_are_stored_again_is_said_once(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    troubles = Troubles(store, lambda: BEGINS)
    store.failing = faults.disk_full(store.path)
    for _ in range(2):
        with troubles.told():
            raise store.failing
    store.failing = None
    for _ in range(2):
        with troubles.told():
            pass
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert caplog.messages[-1] == "the database can be written again"
