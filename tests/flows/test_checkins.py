"""Check-ins as people meet them: what is answered, what is refused, and what outlives a restart."""

from typing import Any

import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult
from sqlalchemy import select

from bot.domain.chapters import Visibility
from bot.locales.pseudo import everywhere
from db import chapters
from db.tables import checkin, evidence
from tests.flows.rig import Server


async def stored(server: Server, *columns: Any) -> list[tuple[Any, ...]]:
    async with server.store.read() as c:
        wanted = columns or (checkin.c.kind, checkin.c.day, checkin.c.people)
        return [tuple(row) for row in await c.execute(select(*wanted).where(checkin.c.withdrawn_at.is_(None)).order_by(checkin.c.id))]


async def counting(server: Server, chapter: str) -> set[str]:
    """What counts for a chapter."""
    async with server.store.read() as c:
        rows = await c.execute(select(evidence).where(evidence.c.chapter_id == server.chapters[chapter]))
        return {f"{row.criterion} {row.day}" for row in rows}


async def meeting(server: Server, actor: MemberActor | None = None, **options: Any) -> InteractionResult:
    return await server.slash(actor or server.ana, "checkin", kind="meeting", **{"people": 14} | options)


# The command


async def test_a_checkin_of_one_person_says_from_how_many_on_it_counts(server: Server) -> None:
    said = server.text_of(await meeting(server, people=1))
    assert "1 person took part" in said
    assert "It is stored. It would count as coming together from 2 people on." in said
    assert "only from" not in server.text_of(await meeting(server, people=2, date="yesterday"))


async def test_a_checkin_is_stored_and_its_card_says_what_is_known_and_what_can_be_done(server: Server) -> None:
    answer = await meeting(server, format="in_person", note="On growing vegetables", education=True)
    assert answer.ephemeral
    assert server.text_of(answer).splitlines() == [
        "### Checked in for London: meeting, 20 October 2026",
        "14 people took part",
        "Format: In person",
        "With an education part",
        "Note: On growing vegetables",
        "For London to function, this is still needed: a report that is published in time.",
        "Chapters that took part",
        "Leeds",
        "Correct",
        "Education part: yes",
        "Withdraw",
    ]
    assert await counting(server, "London") == {"together 2026-10-20", "learns 2026-10-20"}


async def test_a_checkin_says_until_when_the_chapter_functions_now(server: Server) -> None:
    async with server.store.write() as c:
        row = {"guild_id": server.guild.id, "chapter_id": server.chapters["London"], "known_on": server.now.date(), "amount": 1}
        await c.execute(evidence.insert().values(criterion="reports", day=server.now.date(), **row))
    answer = await server.slash(server.ana, "checkin", kind="education", date="yesterday", people=5)
    assert "London now functions until 3 December 2026; a meeting by then carries it on." in server.text_of(answer)


@pytest.mark.parametrize("who", ["fay", "mo", "lea"])
async def test_who_may_not_check_in_is_told_who_may(server: Server, who: str) -> None:
    answer = await meeting(server, server.people[who], chapter="london")
    assert answer.ephemeral
    assert server.text_of(answer) == "Only London's admins and coordinators can do this. Its admins are @Ana and @Ben."
    assert await stored(server) == []


async def test_a_coordinator_may_check_in_for_a_chapter(server: Server) -> None:
    assert "Checked in for Leeds" in server.text_of(await meeting(server, server.cora, chapter="LEEDS"))


async def test_nobody_of_another_server_reaches_a_chapter(server: Server) -> None:
    assert "not set up here" in server.text_of(await meeting(server, server.eve, chapter="London"))
    pressed = await server.send(server.eve, f"ci.new:{server.chapters['London']}")
    assert "not in this server" in server.text_of(pressed) or "not set up here" in server.text_of(pressed)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"date": "tomorrow"}, "“tomorrow” is not a day that I can read. Write it like 2026-10-20, or write today or yesterday."),
        ({"date": "2026-10-21"}, "The day can be from 15 September 2025 to 20 October 2026. You gave 21 October 2026."),
        ({"chapter": "Lundon"}, "There is no chapter “Lundon”. Did you mean London"),
        ({"with_chapters": "Leds"}, "There is no chapter “Leds”. Did you mean Leeds?"),
        ({"with_chapters": "London"}, "London is the chapter that checks in. Name only the others."),
    ],
)
async def test_what_cannot_be_taken_is_refused_with_what_would_be_right(server: Server, options: dict[str, str], said: str) -> None:
    answer = await meeting(server, **options)
    assert answer.ephemeral
    assert said in server.text_of(answer)
    assert await stored(server) == []


