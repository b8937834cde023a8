"""What the bot says unasked: once, in time, to somebody who is there, in spite of everything."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.delivery.brake import Brake
from bot.delivery.sender import Sender
from bot.demo.world import as_bot
from db import outbox, people
from db.outbox import Errand
from tests.flows.rig import Server

NINE = datetime(2026, 11, 1, 9, tzinfo=UTC)
AFTER_NINE = NINE + timedelta(minutes=5)


class Killed(BaseException):
    """The process ends here."""


async def waiting(server: Server) -> list[tuple[str, int | None, str]]:
    async with server.store.read() as c:
        found = await outbox.stuck(c, server.guild.id, server.now - timedelta(days=14), server.now, 3)
        return [(each.kind, each.chapter_id, each.reason or "") for each in found]


def fails(server: Server, method: str, path: str, status: int, code: int, times: int | None = None) -> None:
    server.world.inject_error(method, path, status=status, code=code, message="no", times=times)


async def answer_once_and_die(server: Server, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Lets the bot send what is due at a moment and be killed before it can record the first message."""

    async def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Sender, "_record", die)
        try:
            await server.advance_to(moment)
        except Killed:
            pass
        except Exception as error:
            if "Killed" not in repr(error):
                raise
    await server.restart()


async def test_what_discord_cannot_take_goes_out_later_and_once(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.london.id}/messages", 500, 0)
    await server.advance_to(AFTER_NINE)
    assert server.messages(server.london) == []
    server.world.backend.faults.clear()
    await server.advance(hours=2)
    assert len(server.messages(server.london)) == 1


async def test_a_channel_that_may_not_be_written_in_gives_way_to_a_direct_message(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.london.id}/messages", 403, 50013)
    await server.advance_to(AFTER_NINE)
    assert "how was October 2026 in London?" in server.text_of(server.last(server.ana))


async def test_a_channel_that_is_gone_gives_way_to_a_direct_message(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.london.id}/messages", 404, 10003)
    await server.advance_to(AFTER_NINE)
    assert "how was October 2026 in London?" in server.text_of(server.last(server.ana))


async def test_who_refuses_direct_messages_is_not_nudged_and_not_asked_again(server: Server) -> None:
    fails(server, "POST", f"/channels/{server.ana.user.dm_channel.id}/messages", 403, 50007)
    await server.advance_to(datetime(2026, 11, 5, 9, 5, tzinfo=UTC))
    tries = len([each for each in server.world.http_requests if each.method == "POST" and str(server.ana.user.dm_channel.id) in each.path])
    await server.advance_to(datetime(2026, 11, 9, 9, 5, tzinfo=UTC))
    again = len([each for each in server.world.http_requests if each.method == "POST" and str(server.ana.user.dm_channel.id) in each.path])
    assert (tries, again) == (1, 1)
    assert len(server.messages(server.ben)) == 1


async def test_nobody_to_reach_is_known_to_the_facilitators(server: Server) -> None:
    await server.add_chapter("York", server.ben, added_on=date(2026, 10, 1))
    fails(server, "POST", f"/channels/{server.ben.user.dm_channel.id}/messages", 403, 50007)
    await server.advance_to(AFTER_NINE)
    assert [(kind, chapter) for kind, chapter, _ in await waiting(server)] == [("prompt", server.chapters["York"])]
    overdue = await server.slash(server.cora, "overdue", scope="all")
    assert "York" in server.text_of(overdue)


async def test_who_has_left_the_server_is_passed_over_and_the_others_are_told(server: Server) -> None:
    fails(server, "GET", f"/guilds/{server.guild.id}/members/{server.ana.id}", 404, 10007)
    await server.advance_to(AFTER_NINE)
    said = [server.text_of(message) for message in server.messages(server.london)]
    assert [each for each in said if "@Ben, how was October 2026 in London?" in each] != []
    assert sum("@Ana has left the server, so they are no admin of London any more." in each for each in said) == 1
    async with server.store.read() as c:
        assert server.ana.id not in await people.admins(c, server.guild.id, server.chapters["London"])


@pytest.mark.parametrize(("status", "code"), [(500, 0), (403, 50001), (404, 10013)])
async def test_what_else_discord_says_makes_nobody_one_who_has_left(server: Server, status: int, code: int) -> None:
    fails(server, "GET", f"/guilds/{server.guild.id}/members/{server.ana.id}", status, code)
    await server.advance_to(AFTER_NINE)
    async with server.store.read() as c:
        assert server.ana.id in await people.admins(c, server.guild.id, server.chapters["London"])


