"""What is seen of a chapter: its visibility, hiding it at once, and its composition."""

from datetime import UTC, datetime
from typing import Any

import pytest
from simcord.results import InteractionResult
from sqlalchemy import select

from bot.delivery.sender import Sender
from bot.domain.chapters import Visibility
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import pseudo
from bot.services import visibility
from db import chapters
from db.tables import change, outbox
from tests.flows.rig import Server

NOVEMBER = datetime(2026, 11, 3, 12, tzinfo=UTC)


async def visible(server: Server, name: str = "London") -> Visibility:
    async with server.store.read() as c:
        found = await chapters.find(c, server.guild.id, server.chapters[name])
    assert found is not None
    return found.visibility


async def logged(server: Server) -> list[tuple[str, int | None]]:
    async with server.store.read() as c:
        rows = await c.execute(select(change.c.kind, change.c.made_by).where(change.c.kind.startswith("visibility")).order_by(change.c.id))
    return [(row.kind, row.made_by) for row in rows]


async def published(server: Server) -> None:
    """London's October, published and posted; its prompt stands in #london."""
    await server.advance_to(NOVEMBER)
    await server.fill(server.ana, await server.press(server.ana, server.last(server.london), "People"), members="40", met="14")
    await server.press(server.ana, server.last(server.london), "Publish")


async def said_of_deletions(server: Server) -> list[tuple[str, str | None]]:
    async with server.store.read() as c:
        rows = await c.execute(select(outbox.c.state, outbox.c.reason).where(outbox.c.kind == "unpost").order_by(outbox.c.id))
    return [(row.state, row.reason) for row in rows]


# Who may see it


async def test_less_is_seen_at_once_and_more_a_day_later(server: Server) -> None:
    hidden = await server.slash(server.ana, "chapter visibility", level="hidden")
    assert hidden.ephemeral
    assert "London is hidden now" in server.text_of(hidden)
    assert "Only its own admins and its facilitators may see it." in server.text_of(hidden)
    assert await visible(server) is Visibility.HIDDEN
    asked = await server.slash(server.ben, "chapter visibility", level="members")
    assert "London will be seen by more people in 24 hours" in server.text_of(asked)
    assert "**From <21 October 2026 13:00> on:** Everybody in this server may see it" in server.text_of(asked)
    await server.advance(hours=23, minutes=59)
    assert await visible(server) is Visibility.HIDDEN
    await server.restart()
    await server.advance(minutes=2)
    assert await visible(server) is Visibility.MEMBERS
    assert await logged(server) == [
        ("visibility.choose", server.ana.id),
        ("visibility.wait", server.ben.id),
        ("visibility.loosen", None),
    ]
    assert "London · new" in server.text_of(await server.slash(server.mo, "chapter status"))


async def test_what_waits_can_be_taken_back_after_a_restart(server: Server) -> None:
    asked = await server.slash(server.ana, "chapter visibility", level="open")
    assert "**From <21 October 2026 13:00> on:** Everybody may see it" in server.text_of(await server.slash(server.ana, "chapter status"))
    await server.restart()
    refused = await server.send(server.mo, f"vi.keep:{server.chapters['London']}")
    assert "Only London's admins can do this" in server.text_of(refused)
    kept = await server.press(server.ana, asked, "Keep it as it is")
    assert "London stays seen in this server only, as it is" in server.text_of(kept)
    await server.advance(days=2)
    assert await visible(server) is Visibility.MEMBERS
    assert [kind for kind, _ in await logged(server)] == ["visibility.wait", "visibility.keep"]


