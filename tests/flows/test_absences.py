"""A facilitator goes away: what comes to them, to whoever stands in, and to the channel; and who has released whom."""

from datetime import UTC, datetime

import pytest
from simcord.actors import MemberActor

from bot.locales.pseudo import everywhere
from db import chapters, summaries
from tests.flows.rig import Server
from tests.flows.test_facilitation import MONDAY, claimed, facilitators, newcomer

WHO_MAY = "Only facilitators and coordinators can do this. Ask a coordinator for the facilitator role."


@pytest.fixture
async def gil(server: Server) -> MemberActor:
    """A second facilitator."""
    return await newcomer(server, "gil", "Facilitators")


def digests(server: Server, who: MemberActor) -> list[str]:
    """The weekly digests in somebody's direct messages."""
    return [said for message in server.messages(who) if "This week" in (said := server.text_of(message))]


async def test_a_stand_in_accepts_reads_the_digest_and_acts_from_direct_messages_across_restarts(server: Server, gil: MemberActor) -> None:
    await claimed(server)
    answer = await server.slash(server.fay, "facilitate absent", until="2026-12-24", stand_in=gil)
    assert answer.ephemeral
    said = server.text_of(answer)
    assert "You are away until 24 December 2026." in said
    assert "@Gil is asked to stand in. Until they accept, nobody does." in said
    assert "shown neither to a stand-in nor in the channel" in said
    question = server.last(gil)
    assert "Will you stand in until 24 December 2026?" in server.text_of(question)
    await server.restart()
    accepted = await server.press(gil, question, "Accept")
    assert "Thank you. You stand in for @Fay until 24 December 2026; they are told." in server.text_of(accepted)
    assert "@Gil stands in for you until 24 December 2026." in server.text_of(server.last(server.fay))
    await server.advance_to(MONDAY)
    assert digests(server, server.fay) == []
    before = digests(server, gil)
    digest = before[-1]
    assert "You stand in for @Fay until 24 December 2026: their chapters are among yours." in digest
    assert "Leeds" in digest
    assert "Leeds" not in "".join(server.text_of(message) for message in server.messages(server.facilitators))
    await server.restart()
    card = await server.choose(gil, server.last(gil), "Choose a chapter", "Leeds")
    assert server.buttons(card) == ["I have been in touch", "Remind me in 2 weeks", "It wants to rest"]
    assert "Noted, thank you" in server.text_of(await server.press(gil, card, "I have been in touch"))
    await server.advance_to(datetime(2026, 12, 28, 9, 5, tzinfo=UTC))
    assert digests(server, gil) == before[:-1]


async def test_without_a_stand_in_the_chapters_stand_in_the_channel_and_come_back(server: Server) -> None:
    await claimed(server)
    said = server.text_of(await server.slash(server.fay, "facilitate absent", until="2026-12-15"))
    assert "Without a stand-in your chapters are named in the facilitators' channel, among those without a facilitator." in said
    await server.advance_to(MONDAY)
    posted = server.text_of(server.last(server.facilitators))
    assert "This week, of the 2 chapters without facilitator" in posted
    assert "@Fay is away until 15 December 2026." in posted
    assert digests(server, server.fay) == []
    await server.advance_to(datetime(2026, 12, 21, 9, 5, tzinfo=UTC))
    (digest,) = digests(server, server.fay)
    assert "Leeds" in digest
    assert "Leeds" not in server.text_of(server.last(server.facilitators))


async def test_a_reminder_waits_for_whoever_is_away_and_comes_at_an_early_return(server: Server) -> None:
    await claimed(server)
    await server.advance_to(MONDAY)
    card = await server.choose(server.fay, server.last(server.fay), "Choose a chapter", "Leeds")
    await server.press(server.fay, card, "Remind me in 2 weeks")
    await server.slash(server.fay, "facilitate absent", until="2027-02-01")
    await server.advance(days=20)

    def reminders() -> int:
        return len([each for each in server.messages(server.fay) if "You asked to be reminded of Leeds" in server.text_of(each)])

    assert reminders() == 0
    back = await server.slash(server.fay, "facilitate absent", until="today")
    assert "Welcome back. Your digest and your reminders come again." in server.text_of(back)
    await server.run_due()
    assert reminders() == 1
    assert "Now, of your chapter" in server.text_of(await server.press(server.fay, back, "Who may need a call"))


