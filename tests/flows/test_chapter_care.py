"""The care of a chapter as people meet it: edit, rename, archive, restore, rest and wake."""

from datetime import UTC, datetime

import discord
import pytest

from bot.domain.chapters import State
from bot.locales import pseudo
from db import chapters
from tests.flows.rig import Server

HOSTILE = "**[x](https://e.example)** @everyone <@1> \u202eחבר"
NINE = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)


async def stored(server: Server, name: str = "London") -> chapters.Chapter:
    """The chapter as it is stored."""
    async with server.store.read() as c:
        found = await chapters.find(c, server.guild.id, server.chapters[name])
    assert found is not None
    return found


# Edit


async def test_an_admin_sees_what_is_set_and_what_can_be_changed(server: Server) -> None:
    answer = await server.slash(server.ana, "chapter edit")
    said = server.text_of(answer)
    assert answer.ephemeral
    for line in ("Settings of London", "**City**: London", "**Coordinates**: 51.5 / -0.1", "**Channel**: #london", "**Role**: @London"):
        assert line in said
    for line in (
        "**Languages**: not set",
        "**Dues**: not known",
        "**A report is asked for**: every month",
        "**Asked at**: 9:00, as everywhere",
    ):
        assert line in said
    assert "/chapter edit changes what you give." in said


async def test_every_option_says_what_was_and_what_is(server: Server) -> None:
    await server.slash(server.cora, "branch add", country="United Kingdom")
    answer = await server.slash(
        server.ana,
        "chapter edit",
        branch="United Kingdom",
        city="Camden",
        coordinates="51°36'N 0°12'W",
        timezone="europe/paris",
        founded="yesterday",
        languages="English, Deutsch",
        channel=server.general,
        role=server.roles["Facilitators"],
        delegate=True,
        money="bank_account",
        dues="collecting",
        rhythm=3,
        prompt_hour=18,
        discreet=True,
    )
    said = server.text_of(answer)
    for line in (
        "London is changed",
        "**Branch**: not set → United Kingdom",
        "**City**: London → Camden",
        "**Coordinates**: 51.5 / -0.1 → 51.6 / -0.2",
        "**Time zone**: Europe/London → Europe/Paris",
        "**Founded**: not set → 19 October 2026",
        "**Languages**: not set → English, Deutsch",
        "**Channel**: #london → #general",
        "**Role**: @London → @Facilitators",
        "**Delegate**: not known → yes (confirmed on 20 October 2026)",
        "**A way to hold money**: not known → Bank account (confirmed on 20 October 2026)",
        "**Dues**: not known → Collecting (confirmed on 20 October 2026)",
        "**A report is asked for**: every month → every 3 months",
        "**Asked at**: 9:00, as everywhere → 18:00",
        "**Discreet messages**: no → yes",
        "The days of earlier entries stay as they are.",
        "The next report after it is the one for October 2026.",
        "messages to this chapter say only that a form is waiting",
    ):
        assert line in said
    again = server.text_of(await server.slash(server.ben, "chapter edit", city="Camden", dues="collecting"))
    assert "London: nothing changed, it is so already" in again
    assert "**City**: Camden, as it was" in again


async def test_a_fact_said_again_on_another_day_is_confirmed_anew(server: Server) -> None:
    await server.slash(server.ana, "chapter edit", dues="agreed")
    await server.advance(days=3)
    said = server.text_of(await server.slash(server.ana, "chapter edit", dues="agreed"))
    assert "London is changed" in said
    assert "**Dues**: Agreed, not collecting yet (confirmed on 23 October 2026), confirmed anew" in said


async def test_a_coordinator_edits_but_is_not_told_what_was_said_of_money_and_dues(server: Server) -> None:
    await server.slash(server.ana, "chapter edit", dues="collecting", money="cash_box")
    seen = server.text_of(await server.slash(server.cora, "chapter edit", chapter="London"))
    assert "Dues" not in seen
    assert "hold money" not in seen
    said = server.text_of(await server.slash(server.cora, "chapter edit", chapter="London", dues="agreed"))
    assert "**Dues**: Agreed" in said
    assert "Collecting (" not in said


