"""Facilitators: the digest on Monday, the private card, claiming, releasing, handing over."""

from datetime import UTC, date, datetime, timedelta

import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from bot.domain.calendar import Month
from bot.domain.reports import Part, Words
from bot.domain.rights import Caller
from bot.locales.pseudo import everywhere
from bot.services import reports
from db import chapters, people, summaries
from tests.flows.rig import Server

MONDAY = datetime(2026, 12, 14, 9, 5, tzinfo=UTC)
"""October's and November's reports are past due since 11 December."""
WHO_MAY = "Only facilitators and coordinators can do this. Ask a coordinator for the facilitator role."


async def claimed(server: Server, who: str = "fay", *names: str) -> None:
    """Fay looks after Leeds."""
    for name in names or ("Leeds",):
        await server.slash(server.people[who], "facilitate claim", chapter=name)


async def told(server: Server, name: str, **words: str) -> None:
    """A chapter's report of October, published by its first admin."""
    chapter_id = server.chapters[name]
    caller = Caller(server.lea.id if name == "Leeds" else server.ana.id, server.guild.id)
    october, at = Month(2026, 10), server.now
    await reports.save_part(server.store, caller, chapter_id, october, Part.WORDS, Words(**words), 0, None, at)
    await reports.publish(server.store, caller, chapter_id, october, at)


async def facilitators(server: Server, name: str = "Leeds") -> set[int]:
    async with server.store.read() as c:
        return set((await people.of(c, server.guild.id, server.chapters[name]))[1])


async def newcomer(server: Server, name: str, *roles: str) -> MemberActor:
    """A further member with these roles."""
    user = server.world.create_user(name, global_name=name.title())
    server.people[name] = server.guild.add_member(user, roles=[server.roles[role] for role in roles])
    await server.world.settle()
    return server.people[name]


async def opened(server: Server, name: str = "Leeds") -> InteractionResult:
    """The private card, opened from the digest in Fay's direct messages."""
    return await server.choose(server.fay, server.last(server.fay), "Choose a chapter", name)


# The digest


async def test_on_monday_at_nine_a_facilitator_reads_who_needs_a_call(server: Server) -> None:
    await claimed(server)
    await server.advance_to(datetime(2026, 12, 14, 8, 55, tzinfo=UTC))
    before = [server.text_of(message) for message in server.messages(server.fay)]
    assert not [text for text in before if "Worth a call" in text]
    await server.advance_to(MONDAY)
    said = server.text_of(server.last(server.fay))
    assert "This week, of your chapter" in said
    assert "Worth a call\n" in said.replace("*", "")
    assert "No report yet; late since 11 November 2026." in said
    assert "Not heard from yet. Talk to @Lea." in said
    assert server.notified(server.last(server.fay)) == []


async def test_chapters_of_nobody_stand_in_the_facilitators_channel_and_the_role_is_notified(server: Server) -> None:
    await claimed(server)
    await server.advance_to(MONDAY)
    posted = server.last(server.facilitators)
    said = server.text_of(posted)
    assert "This week, of the one chapter without facilitator" in said
    assert "@Facilitators: these chapters have nobody who looks after them." in said
    assert "London" in said
    assert "Leeds" not in said
    assert [role.id for role in posted.role_mentions] == [server.roles["Facilitators"].id]
    card = await server.choose(server.fay, posted, "Choose a chapter", "London")
    assert card.ephemeral
    await server.press(server.fay, card, "I look after it")
    assert await facilitators(server, "London") == {server.fay.id}
    await server.world.settle()
    assert "Nobody on this week's list needs a call any more." in server.text_of(server.last(server.facilitators))


async def test_the_facilitator_who_takes_no_messages_is_told_in_the_channel_without_hidden_chapters(server: Server) -> None:
    hidden = await server.add_chapter("Secret", server.lea, added_on=date(2026, 10, 1))
    await claimed(server, "fay", "Leeds", "Secret")
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, hidden, visibility="hidden")
        await summaries.refresh(c, server.guild.id, [hidden], server.now)
    refuses = f"/channels/{server.fay.user.dm_channel.id}/messages"
    server.world.inject_error("POST", refuses, status=403, code=50007, message="no", times=None)
    await server.advance_to(MONDAY)
    posted = [message for message in server.messages(server.facilitators) if "For @Fay" in server.text_of(message)]
    assert server.notified(posted[-1]) == ["Fay"]
    assert "Leeds" in server.text_of(posted[-1])
    assert "Secret" not in "".join(server.text_of(message) for message in server.messages(server.facilitators))
    assert server.messages(server.fay) == []


