"""Help as each person meets it: what they can do here, with a button to it."""

import pytest

from bot.locales import pseudo
from cogs.cards.help import Topic
from db import people
from tests.flows.rig import Server


async def test_an_admin_finds_their_chapter(server: Server) -> None:
    answer = await server.slash(server.ana, "help")
    assert answer.ephemeral
    assert "You are an admin of London." in server.text_of(answer)
    assert server.buttons(answer) == ["Check in", "Report", "Status", "Where we stand", "Chapters"]
    await server.restart()
    assert "London · new" in server.text_of(await server.press(server.ana, answer, "Status"))
    assert (await server.press(server.ana, answer, "Check in")).modal is not None


async def test_an_admin_of_several_chapters_chooses_one_and_types_nothing(server: Server) -> None:
    await server.add_chapter("York", server.ana)
    answer = await server.slash(server.ana, "help")
    assert "You are an admin of London and York." in server.text_of(answer)
    assert server.choices(answer, "Choose one of your chapters") == ["London", "York"]
    await server.restart()
    own = await server.choose(server.ana, answer, "Choose one of your chapters", "York")
    assert server.buttons(own) == ["Check in", "Report", "Check-ins", "Reports", "Status", "What I can do here"]
    assert "Check in for York" in server.text_of(await server.press(server.ana, own, "Check in"))
    assert "in York?" in server.text_of(await server.press(server.ana, own, "Report"))
    assert "York · new" in server.text_of(await server.press(server.ana, own, "Status"))
    assert "### Reports of York" in server.text_of(await server.press(server.ana, own, "Reports"))
    listed = await server.press(server.ana, own, "Check-ins")
    assert "### York: 0 check-ins" in server.text_of(listed)


async def test_an_admin_of_very_many_is_offered_25_and_told_how_to_name_the_others(server: Server) -> None:
    for n in range(26):
        await server.add_chapter(f"Town {n:02}", server.ana)
    answer = await server.slash(server.ana, "help")
    assert "You are an admin of several chapters." in server.text_of(answer)
    assert len(server.choices(answer, "Choose one of your chapters")) == 25
    assert "For the others name the chapter" in server.text_of(answer)


async def test_a_chapter_that_was_chosen_is_checked_at_the_click(server: Server) -> None:
    await server.add_chapter("York", server.ana, server.ben)
    answer = await server.slash(server.ana, "help")
    await server.slash(server.cora, "chapter admins remove", user=server.ana, chapter="York")
    own = await server.choose(server.ana, answer, "Choose one of your chapters", "York")
    assert "Check in" not in server.buttons(own)
    assert "no longer works" in server.text_of(await server.send(server.mo, "he.own"))


async def test_a_member_finds_the_whole_and_their_chapter(server: Server) -> None:
    answer = await server.slash(server.mo, "help")
    assert server.buttons(answer) == ["Where we stand", "Chapters", "My chapter: London"]
    assert "London · new" in server.text_of(await server.press(server.mo, answer, "My chapter"))
    assert "### 2 chapters" in server.text_of(await server.press(server.mo, answer, "Chapters"))
    assert "Where we stand" in server.text_of(await server.press(server.mo, answer, "Where we stand"))


async def test_a_facilitator_finds_who_may_need_a_call(server: Server) -> None:
    answer = await server.slash(server.fay, "help")
    assert "You are a facilitator." in server.text_of(answer)
    async with server.store.write() as c:
        await people.add_facilitator(c, server.guild.id, server.chapters["London"], server.fay.id, server.now)
    answer = await server.slash(server.fay, "help")
    assert "You are facilitator of one chapter." in server.text_of(answer)
    assert "of your chapter" in server.text_of(await server.press(server.fay, answer, "Who may need a call"))


async def test_a_coordinator_finds_the_set_up(server: Server) -> None:
    answer = await server.slash(server.cora, "help")
    assert "You are a coordinator." in server.text_of(answer)
    assert "Coordinators: @Coordinators" in server.text_of(await server.press(server.cora, answer, "Set-up"))
    assert "You may manage this server" in server.text_of(await server.slash(server.mia, "help"))


async def test_where_nothing_is_set_up_help_says_who_can(server: Server) -> None:
    assert "Somebody who may manage this server can type /setup." in server.text_of(await server.slash(server.eve, "help"))


@pytest.mark.parametrize("topic", list(Topic))
async def test_each_topic_has_a_page_and_a_way_back(server: Server, topic: Topic) -> None:
    answer = await server.slash(server.mo, "help", topic=topic.value)
    assert answer.ephemeral
    assert server.text_of(answer).count("• ") >= 3
    assert "What you can do here" in server.text_of(await server.press(server.mo, answer, "What I can do here"))


async def test_a_topic_is_chosen_from_the_home_card_after_a_restart(server: Server) -> None:
    answer = await server.slash(server.mo, "help")
    await server.restart()
    page = server.text_of(await server.choose(server.mo, answer, "Read more about", "When a chapter is functioning"))
    assert "it met in the last 45 days, did something with an education part in 135 and published a report in 135" in page


async def test_a_forged_topic_is_answered_in_a_sentence(server: Server) -> None:
    assert "Type /help and choose one." in server.text_of(await server.send(server.mo, "he.topic"))


async def test_a_button_of_another_chapter_is_checked_at_the_click(server: Server) -> None:
    answer = await server.send(server.mo, f"ci.new:{server.chapters['London']}")
    assert answer.ephemeral
    assert "Only London's admins" in server.text_of(answer)


async def test_every_word_of_help_comes_from_a_catalogue(server: Server) -> None:
    names = [f"/{each.qualified_name}" for each in server.bot.tree.walk_commands()]
    with pseudo.everywhere():
        for person in (server.ana, server.fay, server.cora, server.mia, server.eve):
            server.assert_translated(await server.slash(person, "help"), *names)
        await server.add_chapter("York", server.ana)
        several = await server.slash(server.ana, "help")
        server.assert_translated(several, *names)
        (menu,) = [part for part in server.parts(several) if part.get("custom_id") == "he.own"]
        (york,) = [option["value"] for option in menu["options"] if "York" in option["label"]]
        server.assert_translated(await server.choose(server.ana, several, menu["placeholder"], york))
        for topic in Topic:
            server.assert_translated(await server.slash(server.mo, "help", topic=topic.value))
