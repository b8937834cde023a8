"""Pictures drawn beside the bot: kept until something else is to be seen, never worth waiting long for, and nobody else's trouble."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.services import pictures
from bot.services.pictures import Pictures
from tests.charts import samples

ENOUGH = 60.0
"""Seconds in which any machine has drawn a picture."""
BOARD = samples.goals(samples.MEMBERS, samples.FUNCTIONING, samples.REACHED, samples.ONE_POINT, samples.UNKNOWN)
PNG = b"\x89PNG"


@pytest.fixture
async def drawing() -> AsyncIterator[Pictures]:
    """What draws, and ends with the test."""
    drawn = Pictures()
    yield drawn
    await drawn.close()


async def ended(process_id: int) -> None:
    """Waits until a process is no more."""
    while True:
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return
        await asyncio.sleep(0.01)


async def longest_pause(work: "asyncio.Task[bytes | None]") -> float:
    """The longest time for which the loop was kept busy while something was at work; not counted is what this machine did meanwhile."""
    longest, last = 0.0, time.thread_time()
    while not work.done():
        await asyncio.sleep(0.001)
        longest, last = max(longest, time.thread_time() - last), time.thread_time()
    return longest


async def test_a_picture_is_drawn_beside_kept_and_drawn_again_by_the_next_process_when_one_is_killed(
    drawing: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.create_task(drawing.of(BOARD, patience=0.01))
    assert await begun is None, "the words go alone where it takes too long"
    assert await drawing.of(BOARD) is None, "and nobody waits for it a second time"
    fresh = await drawing.of(samples.ACTIVITY, patience=ENOUGH)
    assert fresh is not None
    assert fresh.startswith(PNG)
    late = await drawing.of(BOARD, patience=0.01)
    assert late is not None, "what came too late for one is there for the next"

    work = asyncio.create_task(drawing.of(replace(BOARD, title="Another"), patience=ENOUGH))
    assert await longest_pause(work) < 0.05
    other = work.result()
    assert other is not None
    assert other != late

    assert drawing.process_id is not None
    broken = asyncio.create_task(drawing.of(replace(BOARD, title="A third"), patience=ENOUGH))
    await asyncio.sleep(0)
    os.kill(drawing.process_id, 9)
    assert await broken is None
    assert await drawing.of(BOARD) == late, "what is kept needs no process"
    assert await drawing.of(replace(BOARD, title="A fourth"), patience=ENOUGH) is not None

    monkeypatch.setattr(pictures, "KEPT", len(other))
    monkeypatch.setattr(pictures, "IDLE", 0.01)
    last = drawing.process_id
    assert await drawing.of(samples.hostile(["x"]), patience=ENOUGH) is not None
    assert drawing.kept_bytes <= len(other), "only so much is kept"
    assert last is not None
    await asyncio.wait_for(ended(last), ENOUGH)
    assert drawing.process_id is None, "what nobody needs is let go"


async def test_where_none_can_be_drawn_nobody_waits(drawing: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MODULE", "bot.nothing_of_this_name")
    assert await drawing.of(BOARD, patience=ENOUGH) is None
    assert await drawing.of(samples.ACTIVITY, patience=ENOUGH) is None
    monkeypatch.setattr(pictures, "MODULE", "bot.drawing")
    assert await asyncio.wait_for(drawing.of(samples.hostile(["x"]), patience=ENOUGH), 0.5) is None, "after two failures it rests"
    assert await Pictures(draws=False).of(BOARD) is None