@pytest.mark.parametrize("options", [{"people": -5}, {"people": 100_001}, {"note": "x" * 1001}, {"format": "by pigeon"}])
async def test_limits_are_declared_to_discord(server: Server, options: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="Option"):
        await meeting(server, **options)


async def test_autocomplete_offers_chapters_days_and_one_more_partner(server: Server) -> None:
    await server.add_chapter("Lund")
    assert await server.suggest(server.ana, "checkin", "chapter", "lo", kind="meeting") == ["London"]
    days = await server.suggest(server.ana, "checkin", "date", "", kind="meeting")
    assert days[:4] == ["today", "yesterday", "2026-10-20", "2026-10-19"]
    assert await server.suggest(server.ana, "checkin", "with_chapters", "Leeds, l", kind="meeting") == ["Leeds, Lund"]
    assert await server.suggest(server.eve, "checkin", "with_chapters", "l", kind="meeting") == []


# Words of people


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("@everyone come", "Note: @\u200beveryone come"),
        ("**bold** <@1>", "Note: \\*\\*bold\\*\\* \\<@\u200b1>"),
        ("שלום, 14 people", "Note: \u2068שלום, 14 people\u2069"),
        ("😀" * 1000, "Note: " + "😀" * 1000),
    ],
)
async def test_a_note_is_shown_letter_for_letter_and_calls_nobody(server: Server, note: str, shown: str) -> None:
    answer = await meeting(server, note=note)
    assert shown in server.words(answer)[0]


async def test_a_note_that_is_too_long_is_refused_and_offered_again(server: Server) -> None:
    form = await server.send(server.ana, f"ci.new:{server.chapters['London']}")
    too_long = "😀" * 1500
    refused = await server.fill(server.ana, form, people="12", note=too_long)
    assert "The note is 500 characters too long" in server.text_of(refused)
    await server.restart()
    again = await server.press(server.ana, refused, "Open it again")
    assert server.offered(again) == server.offered(form) | {"people": "12", "note": too_long}
    done = await server.fill(server.ana, again, note="short")
    assert "12 people took part" in server.text_of(done)
    assert len(await stored(server)) == 1


async def test_five_thousand_characters_from_a_client_that_checks_nothing_are_given_back(server: Server) -> None:
    address = f"ci.form:{server.chapters['London']}:1"
    answer = await server.send(server.ana, address, day="today", kind="meeting", people="-5", note="😀" * 5000)
    assert "whole number" in server.text_of(answer) or "from 0 to 100,000" in server.text_of(answer)
    answer = await server.send(server.ana, address, day="today", kind="meeting", people="5", note="😀" * 5000)
    assert "4,000 characters too long" in server.text_of(answer)
    assert await stored(server) == []


# The form


async def test_the_form_outlives_a_restart(server: Server) -> None:
    form = await server.send(server.ana, f"ci.new:{server.chapters['London']}")
    assert server.offered(form) == {"day": "2026-10-20", "kind": "meeting", "people": "", "format": "?", "note": ""}
    await server.restart()
    done = await server.fill(server.ana, form, people="1,200", kind="social", note="Dancing", format="hybrid")
    assert "Checked in for London: social, 20 October 2026\n1,200 people took part\nFormat: In person and online" in server.text_of(done)


async def test_a_member_cannot_open_the_form(server: Server) -> None:
    answer = await server.send(server.mo, f"ci.new:{server.chapters['London']}")
    assert "Its admins are @Ana and @Ben" in server.text_of(answer)
    assert answer.ephemeral


async def test_the_same_form_sent_twice_is_stored_once(server: Server) -> None:
    form = await server.send(server.ana, f"ci.new:{server.chapters['London']}")
    assert form.modal is not None
    first = await server.fill(server.ana, form, people="12")
    second = await server.send(server.ana, form.modal["custom_id"], day="2026-10-20", kind="meeting", people="12")
    assert server.text_of(first) == server.text_of(second)
    assert len(await stored(server)) == 1


async def test_an_interaction_that_discord_delivers_twice_is_stored_once(server: Server) -> None:
    answer = await meeting(server, with_chapters="Leeds")
    shown = server.text_of(answer)
    await server.deliver_again()
    assert server.text_of(answer) == shown
    assert len(await stored(server)) == 1
    assert len(server.messages(server.leeds)) == 1


# The same kind and day again


