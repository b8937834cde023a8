"""A chapter's month in a real browser, against the demo as anybody starts it: from the question to the facilitator's digest."""

from pathlib import Path

from playwright.async_api import Browser, FrameLocator, Locator, Page, expect

from tests.web.conftest import PATIENCE
from tests.web.test_demo_process import free_port, running
from tests.web.test_hub import pick, place, type_command


async def visit(browser: Browser, port: int, wrong: list[str]) -> Page:
    """Opens the launcher; whatever the browser complains of is kept."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda answer: wrong.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    await page.goto(f"http://127.0.0.1:{port}/")
    return page


def words(frame: FrameLocator, said: str) -> Locator:
    """Where the conversation says this last."""
    return frame.locator("#channel-timeline").get_by_text(said).last


async def go_to(page: Page, key: str) -> FrameLocator:
    """Opens a tab."""
    await page.locator(f"#tab-{key}").click()
    return place(page, key)


async def press(page: Page, button: str, then: str) -> None:
    """Presses one of the launcher's buttons and waits until it has said that it is done."""
    status = page.get_by_role("status")
    before = await status.inner_text()
    await page.get_by_role("button", name=button).click()
    await expect(status).not_to_have_text(before)
    await expect(status).to_contain_text(then)
    await expect(page.locator("#running")).to_be_hidden()


async def progress(page: Page) -> FrameLocator:
    """Asks, as a member, where the organisation stands."""
    general = await go_to(page, "mo")
    await type_command(page, "mo", "progress")
    return general


async def test_one_chapters_month_from_the_question_to_the_digest(tmp_path: Path, browser: Browser) -> None:
    wrong: list[str] = []
    async with running(free_port(), tmp_path) as (_, printed):
        port = int(printed.split("127.0.0.1:")[1].split("/")[0])
        page = await visit(browser, port, wrong)
        await expect(words(await progress(page), "2,512 of 5,000")).to_be_visible()

        await go_to(page, "ana")
        await press(page, "Next month", "It is now")
        await the_admin_answers(page, place(page, "ana"))
        await expect(words(await progress(page), "2,516 of 5,000")).to_be_visible()
        reports = await go_to(page, "reports")
        await expect(words(reports, "44 members")).to_be_visible()
        await expect(words(reports, "Two new people lead meetings now.")).to_be_visible()

        await press(page, "Next month", "It is now")
        await press(page, "+1 week", "It is now")
        await the_facilitator_reads_and_acts(await go_to(page, "fay"))
        assert wrong == []


async def the_admin_answers(page: Page, london: FrameLocator) -> None:
    """Two forms, the second of which is open while the bot restarts; then Publish."""
    await expect(london.get_by_role("button", name="Publish")).to_be_in_viewport()
    await london.get_by_role("button", name="People").click()
    await london.get_by_role("textbox", name="Members now").fill("44")
    await london.get_by_role("button", name="Submit").click()
    await expect(words(london, "44 members")).to_be_visible()

    await london.get_by_role("button", name="In words").click()
    changing = london.get_by_role("textbox", name="What is changing")
    await changing.fill("Two new people lead meetings now.")
    await press(page, "Restart the bot", "The bot was restarted.")
    await expect(changing).to_have_value("Two new people lead meetings now.")
    await london.get_by_role("button", name="Submit").click()
    await expect(words(london, "What is changing: Two new people lead meetings now.")).to_be_visible()

    await london.get_by_role("button", name="Publish").click()
    await expect(words(london, "Thank you. London's")).to_be_in_viewport()
    await expect(words(london, "Next month it is")).to_contain_text("@Ben")


async def the_facilitator_reads_and_acts(fay: FrameLocator) -> None:
    """Porto has been silent for months and asks for help: it stands first. Once she has been in touch it is left out."""
    digest = fay.locator("#channel-timeline article").last
    await expect(digest).to_contain_text("Worth a call")
    await expect(digest).to_contain_text("Porto  Asks for help: “A printer”.")
    await pick(digest, "Choose a chapter", "Porto")
    card = fay.locator("#channel-timeline article").last
    await card.get_by_role("button", name="I have been in touch").click()
    await expect(card).to_contain_text("Noted, thank you: you have been in touch with Porto.")
    await expect(fay.locator("#channel-timeline article").nth(-2)).not_to_contain_text("Porto")