async def test_whoever_is_back_early_has_their_stand_in_told(server: Server, gil: MemberActor) -> None:
    await claimed(server)
    await server.slash(server.fay, "facilitate absent", until="2026-12-24", stand_in=gil)
    question = server.last(gil)
    await server.press(gil, question, "Accept")
    await server.slash(server.fay, "facilitate absent", until="today")
    assert "@Fay needs no stand-in any more." in server.text_of(server.last(gil))
    assert "needs no stand-in any more, so nothing changed" in server.text_of(await server.press(gil, question, "I cannot any more"))
    await server.advance_to(MONDAY)
    assert "Leeds" in digests(server, server.fay)[-1]
    assert digests(server, gil) == []


async def test_whoever_declines_or_cannot_any_more_has_it_told(server: Server, gil: MemberActor) -> None:
    await claimed(server)
    await server.slash(server.fay, "facilitate absent", until="2026-12-24", stand_in=gil)
    declined = await server.press(gil, server.last(gil), "Decline")
    assert "That is all right: you do not stand in. @Fay is told." in server.text_of(declined)
    assert "@Gil cannot stand in for you." in server.text_of(server.last(server.fay))
    await server.press(gil, server.last(gil), "I can after all")
    await server.press(gil, server.last(gil), "I cannot any more")
    assert "@Gil cannot stand in for you." in server.text_of(await server.slash(server.fay, "overdue"))


async def test_both_see_it_in_overdue(server: Server, gil: MemberActor) -> None:
    await claimed(server)
    await server.slash(server.fay, "facilitate absent", until="2026-12-24", stand_in=gil)
    await server.press(gil, server.last(gil), "Accept")
    await server.advance_to(MONDAY)
    assert "You are away until 24 December 2026: no digest and no reminder comes before. @Gil stands in for you." in server.text_of(
        await server.slash(server.fay, "overdue")
    )
    mine = server.text_of(await server.slash(gil, "overdue"))
    assert "You stand in for @Fay until 24 December 2026" in mine
    assert "Leeds" in mine


async def test_a_hidden_chapter_is_shown_to_no_stand_in_and_not_in_the_channel(server: Server, gil: MemberActor) -> None:
    hidden = await server.add_chapter("Secret", server.lea)
    await claimed(server, "fay", "Leeds", "Secret")
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, hidden, visibility="hidden")
        await summaries.refresh(c, server.guild.id, [hidden], server.now)
    await server.slash(server.fay, "facilitate absent", until="2027-02-01", stand_in=gil)
    await server.press(gil, server.last(gil), "Accept")
    await server.advance_to(MONDAY)
    seen = [*server.messages(gil), *server.messages(server.facilitators)]
    assert "Secret" not in "".join(server.text_of(message) for message in seen)
    assert "Secret" not in server.text_of(await server.slash(gil, "overdue", scope="all"))
    assert "is not in this server any more" in server.text_of(await server.send(gil, f"fa.see:{hidden}"))


async def test_what_cannot_be_is_refused_to_the_asker_only(server: Server, gil: MemberActor) -> None:
    for options, why in (
        ({"until": "2026-10-19"}, "The day can be from 20 October 2026 to 21 October 2027."),
        ({"until": "next week"}, "“next week” is not a day that I can read."),
        ({"until": "2026-12-24", "stand_in": server.mo}, "@Mo does not have the facilitator role."),
        ({"until": "2026-12-24", "stand_in": server.fay}, "You cannot stand in for yourself."),
    ):
        refused = await server.slash(server.fay, "facilitate absent", **options)
        assert refused.ephemeral
        assert why in server.text_of(refused)
    for person in (server.mo, server.ana):
        assert server.text_of(await server.slash(person, "facilitate absent", until="2026-12-24")) == WHO_MAY
    assert "You are not away, so nothing changed." in server.text_of(await server.slash(server.fay, "facilitate absent", until="today"))
    await server.slash(server.fay, "facilitate absent", until="2026-12-24", stand_in=gil)
    for person in (server.mo, server.fay, server.cora):
        for address in ("ab.yes:1", "ab.no:1"):
            assert "only they can answer it" in server.text_of(await server.send(person, address))
    assert "is no longer open" in server.text_of(await server.send(server.eve, "ab.yes:1"))


