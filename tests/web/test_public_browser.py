"""The public page in a real browser: for every reader, with hostile names, on a phone, in the dark, on paper and without JavaScript."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from bot.services import public
from bot.web.site import Terms
from db import chapters, summaries
from db.store import Store
from tests.services.growing import GUILD, cora
from tests.web.test_public_page import NOW, founded, served

HOSTILE = (
    "<script>alert(1)</script>",
    '"onload="alert(1)" x=\'',
    "</title><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    "Lon\u202enod",
    "😀" * 60,
    "חיפה العربية",
    "A" * 60,
)
PATHS = ("", "/chapters", "/reports", "/embed", "/reports/London", "/reports/London/2026-10", "/reports/Nowhere")


@asynccontextmanager
async def opened(browser: Browser, said: list[str], **options: object) -> AsyncIterator[Page]:
    context = await browser.new_context(**options)  # type: ignore[arg-type]
    page = await context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    yield page
    await context.close()


async def test_everybody_can_read_it_whatever_they_read_it_with_and_whatever_a_chapter_is_called(store: Store, browser: Browser) -> None:
    await founded(store)
    async with store.write() as c:
        made = [
            await chapters.add(c, GUILD, NOW, None, name=name, timezone="UTC", added_on=NOW.date(), city=name, visibility="open")
            for name in HOSTILE
        ]
        for n, each in enumerate(made):
            await chapters.change(c, GUILD, each, latitude=10.0 * n - 30, longitude=20.0 * n - 100)
        await summaries.refresh(c, GUILD, made, NOW)
    await public.switch(store, cora, True, HOSTILE[0], NOW)
    said: list[str] = []
    async with served(store, [NOW], Terms("http://127.0.0.1")) as url:
        at = f"{url}/o/script-alert-1-script"
        for scheme, width in (("light", 1200), ("dark", 1200), ("light", 320)):
            async with opened(browser, said, color_scheme=scheme, viewport={"width": width, "height": 800}) as page:
                for path in PATHS if width == 1200 and scheme == "light" else ("", "/embed"):
                    await page.goto(at + path)
                    found = await Axe().run(page)
                    assert found.violations_count == 0, (scheme, width, path, found.generate_report())
                    assert await page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        async with opened(browser, said, java_script_enabled=False) as page:
            await page.goto(at)
            shown = await page.inner_text("main")
            for name in (HOSTILE[0], HOSTILE[3], HOSTILE[5], "Lonnod", "200 of 500"):
                assert name in shown, name
            await page.keyboard.press("Tab")
            assert await page.locator(":focus").inner_text() == "Skip to the figures"
            await page.keyboard.press("Enter")
            for _ in range(3):
                await page.keyboard.press("Tab")
            assert await page.locator("summary:focus, a:focus, .scroll:focus").count() == 1
            await page.emulate_media(media="print")
            assert await page.locator(".skip").is_hidden()
            assert await page.locator(".goal .says").first.is_visible()
    assert [each for each in said if "status of 404" not in each] == []
    assert len(said) == 1  # the page that is not there
