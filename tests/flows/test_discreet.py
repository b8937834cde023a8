"""Discreet chapters: what stands where others may read it says that a form is waiting, before and after restarts, and nothing more."""

import re
from datetime import UTC, datetime

import pytest
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.domain.rights import Caller
from bot.services import access, rests
from tests.flows.rig import Server

NINE = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)
DONE = "Nothing is waiting here any more. Thank you."
SAYS_NOTHING = re.compile(r"(?:(?:@Ana, a|@Lea, a|A) form is waiting\.|Nothing is waiting here any more\. Thank you\.)\nOpen it")


def in_public(server: Server, *places: ChannelHandle | MemberActor) -> list[str]:
    """Every message there as others see it; each says that something waits or is done, and nothing else."""
    said = [server.text_of(message) for place in places for message in server.messages(place)]
    assert [words for words in said if not SAYS_NOTHING.fullmatch(words)] == []
    return said


async def turn_discreet(server: Server, *people: str, discreet: bool = True) -> None:
    """The chapters of these people, London's Ana unless others are named, become discreet."""
    for name in people or ("ana",):
        await server.slash(server.people[name], "chapter edit", discreet=discreet)


async def test_a_prompt_says_only_that_a_form_is_waiting_and_opens_in_private(server: Server) -> None:
    await turn_discreet(server)
    await server.advance_to(NINE)
    prompt = server.last(server.london)
    assert in_public(server, server.london) == ["@Ana, a form is waiting.\nOpen it"]
    assert server.notified(prompt) == ["Ana"]
    await server.restart()
    opened = await server.press(server.ana, prompt, "Open it")
    assert opened.ephemeral
    assert "How was October 2026 in London?" in server.text_of(opened)
    assert "Only London's admins and coordinators can do this." in server.text_of(await server.press(server.mo, prompt, "Open it"))


async def test_the_whole_report_is_filled_in_without_a_word_in_public(server: Server) -> None:
    await turn_discreet(server)
    await server.advance_to(NINE)
    opened = await server.press(server.ana, server.last(server.london), "Open it")
    filled = await server.fill(server.ana, await server.press(server.ana, opened, "People"), members="12")
    assert "12 members" in server.text_of(filled)
    await server.press(server.ben, await server.press(server.ben, server.last(server.london), "Open it"), "May be shared: off")
    assert in_public(server, server.london) == ["A form is waiting.\nOpen it"]
    await server.press(server.ana, opened, "Publish")
    assert in_public(server, server.london) == [f"{DONE}\nOpen it"]
    assert "Published by @Ana" in server.text_of(await server.press(server.ana, server.last(server.london), "Open it"))


async def test_nudges_and_reminders_are_as_discreet_in_direct_messages(server: Server) -> None:
    await turn_discreet(server)
    await server.advance_to(NINE)
    await server.advance_to(datetime(2026, 11, 9, 9, 5, tzinfo=UTC))
    assert len(in_public(server, server.ana, server.ben)) == 3
    opened = await server.press(server.ben, server.last(server.ben), "Open it")
    assert "How was October 2026 in London?" in server.text_of(opened)
    await server.press(server.ben, opened, "Remind me tomorrow")
    await server.advance_to(datetime(2026, 11, 10, 9, 5, tzinfo=UTC))
    assert len(in_public(server, server.ben)) == 2


async def test_a_skipped_month_leaves_nothing_but_that_nothing_waits(server: Server) -> None:
    await turn_discreet(server)
    await server.advance_to(NINE)
    opened = await server.press(server.ana, server.last(server.london), "Open it")
    await server.fill(server.ana, await server.press(server.ana, opened, "Skip"), reason="We moved house.")
    assert in_public(server, server.london) == [f"{DONE}\nOpen it"]


async def test_cards_that_stand_open_are_covered_when_the_chapter_turns_discreet(server: Server) -> None:
    await server.advance_to(NINE)
    card = server.last(server.london)
    await server.fill(server.ana, await server.press(server.ana, card, "People"), members="12")
    await server.advance_to(datetime(2026, 11, 5, 9, 5, tzinfo=UTC))
    await turn_discreet(server)
    assert len(in_public(server, server.london, server.ana)) == 2
    await turn_discreet(server, discreet=False)
    await server.advance_to(datetime(2026, 12, 1, 9, 5, tzinfo=UTC))
    assert "how was November 2026 in London?" in server.text_of(server.last(server.london))


async def test_a_card_that_could_not_be_covered_yet_covers_itself_when_it_is_used(server: Server) -> None:
    await server.advance_to(NINE)
    card = server.last(server.london)
    form = await server.press(server.ana, card, "People")
    server.world.inject_error("PATCH", f"/channels/{server.london.id}/messages/{card.id}", status=403, code=50001, message="no", times=1)
    await turn_discreet(server)
    assert "ow was October 2026 in London?" in server.text_of(card)
    saved = await server.fill(server.ana, form, members="12")
    assert in_public(server, server.london) == ["A form is waiting.\nOpen it"]
    assert server.message(saved) is not card