async def test_a_second_one_on_the_same_day_is_stored_only_after_a_warning(server: Server) -> None:
    await meeting(server)
    warned = await meeting(server, server.ben, people=3)
    assert "London has one of that kind on that day already" in server.text_of(warned)
    assert "There already: Meeting · 20 October 2026 · 14 people took part" in server.text_of(warned)
    assert len(await stored(server)) == 1
    await server.restart()
    refused = await server.send(server.mo, server.button(warned, "Store it anyway")["custom_id"])
    assert "Its admins are" in server.text_of(refused)
    done = await server.press(server.ben, warned, "Store it anyway")
    assert "Checked in for London" in server.text_of(done)
    assert [people for _, _, people in await stored(server)] == [14, 3]


async def test_a_double_click_on_store_it_anyway_stores_it_once(server: Server) -> None:
    await meeting(server)
    address = server.button(await meeting(server, people=3), "Store it anyway")["custom_id"]
    first, second = await server.send(server.ana, address), await server.send(server.ana, address)
    assert server.text_of(first) == server.text_of(second)
    assert len(await stored(server)) == 2


async def test_what_waited_longer_than_a_day_is_gone(server: Server) -> None:
    await meeting(server)
    warned = await meeting(server, people=3)
    await server.advance(hours=25)
    assert "waited for a day and was then deleted" in server.text_of(await server.press(server.ana, warned, "Store it anyway"))
    assert len(await stored(server)) == 1


# Correct and withdraw


async def test_a_correction_is_made_in_a_form_that_holds_what_is_stored(server: Server) -> None:
    card = await meeting(server, format="online", note="Bring a chair")
    form = await server.press(server.ana, card, "Correct")
    assert server.offered(form) == {
        "day": "2026-10-20",
        "kind": "meeting",
        "people": "14",
        "format": "online",
        "note": "Bring a chair",
    }
    await server.restart()
    fixed = await server.fill(server.ana, form, day="2026-10-13", people="", format="?")
    shown = server.text_of(fixed)
    assert "London: meeting, 13 October 2026\nHow many took part: not known\nNote: Bring a chair" in shown
    assert await counting(server, "London") == {"together 2026-10-13"}


async def test_a_correction_that_cannot_be_taken_is_offered_again(server: Server) -> None:
    form = await server.press(server.ana, await meeting(server), "Correct")
    refused = await server.fill(server.ana, form, day="2027-01-01", people="15")
    assert "The day can be from" in server.text_of(refused)
    again = await server.press(server.ana, refused, "Open it again")
    assert (server.offered(again)["day"], server.offered(again)["people"]) == ("2027-01-01", "15")
    await server.fill(server.ana, again, day="2026-10-19")
    assert [people for _, _, people in await stored(server)] == [15]


async def test_the_second_of_two_admins_sees_what_the_first_changed_and_chooses(server: Server) -> None:
    card = await meeting(server)
    checkin_id = (await stored(server, checkin.c.id))[0][0]
    anas = await server.press(server.ana, card, "Correct")
    bens = await server.send(server.ben, f"ci.fix:{server.chapters['London']}:{checkin_id}")
    await server.fill(server.ana, anas, people="15")
    crossed = await server.fill(server.ben, bens, people="16")
    assert "This check-in was changed while you wrote" in server.text_of(crossed)
    assert "Stored now: Meeting · 20 October 2026 · 15 people took part" in server.text_of(crossed)
    assert "You wrote: Meeting · 20 October 2026 · 16 people took part" in server.text_of(crossed)
    assert [people for _, _, people in await stored(server)] == [15]
    await server.restart()
    assert "16 people took part" in server.text_of(await server.press(server.ben, crossed, "Take mine"))
    assert [people for _, _, people in await stored(server)] == [16]


async def test_the_second_of_two_admins_may_leave_what_the_first_stored(server: Server) -> None:
    card = await meeting(server)
    checkin_id = (await stored(server, checkin.c.id))[0][0]
    bens = await server.send(server.ben, f"ci.fix:{server.chapters['London']}:{checkin_id}")
    await server.press(server.ana, card, "Education part")
    crossed = await server.fill(server.ben, bens, people="16")
    kept = await server.press(server.ben, crossed, "Keep theirs")
    assert "14 people took part\nWith an education part" in server.text_of(kept)


async def test_the_education_part_is_a_toggle(server: Server) -> None:
    card = await meeting(server)
    on = await server.press(server.ana, card, "Education part: not known")
    assert await counting(server, "London") == {"together 2026-10-20", "learns 2026-10-20"}
    off = await server.press(server.ana, on, "Education part: yes")
    assert "Without an education part" in server.text_of(off)
    assert await counting(server, "London") == {"together 2026-10-20"}


