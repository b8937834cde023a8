"""The pictures in README.md, taken of the demo in a real browser: `make screenshots`."""

import asyncio
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.async_api import Browser, FrameLocator, Page, async_playwright, expect

from tests.web.conftest import CHROMIUM, QUIETLY
from tests.web.test_demo_process import free_port, running
from tests.web.test_hub import place, type_command

IMAGES = Path(__file__).parents[1] / "docs" / "images"
DESK, PHONE = (1280, 820), (390, 1200)
COLOURS = 256
PATIENCE = 60_000
PAUSE = 1_500


async def main() -> None:
    """Starts the demo, walks through a month of London, and writes what is seen on the way."""
    expect.set_options(timeout=PATIENCE)
    IMAGES.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with TemporaryDirectory() as temporary:
        async with running(port, Path(temporary)), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIETLY))
            await walk(browser, f"http://127.0.0.1:{port}/")
            await browser.close()


async def walk(browser: Browser, address: str) -> None:
    page = await opened(browser, address, DESK)
    london = await tab(page, "ana")
    await picture(page, "launcher")
    await wait_for(page, "Next month")
    await expect(london.get_by_role("button", name="Publish")).to_be_in_viewport()
    await picture(page, "prompt")
    phone = await opened(browser, f"{address}#ana", PHONE)
    await expect(place(phone, "ana").get_by_role("button", name="Publish")).to_be_in_viewport()
    await picture(phone, "prompt-phone")
    await answer(page, london)
    reports = await tab(page, "reports")
    await expect(reports.get_by_text("44 members").last).to_be_visible()
    await picture(page, "report")
    await ask(page, "progress", "Where we stand")
    await picture(page, "progress")
    phone = await opened(browser, f"{address}#mo", PHONE)
    await expect(place(phone, "mo").get_by_role("button", name="My chapter")).to_be_enabled()
    await picture(phone, "progress-phone")
    await ask(page, "chapter status", "functioning until")
    await picture(page, "status")
    await wait_for(page, "+1 week")
    await call(page, await tab(page, "fay"))


async def answer(page: Page, london: FrameLocator) -> None:
    """Ana fills in two parts and publishes."""
    await london.get_by_role("button", name="People").click()
    await london.get_by_role("textbox", name="Members now").fill("44")
    await picture(page, "people")
    await london.get_by_role("button", name="Submit").click()
    await london.get_by_role("button", name="In words").click()
    await london.get_by_role("textbox", name="What is changing").fill("Growing on campus: two new people lead meetings now.")
    await london.get_by_role("textbox", name="Help wanted").fill("Somebody who has booked rooms at a university.")
    await london.get_by_role("button", name="Submit").click()
    await expect(london.get_by_text("Growing on campus").last).to_be_visible()
    await london.get_by_role("button", name="Publish").click()
    await expect(london.get_by_text("Next month it is").last).to_be_in_viewport()
    await picture(page, "thanks")


async def call(page: Page, fay: FrameLocator) -> None:
    """Fay reads her digest and opens the card of a chapter that asks for help."""
    digest = fay.locator("#channel-timeline article").last
    await expect(digest).to_contain_text("Worth a call")
    await picture(page, "digest")
    await digest.get_by_role("combobox", name="Choose a chapter").click()
    await fay.get_by_role("option", name="Porto").click()
    await expect(fay.get_by_role("button", name="I have been in touch")).to_be_visible()
    await picture(page, "private")


async def opened(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.set_default_timeout(PATIENCE)
    await page.goto(address)
    return page


async def tab(page: Page, key: str) -> FrameLocator:
    await page.locator(f"#tab-{key}").click()
    await place(page, key).locator("#channel-timeline article").first.wait_for()
    return place(page, key)


async def ask(page: Page, command: str, answered: str) -> None:
    """Mo types a command in #general."""
    await page.locator("#tab-mo").click()
    await type_command(page, "mo", command)
    await expect(place(page, "mo").get_by_text(answered).last).to_be_in_viewport()


async def wait_for(page: Page, leap: str) -> None:
    """Lets the demo's time pass."""
    status = page.get_by_role("status")
    before = await status.inner_text()
    await page.get_by_role("button", name=leap).click()
    await expect(status).not_to_have_text(before)
    await expect(status).to_contain_text("It is now")


async def picture(page: Page, name: str) -> None:
    """Writes what the page shows once nothing moves any more, in few colours, so that the repository stays small."""
    await page.mouse.move(0, 0)
    before, shown = b"", await page.screenshot()
    while before != shown:
        await page.wait_for_timeout(PAUSE)
        before, shown = shown, await page.screenshot()
    taken = Image.open(io.BytesIO(shown)).convert("RGB")
    path = IMAGES / f"{name}.png"
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    asyncio.run(main())