async def test_a_call_is_noted_from_the_digest_after_a_restart_and_the_digest_shows_it(server: Server) -> None:
    await claimed(server)
    await server.advance_to(MONDAY)
    await server.restart()
    digest = server.last(server.fay)
    card = await opened(server)
    await server.restart()
    noted = await server.press(server.fay, card, "I have been in touch")
    said = server.text_of(noted)
    assert "Noted, thank you: you have been in touch with Leeds." in said
    assert "It is left out of your digests until <28 December 2026>." in said
    await server.world.settle()
    assert "Nobody on this week's list needs a call any more." in server.text_of(server.message(digest_again(server, digest.id)))
    await server.advance(days=7)
    assert len([m for m in server.messages(server.fay) if "This week" in server.text_of(m) and m.created_at > MONDAY]) == 0
    await server.advance(days=7)
    assert "You were in touch on <14 December 2026>." in server.text_of(server.last(server.fay))


def digest_again(server: Server, message_id: int) -> object:
    return next(message for message in server.messages(server.fay) if message.id == message_id)


async def test_a_reminder_comes_in_two_weeks_with_the_same_card(server: Server) -> None:
    await claimed(server)
    await server.advance_to(MONDAY)
    card = await opened(server)
    noted = server.text_of(await server.press(server.fay, card, "Remind me"))
    assert "Noted: you will be reminded of Leeds." in noted
    assert "You will be reminded on <28 December 2026>." in noted
    assert "This is noted already" in server.text_of(await server.press(server.fay, card, "Remind me"))
    await server.advance_to(datetime(2026, 12, 28, 8, 55, tzinfo=UTC))
    assert "You asked to be reminded" not in server.text_of(server.last(server.fay))
    await server.advance_to(datetime(2026, 12, 28, 9, 30, tzinfo=UTC))
    reminders = [message for message in server.messages(server.fay) if "You asked to be reminded of Leeds" in server.text_of(message)]
    assert len(reminders) == 1
    assert "Noted, thank you" in server.text_of(await server.press(server.fay, reminders[0], "I have been in touch"))


async def test_a_rest_is_offered_to_the_chapter_and_only_its_admins_decide(server: Server) -> None:
    await claimed(server)
    await server.advance_to(MONDAY)
    card = await opened(server)
    said = server.text_of(await server.press(server.fay, card, "It wants to rest"))
    assert "Leeds's admins are asked whether it wants to rest. Only they decide." in said
    await server.world.settle()
    assert "Leeds" in server.text_of(server.last(server.leeds))
    asked = len(server.messages(server.leeds))
    assert "not asked again now" in server.text_of(await server.press(server.fay, card, "It wants to rest"))
    await server.world.settle()
    assert len(server.messages(server.leeds)) == asked


async def test_in_direct_messages_a_card_helps_nobody_who_released_the_chapter(server: Server) -> None:
    await claimed(server)
    await server.advance_to(MONDAY)
    digest = server.last(server.fay)
    card = await opened(server)
    await server.slash(server.fay, "facilitate release", chapter="Leeds")
    for label in ("I have been in touch", "Remind me", "It wants to rest"):
        assert "In direct messages only a chapter's own facilitators and whoever stands in for them can do this." in server.text_of(
            await server.press(server.fay, card, label)
        )
    assert "Nobody on this week's list needs a call any more." in server.text_of(digest_again(server, digest.id))


# /overdue


async def test_overdue_is_the_digest_now_and_opens_the_private_card(server: Server) -> None:
    await server.advance_to(datetime(2026, 11, 12, 12, tzinfo=UTC))
    shown = await server.slash(server.fay, "overdue")
    assert shown.ephemeral
    said = server.text_of(shown)
    assert "Now, of all 2 chapters" in said
    assert "Merely late" in said
    card = await server.choose(server.fay, shown, "Choose a chapter", "Leeds")
    assert card.ephemeral
    said = server.text_of(card)
    assert "Its report has been late since 11 November 2026." in said
    assert "Nobody looks after it yet." in said
    assert "Now, of your 0 chapters" in server.text_of(await server.slash(server.fay, "overdue", scope="mine"))


