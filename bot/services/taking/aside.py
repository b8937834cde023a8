"""The process beside that reads files: what it is asked, and what it answers piece by piece."""

import asyncio
import pickle
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bot.domain.refusal import Refusal
from bot.domain.text import text
from bot.services import beside
from bot.services.taking.plans import Preview

LONGEST = 120
"""Seconds."""
AT_ONCE = 2
"""Files that are read side by side."""


@dataclass(slots=True)
class Answer:
    """What a file comes to: its preview, the rows to be mended as a file, and, if they are wanted, the steps to be done."""

    preview: Preview
    columns: tuple[str, ...]
    added: list[Any] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)
    to_mend: tuple[str, bytes] | None = None


def read_only(values: dict[str, Any]) -> MappingProxyType[str, Any]:
    """A sentence's values as they are kept: pickles know no other way to make them."""
    return MappingProxyType(values)


async def work_out(wanted: dict[str, Any], turns: asyncio.Semaphore) -> Answer:
    """What the process beside makes of a file; raises its refusal."""
    async with turns:
        try:
            async with asyncio.timeout(LONGEST):
                return await _work_out(wanted)
        except TimeoutError:
            raise Refusal(text("Reading this file takes too long. Divide it, and send one part after the other.")) from None


async def _work_out(wanted: dict[str, Any]) -> Answer:
    told: dict[str, Any] = {}
    steps: dict[str, list[Any]] = {"added": [], "changed": []}
    async with beside.started("bot.services.taking", wanted) as process:
        while (words := await _next(process.answer)) is not None:
            for name, some in words.items():
                if name in steps:
                    steps[name] += some
                else:
                    told[name] = some
            await asyncio.sleep(0)
        if "refused" in told:
            raise Refusal(told["refused"])
        if fault := await process.fault():
            raise RuntimeError(f"the process for an import {fault}")
    to_mend = (told["ending"], told["content"]) if "content" in told else None
    return Answer(told["preview"], told["columns"], steps["added"], steps["changed"], to_mend)


async def _next(answer: asyncio.StreamReader) -> dict[str, Any] | None:
    try:
        size = int.from_bytes(await answer.readexactly(8), "big")
    except asyncio.IncompleteReadError:
        return None
    # Our own process wrote it.
    words: dict[str, Any] = pickle.loads(await answer.readexactly(size))  # noqa: S301
    return words