async def test_a_click_on_an_outdated_card_shows_how_it_stands(server: Server) -> None:
    card = await meeting(server)
    outdated = server.button(card, "Education part")["custom_id"]
    await server.fill(server.ana, await server.press(server.ana, card, "Correct"), people="15")
    answer = await server.send(server.ben, outdated)
    assert "Somebody else changed this check-in in the meantime" in server.text_of(answer)
    assert "15 people took part" in server.text_of(answer)
    assert await counting(server, "London") == {"together 2026-10-20"}


async def test_withdraw_asks_once_more(server: Server) -> None:
    asked = await server.press(server.ana, await meeting(server), "Withdraw")
    assert "Withdraw this check-in? London: meeting, 20 October 2026" in server.text_of(asked)
    kept = await server.press(server.ana, asked, "Keep it")
    assert len(await stored(server)) == 1
    asked = await server.press(server.ana, kept, "Withdraw")
    await server.restart()
    gone = await server.press(server.ana, asked, "Yes, withdraw it")
    assert "Withdrawn: London, meeting, 20 October 2026" in server.text_of(gone)
    assert await stored(server) == []
    assert await counting(server, "London") == set()


@pytest.mark.parametrize("who", ["mo", "fay", "lea"])
async def test_no_button_of_a_checkin_works_for_others(server: Server, who: str) -> None:
    await meeting(server)
    checkin_id = (await stored(server, checkin.c.id))[0][0]
    for action in ("ci.fix:{at}", "ci.see:{at}", "ci.edu:{at}:1:yes", "ci.with:{at}:1", "ci.drop:{at}:1", "ci.gone:{at}:1"):
        answer = await server.send(server.people[who], action.format(at=f"{server.chapters['London']}:{checkin_id}"))
        assert answer.ephemeral, action
        assert "Its admins are @Ana and @Ben." in server.text_of(answer), action
    assert await stored(server, checkin.c.version, checkin.c.education) == [(1, None)]


async def test_a_button_cannot_be_bent_to_another_chapters_checkin(server: Server) -> None:
    await meeting(server)
    checkin_id = (await stored(server, checkin.c.id))[0][0]
    answer = await server.send(server.lea, f"ci.gone:{server.chapters['Leeds']}:{checkin_id}:1")
    assert "not there any more" in server.text_of(answer)
    assert len(await stored(server)) == 1


# Partners


async def test_a_partner_is_asked_in_its_channel_and_counted_when_it_says_yes(server: Server) -> None:
    card = await meeting(server, with_chapters="leeds", date="yesterday")
    assert "Asked whether they took part: Leeds." in server.text_of(card)
    question = server.last(server.leeds)
    assert "London recorded something done together with Leeds: meeting, 19 October 2026." in server.text_of(question)
    assert "@Lea, did you take part?" in server.text_of(question)
    assert server.notified(question) == ["Lea"]
    assert await counting(server, "Leeds") == set()
    await server.restart()
    refused = await server.press(server.mo, question, "Yes, we took part")
    assert refused.ephemeral
    assert "Only Leeds's admins and coordinators can do this." in server.text_of(refused)
    told = await server.press(server.lea, question, "Yes, we took part")
    assert "Thank you. It counts for Leeds as well." in server.text_of(told)
    assert server.message(told).flags.ephemeral
    assert "@Lea said yes: Leeds took part." in server.text_of(server.last(server.leeds))
    assert await counting(server, "Leeds") == {"together 2026-10-19"}
    assert len(server.messages(server.leeds)) == 1
    assert server.messages(server.london) == []


async def test_a_partner_without_a_channel_is_asked_by_direct_message_and_answers_there(server: Server) -> None:
    await server.add_chapter("York", server.mo)
    card = await meeting(server, with_chapters="Leeds, York")
    question = server.last(server.mo)
    assert "London recorded something done together with York" in server.text_of(question)
    await server.restart()
    await server.press(server.mo, question, "Yes, we took part")
    assert await counting(server, "York") == {"together 2026-10-20"}
    seen = await server.send(server.ana, server.button(card, "Correct")["custom_id"].replace("ci.fix", "ci.see"))
    assert "Together with York, who confirmed it" in server.text_of(seen)


