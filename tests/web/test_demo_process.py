"""The demo as a program: it opens quickly, says what to try, makes way for nobody on its port and ends when told to."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser

pytest.importorskip("bot.demo.sample", reason="There is no sample organisation yet.")

ROOT = Path(__file__).parents[2]
DEMO = (sys.executable, "-m", "bot", "demo")
SECONDS_TO_OPEN = 40  # four times what is promised: a machine that runs tests is busy
SECONDS_TO_END = 10


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@asynccontextmanager
async def running(port: int, temporary: Path, *more: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A demo that is open, and what it printed until then."""
    surroundings = os.environ | {"TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*DEMO, "--port", str(port), *more, cwd=ROOT, env=surroundings, stdout=pipe)
    try:
        assert process.stdout is not None
        printed = await asyncio.wait_for(process.stdout.readuntil(b"Ctrl-C"), SECONDS_TO_OPEN)
        yield process, printed.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def refused(*options: str) -> str:
    """What a demo that does not start says instead."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*DEMO, *options, cwd=ROOT, stdout=pipe, stderr=pipe)
    told, complained = await asyncio.wait_for(process.communicate(), SECONDS_TO_OPEN)
    assert process.returncode
    assert told == b""
    return complained.decode()


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
async def test_it_opens_says_what_to_try_and_ends_cleanly_with_a_page_open(tmp_path: Path, browser: Browser, asked: signal.Signals) -> None:
    port = free_port()
    async with running(port, tmp_path) as (process, printed):
        assert f"http://127.0.0.1:{port}/" in printed
        assert "/progress" in printed
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.frame_locator("iframe.shown").locator("#channel-composer-input").wait_for()
        process.send_signal(asked)
        assert await asyncio.wait_for(process.wait(), SECONDS_TO_END) == 0
    assert list(tmp_path.iterdir()) == []


async def test_a_second_demo_on_the_port_says_so_in_one_sentence_and_leaves_the_first_alone(tmp_path: Path) -> None:
    port = free_port()
    async with running(port, tmp_path):
        said = await refused("--port", str(port))
        assert said == f"Port {port} is taken, perhaps by another demo. End that one, or choose another port with --port.\n"
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
            assert answer.status == 200


async def test_its_database_is_kept_on_request_but_never_written_over(tmp_path: Path) -> None:
    kept = tmp_path / "kept.db"
    async with running(free_port(), tmp_path, "--keep", str(kept)) as (process, _):
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), SECONDS_TO_END) == 0
    assert kept.read_bytes().startswith(b"SQLite format 3")
    assert "is there already" in await refused("--port", str(free_port()), "--keep", str(kept))


@pytest.mark.parametrize("port", ["-1", "70000"])
async def test_a_port_that_is_none_is_refused(port: str) -> None:
    assert await refused("--port", port) == f"There is no port {port}. Choose one from 1024 to 65535.\n"