async def test_the_words_of_the_last_report_are_on_the_card_and_the_private_note_for_its_own_alone(server: Server) -> None:
    await server.advance_to(datetime(2026, 11, 3, 12, tzinfo=UTC))
    await told(server, "Leeds", hard="Our room is small.", help="A printer", private_note="We are tired.")
    await claimed(server)
    await server.advance_to(datetime(2027, 1, 12, 12, tzinfo=UTC))
    cards = {}
    for who in ("fay", "cora"):
        person = server.people[who]
        cards[who] = server.text_of(
            await server.choose(person, await server.slash(person, "overdue", scope="all"), "Choose a chapter", "Leeds")
        )
    for said in cards.values():
        assert "Asks for help." in said
        assert "**Help wanted**  A printer" in said
        assert "Our room is small." in said
    assert "We are tired." in cards["fay"]
    assert "We are tired." not in cards["cora"]


async def test_overdue_turns_pages_after_a_restart(server: Server) -> None:
    for n in range(11):
        await server.add_chapter(f"Town {n:02}", added_on=date(2026, 10, 1))
    first = await server.slash(server.cora, "overdue", scope="all")
    assert "Page 1 of 2" in server.text_of(first)
    assert server.buttons(first) == ["Later page"]
    await server.restart()
    second = await server.press(server.cora, first, "Later page")
    assert "Page 2 of 2" in server.text_of(second)
    assert server.buttons(second) == ["Earlier page"]
    assert server.choices(second, "Choose a chapter") == ["Town 10"]
    back = await server.press(server.cora, second, "Earlier page")
    assert "Page 1 of 2" in server.text_of(back)
    assert server.text_of(await server.send(server.mo, server.button(second, "Earlier page")["custom_id"])) == WHO_MAY


async def test_who_may_not_see_the_list_is_told_who_may(server: Server) -> None:
    for person in (server.mo, server.ana):
        answer = await server.slash(person, "overdue")
        assert answer.ephemeral
        assert server.text_of(answer) == WHO_MAY
    assert "not set up here yet" in server.text_of(await server.slash(server.eve, "overdue"))


async def test_every_button_of_the_private_card_refuses_who_may_not(server: Server) -> None:
    await server.advance_to(datetime(2026, 11, 12, 12, tzinfo=UTC))
    shown = await server.slash(server.fay, "overdue", scope="all")
    card = await server.choose(server.fay, shown, "Choose a chapter", "London")
    await server.restart()
    for label in server.buttons(card):
        assert server.text_of(await server.send(server.mo, server.button(card, label)["custom_id"])) == WHO_MAY
    for address in ("fa.see", "fa.touch", "fa.remind", "fa.rest", "fa.hand", "fa.claim"):
        answer = await server.send(server.eve, f"{address}:{server.chapters['London']}")
        assert "not in this server" in server.text_of(answer)
    assert "no longer works" in server.text_of(await server.send(server.fay, "fa.page:somewhere:1"))
    assert await facilitators(server, "London") == set()


# /facilitate


async def test_claiming_and_releasing_can_be_repeated_without_harm(server: Server) -> None:
    said = [server.text_of(await server.slash(server.fay, "facilitate claim", chapter="leeds")) for _ in range(2)]
    assert "You are now a facilitator of Leeds" in said[0]
    assert "You are a facilitator of Leeds already." in said[1]
    await claimed(server, "cora")
    assert "Its facilitators are @Cora." in server.text_of(await server.slash(server.fay, "facilitate release", chapter="Leeds"))
    released = await server.slash(server.lea, "facilitate release", chapter="Leeds", person=server.cora)
    assert "@Cora is no longer a facilitator of Leeds." in server.text_of(released)
    assert "is not a facilitator of Leeds, so nothing changed" in server.text_of(
        await server.slash(server.lea, "facilitate release", person=server.cora)
    )
    assert await facilitators(server) == set()


async def test_who_may_not_claim_or_release_is_told_who_may(server: Server) -> None:
    await claimed(server)
    assert server.text_of(await server.slash(server.mo, "facilitate claim", chapter="Leeds")) == WHO_MAY
    refused = await server.slash(server.mo, "facilitate release", chapter="Leeds", person=server.fay)
    assert server.text_of(refused) == "Only Leeds's admins and coordinators can do this. Its admin is @Lea."
    assert "There is no chapter “Leds”. Did you mean Leeds" in server.text_of(
        await server.slash(server.fay, "facilitate claim", chapter="Leds")
    )
    assert "Which chapter do you mean?" in server.text_of(await server.slash(server.fay, "facilitate claim"))
    assert await server.suggest(server.fay, "facilitate claim", "chapter", "lee") == ["Leeds"]
    assert await facilitators(server) == {server.fay.id}