async def test_not_us_is_taken_at_its_word_and_can_be_changed(server: Server) -> None:
    card = await meeting(server, with_chapters="Leeds")
    question = server.last(server.leeds)
    told = await server.press(server.lea, question, "Not us")
    assert "It does not count for Leeds." in server.text_of(told)
    assert "@Lea said that Leeds did not take part." in server.text_of(server.last(server.leeds))
    seen = await server.send(server.ana, server.button(card, "Correct")["custom_id"].replace("ci.fix", "ci.see"))
    assert "Leeds" not in server.text_of(seen)
    await server.press(server.lea, server.last(server.leeds), "Yes, we took part")
    assert await counting(server, "Leeds") == {"together 2026-10-20"}


async def test_partners_are_chosen_on_the_confirmation_and_asked_at_once(server: Server) -> None:
    await server.add_chapter("York", server.mo, latitude=54.0, longitude=-1.1)
    card = await meeting(server)
    assert server.choices(card, "Chapters that took part") == ["Leeds", "York"]
    joint = await server.choose(server.ana, card, "Chapters that took part", "Leeds")
    assert "Asked whether they took part: Leeds." in server.text_of(joint)
    question = server.last(server.leeds)
    alone = await server.choose(server.ana, joint, "Chapters that took part")
    assert "Asked" not in server.text_of(alone)
    refused = await server.press(server.lea, question, "Yes, we took part")
    assert "This is not asked any more" in server.text_of(refused)
    assert await counting(server, "Leeds") == set()


async def test_a_correction_reaches_the_partner_too_and_a_withdrawal_ends_it_quietly(server: Server) -> None:
    card = await meeting(server, with_chapters="Leeds")
    await server.press(server.lea, server.last(server.leeds), "Yes, we took part")
    fixed = await server.fill(server.ana, await server.press(server.ana, card, "Correct"), day="2026-10-12")
    assert await counting(server, "Leeds") == {"together 2026-10-12"}
    asked = await server.press(server.ana, fixed, "Withdraw")
    assert "It will no longer count for any chapter." in server.text_of(asked)
    await server.press(server.ana, asked, "Yes, withdraw it")
    assert await counting(server, "Leeds") == set()
    assert len(server.messages(server.leeds)) == 1
    assert server.messages(server.lea) == []


async def test_a_withdrawn_checkin_asks_nobody(server: Server) -> None:
    card = await meeting(server)
    outdated = server.button(card, "Withdraw")["custom_id"].replace("ci.drop", "ci.with")
    await server.press(server.ana, await server.press(server.ana, card, "Withdraw"), "Yes, withdraw it")
    assert "withdrawn in the meantime" in server.text_of(await server.send(server.ana, outdated))
    assert server.messages(server.leeds) == []


async def test_a_hidden_chapter_is_neither_offered_nor_named(server: Server) -> None:
    await server.add_chapter("Lund", visibility=Visibility.HIDDEN.value)
    card = await meeting(server)
    assert server.choices(card, "Chapters that took part") == ["Leeds"]
    assert await server.suggest(server.ana, "checkin", "with_chapters", "Lun", kind="meeting") == []
    refused = server.text_of(await meeting(server, date="yesterday", with_chapters="Lund"))
    assert refused == "There is no other chapter “Lund” here. /chapter list shows those that are."


async def test_a_hidden_chapter_names_no_partner_and_is_offered_none(server: Server) -> None:
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["London"], visibility=Visibility.HIDDEN.value)
    refused = await meeting(server, with_chapters="Leeds")
    assert "London is hidden, so it is not named to other chapters." in server.text_of(refused)
    assert "Chapters that took part" not in server.text_of(await meeting(server))
    assert server.messages(server.leeds) == []


# Whole walks in the made-up language


async def test_every_word_of_a_checkin_comes_from_a_catalogue(server: Server) -> None:
    with everywhere():
        card = await meeting(server, note="Vegetables", with_chapters="Leeds", education=False, format="hybrid")
        server.assert_translated(card, "Vegetables")
        server.assert_translated(server.last(server.leeds), "Vegetables")
        form = await server.press(server.ana, card, server.button(card, server.buttons(card)[0])["label"])
        server.assert_translated(form)
        warned = await meeting(server, people=0)
        server.assert_translated(warned, "Vegetables")
        asked = await server.press(server.ana, card, server.buttons(card)[-1])
        server.assert_translated(asked)
        told = await server.press(server.lea, server.last(server.leeds), server.buttons(server.last(server.leeds))[0])
        server.assert_translated(told)
        server.assert_translated(server.last(server.leeds))
        gone = await server.press(server.ana, asked, server.buttons(asked)[0])
        server.assert_translated(gone)
        server.assert_translated(await meeting(server, date="2020-01-01"))
