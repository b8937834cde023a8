"""A chapter's check-ins as people look through them."""

from datetime import timedelta
from typing import Any

import pytest
from simcord.results import InteractionResult

from bot.domain.chapters import Visibility
from bot.services import checkin_list, checkins, partners
from bot.services.checkins import Entered
from db import chapters
from tests.conftest import Statements
from tests.flows.rig import Server

LOOK = "Look at one of them"


async def record(server: Server, days_ago: int, kind: str = "meeting", chapter: str = "London", **values: Any) -> int:
    """A check-in, stored as a form would; London's admin is Ana, Leeds' is Lea."""
    caller = checkins.Caller((server.ana if chapter == "London" else server.lea).id, server.guild.id)
    day = (server.now - timedelta(days=days_ago)).date()
    entered = Entered(kind, str(day), **({"people": 14} | values))
    key = f"{chapter}{days_ago}{kind}"
    done = await checkins.record(server.store, caller, server.chapters[chapter], entered, key, server.now)
    assert isinstance(done, checkins.Shown)
    return done.id


async def joint(server: Server, days_ago: int = 1, **values: Any) -> int:
    """London records something done with Leeds, and Leeds says yes."""
    done = await record(server, days_ago, partners="Leeds", **values)
    lea = checkins.Caller(server.lea.id, server.guild.id)
    await partners.answer(server.store, lea, done, server.chapters["Leeds"], True, server.now)
    return done


async def hide(server: Server, name: str) -> None:
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters[name], visibility=Visibility.HIDDEN.value)


async def seven(server: Server) -> InteractionResult:
    for days_ago in range(7):
        await record(server, days_ago)
    return await server.slash(server.mo, "checkins", chapter="london")


async def test_all_can_look_through_a_chapters_check_ins_newest_first(server: Server) -> None:
    await record(server, 3, "education", people=5)
    await record(server, 1, education=True)
    await record(server, 2, "social", people=None)
    answer = await server.slash(server.mo, "checkins")
    assert answer.ephemeral
    assert server.text_of(answer).splitlines()[:4] == [
        "### London: 3 check-ins",
        "**19 October 2026** · meeting · 14 people, with an education part",
        "**18 October 2026** · social",
        "**17 October 2026** · education · 5 people",
    ]
    assert server.buttons(answer) == []
    assert server.buttons(await server.slash(server.ana, "checkins")) == ["Check in"]


async def test_five_stand_on_a_page_and_the_pages_outlive_a_restart(server: Server) -> None:
    answer = await seven(server)
    assert "Page 1 of 2, newest first." in server.text_of(answer)
    assert len(server.choices(answer, LOOK)) == 5
    assert server.buttons(answer) == ["Older"]
    await server.restart()
    older = await server.press(server.mo, answer, "Older")
    assert server.choices(older, LOOK) == ["15 October 2026 · meeting", "14 October 2026 · meeting"]
    assert server.buttons(older) == ["Newer"]
    assert "20 October 2026" in server.text_of(await server.press(server.mo, older, "Newer"))
    past_the_end = await server.send(server.mo, f"ci.page:{server.chapters['London']}:all:999999")
    assert "Page 2 of 2" in server.text_of(past_the_end)


async def test_a_member_reads_one_of_them_and_goes_back(server: Server) -> None:
    await record(server, 1, note="Bring **bread** @everyone", format="in_person")
    answer = await server.slash(server.mo, "checkins")
    await server.restart()
    shown = await server.choose(server.mo, answer, LOOK, "19 October 2026 · meeting")
    assert server.text_of(shown).splitlines() == [
        "### London: meeting, 19 October 2026",
        "14 people took part",
        "Format: In person",
        "Note: Bring \\*\\*bread\\*\\* @\u200beveryone",
        "Back to the list",
    ]
    assert "### London: 1 check-in" in server.text_of(await server.press(server.mo, shown, "Back to the list"))


async def test_an_admin_corrects_and_withdraws_one_from_the_list(server: Server) -> None:
    await record(server, 1)
    await record(server, 2, "social")
    answer, other = await server.slash(server.ana, "checkins"), await server.slash(server.mo, "checkins")
    shown = await server.choose(server.ana, answer, LOOK, "18 October 2026 · social")
    assert server.buttons(shown) == ["Correct", "Education part: not known", "Withdraw", "Back to the list"]
    corrected = await server.fill(server.ana, await server.press(server.ana, shown, "Correct"), people="3")
    assert "3 people took part" in server.text_of(corrected)
    await server.press(server.ana, await server.press(server.ana, corrected, "Withdraw"), "Yes, withdraw it")
    assert "18 October 2026" not in server.text_of(await server.slash(server.mo, "checkins"))
    gone = await server.choose(server.mo, other, LOOK, "18 October 2026 · social")
    assert "not in the list any more" in server.text_of(gone)


async def test_a_kind_narrows_the_list_and_its_pages(server: Server) -> None:
    await seven(server)
    await record(server, 2, "social")
    answer = await server.slash(server.mo, "checkins", kind="meeting")
    assert "### London: 7 check-ins, meeting" in server.text_of(answer)
    assert "social" not in server.text_of(await server.press(server.mo, answer, "Older"))
    none = await server.slash(server.mo, "checkins", kind="campaign")
    assert "None of this kind is recorded. /checkins without a kind shows all of them." in server.text_of(none)
    with pytest.raises(Exception, match="Option"):
        await server.slash(server.mo, "checkins", kind="dancing")