async def test_a_second_choice_takes_the_place_of_the_first_and_the_same_one_changes_nothing(server: Server) -> None:
    await server.slash(server.ana, "chapter visibility", level="hidden")
    await server.slash(server.ana, "chapter visibility", level="open")
    await server.advance(hours=12)
    again = await server.slash(server.ana, "chapter visibility", level="open")
    assert "**From <21 October 2026 13:00> on:**" in server.text_of(again)
    await server.slash(server.ana, "chapter visibility", level="members")
    await server.advance(hours=13)
    assert await visible(server) is Visibility.HIDDEN
    await server.advance(hours=12)
    assert await visible(server) is Visibility.MEMBERS
    before = await logged(server)
    assert "as it is" in server.text_of(await server.slash(server.ana, "chapter visibility", level="members"))
    assert await logged(server) == before


async def test_only_a_chapters_own_admins_choose_who_may_see_it(server: Server) -> None:
    for person in (server.mo, server.cora, server.fay, server.lea):
        refused = await server.slash(person, "chapter visibility", level="hidden", chapter="London")
        assert refused.ephemeral
        assert "Only London's admins can do this: @Ana and @Ben." in server.text_of(refused)
        for action in ("vi.ask", "vi.hide", "vi.keep"):
            assert "Only London's admins" in server.text_of(await server.send(person, f"{action}:{server.chapters['London']}"))
    assert await visible(server) is Visibility.MEMBERS


async def test_a_level_that_is_none_is_refused(server: Server) -> None:
    ana = Caller(server.ana.id, server.guild.id)
    with pytest.raises(Refusal, match="Choose who may see the chapter"):
        await visibility.choose(server.store, ana, None, "secret", server.now)
    assert await visible(server) is Visibility.MEMBERS


async def test_hiding_is_two_taps_from_the_status_and_outlives_a_restart(server: Server) -> None:
    status = await server.slash(server.ana, "chapter status")
    assert "Hide us now" not in server.buttons(await server.slash(server.cora, "chapter status", chapter="London"))
    await server.restart()
    asked = await server.press(server.ana, status, "Hide us now")
    assert asked.ephemeral
    assert "Hide London now?" in server.text_of(asked)
    assert "Nobody else finds it in a list" in server.text_of(asked)
    assert await visible(server) is Visibility.MEMBERS
    await server.restart()
    done = await server.press(server.ana, asked, "Yes, hide it now")
    assert "London is hidden now" in server.text_of(done)
    assert await visible(server) is Visibility.HIDDEN
    status = await server.slash(server.ana, "chapter status")
    assert "Hidden: Only its own admins and its facilitators may see it." in server.text_of(status)
    assert "Hide us now" not in server.buttons(status)


async def test_hiding_can_be_thought_over(server: Server) -> None:
    asked = await server.press(server.ana, await server.slash(server.ana, "chapter status"), "Hide us now")
    assert "as it is" in server.text_of(await server.press(server.ana, asked, "Keep it as it is"))
    assert await visible(server) is Visibility.MEMBERS
    assert await logged(server) == []


# What is taken away


async def test_the_posts_of_a_chapter_that_hides_are_deleted_with_their_threads(server: Server) -> None:
    await published(server)
    assert [thread.name for thread in server.reports.threads] == ["London · October 2026"]
    asked = await server.press(server.ana, await server.slash(server.ana, "chapter status"), "Hide us now")
    assert "1 post of its reports is deleted" in server.text_of(asked)
    assert "1 post of its reports is being deleted" in server.text_of(await server.press(server.ana, asked, "Yes, hide it now"))
    await server.run_due()
    assert server.reports.threads == []
    assert {state for state, _ in await said_of_deletions(server)} == {"sent"}
    read = await server.slash(server.ana, "reports read")
    assert "40 members" in server.text_of(read)
    assert "Open its thread" not in server.buttons(read)


async def test_a_deletion_is_done_once_after_a_restart_and_where_it_is_gone_already(server: Server) -> None:
    await published(server)
    server.bot.sender.stop()
    await server.slash(server.ana, "chapter visibility", level="hidden")
    assert len(server.reports.threads) == 1
    server.world.backend.delete_channel(server.reports.threads[0].id)
    await server.restart()
    await server.run_due()
    await server.run_due()
    assert {state for state, _ in await said_of_deletions(server)} == {"sent"}