async def test_a_member_and_a_facilitator_are_told_who_may(server: Server) -> None:
    for person in (server.mo, server.fay):
        answer = await server.slash(person, "chapter edit", chapter="London", city="x")
        assert answer.ephemeral
        assert server.text_of(answer) == "Only London's admins and coordinators can do this. Its admins are @Ana and @Ben."


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"branch": "Atlantis"}, "There are no branches here yet."),
        ({"coordinates": "51.5"}, "Coordinates are written as latitude and longitude, such as 51.5, -0.1."),
        ({"timezone": "Lundon"}, "There is no time zone “Lundon”. Did you mean"),
        ({"founded": "tomorrow"}, "The founding date is written as year, month and day"),
        ({"languages": "Englsh"}, "There is no language “Englsh”. Did you mean English"),
        ({"languages": "🙂" * 3000}, "There is no language"),
        ({"coordinates": "@everyone"}, "Coordinates are written"),
    ],
)
async def test_a_bad_value_is_answered_with_the_next_step(server: Server, options: dict[str, str], says: str) -> None:
    answer = await server.slash(server.ana, "chapter edit", **options)
    assert answer.ephemeral
    assert says in server.text_of(answer)


async def test_hostile_words_stay_words(server: Server) -> None:
    pieces = "\n".join(server.words(await server.slash(server.ana, "chapter edit", city=HOSTILE)))
    assert "@\u200beveryone" in pieces
    assert r"\*\*\[x\](https" in pieces
    assert "\u202e" not in pieces


async def test_a_channel_that_the_bot_cannot_write_in_is_named_at_once(server: Server) -> None:
    nobody = discord.PermissionOverwrite(send_messages=False)
    closed = server.guild.create_text_channel("closed", overwrites={server.guild.default_role: nobody})
    said = server.text_of(await server.slash(server.ana, "chapter edit", channel=closed))
    assert "London is changed" in said
    assert "allow: Send Messages" in said
    assert "allow: Send Messages" in server.text_of(await server.slash(server.ana, "chapter edit"))


async def test_channel_and_role_are_taken_off_with_a_button_after_a_restart_but_not_by_a_stranger(server: Server) -> None:
    shown = await server.slash(server.ana, "chapter edit")
    await server.restart()
    assert "Only London's admins" in server.text_of(await server.send(server.mo, f"cc.off:{server.chapters['London']}:channel"))
    done = await server.press(server.ana, shown, "Have no channel")
    assert "**Channel**: #london → not set" in server.text_of(done)
    assert "**Role**: @London → not set" in server.text_of(await server.press(server.ana, done, "Have no role"))
    assert (await stored(server)).channel_id is (await stored(server)).role_id is None
    assert "This button no longer works." in server.text_of(await server.send(server.ana, f"cc.off:{server.chapters['London']}:nothing"))


async def test_values_are_offered_while_typing(server: Server) -> None:
    assert await server.suggest(server.ana, "chapter edit", "chapter", "lee") == ["Leeds"]
    assert await server.suggest(server.ana, "chapter edit", "timezone", "new york") == ["America/New_York"]
    assert (await server.suggest(server.ana, "chapter edit", "languages", ""))[:2] == ["English", "Spanish"]
    assert (await server.suggest(server.ana, "chapter edit", "languages", "English, ger"))[0] == "English, German"
    assert (await server.suggest(server.ana, "chapter edit", "founded", ""))[0] == "today"
    assert (await server.suggest(server.ana, "chapter rest", "until", ""))[0] == "2026-10"
    await server.slash(server.cora, "branch add", country="Germany")
    assert await server.suggest(server.ana, "chapter edit", "branch", "") == ["Germany"]


async def test_with_a_rhythm_of_three_the_next_months_are_not_asked_for(server: Server) -> None:
    await server.slash(server.ana, "chapter edit", rhythm=3, prompt_hour=18)
    await server.advance_to(NINE)
    assert server.messages(server.london) == []
    await server.advance_to(datetime(2026, 11, 1, 18, 5, tzinfo=UTC))
    assert len(server.messages(server.london)) == 1
    await server.advance_to(datetime(2027, 1, 31, 12, tzinfo=UTC))
    assert len(server.messages(server.london)) == 1
    await server.advance_to(datetime(2027, 2, 1, 18, 5, tzinfo=UTC))
    assert "how was January 2027 in London?" in server.text_of(server.last(server.london))


# Rename