async def test_an_empty_list_says_the_next_step(server: Server) -> None:
    empty = await server.slash(server.mo, "checkins")
    assert "Nothing is recorded yet. Its admins can record what they do with /checkin." in server.text_of(empty)
    own = await server.slash(server.ana, "checkins")
    assert "What did you do last?" in server.text_of(own)
    assert (await server.press(server.ana, own, "Check in")).modal is not None


async def test_a_joint_check_in_stands_in_both_lists_once_it_is_confirmed(server: Server) -> None:
    await record(server, 2, partners="Leeds")
    await joint(server, note="On the train")
    own = server.text_of(await server.slash(server.mo, "checkins", chapter="London"))
    assert "**19 October 2026** · meeting · 14 people, with Leeds" in own
    assert "**18 October 2026** · meeting · 14 people\n" in own
    theirs = await server.slash(server.mo, "checkins", chapter="Leeds")
    assert server.text_of(theirs).splitlines()[:2] == [
        "### Leeds: 1 check-in",
        "**19 October 2026** · meeting · 14 people, with London (recorded by London)",
    ]
    shown = await server.choose(server.mo, theirs, LOOK, "19 October 2026 · meeting")
    assert "Together with London; recorded by London" in server.text_of(shown)
    assert server.buttons(shown) == ["Back to the list"]


async def test_the_chapter_that_took_part_can_still_say_that_it_did_not(server: Server) -> None:
    await joint(server)
    theirs = await server.slash(server.lea, "checkins")
    shown = await server.choose(server.lea, theirs, LOOK, "19 October 2026 · meeting")
    assert server.buttons(shown) == ["Not us", "Back to the list"]
    await server.press(server.lea, shown, "Not us")
    assert "Nothing is recorded yet." in server.text_of(await server.slash(server.lea, "checkins"))


async def test_a_hidden_chapter_is_not_named_in_the_list_of_another(server: Server) -> None:
    done = await joint(server, note="At Secret Street")
    await hide(server, "London")
    theirs = await server.slash(server.lea, "checkins")
    assert server.text_of(theirs).splitlines()[1] == "**19 October 2026** · meeting · together with another chapter"
    shown = server.text_of(await server.choose(server.lea, theirs, LOOK, str(done)))
    assert "Together with another chapter, which is not shown here." in shown
    for secret in ("London", "Secret", "14"):
        assert secret not in shown


async def test_a_hidden_partner_is_not_named_in_the_recorders_list(server: Server) -> None:
    await joint(server)
    await hide(server, "Leeds")
    for person in (server.mo, server.ana):
        own = await server.slash(person, "checkins", chapter="London")
        assert "Leeds" not in server.text_of(own)
        assert "Leeds" not in server.text_of(await server.choose(person, own, LOOK, "19 October 2026 · meeting"))


async def test_a_hidden_chapters_list_is_for_its_own_people_only(server: Server) -> None:
    answer = await seven(server)
    await hide(server, "London")
    named = await server.slash(server.cora, "checkins", chapter="London")
    assert server.text_of(named) == "There is no chapter “London” here. /chapter list shows those that are."
    for pressed in (
        await server.press(server.mo, answer, "Older"),
        await server.choose(server.mo, answer, LOOK, "20 October 2026 · meeting"),
    ):
        assert server.text_of(pressed).startswith("This chapter is not in this server any more.")
    assert "7 check-ins" in server.text_of(await server.slash(server.ana, "checkins"))


async def test_what_cannot_be_shown_is_refused(server: Server) -> None:
    await record(server, 1)
    assert "Did you mean London?" in server.text_of(await server.slash(server.mo, "checkins", chapter="Lundon"))
    assert "not set up here" in server.text_of(await server.slash(server.eve, "checkins", chapter="London"))
    assert "London" not in server.text_of(await server.send(server.eve, f"ci.page:{server.chapters['London']}:all:0"))
    assert "no longer works" in server.text_of(await server.send(server.mo, f"ci.pick:{server.chapters['London']}:all:0"))
    leeds = await record(server, 1, chapter="Leeds")
    with pytest.raises(checkins.Refusal, match="not in the list any more"):
        await checkin_list.look(server.store, checkins.Caller(server.ana.id, server.guild.id), server.chapters["London"], leeds)


async def test_a_page_of_many_is_a_few_indexed_reads(server: Server, statements: Statements) -> None:
    for days_ago in range(30):
        await record(server, days_ago)
    statements.clear()
    await server.slash(server.ana, "checkins", chapter="London")
    assert len(statements) <= 7
    assert not [line for plan in await statements.plans(server.store) for line in plan.splitlines() if line.startswith("SCAN checkin")]


async def test_an_admin_looks_through_them_in_direct_messages_too(server: Server) -> None:
    await record(server, 1)
    here = checkins.Caller(server.ana.id, None)
    shown = await checkin_list.listed(server.store, here, server.chapters["London"], None, 0)
    assert shown.total == 1
    with pytest.raises(checkins.Refusal, match="In direct messages only"):
        await checkin_list.listed(server.store, checkins.Caller(server.mo.id, None), server.chapters["London"], None, 0)
