"""An empty server in a real browser: from /setup and a spreadsheet to the first published report and /progress, as a newcomer goes."""

import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from bot.demo.empty import FILE
from tests.web.test_demo_process import free_port, running
from tests.web.test_hub import place
from tests.web.test_month import visit, words

pytest.importorskip("cogs.imports", reason="There is no /import yet.")

WORDS_A_MINUTE = 150
"""How fast somebody reads a language that is not their own."""
SECONDS_AN_ACT = 5
"""What it takes to find a button and press it, or to type a word."""
MINUTES = 10


@dataclass(slots=True)
class Newcomer:
    """Somebody who reads everything that the bot shows them, and then does the next thing."""

    page: Page
    frame: FrameLocator
    read: set[str] = field(default_factory=set)
    acts: int = 0

    @property
    def last(self) -> Locator:
        """The newest message."""
        return self.frame.locator("#channel-timeline article").last

    async def sees(self, said: str | re.Pattern[str]) -> None:
        """Waits until the newest message says this, and reads it all; what was read before is not read again."""
        await expect(self.last).to_contain_text(said)
        self.read |= set((await self.last.inner_text()).splitlines())

    async def press(self, label: str) -> None:
        """Presses a button of the newest message, or of an open form."""
        self.acts += 1
        await self.frame.get_by_role("button", name=label, exact=True).last.click()

    async def fill(self, question: str, answer: str) -> None:
        """Writes into an open form."""
        self.acts += 1
        await self.frame.get_by_role("textbox", name=question).fill(answer)

    async def types(self, command: str, *options: str, file: Path | None = None) -> None:
        """Types a command, its options in the order in which they are offered, and a file to go with it."""
        self.acts += 2 + len(options) + (file is not None)
        await self.frame.get_by_role("textbox", name="Message").press_sequentially(f"/{command}")
        await self.frame.get_by_role("option", name=f"/{command}").first.click()
        for number, option in enumerate(options):
            if number:
                await self.frame.locator(".command-ghost").click()
                await self.frame.get_by_role("option", name="chapter").first.click()
            await self.page.keyboard.type(option)
            await self.frame.get_by_role("option", name=option).first.click()
        if file is not None:
            await self.frame.locator(".command-file-input").set_input_files(file)
        await self.frame.get_by_role("button", name="Send").click()

    def becomes(self, key: str) -> FrameLocator:
        """Looks through somebody else's eyes from now on."""
        self.frame = place(self.page, key)
        return self.frame


async def go(one: Newcomer, key: str) -> None:
    """Opens somebody's tab."""
    await one.page.locator(f"#tab-{key}").click()
    one.becomes(key)


async def sets_up(one: Newcomer) -> None:
    """/setup and its card, up to the chapters."""
    await one.types("setup")
    await one.sees("Next: Coordinators")
    await one.press("Make the role, and give it to me")
    await one.sees("Next: Facilitators")
    await one.press("Make the role")
    await one.sees("Next: Facilitators' channel")
    await one.press("Make it, private to both roles")
    await one.sees("Next: Time zone")
    await one.press("Set the time zone")
    await one.fill("Time zone", "America/Chicago")
    await one.press("Submit")
    await one.sees("Next: Chapters")


async def imports(one: Newcomer) -> None:
    """The spreadsheet, looked at and then stored."""
    await one.types("import file", file=FILE)
    await one.sees("Import it")
    await one.press("Import it")
    await one.sees("181")


async def finishes(one: Newcomer) -> None:
    """The channel for reports, an admin for one chapter, and the pilot with it."""
    await one.types("setup")
    await one.sees("Next: Channel for reports")
    await one.press("Make a channel")
    await one.sees("Next: Whom the bot asks")
    await one.types("chapter admins add", "Ana", "Chi Hack Night")
    await one.sees("Chi Hack Night")


async def reports(one: Newcomer) -> None:
    """Ana's first report."""
    await go(one, "ana")
    await one.types("report")
    await one.sees("People")
    await one.press("People")
    await one.fill("Members now", "44")
    await one.press("Submit")
    await one.sees("44 members")
    await one.press("Publish")
    await one.sees("Thank you.")


async def test_a_newcomer_goes_from_an_empty_server_to_progress_in_ten_minutes(tmp_path: Path, browser: Browser) -> None:
    wrong: list[str] = []
    async with running(free_port(), tmp_path, "--empty") as (_, printed):
        began = time.monotonic()
        page = await visit(browser, int(printed.split("127.0.0.1:")[1].split("/")[0]), wrong)
        one = Newcomer(page, place(page, "cora"))
        one.read |= set((await page.locator("#first").inner_text()).splitlines())
        href = await page.get_by_role("link", name="brigades.csv").get_attribute("href")
        assert (await page.request.get(f"{page.url.split('#')[0].rstrip('/')}{href}")).ok
        await sets_up(one)
        await imports(one)
        await finishes(one)
        await reports(one)
        await go(one, "mo")
        await one.types("progress")
        await one.sees("44 of 5,000")
        await expect(words(one.frame, "44 of 5,000")).to_be_visible()
        machine = time.monotonic() - began
        # Once the demo has ended, the page asks in vain.
        assert wrong == []
    count = sum(len(line.split()) for line in one.read)
    person = count / WORDS_A_MINUTE + (one.acts * SECONDS_AN_ACT + machine) / 60
    sys.stdout.write(f"\nread {count} words, acted {one.acts} times, the machine took {machine:.0f} s: {person:.1f} minutes for a person\n")
    assert person < MINUTES