async def test_a_message_sent_but_not_recorded_is_recognised_after_the_restart(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await answer_once_and_die(server, monkeypatch, AFTER_NINE)
    sent = len(server.messages(server.london)) + len(server.messages(server.leeds))
    assert sent == 1
    await server.advance(minutes=10)
    assert (len(server.messages(server.london)), len(server.messages(server.leeds))) == (1, 1)


async def test_a_message_without_a_button_is_recognised_as_well(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.expect_trouble()
    await server.slash(server.fay, "facilitate claim", chapter="Leeds")

    async def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Sender, "_record", die)
        with contextlib.suppress(BaseException):
            await server.slash(server.lea, "facilitate release", chapter="Leeds", person=server.fay)
    await server.restart()
    assert len(server.messages(server.fay)) == 1
    assert server.buttons(server.last(server.fay)) == []
    await server.advance(minutes=10)
    assert len(server.messages(server.fay)) == 1
    assert await waiting(server) == []


async def test_a_forum_post_made_but_not_recorded_is_recognised_after_the_restart(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await server.advance_to(AFTER_NINE)
    card = server.last(server.london)
    await server.fill(server.ana, await server.press(server.ana, card, "People"), members="40")

    async def die(*_: object) -> None:
        raise RuntimeError("killed")

    server.expect_trouble()
    with monkeypatch.context() as patch:
        patch.setattr(Sender, "_record", die)
        patch.setattr(Sender, "_try_later", die)
        await server.press(server.ana, card, "Publish")
    assert len(server.reports.threads) == 1
    await server.restart()
    await server.advance(minutes=2)
    assert len(server.reports.threads) == 1
    assert "Published by @Ana" in server.text_of(server.last(server.london))


async def test_two_senders_send_one_message(server: Server) -> None:
    other = Sender(server.bot, server.store, lambda: server.now, Brake(lambda: server.now))
    await server.world.advance_time((AFTER_NINE - server.now).total_seconds())

    async def both() -> None:
        await server.bot.run_due(server.now)
        await other.send_due(server.now)

    await as_bot(server.world, both())
    assert len(server.messages(server.london)) == 1


async def test_a_lease_that_ran_out_is_not_sent_under(server: Server) -> None:
    await server.world.advance_time((AFTER_NINE - server.now).total_seconds())
    late = Errand(1, server.guild.id, None, "prompt", None, {}, NINE, None, NINE, NINE, 1, None, None, "key", NINE)
    await server.bot.sender._in_hand(late)
    assert server.messages(server.london) == []


async def test_what_was_due_while_the_bot_was_down_waits_for_the_morning(server: Server) -> None:
    await server.world.advance_time((datetime(2026, 11, 1, 22, tzinfo=UTC) - server.now).total_seconds())
    await server.run_due()
    assert server.messages(server.london) == []
    await server.advance_to(datetime(2026, 11, 2, 8, 5, tzinfo=UTC))
    assert len(server.messages(server.london)) == 1


async def test_a_reports_channel_that_is_gone_loses_no_report(server: Server) -> None:
    await server.advance_to(AFTER_NINE)
    card = server.last(server.london)
    await server.fill(server.ana, await server.press(server.ana, card, "People"), members="40")
    fails(server, "POST", f"/channels/{server.reports.id}/threads", 404, 10003)
    thanks = await server.press(server.ana, card, "Publish")
    assert "London's October 2026 is published." in server.text_of(thanks)
    read = await server.slash(server.mo, "reports read", chapter="London")
    assert "40 members" in server.text_of(read)
    assert [kind for kind, _, _ in await waiting(server)] == ["report"]


async def test_planning_twice_owes_nothing_more(server: Server) -> None:
    await server.advance_to(AFTER_NINE)
    for _ in range(3):
        await server.run_due()
    assert len(server.messages(server.london)) == 1


async def test_an_error_of_our_own_is_apologised_for_with_a_reference(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.expect_trouble()

    async def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("bot.services.reading.read", break_down)
    answer = await server.slash(server.mo, "reports read", chapter="London")
    said = server.text_of(answer)
    assert answer.ephemeral
    assert "tell a coordinator the reference" in said
    assert "secret" not in said


async def test_words_that_cannot_be_stored_come_back_to_their_author(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.expect_trouble()
    await server.advance_to(AFTER_NINE)
    form = await server.press(server.ana, server.last(server.london), "In words")

    async def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("bot.services.reports.save_part", full)
    answer = await server.fill(server.ana, form, help="A printer, please")
    assert "Nothing was lost: your text is below." in server.text_of(answer)
    assert "A printer, please" in server.text_of(answer)


async def test_a_month_that_began_while_the_bot_was_down_is_asked_about_though_the_one_before_was_not_answered(server: Server) -> None:
    await server.advance_to(datetime(2026, 11, 20, 12, tzinfo=UTC))
    await server.world.advance_time((datetime(2026, 12, 1, 9, 5, tzinfo=UTC) - server.now).total_seconds())
    await server.run_due()
    asked = [server.text_of(each) for each in server.messages(server.london)]
    assert ["October 2026 in London?" in asked[0], "November 2026 in London?" in asked[-1]] == [True, True]
    assert len(asked) == 2