async def test_a_coordinator_renames_a_chapter_and_the_open_card_takes_the_new_name(server: Server) -> None:
    await server.advance_to(NINE)
    card = server.last(server.london)
    done = server.text_of(await server.slash(server.cora, "chapter rename", chapter="london", name="London West"))
    assert done.startswith("London is now called London West.")
    assert "How was October 2026 in London West?" in server.text_of(card)
    await server.fill(server.ana, await server.press(server.ana, card, "People"), members="12")
    await server.press(server.ana, card, "Publish")
    said = server.text_of(await server.slash(server.cora, "chapter rename", chapter="London West", name="London"))
    assert "The post of 1 report keeps the name it was published under." in said


@pytest.mark.parametrize(
    ("who", "options", "says"),
    [
        ("ana", {"chapter": "London", "name": "York"}, "Only coordinators can do this."),
        ("cora", {"chapter": "London", "name": "LEEDS"}, "There is a chapter Leeds already. Choose another name."),
        ("cora", {"chapter": "London", "name": "a,b"}, "cannot have a comma"),
        ("cora", {"chapter": "Lundon", "name": "York"}, "There is no chapter “Lundon”. Did you mean London"),
        ("cora", {"chapter": "London", "name": "London"}, "London has this name already."),
    ],
)
async def test_a_name_that_cannot_be_given_is_refused(server: Server, who: str, options: dict[str, str], says: str) -> None:
    answer = await server.slash(server.people[who], "chapter rename", **options)
    assert answer.ephemeral
    assert says in server.text_of(answer)


# Archive and restore


async def test_archiving_asks_once_more_and_restoring_brings_it_back(server: Server) -> None:
    asked = await server.slash(server.cora, "chapter archive", chapter="London")
    assert "Archive London?" in server.text_of(asked)
    assert "nobody is asked about the time between" in server.text_of(asked)
    await server.restart()
    archived = await server.press(server.cora, asked, "Archive it")
    assert "London is archived." in server.text_of(archived)
    assert "London" not in server.text_of(await server.slash(server.mo, "chapter list"))
    assert await server.suggest(server.cora, "chapter restore", "chapter", "") == ["London"]
    assert await server.suggest(server.ana, "chapter restore", "chapter", "") == []
    await server.advance_to(datetime(2026, 12, 1, 9, 5, tzinfo=UTC))
    assert server.messages(server.london) == []
    back = server.text_of(await server.slash(server.cora, "chapter restore", chapter="london"))
    assert "London is back in the list." in back
    assert "The next report that it is asked for is the one for December 2026." in back
    again = server.text_of(await server.press(server.cora, archived, "Restore it"))
    assert "London is not archived, so there is nothing to restore." in again


async def test_a_chapter_is_kept_after_all(server: Server) -> None:
    asked = await server.slash(server.cora, "chapter archive", chapter="London")
    assert "London stays as it is." in server.text_of(await server.press(server.cora, asked, "Keep it"))
    assert (await stored(server)).state(NINE.date()) is State.ACTIVE


async def test_only_coordinators_archive_and_restore_by_command_or_button(server: Server) -> None:
    only = "Only coordinators can do this. Ask one of them."
    for person in (server.ana, server.mo):
        assert server.text_of(await server.slash(person, "chapter archive", chapter="London")) == only
        assert server.text_of(await server.slash(person, "chapter restore", chapter="London")) == only
        for action in ("cc.archive", "cc.keep", "cc.restore"):
            assert server.text_of(await server.send(person, f"{action}:{server.chapters['London']}")) == only
    assert "There is no chapter “Lundon”" in server.text_of(await server.slash(server.cora, "chapter archive", chapter="Lundon"))
    assert "No chapter is archived here." in server.text_of(await server.slash(server.cora, "chapter restore", chapter="Lundon"))


async def test_the_card_of_a_chapter_that_was_archived_meanwhile_does_nothing(server: Server) -> None:
    await server.advance_to(NINE)
    card = server.last(server.london)
    await server.press(server.cora, await server.slash(server.cora, "chapter archive", chapter="London"), "Archive it")
    for label in ("People", "Publish", "Skip"):
        said = server.text_of(await server.press(server.ana, card, label))
        assert said == "London is archived. A coordinator can restore it with /chapter restore."


# Rest and wake


