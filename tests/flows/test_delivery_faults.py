"""What becomes of a message for each way in which Discord can say no, or nothing at all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
import discord
import pytest
from aiohttp import web
from simcord.backend import serializers

from bot.delivery import brake, sender, writers
from bot.delivery.brake import Brake
from bot.delivery.sender import Sender
from db import chapters, organisations, outbox, summaries
from db.outbox import Errand
from db.store import Store
from db.tables import outbox as rows
from tests import asked
from tests.flows.rig import ZONE, Server

NINE = datetime(2026, 11, 1, 9, tzinfo=UTC)
AFTER_NINE = NINE + timedelta(minutes=5)


def fails(server: Server, method: str, path: str, status: int, code: int, times: int | None = None) -> None:
    server.world.inject_error(method, path, status=status, code=code, message="no", times=times)


def heals(server: Server) -> None:
    server.world.backend.faults.clear()


def tries(server: Server, method: str, path: str) -> int:
    return len([each for each in server.world.http_requests if each.method == method and each.path.startswith(path)])


async def kept(server: Server, kind: str, chapter: str = "London") -> Any:
    """How the newest errand of this kind stands in the outbox."""
    async with server.store.read() as c:
        found = await c.execute(
            rows.select().where(rows.c.kind == kind, rows.c.chapter_id == server.chapters[chapter]).order_by(rows.c.id.desc())
        )
        return found.first()


@pytest.mark.parametrize(("status", "code"), [(503, 0), (403, 40003), (400, 30046), (400, 20028), (429, 40062)])
async def test_what_passes_is_tried_again_until_it_is_through(server: Server, status: int, code: int) -> None:
    fails(server, "POST", f"/channels/{server.london.id}/messages", status, code)
    server.trouble_expected = status == 429  # SimCord's 429 is one of the guard before Discord, after which all is still for a while
    await server.advance_to(AFTER_NINE)
    assert (server.messages(server.london), server.messages(server.ana)) == ([], [])
    heals(server)
    await server.restart()
    await server.advance(hours=1)
    assert (len(server.messages(server.london)), len(server.messages(server.ana))) == (1, 0)


@pytest.mark.parametrize("cut", [aiohttp.ServerDisconnectedError(), aiohttp.ClientPayloadError(), TimeoutError(), discord.RateLimited(90)])
async def test_an_answer_that_is_cut_off_makes_nothing_go_out_twice(
    server: Server, monkeypatch: pytest.MonkeyPatch, cut: Exception
) -> None:
    real, calls = discord.TextChannel.send, list[int]()

    async def carried_out_but_unanswered(channel: discord.TextChannel, **letter: Any) -> discord.Message:
        sent = await real(channel, **letter)
        calls.append(channel.id)
        if channel.id == server.london.id and calls.count(channel.id) == 1:
            raise cut
        return sent

    monkeypatch.setattr(sender, "MARGIN", timedelta(0))
    monkeypatch.setattr("bot.delivery.posting.NONCE_MEMORY", timedelta(0))
    monkeypatch.setattr(discord.TextChannel, "send", carried_out_but_unanswered)
    await server.advance_to(NINE + timedelta(minutes=10))
    assert len(server.messages(server.london)) == 1
    assert (await kept(server, "prompt")).state == "sent"


@pytest.mark.parametrize(("status", "code"), [(400, 50024), (403, 50001), (404, 10003), (400, 160005)])
async def test_a_place_that_is_closed_for_good_gives_way_to_the_next(server: Server, status: int, code: int) -> None:
    fails(server, "POST", f"/channels/{server.london.id}/messages", status, code)
    await server.advance_to(AFTER_NINE)
    assert "how was October 2026 in London?" in server.text_of(server.last(server.ana))


async def test_a_message_that_discord_will_never_take_is_tried_once_and_kept_with_a_reference(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.expect_trouble()
    fails(server, "POST", "/channels/*/messages", 400, 50035)
    await server.advance_to(AFTER_NINE)
    await server.advance(hours=5)
    row = await kept(server, "prompt")
    assert (row.state, row.attempts) == ("refused", 1)
    reference = row.reason.removeprefix("Discord 400/50035, reference ")
    assert any(reference in record.getMessage() for record in caplog.records)


async def test_a_mistake_of_our_own_is_tried_five_times_and_holds_up_nobody(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.expect_trouble()
    write = writers.WRITERS["prompt"]

    async def stumbles(desk: Any) -> Any:
        if desk.errand.chapter_id == server.chapters["London"]:
            raise KeyError("a mistake")
        return await write(desk)

    monkeypatch.setitem(writers.WRITERS, "prompt", stumbles)
    await server.advance_to(AFTER_NINE)
    assert len(server.messages(server.leeds)) == 1
    await server.restart()
    await server.advance(hours=3)
    row = await kept(server, "prompt")
    assert (row.state, row.attempts) == ("refused", 5)
    assert row.reason.startswith("KeyError, reference ")


async def test_nothing_is_tried_for_ever(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.london.id}/messages", 503, 0)
    await server.advance_to(AFTER_NINE)
    async with server.store.write() as c:
        await c.execute(rows.update().where(rows.c.kind == "prompt").values(attempts=59))
    await server.advance(hours=1)
    row = await kept(server, "prompt")
    assert (row.state, row.reason, row.attempts) == ("refused", "Discord 503/0", 60)


async def test_what_ends_the_program_each_time_is_given_up_too(server: Server) -> None:
    await server.world.advance_time((AFTER_NINE - server.now).total_seconds())
    async with server.store.write() as c:
        await outbox.put(c, server.guild.id, "prompt", "fatal", NINE, NINE, chapter_id=server.chapters["London"])
        await c.execute(rows.update().values(attempts=60))
    await server.run_due()
    assert (await kept(server, "prompt")).state in ("refused", "sent")
    async with server.store.read() as c:
        fatal = (await c.execute(rows.select().where(rows.c.dedup_key.endswith("fatal")))).one()
    assert (fatal.state, fatal.reason) == ("refused", "never finished")


# Servers that are away


def says(server: Server, event: str, **payload: Any) -> None:
    server.world.backend.emit(event, {"id": str(server.guild.id), **payload})


async def back(server: Server) -> None:
    backend = server.world.backend
    backend.emit("GUILD_CREATE", serializers.guild_create_payload(backend, backend.get_guild(server.guild.id)))
    await server.world.settle()


@pytest.mark.parametrize("gone", [{}, {"unavailable": True}], ids=["left", "outage"])
async def test_what_belongs_to_a_server_that_is_away_waits_untouched_and_goes_out_once_when_it_is_back(
    server: Server, gone: dict[str, bool]
) -> None:
    says(server, "GUILD_DELETE", **gone)
    await server.world.settle()
    asked = len(server.world.http_requests)
    await server.advance_to(NINE + timedelta(days=9))
    row = await kept(server, "prompt")
    assert (row.state, row.attempts, len(server.world.http_requests)) == ("waiting", 0, asked)
    await back(server)
    await server.advance(minutes=5)
    assert len(server.messages(server.london)) == 1
    assert server.messages(server.ana) == []


async def test_a_server_that_the_bot_has_left_without_having_heard_of_it_loses_nothing(server: Server) -> None:
    for path in (f"/channels/{server.london.id}/messages", f"/channels/{server.ana.user.dm_channel.id}/messages"):
        fails(server, "POST", path, 403, 50001)
    fails(server, "POST", f"/channels/{server.ben.user.dm_channel.id}/messages", 403, 50278)
    fails(server, "GET", f"/guilds/{server.guild.id}", 404, 10004)
    await server.advance_to(AFTER_NINE)
    assert (await kept(server, "prompt")).state == "waiting"
    heals(server)
    await server.advance(hours=2)
    assert len(server.messages(server.london)) == 1


async def test_a_server_that_fails_holds_up_no_other(server: Server) -> None:
    far = server.elsewhere.id
    place = next(iter(server.elsewhere.channels.values()))
    async with server.store.write() as c:
        await asked.create(c, far, NINE - timedelta(days=31), ZONE)
        made = await chapters.add(
            c, far, NINE, None, name="Far", timezone=ZONE, added_on=date(2026, 10, 1), channel_id=place.id, prompt_hour=10
        )
        await summaries.refresh(c, far, [made], NINE)
        for n in range(40):
            key = f"rest:{n}"
            await outbox.put(c, server.guild.id, "rest", key, NINE, NINE, chapter_id=server.chapters["London"], by=server.fay.id)
    fails(server, "POST", f"/channels/{server.london.id}/messages", 500, 0)
    await server.advance_to(NINE + timedelta(hours=1, minutes=2))
    assert len(server.messages(place)) == 1


# Messages that are there already


async def published(server: Server) -> discord.Message:
    await server.advance_to(AFTER_NINE)
    card = server.last(server.london)
    await server.fill(server.ana, await server.press(server.ana, card, "People"), members="40")
    await server.press(server.ana, card, "Publish")
    return server.last(server.london)


async def change_post(server: Server) -> None:
    """Owes a change of London's post, as taking a text out of its report does."""
    asked = await kept(server, "prompt")
    async with server.store.write() as c:
        about: dict[str, Any] = {"chapter_id": asked.chapter_id, "period": asked.period, "edits": True}
        await outbox.put(c, server.guild.id, "report", "report:again", server.now, server.now, **about)