async def test_what_the_bot_may_not_delete_is_emptied_and_its_admins_are_told(server: Server) -> None:
    await published(server)
    thread = server.reports.threads[0]
    server.world.inject_error("DELETE", f"/channels/{thread.id}", status=403, code=50013, message="Missing Permissions")
    await server.slash(server.ana, "chapter visibility", level="hidden")
    await server.run_due()
    assert ("refused", "Discord 403/50013") in await said_of_deletions(server)
    assert [each.name for each in server.reports.threads] == ["Deleted"]
    assert "40 members" not in str([server.text_of(message) for message in thread.history()])
    await server.advance(minutes=5)
    told = server.text_of(server.last(server.ben))
    assert "Some posts of London could not be deleted" in told
    assert "allow the bot Manage Threads" in told
    again = await server.slash(server.ana, "chapter visibility", level="hidden")
    assert "1 post of its reports is being deleted" in server.text_of(again)
    await server.run_due()
    assert server.reports.threads == []


async def test_a_post_that_was_on_its_way_while_its_chapter_hid_goes_as_well(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Sender._record

    async def record_too_late(sender: Sender, *sent: Any) -> None:
        ana = Caller(server.ana.id, server.guild.id)
        await visibility.choose(server.store, ana, server.chapters["London"], "hidden", server.now)
        await record(sender, *sent)

    await server.advance_to(NOVEMBER)
    await server.fill(server.ana, await server.press(server.ana, server.last(server.london), "People"), members="40")
    with monkeypatch.context() as patch:
        patch.setattr(Sender, "_record", record_too_late)
        await server.press(server.ana, server.last(server.london), "Publish")
        await server.run_due()
    assert server.reports.threads == []
    assert "Open its thread" not in server.buttons(await server.slash(server.ana, "reports read"))


async def test_a_post_that_was_sent_and_never_noted_is_found_and_deleted(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def dies(*_: Any) -> None:
        raise OSError

    await server.advance_to(NOVEMBER)
    await server.fill(server.ana, await server.press(server.ana, server.last(server.london), "People"), members="40")
    with monkeypatch.context() as patch:
        patch.setattr(Sender, "_record", dies)
        await server.press(server.ana, server.last(server.london), "Publish")
    assert len(server.reports.threads) == 1
    await server.slash(server.ana, "chapter visibility", level="hidden")
    await server.restart()
    await server.advance(minutes=30)
    assert server.reports.threads == []


async def test_a_message_with_a_thread_goes_with_its_thread(server: Server) -> None:
    await server.slash(server.cora, "setup", reports_channel=server.general)
    await published(server)
    assert "40 members" in str([server.text_of(message) for message in server.messages(server.general)])
    await server.slash(server.ana, "chapter visibility", level="hidden")
    await server.run_due()
    assert [m for m in server.messages(server.general) if "40 members" in server.text_of(m)] == []
    assert server.general.threads == []


async def test_cards_in_the_chapters_channel_say_nothing_of_it_any_more(server: Server) -> None:
    await server.advance_to(NOVEMBER)
    await server.fill(server.ana, await server.press(server.ana, server.last(server.london), "In words"), hard="Our room is small")
    await server.slash(server.ana, "chapter visibility", level="hidden")
    await server.run_due()
    card = server.last(server.london)
    assert server.text_of(card) == "A form is waiting.\nOpen it"
    await server.restart()
    opened = await server.press(server.ana, card, "Open it")
    assert opened.ephemeral
    assert "Our room is small" in server.text_of(opened)
    assert "London" not in server.text_of(await server.press(server.mo, card, "Open it"))
    await server.press(server.ana, opened, "Publish")
    await server.run_due()
    assert server.text_of(server.last(server.london)) == "Nothing is waiting here any more. Thank you.\nOpen it"
    assert server.reports.threads == []


async def test_answered_cards_in_the_channel_are_deleted(server: Server) -> None:
    await published(server)
    assert "London, October 2026" in server.text_of(server.last(server.london))
    await server.slash(server.ana, "chapter visibility", level="hidden")
    await server.run_due()
    assert server.messages(server.london) == []


async def test_a_hidden_chapter_is_asked_by_direct_message(server: Server) -> None:
    await server.slash(server.ana, "chapter visibility", level="hidden")
    await server.advance_to(NOVEMBER)
    assert "how was October 2026 in London?" in server.text_of(server.last(server.ana))
    assert server.messages(server.london) == []


async def test_where_direct_messages_are_refused_the_channel_says_only_that_a_form_is_waiting(server: Server) -> None:
    await server.slash(server.lea, "chapter visibility", level="hidden")
    closed = f"/channels/{server.lea.user.dm_channel.id}/messages"
    server.world.inject_error("POST", closed, status=403, code=50007, message="no", times=None)
    await server.advance_to(NOVEMBER)
    card = server.last(server.leeds)
    assert server.text_of(card) == "@Lea, a form is waiting.\nOpen it"
    assert server.notified(card) == ["Lea"]


async def test_questions_to_partners_about_its_check_ins_are_taken_back(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", with_chapters="Leeds")
    await server.run_due()
    question = server.last(server.leeds)
    assert "London" in server.text_of(question)
    await server.slash(server.ana, "chapter visibility", level="hidden")
    await server.run_due()
    assert server.messages(server.leeds) == []


async def test_after_it_is_seen_again_new_reports_are_posted_and_old_ones_when_they_are_corrected(server: Server) -> None:
    await published(server)
    await server.slash(server.ana, "chapter visibility", level="hidden")
    waits = await server.slash(server.ana, "chapter visibility", level="members")
    assert "to post one, correct it and publish it again" in server.text_of(waits)
    await server.advance(hours=25)
    assert server.reports.threads == []
    read = await server.slash(server.ana, "reports read")
    card = await server.press(server.ana, read, "Correct")
    await server.fill(server.ana, await server.press(server.ana, card, "People"), members="41")
    await server.press(server.ana, card, "Publish")
    await server.run_due()
    assert [thread.name for thread in server.reports.threads] == ["London · October 2026"]


async def test_taking_a_text_out_posts_nothing_that_was_not_posted(server: Server) -> None:
    await server.slash(server.ana, "chapter visibility", level="hidden")
    await server.advance_to(NOVEMBER)
    form = await server.press(server.ana, server.last(server.ana), "In words")
    await server.fill(server.ana, form, hard="Rita is ill")
    await server.press(server.ana, server.last(server.ana), "Publish")
    await server.slash(server.ana, "chapter visibility", level="members")
    await server.advance(hours=25)
    await server.send(server.ana, f"rp.gone:{server.chapters['London']}:2026-10:hard")
    await server.run_due()
    assert server.reports.threads == []


# Composition


async def counted(server: Server, actor: object = None, when: str = "2026-10-20|show_of_hands", **cells: str) -> InteractionResult:
    who = actor or server.ana
    form = await server.slash(who, "chapter composition", chapter="London")  # type: ignore[arg-type]
    answers = {"women": "6", "men": "10", "another": "1", "rather_not_say": "0"} | cells
    return await server.fill(who, form, **answers, when=when)  # type: ignore[arg-type]


async def test_a_count_is_one_form_and_its_small_cells_are_for_its_own_people(server: Server) -> None:
    form = await server.slash(server.ana, "chapter composition")
    assert form.modal is not None
    assert list(server.offered(form)) == ["women", "men", "another", "rather_not_say", "when"]
    done = await counted(server)
    assert done.ephemeral
    assert "Composition (20 October 2026, show of hands): women 6, men 10, another 1, rather not say 0" in server.text_of(done)
    assert "Counting anew makes sense from 20 April 2027 on" in server.text_of(done)
    await server.slash(server.fay, "facilitate claim", chapter="London")
    for insider in (server.ana, server.fay):
        assert "women 6" in server.text_of(await server.slash(insider, "chapter status", chapter="London"))
    for other in (server.mo, server.cora, server.lea):
        shown = server.text_of(await server.slash(other, "chapter status", chapter="London"))
        assert (
            "Composition (20 October 2026, show of hands): 17 people; how many in each group is kept private because you are few" in shown
        )


async def test_a_count_of_few_shows_nothing_to_others(server: Server) -> None:
    await counted(server, women="4", men="4", another="0")
    shown = server.text_of(await server.slash(server.mo, "chapter status"))
    assert "Composition (20 October 2026, show of hands): kept private because you are few" in shown


async def test_the_form_offers_the_days_on_which_the_chapter_met(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-14")
    shown = server.text_of(await server.slash(server.ana, "chapter composition"))
    for offered in ("20 October 2026, show of hands", "19 October 2026, anonymous count", "14 October 2026, show of hands"):
        assert offered in shown


async def test_another_day_and_way_are_asked_for_next_and_outlive_a_restart(server: Server) -> None:
    asked = await counted(server, when="otherwise")
    assert "Say when and how you counted" in server.text_of(asked)
    address = server.button(asked, "When and how")["custom_id"].replace("co.when", "co.dated")
    await server.restart()
    form = await server.press(server.ana, asked, "When and how")
    done = await server.fill(server.ana, form, day="2026-09-30", words="each wrote it on a slip")
    assert "Composition (30 September 2026, each wrote it on a slip): women 6" in server.text_of(done)
    assert "slip" not in server.text_of(await server.slash(server.cora, "chapter status", chapter="London"))
    bad = await server.send(server.ana, address, day="soon", words="x")
    assert "is not a day that I can read" in server.text_of(bad)


async def test_words_of_ones_own_about_the_count_stay_words_and_have_a_limit(server: Server) -> None:
    asked = await counted(server, when="otherwise")
    to = server.button(asked, "When and how")["custom_id"].replace("co.when", "co.dated")
    long = await server.send(server.ana, to, day="today", words="\N{GRINNING FACE}" * 5000)
    assert "4800 characters too long" in server.text_of(long).replace(",", "")
    done = await server.send(server.ana, to, day="today", words="@everyone \u202e**x**\nby hand")
    pieces = "\n".join(server.words(done))
    assert "@\u200beveryone" in pieces
    assert r"\*\*x\*\*" in pieces
    assert "\u202e" not in pieces


async def test_every_word_about_what_is_seen_comes_from_a_catalogue(server: Server) -> None:
    await published(server)
    with pseudo.everywhere():
        status = await server.slash(server.ana, "chapter status")
        asked = await server.send(server.ana, f"vi.ask:{server.chapters['London']}")
        for shown in (
            status,
            asked,
            await server.slash(server.ana, "chapter visibility", level="open"),
            await server.slash(server.ana, "chapter visibility", level="hidden"),
            await server.slash(server.ana, "chapter visibility", level="members"),
            await server.slash(server.ana, "chapter composition"),
            await counted(server, when="2026-11-03|anonymous_count"),
            await counted(server, when="otherwise"),
        ):
            server.assert_translated(shown, "Europe/London")


async def test_the_same_count_again_changes_nothing_and_a_mistake_is_corrected_with_one_button(server: Server) -> None:
    await counted(server)
    again = await counted(server)
    assert "This is so already." in server.text_of(again)
    await server.restart()
    form = await server.press(server.ana, again, "Correct")
    assert server.offered(form) == {
        "women": "6", "men": "10", "another": "1", "rather_not_say": "0", "when": "2026-10-20|show_of_hands",
    }  # fmt: skip
    done = await server.fill(server.ana, form, women="7")
    assert "women 7" in server.text_of(done)


async def test_a_coordinator_counts_for_a_chapter_without_seeing_its_cells(server: Server) -> None:
    await counted(server)
    form = await server.slash(server.cora, "chapter composition", chapter="London")
    assert server.offered(form)["women"] == ""
    done = await server.fill(server.cora, form, women="6", men="11", another="1", rather_not_say="0", when="2026-10-20|show_of_hands")
    assert "18 people; how many" in server.text_of(done)
    assert "women" not in server.text_of(done)


async def test_only_its_people_count_for_a_chapter_and_only_numbers_are_taken(server: Server) -> None:
    for person in (server.mo, server.fay):
        refused = await server.slash(person, "chapter composition", chapter="London")
        assert refused.ephemeral
        assert "Only London's admins and coordinators can do this." in server.text_of(refused)
    bad = await counted(server, women="some")
    assert "Women" in server.text_of(bad)
    form = await server.press(server.ana, bad, "Open it again")
    assert server.offered(form)["women"] == "some"
    left_out = await server.send(server.ana, f"co.save:{server.chapters['London']}:gender:1", women="6", when="2026-10-20|show_of_hands")
    assert "Write a number for each group; 0 where there is nobody." in server.text_of(left_out)


async def test_the_status_of_a_past_day_shows_what_was_counted_by_then(server: Server) -> None:
    await counted(server)
    await server.advance(days=2)
    await counted(server, women="9", when="2026-10-22|anonymous_count")
    assert "women 6" in server.text_of(await server.slash(server.ana, "chapter status", as_of="2026-10-21"))
    assert "women 9" in server.text_of(await server.slash(server.ana, "chapter status"))
    assert "Composition" not in server.text_of(await server.slash(server.mo, "chapter status", as_of="2026-10-19"))


# Old buttons in direct messages


async def test_a_former_admin_reads_in_direct_messages_no_longer_who_the_admins_are(server: Server) -> None:
    await server.slash(server.ben, "chapter visibility", level="hidden")
    await server.slash(server.ben, "chapter visibility", level="members")
    await server.advance(hours=25)
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["London"], channel_id=None)
    await server.advance_to(NOVEMBER)
    prompt = server.last(server.ana)
    await server.slash(server.ben, "chapter admins remove", user=server.ana, chapter="London")
    for button in ("People", "Publish", "Skip"):
        refused = server.text_of(await server.press(server.ana, prompt, button))
        assert "In direct messages only a chapter's admins" in refused
        assert "@Ben" not in refused


async def test_words_that_are_taken_out_do_not_come_back_from_a_kept_form(server: Server) -> None:
    await published(server)
    read = await server.slash(server.ana, "reports read")
    card = await server.press(server.ana, read, "Correct")
    form, late = [await server.press(server.ana, card, "In words") for _ in range(2)]
    await server.fill(server.ana, form, hard="Rita is ill")
    crossed = await server.fill(server.ana, late, hard="Rita is very ill")
    assert "was changed while you wrote" in server.text_of(crossed)
    await server.press(server.ana, card, "Publish")
    await server.send(server.ana, f"rp.gone:{server.chapters['London']}:2026-10:hard")
    assert "no longer kept" in server.text_of(await server.press(server.ana, crossed, "Take mine"))


async def test_where_a_chapter_stands_on_dues_is_on_no_card_in_its_channel(server: Server) -> None:
    await server.advance_to(NOVEMBER)
    card = server.last(server.london)
    anas, bens = [await server.press(who, card, "In words") for who in (server.ana, server.ben)]
    await server.fill(server.ana, anas, dues="collecting", hard="Our room is small")
    assert "Dues: answered" in server.text_of(server.last(server.london))
    assert "collect" not in server.text_of(server.last(server.london)).casefold()
    crossed = await server.fill(server.ben, bens, dues="declined")
    assert "collect" in server.text_of(crossed).casefold()