async def test_report_by_command_shows_the_card_in_private_and_names_no_place(server: Server) -> None:
    await turn_discreet(server)
    await server.advance_to(NINE)
    answer = await server.slash(server.ana, "report")
    assert answer.ephemeral
    assert "How was October 2026 in London?" in server.text_of(answer)


async def test_a_partner_is_asked_and_answers_without_a_word_in_public(server: Server) -> None:
    await turn_discreet(server, "lea")
    await server.slash(server.ana, "checkin", kind="meeting", with_chapters="Leeds")
    question = server.last(server.leeds)
    assert in_public(server, server.leeds) == ["@Lea, a form is waiting.\nOpen it"]
    await server.restart()
    assert "Only Leeds's admins" in server.text_of(await server.press(server.mo, question, "Open it"))
    opened = await server.press(server.lea, question, "Open it")
    assert opened.ephemeral
    assert "Together with London?" in server.text_of(opened)
    assert "It counts for Leeds as well." in server.text_of(await server.press(server.lea, opened, "Yes, we took part"))
    assert in_public(server, server.leeds) == [f"{DONE}\nOpen it"]
    again = await server.press(server.lea, server.last(server.leeds), "Open it")
    assert "The answer is yes: Leeds took part." in server.text_of(again)
    await server.press(server.lea, again, "Not us")
    assert "Leeds did not take part." in server.text_of(await server.press(server.lea, server.last(server.leeds), "Open it"))
    assert in_public(server, server.leeds) == [f"{DONE}\nOpen it"]


async def test_a_gathering_is_confirmed_without_a_word_in_public(server: Server) -> None:
    await server.slash(server.cora, "branch add", country="United Kingdom")
    for person in (server.ana, server.lea):
        await server.slash(person, "chapter edit", branch="United Kingdom", discreet=True)
    await server.slash(server.cora, "branch gathering", branch="United Kingdom", date="2026-10-17", chapters="London, Leeds")
    assert in_public(server, server.london, server.leeds) == ["@Ana, a form is waiting.\nOpen it", "@Lea, a form is waiting.\nOpen it"]
    opened = await server.press(server.ana, server.last(server.london), "Open it")
    assert opened.ephemeral
    assert "Gathering of United Kingdom, 17 October 2026" in server.text_of(opened)
    await server.press(server.ana, opened, "Yes, we took part")
    assert in_public(server, server.london, server.leeds) == [f"{DONE}\nOpen it", "@Lea, a form is waiting.\nOpen it"]
    again = await server.press(server.ana, server.last(server.london), "Open it")
    assert "@Ana said yes: London took part." in server.text_of(again)
    assert "Only London's admins" in server.text_of(await server.press(server.mo, server.last(server.london), "Open it"))


@pytest.mark.parametrize(("label", "says"), [("Rest 30 days", "London rests until 19 November 2026"), ("No, we go on", "London goes on")])
async def test_an_offered_rest_is_decided_without_a_word_in_public(server: Server, label: str, says: str) -> None:
    await turn_discreet(server)
    coordinator = Caller(server.cora.id, server.guild.id, frozenset({server.roles["Coordinators"].id}))
    async with server.store.write() as c:
        scope = await access.pressed(c, coordinator, server.chapters["London"])
        await rests.offer(c, scope, server.now)
    await server.run_due()
    assert in_public(server, server.london) == ["@Ana, a form is waiting.\nOpen it"]
    opened = await server.press(server.ana, server.last(server.london), "Open it")
    assert "Would London like to rest for a while?" in server.text_of(opened)
    assert says in server.text_of(await server.press(server.ana, opened, label))
    assert in_public(server, server.london) == [f"{DONE}\nOpen it"]
    assert server.text_of(await server.press(server.ana, server.last(server.london), "Open it"))
    assert "Only London's admins" in server.text_of(await server.press(server.cora, server.last(server.london), "Open it"))


async def test_without_a_channel_the_prompt_by_direct_message_is_as_discreet(server: Server) -> None:
    shown = await server.slash(server.ana, "chapter edit", discreet=True)
    await server.press(server.ana, shown, "Have no channel")
    await server.advance_to(NINE)
    assert in_public(server, server.ana) == ["@Ana, a form is waiting.\nOpen it"]
    opened = await server.press(server.ana, server.last(server.ana), "Open it")
    assert "How was October 2026 in London?" in server.text_of(opened)
    assert server.messages(server.london) == []