@pytest.mark.parametrize(("status", "code"), [(400, 30046), (400, 50083)])
async def test_a_change_to_a_post_that_cannot_be_made_now_is_made_later(server: Server, status: int, code: int) -> None:
    await published(server)
    thread = server.reports.threads[0]
    fails(server, "PATCH", f"/channels/{thread.id}/messages/*", status, code, times=1)
    await change_post(server)
    await server.advance(minutes=1)
    await server.advance(minutes=1)
    assert (await kept(server, "report")).state == "sent"
    assert tries(server, "PATCH", f"/channels/{thread.id}/messages/") == 2


async def test_a_post_that_may_not_be_changed_is_not_called_changed(server: Server) -> None:
    await published(server)
    thread = server.reports.threads[0]
    fails(server, "PATCH", f"/channels/{thread.id}/messages/*", 403, 50001)
    await change_post(server)
    await server.advance(minutes=2)
    row = await kept(server, "report")
    assert (row.state, row.reason, row.refused_at is not None) == ("refused", "Discord 403/50001", True)


async def test_a_post_made_just_before_the_end_gets_its_thread_for_comments_after_the_restart(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with server.store.write() as c:
        await organisations.change(c, server.guild.id, {"reports_channel": server.general.id})
    monkeypatch.setattr("bot.delivery.posting.NONCE_MEMORY", timedelta(0))
    with monkeypatch.context() as patch:

        async def ends(*_: object) -> None:
            raise TimeoutError

        patch.setattr("bot.delivery.posting.Carrier._open_thread", ends)
        await published(server)
    assert (len(server.messages(server.general)), len(server.general.threads)) == (1, 0)
    await server.restart()
    await server.advance(minutes=2)
    posts = [message for message in server.messages(server.general) if message.components]
    assert (len(posts), len(server.general.threads)) == (1, 1)


# Slow answers, and the brake


class Slow(Sender):
    """Takes a fifth of a second over the first errand."""

    seen: list[tuple[int, datetime]]

    def _may_send(self, guild_id: int, now: datetime) -> bool:
        return True

    async def _see_to(self, errand: Errand) -> None:
        if errand.payload["slow"]:
            await asyncio.sleep(0.2)
        async with self._store.write() as c:
            leased = (await c.execute(rows.select().where(rows.c.id == errand.id))).one().lease_until
            self.seen.append((errand.id, leased))
        await self._finish(errand, "sent", NINE)


async def test_a_message_that_takes_long_holds_up_nobody_and_keeps_its_lease(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "PATIENCE", 0.02)
    async with store.write() as c:
        await asked.create(c, 1, NINE)
        for slow in (True, False):
            await outbox.put(c, 1, "digest", f"{slow}", NINE, NINE, slow=slow)
    at = iter(NINE + timedelta(seconds=n) for n in range(1000))
    slow = Slow(discord.Client(intents=discord.Intents.none()), store, lambda: next(at), Brake(lambda: NINE))
    slow.seen = []
    await slow.send_due(NINE)
    await asyncio.gather(*slow._slow)
    (quick, _), (late, leased) = slow.seen
    assert (quick, late) == (2, 1)
    assert leased > NINE + sender.LEASE + timedelta(seconds=10)
    async with store.read() as c:
        assert {row.state for row in await c.execute(rows.select())} == {"sent"}


async def test_a_token_that_is_no_longer_taken_stops_the_outbox_for_a_while(server: Server) -> None:
    server.expect_trouble()
    fails(server, "POST", "/channels/*/messages", 401, 0)
    await server.advance_to(AFTER_NINE)
    for _ in range(3):
        await server.run_due()
    posted = [each for each in server.world.http_requests if each.method == "POST" and each.path.endswith("/messages")]
    assert len(posted) == 1
    heals(server)
    await server.advance(minutes=20)
    assert (len(server.messages(server.london)), len(server.messages(server.leeds))) == (1, 1)


@pytest.fixture
async def refusing() -> AsyncIterator[str]:
    """The address of a server that answers /403, /429 and so on with that; 429 says whose limit it was."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["status"]), headers={"X-RateLimit-Scope": request.query.get("scope", "user")})

    app = web.Application()
    app.router.add_get("/{status}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_long_before_discord_would_ban_the_address_the_outbox_keeps_still(refusing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brake, "MOST_REFUSED", 3)
    now = NINE
    held = Brake(lambda: now)
    async with aiohttp.ClientSession(trace_configs=[held.trace()]) as session:

        async def get(path: str) -> None:
            async with session.get(refusing + path):
                pass

        for path in ("/403", "/404", "/500", "/429?scope=shared", "/429"):
            await get(path)
        assert not held.holds(now)
        await get("/401")
        assert held.holds(now)
        now += timedelta(minutes=10)
        assert not held.holds(now)
        await get("/403")
        assert not held.holds(now)


# What people are told


async def test_what_reached_nobody_is_told_to_the_facilitators_once_with_what_to_do(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.reports.id}/threads", 403, 50013)
    await published(server)
    await server.advance_to(NINE + timedelta(hours=20))
    assert server.messages(server.facilitators) == []
    await server.restart()
    await server.advance_to(NINE + timedelta(days=1, minutes=5))
    shown = server.last(server.facilitators)
    said = server.text_of(shown)
    assert "1 message reached nobody" in said
    assert "the post of a report (London)" in said
    assert "let it view the channel and send messages" in said
    assert server.notified(shown) == ["Coordinators"]
    await server.restart()
    await server.advance_to(NINE + timedelta(days=1, hours=22))
    assert len(server.messages(server.facilitators)) == 1


async def test_what_is_refused_later_is_told_the_next_day(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.reports.id}/threads", 403, 50013)
    await published(server)
    await server.advance_to(NINE + timedelta(days=1, hours=1))
    async with server.store.write() as c:
        await outbox.put(
            c, server.guild.id, "rest", "rest:x", server.now, server.now, chapter_id=server.chapters["Leeds"], by=server.fay.id
        )
    for channel_id in (server.leeds.id, server.lea.user.dm_channel.id):
        fails(server, "POST", f"/channels/{channel_id}/messages", 404, 10003)
    await server.advance_to(NINE + timedelta(days=2, hours=1))
    first, second = (server.text_of(message) for message in server.messages(server.facilitators)[:2])
    assert "London" in first
    assert "the offer of a rest (Leeds). The channel or message was deleted." in second
    assert "London" not in second


async def test_a_hidden_chapters_undelivered_message_is_told_to_its_own_facilitators_only(server: Server) -> None:
    await server.slash(server.fay, "facilitate claim", chapter="London")
    london = server.chapters["London"]
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, london, visibility="hidden")
        await summaries.refresh(c, server.guild.id, [london], server.now)
        await outbox.put(c, server.guild.id, "rest", "rest:x", server.now, server.now, chapter_id=london, by=server.fay.id)
    for person in (server.ana, server.ben):
        fails(server, "POST", f"/channels/{person.user.dm_channel.id}/messages", 403, 50007)
    fails(server, "POST", f"/channels/{server.london.id}/messages", 403, 50013)
    await server.run_due()
    await server.advance(days=1)
    assert server.messages(server.facilitators) == []
    assert "the offer of a rest (London)" in server.text_of(server.last(server.fay))
    assert "the offer of a rest (London)" in server.text_of(await server.slash(server.fay, "overdue", scope="all"))
    assert "a rest" not in server.text_of(await server.slash(server.cora, "overdue", scope="all"))


async def test_a_nudge_that_somebody_does_not_take_is_nobodys_business(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.ana.user.dm_channel.id}/messages", 403, 50007)
    await server.advance_to(NINE + timedelta(days=7))
    assert (await kept(server, "first_nudge")).state == "refused"
    assert server.messages(server.facilitators) == []


async def test_overdue_shows_what_is_stuck_and_that_it_is_tried_again(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.london.id}/messages", 503, 0)
    await server.advance_to(NINE + timedelta(minutes=20))
    assert "delivered" not in server.text_of(await server.slash(server.fay, "overdue", scope="all"))
    for _ in range(4):
        await server.advance(minutes=20)
    said = server.text_of(await server.slash(server.fay, "overdue", scope="all"))
    assert "Could not be delivered so far: the monthly question (London). It is tried again by itself." in said
    heals(server)
    await server.advance(hours=2)
    assert "delivered" not in server.text_of(await server.slash(server.fay, "overdue", scope="all"))


async def test_without_a_channel_for_facilitators_setup_shows_it(server: Server) -> None:
    async with server.store.write() as c:
        await organisations.change(c, server.guild.id, {"facilitators_channel": None})
    fails(server, "POST", f"/channels/{server.reports.id}/threads", 400, 40067)
    await published(server)
    await server.advance(days=2)
    said = server.text_of(await server.slash(server.cora, "setup"))
    assert "Could not be delivered: the post of a report (London). The forum asks for a tag." in said


async def test_a_role_that_is_gone_is_mentioned_no_more(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.reports.id}/threads", 403, 50013)
    await published(server)
    server.world.backend.emit("GUILD_ROLE_DELETE", {"guild_id": str(server.guild.id), "role_id": str(server.roles["Coordinators"].id)})
    await server.advance(days=1)
    said = server.text_of(server.last(server.facilitators))
    assert "1 message reached nobody" in said
    assert "Coordinators" not in said


async def test_setup_names_the_chapters_whose_channel_is_gone(server: Server) -> None:
    server.world.backend.emit("CHANNEL_DELETE", {"id": str(server.leeds.id), "guild_id": str(server.guild.id), "type": 0})
    await server.world.settle()
    said = server.text_of(await server.slash(server.cora, "setup"))
    assert "The channel of Leeds was deleted: until there is another, its admins are written to. Choose one with /chapter edit." in said
