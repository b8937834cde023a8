"""A real browser for the tests of what people see."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

PATIENCE = 60_000
"""Milliseconds: a machine that runs tests is busy."""
CHROMIUM = Path("/usr/bin/chromium")
QUIETLY = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window; where there is none the test is skipped, or fails if CHAPTERHOUSE_REQUIRE_BROWSER=1."""
    path = str(CHROMIUM) if CHROMIUM.exists() else shutil.which("chromium")
    if path is None:
        if os.environ.get("CHAPTERHOUSE_REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is required here and was not found.")
        pytest.skip("Chromium was not found: install it to run this test.")
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=list(QUIETLY))
        yield started
        await started.close()
