"""The pictures in README.md and docs, taken of the demo in a real browser: `make screenshots`."""

import asyncio
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.async_api import Browser, FrameLocator, Locator, Page, async_playwright, expect

from tests.web.conftest import CHROMIUM, QUIETLY
from tests.web.test_demo_process import free_port, running
from tests.web.test_hub import pick, place, type_command

IMAGES = Path(__file__).parents[1] / "docs" / "images"
DESK, TALL, PHONE, PAPER = (1280, 820), (1200, 1700), (390, 1600), (780, 1700)
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
    desk = await opened(browser, address, DESK, "ana")
    await picture(desk, "launcher")
    await wait_for(desk, "Next month")
    await expect(place(desk, "ana").get_by_role("button", name="Publish")).to_be_in_viewport()
    await picture(desk, "prompt")
    await the_admin(await opened(browser, address, PHONE, "ana"))
    await ask(desk, "mo", "progress", "Where we stand")
    await picture(desk, "progress")
    await wait_for(desk, "+1 week")
    await desk.close()
    await the_facilitator(await opened(browser, address, PAPER, "fay"))
    await the_coordinator(await opened(browser, address, PAPER, "cora"))
    await the_public(browser, address)


async def the_admin(phone: Page) -> None:
    """Ana answers the question, publishes, and looks at what else she can do."""
    london = place(phone, "ana")
    await expect(london.get_by_role("button", name="Publish")).to_be_in_viewport()
    await picture(phone, "prompt-phone", newest(london))
    await london.get_by_role("button", name="People").click()
    await london.get_by_role("textbox", name="Members now").fill("44")
    await picture(phone, "people-phone", form(london))
    await london.get_by_role("button", name="Submit").click()
    await expect(london.get_by_text("44 members").last).to_be_visible()
    await london.get_by_role("button", name="In words").click()
    await london.get_by_role("textbox", name="What is changing").fill("Growing on campus: two new people lead meetings now.")
    await london.get_by_role("textbox", name="What is hard").fill("Our room is small.")
    await picture(phone, "words-phone", form(london))
    await london.get_by_role("button", name="Submit").click()
    await expect(london.get_by_text("Growing on campus").last).to_be_visible()
    await london.get_by_role("button", name="Publish").click()
    await expect(london.get_by_text("Next month it is").last).to_be_in_viewport()
    await picture(phone, "thanks-phone", newest(london))
    for command, answered, name in (
        ("help", "What you can do here", "help-phone"),
        ("checkins", "Check in", "checkins-phone"),
        ("chapter status", "Hide us now", "status-phone"),
        ("chapter near", "As the crow flies", "near-phone"),
    ):
        await ask(phone, "ana", command, answered)
        await picture(phone, name, newest(london))
    await type_command(phone, "ana", "chapter composition")
    await expect(london.get_by_role("textbox", name="Rather not say")).to_be_visible()
    await picture(phone, "composition-phone", form(london))


async def the_facilitator(paper: Page) -> None:
    """Fay reads her digest and opens the card of a chapter that asks for help."""
    fay = place(paper, "fay")
    await expect(newest(fay)).to_contain_text("Worth a call")
    await picture(paper, "digest", newest(fay))
    await pick(newest(fay), "Choose a chapter", "Porto")
    await expect(fay.get_by_role("button", name="I have been in touch")).to_be_visible()
    await picture(paper, "private", newest(fay))


async def the_coordinator(paper: Page) -> None:
    """Cora looks at the set-up and the branches, and changes a goal."""
    cora = place(paper, "cora")
    await ask(paper, "cora", "setup", "Coordinators:")
    await picture(paper, "setup", newest(cora))
    await ask(paper, "cora", "branch list", "branches")
    await picture(paper, "branches", newest(cora))
    await choose(cora, "goal edit")
    await fill(cora, "goal", "Memb")
    await cora.get_by_role("option", name="Members").click()
    await cora.get_by_role("button", name="more").click()
    await cora.get_by_role("option", name="target").click()
    await fill(cora, "target", "6000")
    await cora.get_by_role("button", name="Send").click()
    await expect(newest(cora)).to_contain_text("6,000")
    await picture(paper, "goal-edit", newest(cora))


async def the_public(browser: Browser, address: str) -> None:
    """Anybody looks at the public page: at a desk by day and by night, and on a phone."""
    launcher = await browser.new_page()
    await launcher.goto(address)
    page = await launcher.locator(".public a").get_attribute("href")
    assert page is not None
    for name, size, scheme in (("public", TALL, "light"), ("public-dark", TALL, "dark"), ("public-phone", PHONE, "light")):
        reader = await browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        await reader.goto(page)
        await picture(reader, name)


# The demo's pages


async def opened(browser: Browser, address: str, size: tuple[int, int], key: str) -> Page:
    """A page of the demo with the tab of one person."""
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.set_default_timeout(PATIENCE)
    await page.goto(f"{address}#{key}")
    await place(page, key).locator("#channel-timeline article").first.wait_for()
    return page


def form(frame: FrameLocator) -> Locator:
    """The form that is open."""
    return frame.get_by_role("dialog")


def newest(frame: FrameLocator) -> Locator:
    """The newest message of a conversation."""
    return frame.locator("#channel-timeline article").last


async def ask(page: Page, key: str, command: str, answered: str) -> None:
    """Somebody types a command without options."""
    await page.locator(f"#tab-{key}").click()
    await type_command(page, key, command)
    await expect(newest(place(page, key))).to_contain_text(answered)


async def choose(frame: FrameLocator, command: str) -> None:
    """Somebody types a command that has options still to be filled in."""
    await frame.get_by_role("textbox", name="Message").press_sequentially(f"/{command}")
    await frame.get_by_role("option", name=f"/{command}").click()


async def fill(frame: FrameLocator, option: str, value: str) -> None:
    """Somebody fills in an option of the command."""
    await frame.locator(f'.command-option-input[data-option="{option}"]').press_sequentially(value)


async def wait_for(page: Page, leap: str) -> None:
    """Lets the demo's time pass."""
    status = page.get_by_role("status")
    before = await status.inner_text()
    await page.get_by_role("button", name=leap).click()
    await expect(status).not_to_have_text(before)
    await expect(status).to_contain_text("It is now")


async def picture(page: Page, name: str, part: Locator | None = None) -> None:
    """Writes what the page or a part of it shows once nothing moves any more, in few colours, so that the repository stays small."""
    await page.mouse.move(0, 0)
    shot = page.screenshot if part is None else part.screenshot
    before, shown = b"", await shot()
    while before != shown:
        await page.wait_for_timeout(PAUSE)
        before, shown = shown, await shot()
    taken = Image.open(io.BytesIO(shown)).convert("RGB")
    path = IMAGES / f"{name}.png"
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    asyncio.run(main())