async def test_days_to_come_back_on_are_offered(server: Server) -> None:
    offered = await server.suggest(server.fay, "facilitate absent", "until")
    assert offered[:3] == ["today", "2026-10-27", "2026-11-03"]


async def test_every_word_of_it_can_be_translated(server: Server, gil: MemberActor) -> None:
    await claimed(server)
    with everywhere():
        for shown in (
            await server.slash(server.fay, "facilitate absent", until="2026-12-24", stand_in=gil),
            await server.slash(server.fay, "overdue"),
            await server.send(gil, "ab.no:1"),
            await server.slash(server.fay, "overdue"),
            await server.send(gil, "ab.yes:1"),
            await server.slash(gil, "overdue"),
            await server.slash(gil, "facilitate absent", until="2026-12-01"),
            await server.slash(server.fay, "facilitate absent", until="today"),
            await server.slash(server.fay, "facilitate absent", until="today"),
            await server.slash(server.fay, "facilitate absent", until="2026-12-24"),
        ):
            server.assert_translated(shown, "today")


# Released by the chapter


async def test_whoever_is_released_by_the_chapter_is_told_kindly_and_their_digest_forgets_it(server: Server) -> None:
    await claimed(server)
    await server.advance_to(MONDAY)
    digest = server.last(server.fay)
    await server.slash(server.lea, "facilitate release", chapter="Leeds", person=server.fay)
    assert await facilitators(server) == set()
    told = server.text_of(server.last(server.fay))
    assert "@Lea has released you from looking after Leeds. Thank you for all you did for it." in told
    assert "Leeds" not in server.text_of(next(each for each in server.messages(server.fay) if each.id == digest.id))
    await server.slash(server.lea, "facilitate release", chapter="Leeds", person=server.fay)
    assert len([each for each in server.messages(server.fay) if "has released you" in server.text_of(each)]) == 1


async def test_whoever_releases_themselves_is_not_written_to(server: Server) -> None:
    await claimed(server)
    before = len(server.messages(server.fay))
    await server.slash(server.fay, "facilitate release", chapter="Leeds")
    await server.run_due()
    assert len(server.messages(server.fay)) == before


async def test_a_hidden_chapter_is_not_named_to_whoever_it_released(server: Server) -> None:
    await claimed(server)
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["Leeds"], visibility="hidden")
    await server.slash(server.lea, "facilitate release", chapter="Leeds", person=server.fay)
    told = server.text_of(server.last(server.fay))
    assert "@Lea has released you from a chapter that you looked after." in told
    assert "Leeds" not in told


async def test_a_facilitator_who_has_left_the_server_holds_up_nothing(server: Server) -> None:
    await claimed(server)
    gone = f"/guilds/{server.guild.id}/members/{server.fay.id}"
    server.world.inject_error("GET", gone, status=404, code=10007, message="gone", times=None)
    await server.advance_to(MONDAY)
    posted = [server.text_of(message) for message in server.messages(server.facilitators)]
    assert "Leeds" in posted[-1]
    told = [said for message in server.messages(server.leeds) if "@Fay has left the server" in (said := server.text_of(message))]
    assert len(told) == 1
    assert digests(server, server.fay) == []


# Who was last in touch


async def test_the_digest_and_the_private_card_say_who_was_last_in_touch(server: Server, gil: MemberActor) -> None:
    await claimed(server)
    await claimed(server, "gil")
    await server.press(server.fay, await server.send(server.fay, f"fa.see:{server.chapters['Leeds']}"), "I have been in touch")
    await server.advance_to(MONDAY)
    assert "You were in touch on <20 October 2026>." in digests(server, server.fay)[-1]
    assert "@Fay was in touch on <20 October 2026>." in digests(server, gil)[-1]
    card = await server.choose(gil, server.last(gil), "Choose a chapter", "Leeds")
    assert "@Fay was in touch on <20 October 2026>." in server.text_of(card)
    await server.press(gil, card, "I have been in touch")
    await server.advance(days=22)
    assert "@Gil was in touch on <14 December 2026>." in digests(server, server.fay)[-1]