# Hand over


async def offered(server: Server, to: MemberActor, note: str = "") -> InteractionResult:
    """Fay hands Leeds over, from the card in the server."""
    card = await server.send(server.fay, f"fa.see:{server.chapters['Leeds']}")
    form = await server.press(server.fay, card, "Hand over")
    assert "Hand over Leeds" in server.text_of(form)
    await server.restart()
    return await server.fill(server.fay, form, person=[to], note=note)


async def test_a_chapter_is_handed_over_and_accepted_across_restarts(server: Server) -> None:
    await claimed(server)
    gil = await newcomer(server, "gil", "Facilitators")
    assert "@Gil is being asked to look after Leeds." in server.text_of(await offered(server, gil, "Call Lea on Sundays."))
    await server.world.settle()
    asked = server.last(gil)
    assert "@Fay asks you to become Leeds's facilitator in their place.\nTheir note: Call Lea on Sundays." in server.text_of(asked)
    assert await facilitators(server) == {server.fay.id}
    await server.restart()
    taken = server.text_of(await server.press(gil, asked, "Accept"))
    assert "You are now Leeds's facilitator in place of @Fay.\nTheir note: Call Lea on Sundays." in taken
    assert await facilitators(server) == {gil.id}
    await server.world.settle()
    assert "@Gil now looks after Leeds, and you no longer do." in server.text_of(server.last(server.fay))


async def test_an_offer_declined_changes_nothing_and_the_giver_is_told(server: Server) -> None:
    await claimed(server)
    gil = await newcomer(server, "gil", "Facilitators")
    await offered(server, gil)
    await server.world.settle()
    number = server.button(server.last(gil), "Accept")["custom_id"].partition("~")[0].partition(":")[2]
    refused = await server.send(server.cora, f"fa.take:{number}")
    assert server.text_of(refused) == "@Gil was asked this, and only they can answer it."
    assert "That is all right" in server.text_of(await server.press(gil, server.last(gil), "Decline"))
    assert "You answered this on" in server.text_of(await server.send(gil, f"fa.take:{number}"))
    await server.world.settle()
    assert "@Gil cannot look after Leeds now, so nothing changed." in server.text_of(server.last(server.fay))
    assert await facilitators(server) == {server.fay.id}


@pytest.mark.parametrize(
    ("who", "why"), [("mo", "@Mo does not have the facilitator role."), ("fay", "You cannot hand Leeds over to yourself.")]
)
async def test_only_somebody_else_with_the_role_can_take_over(server: Server, who: str, why: str) -> None:
    await claimed(server)
    answer = await offered(server, server.people[who])
    assert why in server.text_of(answer)
    again = await server.press(server.fay, answer, "Open it again")
    assert "Hand over Leeds" in server.text_of(again)


async def test_in_direct_messages_the_role_of_the_chosen_person_is_looked_up(server: Server) -> None:
    await claimed(server)
    gil = await newcomer(server, "gil", "Facilitators")
    await server.advance_to(MONDAY)
    card = await opened(server)
    form = await server.press(server.fay, card, "Hand over")
    assert "If they are not offered here, use /overdue in the server." in server.text_of(form)
    refused = await server.fill(server.fay, form, person=[server.mo.user])
    assert "@Mo does not have the facilitator role." in server.text_of(refused)
    form = await server.press(server.fay, card, "Hand over")
    assert "@Gil is being asked" in server.text_of(await server.fill(server.fay, form, person=[gil.user]))


async def test_every_word_of_the_facilitators_cards_comes_from_a_catalogue(server: Server) -> None:
    await claimed(server)
    await server.advance_to(datetime(2026, 11, 3, 12, tzinfo=UTC))
    await told(server, "London", help="A printer", changing="Growing")
    await server.advance_to(MONDAY + timedelta(days=30))
    with everywhere():
        shown = await server.slash(server.fay, "overdue", scope="all")
        server.assert_translated(shown, "A printer")
        card = await server.choose(server.fay, shown, "", str(server.chapters["Leeds"]))
        server.assert_translated(card, "A printer", "Growing")
        for label in server.buttons(card):
            server.assert_translated(await server.press(server.fay, card, label))
        server.assert_translated(await server.slash(server.fay, "facilitate claim", chapter="Leeds"))
        server.assert_translated(await server.slash(server.fay, "facilitate release", chapter="Leeds"))