async def test_a_chapter_rests_is_asked_for_nothing_and_wakes(server: Server) -> None:
    rested = await server.slash(server.ana, "chapter rest", until="2026-12")
    said = server.text_of(rested)
    assert "London rests until 31 December 2026" in said
    assert "It does not count as functioning meanwhile." in said
    assert "On 1 January 2027 it goes on by itself." in said
    assert "London · resting until 31 December 2026" in server.text_of(await server.press(server.ana, rested, "Status"))
    assert "London rests until 31 December 2026 already" in server.text_of(
        await server.slash(server.ben, "chapter rest", until="2026-12-31")
    )
    await server.advance_to(datetime(2026, 12, 11, 12, tzinfo=UTC))
    assert server.messages(server.london) == []
    await server.restart()
    assert "Only London's admins" in server.text_of(await server.send(server.mo, f"cc.wake:{server.chapters['London']}"))
    awake = server.text_of(await server.press(server.ana, rested, "Wake it now"))
    assert "London is awake again." in awake
    assert "The next report that it is asked for is the one for January 2027." in awake
    assert "London is not resting, so there is nothing to end." in server.text_of(await server.slash(server.ana, "chapter wake"))


async def test_rest_is_the_chapters_own_decision(server: Server) -> None:
    for person in (server.cora, server.fay, server.mo):
        for command, options in (("chapter rest", {"until": "2026-12"}), ("chapter wake", {})):
            said = server.text_of(await server.slash(person, command, chapter="London", **options))
            assert said == "Only London's admins can do this: @Ana and @Ben."


@pytest.mark.parametrize("until", ["soon", "2026-09", "2026-10-20", "2027-10-21", "🙂" * 3000])
async def test_a_rest_needs_a_day_to_come_within_a_year(server: Server, until: str) -> None:
    answer = await server.slash(server.ana, "chapter rest", until=until)
    assert answer.ephemeral
    assert "is not a day that I can read." in server.text_of(answer) or "A rest can last until 20 October 2027 at most" in server.text_of(
        answer
    )
    assert (await stored(server)).resting_until is None


async def test_a_resting_chapter_is_asked_whether_it_took_part_only_once_it_is_awake(server: Server) -> None:
    await server.slash(server.lea, "chapter rest", until="2026-11-10")
    await server.slash(server.ana, "checkin", kind="meeting", with_chapters="Leeds")
    await server.advance_to(datetime(2026, 11, 10, 20, tzinfo=UTC))
    assert server.messages(server.leeds) == []
    await server.advance_to(datetime(2026, 11, 11, 8, 5, tzinfo=UTC))
    assert "Together with London?" in server.text_of(server.last(server.leeds))


async def test_a_rest_that_is_taken_back_the_same_day_leaves_the_month_asked_for(server: Server) -> None:
    await server.slash(server.ana, "chapter rest", until="2026-12")
    awake = server.text_of(await server.slash(server.ana, "chapter wake"))
    assert "The next report that it is asked for is the one for October 2026." in awake
    await server.advance_to(NINE)
    assert "how was October 2026 in London?" in server.text_of(server.last(server.london))


async def test_waking_early_brings_the_question_at_once(server: Server) -> None:
    await server.slash(server.lea, "chapter rest", until="2026-12")
    await server.slash(server.ana, "checkin", kind="meeting", with_chapters="Leeds")
    assert server.messages(server.leeds) == []
    await server.slash(server.lea, "chapter wake")
    assert "Together with London?" in server.text_of(server.last(server.leeds))


async def test_every_word_of_the_care_is_from_a_catalogue(server: Server) -> None:
    own = ("Camden", "Europe/London", "Europe/Paris", "London West", "England")
    with pseudo.everywhere():
        shown = [
            await server.slash(server.ana, "chapter edit"),
            await server.slash(server.ana, "chapter edit", city="Camden", timezone="Europe/Paris", dues="agreed", rhythm=2, discreet=True),
            await server.slash(server.ana, "chapter rest", until="2026-12"),
            await server.slash(server.ana, "chapter wake"),
            await server.slash(server.cora, "chapter archive", chapter="Leeds"),
            await server.slash(server.cora, "chapter rename", chapter="London", name="London West"),
        ]
        shown.append(await server.press(server.cora, shown[4], server.buttons(shown[4])[0]))
        shown.append(await server.slash(server.cora, "chapter restore", chapter="Leeds"))
        for each in shown:
            server.assert_translated(each, *own)
