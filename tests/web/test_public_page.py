"""The public page over a real socket: what stands on it and what never does, who may switch it, and how it is sent."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from sqlalchemy import delete, insert, select

from bot.domain.calendar import Month
from bot.domain.refusal import Refusal
from bot.domain.reports import Activity, Part, People, Words
from bot.locales import pseudo
from bot.services import archive, public, redacting, reports, visibility
from bot.services.facts import Key
from bot.web.callers import Limiter, client, language
from bot.web.kept import Kept, Shelf
from bot.web.server import Server
from bot.web.site import Site, Terms
from db import changes, chapters, organisations, summaries
from db import public as stored
from db.store import Store
from db.tables import goal, goal_value
from tests.conftest import Statements
from tests.services.growing import GUILD, Growing, admin, cora, mo, noon

TODAY = date(2026, 11, 22)
NOW = noon(TODAY)
NAME = "The Union"
OCTOBER = Month(2026, 10)
ATOM = "{http://www.w3.org/2005/Atom}"
SECRETS = ("SECRET", "PRIVATE", "Hiddenham", "Memberton", "Collecting")


@dataclass
class Place:
    """An organisation, the web server before it, and a reader."""

    town: Growing
    url: str
    reader: aiohttp.ClientSession
    now: list[datetime]
    ids: dict[str, int]

    async def get(self, path: str = "", **headers: str) -> tuple[int, str, "aiohttp.typedefs.CIMultiDictProxy[str]"]:
        async with self.reader.get(f"{self.url}/o/the-union{path}", headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers

    async def page(self, path: str = "") -> str:
        status, body, _ = await self.get(path)
        assert status == 200, (path, status)
        return body

    async def status(self, path: str = "") -> int:
        return (await self.get(path))[0]


@asynccontextmanager
async def served(store: Store, now: list[datetime], terms: Terms | None = None) -> AsyncIterator[str]:
    site = Site(store, lambda: now[0], terms or Terms("https://goals.example.org/here"), asyncio.get_running_loop())
    server = Server("127.0.0.1", 0, None, site)
    port = await server.open()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.close()


async def founded(store: Store) -> tuple[Growing, dict[str, int]]:
    """Five chapters of which London, Leeds and Porto are open, each with a report for October."""
    town = Growing(store)
    await town.set_up()
    for metric, target in (("members", 500), ("functioning_chapters", 5), ("dues_bodies", 4), ("delegates", 3)):
        await town.adopts(metric, target=target)
    ids = {}
    for name, level in (("London", "open"), ("Leeds", "open"), ("Porto", "open"), ("Memberton", "members"), ("Hiddenham", "hidden")):
        ids[name] = made = await town.chapter(name)
        async with store.write() as c:
            await chapters.change(c, GUILD, made, visibility=level, latitude=51.5, longitude=-0.1 if level == "open" else 77.7)
        words = Words(None, f"{name} grows <b>well</b>", "SECRET hard", "a printer", "PRIVATE note")
        for part, answers in ((Part.PEOPLE, People(40, 14)), (Part.ACTIVITY, Activity(None, None, None, 3, 2)), (Part.WORDS, words)):
            await reports.save_part(store, admin, made, OCTOBER, part, answers, 0, None, NOW - timedelta(days=5))
        await reports.publish(store, admin, made, OCTOBER, NOW - timedelta(days=5))
    await town.does(ids["London"], TODAY - timedelta(days=2))
    await town.says(Key.DELEGATE, "yes", TODAY, chapter_id=ids["Memberton"])
    await town.collects(ids["Memberton"], TODAY)
    async with store.write() as c:
        await summaries.refresh(c, GUILD, list(ids.values()), NOW)
    return town, ids


@pytest.fixture
async def place(store: Store) -> AsyncIterator[Place]:
    town, ids = await founded(store)
    assert (await public.switch(store, cora, True, NAME, NOW)).slug == "the-union"
    now = [NOW]
    async with served(store, now) as url, aiohttp.ClientSession() as reader:
        yield Place(town, url, reader, now, ids)


OF_ALL = ("", "/chapters", "/reports", "/embed", "/progress.json", "/badge.svg", "/reports.atom")
OF_LONDON = ("/reports/London", "/reports/london/2026-10")
PAGES = (*OF_ALL, *OF_LONDON)


async def test_it_serves_goals_open_chapters_and_their_reports_and_nothing_else(place: Place) -> None:
    whole = {path: await place.page(path) for path in PAGES}
    for path, body in whole.items():
        assert [secret for secret in SECRETS if secret in body] == [], path
    front = whole[""]
    assert "200 of 500" in front  # the sum counts closed chapters, too: there are more than three
    assert "3 chapters are open to everybody; 1 of them is functioning." in front
    assert "40 members · 14 met face to face" in front
    assert "Too early for a forecast" in front
    assert "London grows &lt;b&gt;well&lt;/b&gt;" in front
    assert "a printer" in whole["/reports/london/2026-10"]
    assert await place.page(f"/reports/{place.ids['London']}/2026-10") == whole["/reports/london/2026-10"]
    for path in ("/reports/Memberton", "/reports/Hiddenham/2026-10", "/reports/Nowhere", "/reports/London/2026-09", "/reports/London/soon"):
        status, body, _ = await place.get(path)
        assert (status, "There is nothing at this address" in body) == (404, True), path
    for name in ("Memberton", "Hiddenham"):
        assert await place.status(f"/reports/{place.ids[name]}/2026-10") == 404
    assert await place.status(f"/reports/{10**30}") == 404
    for path in ("/reports/Atlantis", "/reports/London/2026-13", "/chapters?page=x", "/chapters?page=9", "/elsewhere", "/a/b/c/d"):
        in_english = f"{path}{'&' if '?' in path else '?'}lang=en"
        assert '<a href="/here/o/the-union">Back to where we stand</a>' in (await place.get(path))[1]
        assert '<a href="/here/o/the-union?lang=en">Back to where we stand</a>' in (await place.get(in_english))[1]
        async with place.reader.get(f"{place.url}/o/nobody{path}") as answer:
            assert (answer.status, "<a " in (await answer.text()).partition("<main")[2]) == (404, False)


async def test_sums_over_fewer_than_three_chapters_are_kept_private(place: Place) -> None:
    goals = {each["metric"]: each for each in json.loads(await place.page("/progress.json"))["goals"]}
    for metric in ("dues_bodies", "delegates"):
        shown = {name: goals[metric][name] for name in ("value", "kept_private", "chapters_behind", "oldest_part", "history")}
        assert shown == {"value": None, "kept_private": True, "chapters_behind": None, "oldest_part": None, "history": []}
    assert (goals["members"]["value"], goals["members"]["chapters_behind"], goals["members"]["kept_private"]) == (200, 5, False)
    assert "kept private because few chapters stand behind it; the goal is 3" in await place.page()


async def test_what_is_foreseen_stays_away_only_where_it_is_read_from_a_figure_that_is_kept_private(place: Place) -> None:
    async def foreseen(behind: Sequence[int]) -> bool:
        async with place.town.store.write() as c:
            goal_id = await c.scalar(select(goal.c.id).where(goal.c.metric == "members"))
            await c.execute(delete(goal_value))
            for n, chapters_behind in enumerate(behind, 1):
                day = Month.of(TODAY).plus(-n).last
                row = {"goal_id": goal_id, "day": day, "guild_id": GUILD, "value": 200 - n, "behind": chapters_behind, "chapters": 5}
                await c.execute(insert(goal_value).values(row))
            await changes.log(c, GUILD, "setup.change", NOW, None)
        front = await place.page()
        return "Too early for a forecast" in front.partition("Members</bdi></h3>")[2].partition("</article>")[0]

    assert await foreseen([5] * 10)
    assert await foreseen([5] * 9 + [1])
    assert not await foreseen([5] * 5 + [1] + [5] * 4)


async def test_what_is_hard_is_quoted_only_while_the_chapter_lets_it_be_shared(place: Place) -> None:
    store, report = place.town.store, "/reports/London/2026-10"
    await reports.share(store, admin, place.ids["London"], OCTOBER, True, None, NOW)
    for path in (report, "/reports.atom"):
        assert "SECRET hard" in await place.page(path)
    await reports.share(store, admin, place.ids["London"], OCTOBER, False, None, NOW)
    assert "SECRET hard" not in await place.page(report)
    await redacting.redact(store, admin, place.ids["London"], OCTOBER, redacting.Redactable.CHANGING, NOW, form="f")
    assert "London grows" not in await place.page(report) + await place.page()


async def test_a_chapter_that_tightens_is_gone_at_once_and_one_that_loosens_comes_a_day_later(place: Place) -> None:
    store, report = place.town.store, "/reports/London/2026-10"
    assert "London" in await place.page() + await place.page(report)
    await visibility.choose(store, admin, place.ids["London"], "members", NOW)
    assert "London" not in "".join([await place.page(path) for path in OF_ALL])
    assert [await place.status(path) for path in OF_LONDON] == [404, 404]
    await visibility.choose(store, admin, place.ids["London"], "open", NOW)
    assert await place.status(report) == 404
    await archive.archive(store, cora, place.ids["Leeds"], NOW)
    assert "Leeds" not in await place.page()
    assert await place.status("/reports/Leeds/2026-10") == 404


async def test_it_is_off_at_first_is_switched_by_coordinators_and_goes_at_once(store: Store) -> None:
    town, _ = await founded(store)
    async with served(store, [NOW]) as url, aiohttp.ClientSession() as reader:
        place = Place(town, url, reader, [NOW], {})
        assert await place.status() == 404
        with pytest.raises(Refusal):
            await public.switch(store, mo, True, NAME, NOW)
        assert await place.status() == 404
        assert (await public.switch(store, cora, True, NAME, NOW)).changed
        assert not (await public.switch(store, cora, True, NAME, NOW)).changed
        assert "<bdi>The Union</bdi>" in await place.page()
        assert (await public.switch(store, cora, False, NAME, NOW)).changed
        assert {await place.status(path) for path in PAGES} == {404}
        again = await public.switch(store, cora, True, "The Renamed Union", NOW)
        assert (again.slug, "The Renamed Union" in await place.page()) == ("the-union", True)
        async with store.write() as c:
            await organisations.change(c, GUILD, {"removed_at": NOW})
        assert await place.status() == 404


async def test_two_organisations_have_two_addresses_and_know_nothing_of_each_other(place: Place, store: Store) -> None:
    other = replace(cora, guild_id=2)
    async with store.write() as c:
        await organisations.create(c, 2, NOW)
        await organisations.change(c, 2, {"coordinator_role": next(iter(cora.role_ids))})
        theirs = await chapters.add(c, 2, NOW, None, name="Elsewhere", timezone="UTC", added_on=TODAY)
        await chapters.change(c, 2, theirs, visibility="open")
    assert (await public.switch(store, other, True, NAME, NOW)).slug == "the-union-2"
    async with place.reader.get(f"{place.url}/o/the-union-2/reports/{place.ids['London']}/2026-10") as answer:
        assert answer.status == 404
    assert "Elsewhere" not in await place.page()


async def test_browsers_are_told_to_ask_again_and_what_did_not_change_is_not_sent_again(place: Place, statements: Statements) -> None:
    status, _, headers = await place.get("", **{"Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"], headers["Cache-Control"]) == (200, "gzip", "no-cache")
    assert headers["Vary"] == "Accept-Language, Accept-Encoding"
    asked = len(statements)
    status, body, again = await place.get("", **{"If-None-Match": headers["ETag"]})
    assert (status, body, again["ETag"], len(statements)) == (304, "", headers["ETag"], asked)
    await place.town.does(place.ids["Leeds"], TODAY)
    status, _, changed = await place.get("", **{"If-None-Match": headers["ETag"]})
    assert status == 200
    assert changed["ETag"] != headers["ETag"]


async def test_of_many_chapters_those_near_each_other_share_a_dot_and_are_found_in_an_index(
    place: Place, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "FEW_OPEN", 2)
    async with place.town.store.write() as c:
        await chapters.change(c, GUILD, place.ids["Porto"], latitude=41.1, longitude=-8.6)
    statements.clear()
    front = await place.page()
    told = re.findall(r"<circle[^>]*><title>([^<]*)</title>", front)
    assert told == ["2 chapters", "1 chapter"]  # London and Leeds were put in one place
    assert [secret for secret in SECRETS if secret in front] == []
    plans = await statements.plans(place.town.store)
    (squares,) = [plan for plan in plans if "ix_chapter_guild_id_square" in plan]
    assert squares.startswith("SEARCH chapter USING COVERING INDEX")
    assert "FOR GROUP BY" not in squares


async def test_a_change_elsewhere_costs_one_question_and_a_page_a_few(place: Place, statements: Statements) -> None:
    statements.clear()
    await place.page()
    assert len(statements) <= 16
    plans = await statements.plans(place.town.store)
    assert [plan for plan in plans if re.search(r"SCAN (chapter|report|change|goal_value|summary)\b(?!.*COVERING)", plan)] == []
    async with place.town.store.write() as c:
        await organisations.create(c, 99, NOW)
    statements.clear()
    await place.page()
    assert len(statements) == 1


async def test_headers_are_strict_and_only_the_small_scoreboard_may_be_framed(place: Place) -> None:
    for path in PAGES:
        _, _, headers = await place.get(path)
        rules = headers["Content-Security-Policy"]
        assert "default-src 'none'" in rules
        assert "unsafe" not in rules
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
        framed = path == "/embed"
        assert ("frame-ancestors *" in rules, headers.get("X-Frame-Options")) == ((True, None) if framed else (False, "DENY")), path
    assert (await place.get("/progress.json"))[2]["Access-Control-Allow-Origin"] == "*"
    style = re.search(r'href="/here(/static/style\.[0-9a-f]+\.css)"', await place.page())
    assert style is not None
    async with place.reader.get(place.url + style[1]) as answer:
        assert (answer.status, "immutable" in answer.headers["Cache-Control"]) == (200, True)


async def test_it_can_only_be_read_and_every_no_is_a_short_kind_page(place: Place) -> None:
    async with place.reader.head(f"{place.url}/o/the-union") as answer:
        assert (answer.status, await answer.read(), int(answer.headers["Content-Length"]) > 500) == (200, b"", True)
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        async with place.reader.request(method, f"{place.url}/o/the-union") as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
            assert "This page can only be read" in await answer.text()
    for path in ("/", "/o", "/o/nobody/", "/o/nobody", "/o/../../etc/passwd", "/static/../site.py", "/o/the-union/chapters?page=9"):
        async with place.reader.get(place.url + path) as answer:
            assert (answer.status, len(await answer.read()) < 2000) == (404, True), path
    async with place.town.store.write() as c:
        await c.exec_driver_sql("ALTER TABLE goal RENAME TO mislaid")
    status, body, _ = await place.get("/embed")
    assert (status, "This page cannot be shown just now" in body, "goal" in body) == (500, True, False)


async def test_who_asks_too_often_waits_and_nobody_else_does(store: Store) -> None:
    await founded(store)
    terms = Terms("https://goals.example.org", proxies=1, per_minute=6)
    async with served(store, [NOW], terms) as url, aiohttp.ClientSession() as reader:

        async def ask(forwarded: str) -> int:
            async with reader.get(f"{url}/o/nobody", headers={"X-Forwarded-For": forwarded}) as answer:
                if answer.status == 429:
                    assert int(answer.headers["Retry-After"]) >= 1
                return answer.status

        assert [await ask(f"10.9.9.{n}, 192.0.2.1") for n in range(5)] == [404, 404, 404, 429, 429]
        assert await ask("192.0.2.1, 192.0.2.2") == 404


async def test_a_client_that_sends_endless_headers_or_none_holds_nobody_up(place: Place) -> None:
    port = int(place.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /o/the-union HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000)
    assert b" 400 " in await reader.readline()
    slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
    for _, each in slow:
        each.write(b"GET /o/the-un")
    assert await place.status() == 200
    for _, each in [(reader, writer), *slow]:
        each.close()


async def test_the_feed_is_valid_atom(place: Place) -> None:
    status, body, headers = await place.get("/reports.atom")
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    feed = ET.fromstring(body)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        assert {f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated"} <= {child.tag for child in element}
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "alternate": "https://goals.example.org/here/o/the-union",
        "self": "https://goals.example.org/here/o/the-union/reports.atom",
    }
    ids = [entry.findtext(f"{ATOM}id") or "" for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) == 3
    assert all(each.startswith("https://goals.example.org/here/o/the-union/reports/") for each in ids)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+(Z|[+]00:00)", entry.text or "") for entry in feed.iter(f"{ATOM}updated"))
    told = {entry.findtext(f"{ATOM}title"): entry.find(f"{ATOM}summary") for entry in feed.iter(f"{ATOM}entry")}
    summary = told["London, October 2026"]
    assert summary is not None
    assert summary.get("type") == "html"
    assert "14 met face to face<br>" in (summary.text or "")
    assert "London grows &lt;b&gt;well&lt;/b&gt;" in (summary.text or "")
    assert await place.page("/reports.atom") == body


async def test_every_word_on_it_comes_from_the_catalogue(place: Place) -> None:
    with pseudo.everywhere():
        body = await place.page()
    words = re.sub(r"<(style|code|title|bdi)[^>]*>.*?</\1>|<[^>]+>", " ", body, flags=re.DOTALL)
    assert set(pseudo.untranslated(words)) <= {"London", "Leeds", "Porto", "Union", "The", "amp", "lt", "gt", "quot"}


def test_the_language_is_what_was_asked_for_else_what_the_browser_takes_best() -> None:
    assert language("en", "xx") == ("en", True)
    assert language(None, "xx;q=0.9, en-GB;q=0.4, *;q=0.1") == ("en", False)
    assert language("<script>", "xx, yy;q=0") == ("", False)
    assert language(None, "en;q=0, ;;q=,") == ("", False)


def test_a_reader_is_told_apart_by_what_our_own_proxy_wrote_and_by_nothing_else() -> None:
    assert client("203.0.113.9", ["192.0.2.1"], 0) == "203.0.113.9"
    assert client("127.0.0.1", ["6.6.6.6, 192.0.2.1"], 1) == "192.0.2.1"
    assert client("127.0.0.1", ["6.6.6.6", "192.0.2.1, 10.0.0.1"], 2) == "192.0.2.1"
    assert client("127.0.0.1", ["<script>"], 1) == client("127.0.0.1", [], 1) == "127.0.0.1"
    assert client("2001:db8:1:2::1", [], 0) == client("2001:db8:1:2:ffff::9", [], 0) != client("2001:db8:1:3::1", [], 0)


def test_a_reader_may_ask_so_often_in_a_minute_and_a_bounded_number_of_readers_is_remembered() -> None:
    limiter = Limiter(60)
    assert sum(limiter.wait("a", n / 10) == 0 for n in range(600)) == pytest.approx(60 + 20, abs=2)
    for n in range(30_000):
        limiter.wait(str(n), 100.0)
    assert len(limiter._due) == 10_000
    assert {Limiter(0).wait("a", 1.0) for _ in range(1000)} == {0.0}


def test_what_is_kept_ready_stays_within_its_memory() -> None:
    shelf = Shelf(10_000)
    for n in range(50):
        shelf.put(n, Kept(200, b"x" * 400, {}, None, 0, 0.0))
    assert [n for n in range(50) if shelf.get(n) is not None] == list(range(43, 50))


async def test_a_slash_too_many_leads_to_the_page_all_the_same(place: Place) -> None:
    assert await place.page("/") == await place.page()
    assert await place.page("/reports/?lang=en") == await place.page("/reports?lang=en")
    assert await place.status("/chapters//") == 404
