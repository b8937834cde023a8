"""The demo's pages in a real browser: what a visitor sees and does, what happens to time, and who is refused."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import discord
import pytest
from playwright.async_api import Browser, FrameLocator, Locator, Page, expect
from playwright.async_api import Error as PlaywrightError
from simcord.actors import MemberActor
from simcord.env import Env

from bot.demo.hub import Hooks, Hub
from bot.demo.server import DemoFault, next_month
from bot.demo.world import as_bot, new_world
from bot.domain.text import text
from tests.web.conftest import PATIENCE
from tests.web.small_bot import Due, SmallBot, card

KEY = "the-key-of-this-start"
WITH_KEY = {"X-Simcord-Capability": "admin"}


@dataclass(slots=True)
class Demo:
    """A running demo of the small bot: Ana in #london, Mo in #general, Fay in direct messages, and the reports."""

    hub: Hub
    world: Env
    due: Due
    ana: MemberActor
    fay: MemberActor
    wrong: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.hub.port}"

    async def say(self, place: discord.abc.Snowflake, words: str) -> None:
        """Lets the bot speak without being asked."""
        async with self.hub._lock:
            await as_bot(self.world, self.due.bot.get_partial_messageable(place.id).send(view=card(words)))

    async def visit(self, browser: Browser, *, width: int = 1280, path: str = "/") -> Page:
        """Opens the demo; whatever the browser complains of is kept."""
        page = await browser.new_page(viewport={"width": width, "height": 844})
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("response", lambda answer: self.wrong.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
        await page.goto(self.address + path)
        return page


def place(page: Page, key: str) -> FrameLocator:
    return page.frame_locator(f"#panel-{key} iframe.shown")


def said(page: Page, key: str, words: str) -> Locator:
    """Where the conversation shows these words."""
    return place(page, key).locator("#channel-timeline").get_by_text(words, exact=True).last


async def type_command(page: Page, key: str, name: str) -> None:
    """Types a command without options and sends it, as at Discord."""
    box = place(page, key).get_by_role("textbox", name="Message")
    await box.press_sequentially(f"/{name}")
    await place(page, key).get_by_role("option", name=f"/{name}").click()
    await place(page, key).get_by_role("button", name="Send").click()


async def pick(scope: FrameLocator | Locator, menu: str, wanted: str) -> None:
    """Chooses in a menu as people do: once more where SimCord's page says that it was still busy."""
    await scope.get_by_role("combobox", name=menu).click()
    option = scope.get_by_role("option", name=wanted)
    await option.wait_for()
    async with asyncio.timeout(PATIENCE / 1000):
        while await option.is_visible():
            with suppress(PlaywrightError):
                await option.click(timeout=1000)
            with suppress(AssertionError):
                await expect(option).to_be_hidden(timeout=3000)


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    database = tmp_path / "small.db"
    bot = SmallBot(database)
    world = new_world(bot, starts=datetime(2026, 11, 22, 10, tzinfo=UTC), name="Chapterhouse")
    await world.start()
    guild = world.create_guild("The sample")
    london, general, reports = (
        guild.create_text_channel("london"),
        guild.create_text_channel("general"),
        guild.create_forum_channel("reports"),
    )
    ana, mo, fay = (guild.add_member(world.create_user(name.lower(), global_name=name)) for name in ("Ana", "Mo", "Fay"))
    await world.settle()
    bot.asks_in, bot.posts_in = london.id, reports.id
    due = Due(world)

    async def new_bot() -> discord.Client:
        return SmallBot(database, asks_in=london.id, posts_in=reports.id)

    hub = Hub(world=world, hooks=Hooks(due.next_due, due.run_due, new_bot), port=0, key=KEY, first_steps=(text("As Ana, press People."),))
    await hub.start()
    hub.add("admin", text("Ana in #london"), london, [ana])
    hub.add("member", text("Mo in #general"), general, [mo])
    hub.add("facilitator", text("Fay in direct messages"), fay.user, [fay])
    hub.add("reports", text("The reports"), reports, [mo])
    running = Demo(hub, world, due, ana, fay)
    await running.say(london, "Members: 40")
    yield running
    await hub.close()
    await world.shutdown()
    await world.bot.close()
    assert running.wrong == []


async def test_the_launcher_shows_the_date_the_tabs_and_what_to_try_first(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await expect(page.get_by_role("tab")).to_have_count(4)
    await expect(page.locator("#day")).to_have_text("22 November 2026")
    await expect(page.get_by_text("As Ana, press People.")).to_be_visible()
    await expect(said(page, "admin", "Members: 40")).to_be_visible()


async def test_a_tab_keeps_what_was_typed_while_another_is_looked_at(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await place(page, "admin").get_by_role("textbox", name="Message").fill("half a sentence")
    await page.get_by_role("tab", name="Mo in #general").click()
    await expect(place(page, "member").get_by_role("heading", name="general")).to_be_visible()
    await page.get_by_role("tab", name="Ana in #london").click()
    await expect(place(page, "admin").get_by_role("textbox", name="Message")).to_have_value("half a sentence")


async def test_the_tabs_are_walked_with_the_arrow_keys(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await page.get_by_role("tab", name="Ana in #london").focus()
    await page.keyboard.press("ArrowDown")
    chosen = page.get_by_role("tab", name="Mo in #general")
    await expect(chosen).to_be_focused()
    await expect(chosen).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("End")
    await expect(page.get_by_role("tabpanel", name="The reports")).to_be_visible()
    await expect(page.get_by_text("Nothing has been posted here yet.")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("tab", name="Ana in #london")).to_be_focused()


async def test_on_a_phone_nothing_is_wider_than_the_screen(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser, width=390)
    await expect(place(page, "admin").get_by_role("button", name="People")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    for name in ("+1 day", "+1 week", "Next month", "Restart the bot"):
        box = await page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


async def test_a_member_types_a_command_and_sees_the_answer(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser, path="/#member")
    await type_command(page, "member", "progress")
    await expect(said(page, "member", "Members: 0")).to_be_visible()
    await expect(said(page, "member", "Only you can see this")).to_be_visible()


async def test_an_admin_fills_in_a_form_and_everybody_sees_its_effect(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await fill_in(page, "12")
    admin = place(page, "admin")
    await admin.get_by_role("button", name="Submit").click()
    await expect(said(page, "admin", "Saved for london, 2026-10: mood 4, met y, did Outreach, 2 hosts.")).to_be_visible()
    await expect(said(page, "admin", "Members: 12")).to_be_visible()
    await page.get_by_role("tab", name="Mo in #general").click()
    await type_command(page, "member", "progress")
    await expect(said(page, "member", "Members: 12")).to_be_visible()


async def fill_in(page: Page, members: str) -> None:
    """Opens the form, and uses each kind of field once."""
    admin = place(page, "admin")
    await admin.get_by_role("button", name="People").click()
    await admin.get_by_role("textbox", name="Members").fill(members)
    await admin.get_by_role("radio", name="Yes").check()
    await admin.get_by_role("checkbox", name="Outreach").check()
    dialog = admin.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="How are you?").click()
    await dialog.get_by_role("option", name="4").click()
    await dialog.get_by_role("combobox", name="Who hosted?").click()
    await dialog.get_by_role("option", name="Fay").click()
    await dialog.get_by_role("option", name="Mo").click()
    await dialog.get_by_role("combobox", name="Who hosted?").click()


async def test_selects_answer_too(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    admin = place(page, "admin")
    await pick(admin, "Choose a chapter", "Porto")
    await expect(said(page, "admin", "choose: ['Porto']")).to_be_visible()


async def test_a_person_is_chosen_in_a_select(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    admin = place(page, "admin")
    await pick(admin, "Hand over to", "Fay")
    await expect(said(page, "admin", f"hand-over: ['{demo.fay.id}']")).to_be_visible()


async def test_a_message_of_the_bot_appears_without_loading_the_page_anew(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await expect(said(page, "admin", "Members: 40")).to_be_visible()
    await demo.say(demo.hub.places["admin"].channel, "Members: 41")
    await expect(said(page, "admin", "Members: 41")).to_be_visible()


async def test_a_tab_says_that_something_new_came_there_until_it_is_opened(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await expect(said(page, "admin", "Members: 40")).to_be_visible()
    await demo.say(demo.hub.places["facilitator"].channel, "This week")
    tab = page.get_by_role("tab", name="Fay in direct messages 1 new")
    await tab.click()
    await expect(said(page, "facilitator", "This week")).to_be_visible()
    await expect(page.get_by_role("tab", name="Fay in direct messages", exact=True)).to_be_visible()


async def test_the_next_month_brings_its_prompt_into_the_open_page(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await page.get_by_role("button", name="Next month").click()
    await expect(page.locator("#day")).to_have_text("1 December 2026")
    await expect(page.get_by_role("status")).to_have_text("It is now 1 December 2026 09:01 UTC.")
    await expect(said(page, "admin", "The month of December. Members: 0")).to_be_visible()
    assert datetime(2026, 12, 1, 9, tzinfo=UTC) in demo.due.ran


async def test_a_day_and_a_week_pass_by_themselves_too(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await page.get_by_role("button", name="+1 day").click()
    await expect(page.locator("#day")).to_have_text("23 November 2026")
    await page.get_by_role("button", name="+1 week").click()
    await expect(page.locator("#day")).to_have_text("30 November 2026")


async def test_what_somebody_asked_for_is_posted_at_once_and_shown_as_a_post(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await place(page, "admin").get_by_role("button", name="Skip").click()
    await page.get_by_role("tab", name="The reports 1 new").click()
    await expect(place(page, "reports").get_by_role("heading", name="London · October 2026")).to_be_visible()
    await expect(said(page, "reports", "Published")).to_be_visible()


async def test_a_form_that_was_open_at_a_restart_keeps_its_words_and_can_be_sent(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await fill_in(page, "17")
    before = demo.world.bot
    await page.get_by_role("button", name="Restart the bot").click()
    await expect(page.get_by_role("status")).to_have_text("The bot was restarted. Old buttons and open forms still work.")
    assert demo.world.bot is not before
    admin = place(page, "admin")
    await expect(admin.get_by_role("textbox", name="Members")).to_have_value("17")
    await admin.get_by_role("button", name="Submit").click()
    await expect(said(page, "admin", "Members: 17")).to_be_visible()
    await admin.get_by_role("button", name="Count").click()
    await expect(said(page, "admin", "Members: 17 counted")).to_be_visible()


async def test_a_click_right_after_the_page_was_redrawn_is_not_lost(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    button = place(page, "admin").get_by_role("button", name="Count")
    await button.wait_for()
    for _ in range(5):
        await demo.hub.refresh()
        await (await demo.hub.window("admin")).refresh()  # type: ignore[union-attr]
    await button.click()
    await expect(said(page, "admin", "Members: 0 counted")).to_be_visible()


async def test_a_failing_command_is_said_beside_the_date(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await type_command(page, "admin", "fail")
    await expect(page.get_by_role("status")).to_have_text("The bot gave no proper answer to that. The terminal says why.")


async def test_a_page_that_was_ended_comes_back(demo: Demo, browser: Browser) -> None:
    page = await demo.visit(browser)
    await expect(said(page, "admin", "Members: 40")).to_be_visible()
    window = await demo.hub.window("admin")
    assert window is not None
    async with page.expect_event("framenavigated"):
        await window.close()
    await place(page, "admin").get_by_role("button", name="Count").click()
    await expect(said(page, "admin", "Members: 0 counted")).to_be_visible()
    assert all("410" in complaint for complaint in demo.wrong)
    demo.wrong.clear()


async def test_two_jumps_do_not_overlap(demo: Demo) -> None:
    assert demo.hub.begin(demo.hub.advance_to(datetime(2027, 3, 1, 12, tzinfo=UTC)))
    assert not demo.hub.begin(demo.hub.advance_to(datetime(2027, 9, 1, 12, tzinfo=UTC)))
    await until(lambda: demo.hub.progress.busy is None)
    assert demo.world.now() == datetime(2027, 3, 1, 12, tzinfo=UTC)
    assert [moment for moment in demo.due.ran if moment.day == 1 and moment.hour == 9] == [
        datetime(2026, 12, 1, 9, tzinfo=UTC),
        *(datetime(2027, month, 1, 9, tzinfo=UTC) for month in (1, 2, 3)),
    ]


async def test_a_jump_ends_even_if_something_due_can_never_be_done(demo: Demo) -> None:
    asked: list[datetime] = []

    async def overdue() -> datetime:
        return datetime(2026, 11, 22, tzinfo=UTC)

    async def to_no_avail(now: datetime) -> None:
        asked.append(now)

    demo.hub.hooks = Hooks(overdue, to_no_avail, demo.hub.hooks.new_bot)
    await demo.hub.advance_to(datetime(2026, 11, 22, 11, tzinfo=UTC))
    assert demo.world.now() == datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert len(asked) == 61  # once at first, then once a minute


async def test_what_fails_on_the_way_is_said_and_the_demo_goes_on(demo: Demo) -> None:
    async def broken(_: datetime) -> None:
        raise RuntimeError("as asked")

    whole = demo.hub.hooks
    demo.hub.hooks = Hooks(whole.next_due, broken, whole.new_bot)
    assert demo.hub.begin(demo.hub.advance_to(datetime(2026, 11, 23, tzinfo=UTC)))
    await until(lambda: demo.hub.progress.busy is None)
    assert demo.hub.progress.notice == text("This did not work, and the terminal says why. The date shows how far it came.")
    demo.hub.hooks = whole
    assert demo.hub.begin(demo.hub.advance_to(datetime(2026, 11, 24, tzinfo=UTC)))
    await until(lambda: demo.hub.progress.busy is None)
    assert demo.world.now() == datetime(2026, 11, 24, tzinfo=UTC)


async def test_the_bot_pauses_without_anybody_waiting(demo: Demo) -> None:
    async def slow(_: datetime) -> None:
        await asyncio.sleep(600)

    demo.hub.hooks = Hooks(demo.hub.hooks.next_due, slow, demo.hub.hooks.new_bot)
    await asyncio.wait_for(demo.hub.advance_to(datetime(2026, 11, 23, tzinfo=UTC)), timeout=20)


async def test_work_of_the_bot_that_never_ends_is_given_up(demo: Demo) -> None:
    async def endless(_: datetime) -> None:
        await asyncio.sleep(1_000_000)

    demo.hub.hooks = Hooks(demo.hub.hooks.next_due, endless, demo.hub.hooks.new_bot)
    with pytest.raises(TimeoutError):
        await demo.hub.advance_to(datetime(2026, 11, 23, tzinfo=UTC))


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not reached():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 11, 22, 10, tzinfo=UTC), datetime(2026, 12, 1, 9, 1, tzinfo=UTC)),
        (datetime(2026, 1, 31, 23, 59, tzinfo=UTC), datetime(2026, 2, 1, 9, 1, tzinfo=UTC)),
        (datetime(2026, 12, 1, 9, 1, tzinfo=UTC), datetime(2027, 1, 1, 9, 1, tzinfo=UTC)),
        (datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Lisbon")), datetime(2026, 4, 1, 8, 1, tzinfo=UTC)),
    ],
)
def test_the_next_month_begins_a_minute_after_nine_on_its_first(now: datetime, then: datetime) -> None:
    assert next_month(now) == then


async def test_the_launcher_alone_opens_without_a_key_and_gives_one_to_the_browser_only(demo: Demo) -> None:
    async with aiohttp.ClientSession() as stranger, stranger.get(demo.address + "/") as answer:
        assert answer.status == 200
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert KEY not in await answer.text()
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


EVERYTHING_ELSE = [
    ("GET", "/favicon.ico"),
    ("GET", "/demo/state"),
    ("GET", "/demo/launcher.js"),
    ("POST", "/demo/time/month"),
    ("POST", "/demo/restart"),
    ("GET", "/place"),
    ("GET", "/app.js"),
    ("POST", "/api/pages"),
    ("GET", "/api/state"),
    ("GET", "/api/commands"),
    ("POST", "/api/action"),
    ("GET", "/no/such/thing"),
]


@pytest.mark.parametrize(("method", "path"), EVERYTHING_ELSE)
async def test_everything_but_the_launcher_is_refused_without_the_key(demo: Demo, method: str, path: str) -> None:
    for cookies in ({}, {f"chapterhouse-demo-{demo.hub.port}": "guessed"}, {f"chapterhouse-demo-{demo.hub.port}": "gu\xe9ssed"}):
        async with (
            aiohttp.ClientSession(cookies=cookies) as stranger,
            stranger.request(method, demo.address + path, headers=WITH_KEY) as answer,
        ):
            assert answer.status == 401
            assert await answer.read() == b""
    assert demo.hub.progress.busy is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "chapterhouse.example"},
        {"Host": "127.0.0.1"},
        {"Host": "localhost:1"},
        {"Origin": "http://chapterhouse.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/demo/state"), ("POST", "/demo/restart"), ("POST", "/api/pages")])
async def test_another_name_or_another_page_is_refused_even_with_the_key(
    demo: Demo, method: str, path: str, headers: dict[str, str]
) -> None:
    sent = {name: value.format(port=demo.hub.port) for name, value in headers.items()} | WITH_KEY
    assert await status(demo, method, path, sent) == 403
    assert demo.hub.progress.busy is None


async def test_a_request_without_a_host_is_refused(demo: Demo) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", demo.hub.port)
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    assert b" 403 " in await reader.readline()
    writer.close()


async def test_the_browsers_own_requests_are_let_in_under_both_names_of_this_computer(demo: Demo) -> None:
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{demo.hub.port}"
        assert await status(demo, "GET", "/demo/state", {"Host": host}) == 200
        assert await status(demo, "POST", "/api/pages", {"Host": host, "Origin": f"http://{host}", **WITH_KEY}) == 200


async def status(demo: Demo, method: str, path: str, headers: dict[str, str]) -> int:
    jar = {f"chapterhouse-demo-{demo.hub.port}": KEY}
    async with aiohttp.ClientSession(cookies=jar, cookie_jar=aiohttp.DummyCookieJar()) as session:
        sent = {"Cookie": f"chapterhouse-demo-{demo.hub.port}={KEY}", **headers}
        async with session.request(method, demo.address + path, headers=sent, json={}) as answer:
            return answer.status


async def test_the_demo_is_reached_from_this_computer_only(demo: Demo) -> None:
    server = demo.hub._server
    assert server is not None
    assert server._runner is not None
    assert [address[0] for address in server._runner.addresses] == ["127.0.0.1"]


async def test_a_second_demo_on_the_same_port_and_a_port_that_is_none_are_refused_with_a_sentence(demo: Demo) -> None:
    for port, words in ((demo.hub.port, "is taken"), (70000, "There is no port"), (-1, "There is no port")):
        with pytest.raises(DemoFault, match=words):
            await Hub(world=demo.world, hooks=demo.hub.hooks, port=port, key="another").start()


async def test_without_any_browser_a_page_acts_through_simcords_own_protocol(demo: Demo) -> None:
    """The smoke test of every name of SimCord's that the demo leans on."""
    headers = {"Cookie": f"chapterhouse-demo-{demo.hub.port}={KEY}", **WITH_KEY}
    async with aiohttp.ClientSession(demo.address, headers=headers) as session:

        async def ask(method: str, path: str, body: object = None, **more: str) -> dict[str, object]:
            async with session.request(method, path, json=body, headers=more) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.json()

        opened = await ask("POST", "/api/pages", {})
        context = {"X-Simcord-Context": opened["context"]["id"]}  # type: ignore[index]
        commands = await ask("GET", "/api/commands", **context)
        progress = next(each for each in commands["entries"] if each["path"] == ["progress"])  # type: ignore[attr-defined]
        action = {
            "protocol_version": 3,
            "sequence": 1,
            "request_id": "one",
            "generation": opened["context"]["generation"],  # type: ignore[index]
            "bot_generation": opened["botGeneration"],
            "published_revision": opened["publishedRevision"],
            "kind": "run_command",
            "command_id": progress["commandId"],
            "path": progress["path"],
            "schema_fingerprint": progress["schemaFingerprint"],
            "options": {},
        }
        done = await ask("POST", "/api/action", action, **context)
        assert (done["settlement"], done["acknowledgement"]) == ("settled", "acknowledged")
        state = await ask("GET", "/api/state", **context)
        assert len(state["timeline"]) == 2  # type: ignore[arg-type]
        await ask("DELETE", f"/api/pages/{context['X-Simcord-Context']}", **context)
        for route in ("/app.js", "/preview.css", "/backend-diagnostics.json", "/place"):
            async with session.get(route) as answer:
                assert answer.status == 200
