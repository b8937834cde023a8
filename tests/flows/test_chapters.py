"""Chapters as people meet them: adding one, looking one up, the list, and who looks after it."""

from datetime import UTC, date, datetime

import discord
import pytest

from bot.domain.calendar import Month
from bot.domain.chapters import State, Visibility
from bot.domain.refusal import Refusal
from bot.domain.reports import Part, People
from bot.domain.rights import Caller
from bot.locales import pseudo
from bot.services import chapters as service
from bot.services import reports
from db import chapters, summaries
from tests.flows.rig import Server

HOSTILE = "**[x](https://e.example)** @everyone <@1> \u202eחבר"


async def hide(server: Server, name: str) -> None:
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters[name], visibility=Visibility.HIDDEN.value)


# Adding


async def test_a_coordinator_adds_a_chapter_and_is_told_what_was_filled_in(server: Server) -> None:
    answer = await server.slash(
        server.cora,
        "chapter add",
        name="São Paulo",
        branch="Brasil",
        city="São Paulo",
        timezone="America/Sao_Paulo",
        admin=server.mo,
        channel=server.general,
        founded="2020-02-03",
    )
    shown = server.text_of(answer)
    assert answer.ephemeral
    assert "São Paulo is added" in shown
    assert "Branch: Brazil, which is new" in shown
    assert "Founded on 3 February 2020" in shown
    assert "Its channel is #general" in shown
    assert "@Mo is its admin and on duty." in shown
    assert "November 2026" in shown
    assert "São Paulo · new, here since 20 October 2026" in server.text_of(await server.press(server.cora, answer, "Status"))


async def test_a_name_is_enough_and_an_admin_can_follow(server: Server) -> None:
    shown = server.text_of(await server.slash(server.cora, "chapter add", name="York"))
    assert "Time zone: Europe/London" in shown
    assert "Add one with /chapter admins add." in shown


async def test_only_coordinators_add_chapters(server: Server) -> None:
    for person in (server.ana, server.mo, server.fay, server.mia):
        assert server.text_of(await server.slash(person, "chapter add", name="York")) == "Only coordinators can do this. Ask one of them."


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"name": "lÖndon"}, "There is a chapter London already."),
        ({"name": "a,b"}, "cannot have a comma"),
        ({"name": "\u200b\u2060"}, "needs at least one letter or digit"),
        ({"name": "York", "branch": "Atlantis"}, "There is no country “Atlantis”. Write its name or its two letters"),
        ({"name": "York", "timezone": "Lundon"}, "There is no time zone “Lundon”. Did you mean"),
        ({"name": "York", "founded": "yesterday"}, "The founding date is written as year, month and day: 2024-11-30."),
    ],
)
async def test_what_cannot_be_added_is_answered_with_the_next_step(server: Server, options: dict[str, str], reason: str) -> None:
    answer = await server.slash(server.cora, "chapter add", **options)
    assert answer.ephemeral
    assert reason in server.text_of(answer)


async def test_a_hostile_name_stays_words_on_every_card(server: Server) -> None:
    await server.slash(server.cora, "chapter add", name=HOSTILE, city=HOSTILE, admin=server.mo)
    for command, options in (("chapter status", {"chapter": HOSTILE}), ("chapter list", {}), ("chapter admins list", {"chapter": HOSTILE})):
        pieces = "\n".join(server.words(await server.slash(server.mo, command, **options)))
        assert "@\u200beveryone" in pieces
        assert r"\*\*\[x\](https" in pieces
        assert r"\<@\u200b1>" in pieces or "\\<@\u200b1>" in pieces
        assert "\u202e" not in pieces


async def test_a_channel_that_the_bot_cannot_write_in_is_named(server: Server) -> None:
    nobody = discord.PermissionOverwrite(send_messages=False)
    closed = server.guild.create_text_channel("closed", overwrites={server.guild.default_role: nobody})
    shown = server.text_of(await server.slash(server.cora, "chapter add", name="York", channel=closed))
    assert "York is added" in shown
    assert "allow: Send Messages" in shown


async def test_a_bot_looks_after_no_chapter(server: Server) -> None:
    robot = server.guild.add_member(server.world.create_user("robot", bot=True))
    for command in ("chapter add", "chapter admins add"):
        options = {"name": "York", "admin": robot} if command == "chapter add" else {"user": robot, "chapter": "London"}
        assert "is a bot. Only people can be admins." in server.text_of(await server.slash(server.cora, command, **options))


async def test_branches_countries_and_zones_are_offered_while_typing(server: Server) -> None:
    await server.slash(server.cora, "chapter add", name="Berlin", branch="Deutschland")
    assert (await server.suggest(server.cora, "chapter add", "branch", "ger"))[0] == "Germany"
    assert await server.suggest(server.cora, "chapter add", "timezone", "new york") == ["America/New_York"]
    assert await server.suggest(server.mo, "chapter list", "branch", "") == ["Germany"]
    assert await server.suggest(server.mo, "chapter status", "chapter", "lon") == ["London"]
    assert (await server.suggest(server.mo, "chapter status", "as_of", ""))[:2] == ["today", "yesterday"]


# Looking up


async def test_status_says_each_criterion_and_its_admins_can_go_on_from_there(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-19", people=14, education=True)
    answer = await server.slash(server.ana, "chapter status")
    shown = server.text_of(answer)
    assert answer.ephemeral
    assert "London · new, here since 1 October 2026" in shown
    assert "**Comes together**: yes, meeting on 19 October 2026, 14 people. Next needed by <3 December 2026>." in shown
    assert "**Learns**: yes, meeting with an education part on 19 October 2026." in shown
    assert "**Reports**: nothing known yet. One published report is enough." in shown
    assert "Admins: @Ana (on duty), @Ben" in shown
    assert server.buttons(answer) == ["Check in", "Report", "Hide us now", "Near London"]


async def test_members_see_the_same_without_what_only_admins_do(server: Server) -> None:
    answer = await server.slash(server.mo, "chapter status")
    assert "London · new" in server.text_of(answer)
    assert server.buttons(answer) == ["Near London"]


async def test_the_days_of_a_status_are_the_same_for_readers_in_other_zones(server: Server) -> None:
    athens = await server.add_chapter("Athens", server.lea, timezone="Europe/Athens")
    await server.slash(server.lea, "checkin", kind="meeting", date="2026-10-19", chapter="Athens")
    shown = server.text_of(await server.send(server.mo, f"ch.status:{athens}"))
    assert "meeting on 19 October 2026. Next needed by <3 December 2026>." in shown


async def test_everybody_reads_the_last_report_from_the_status(server: Server) -> None:
    await server.advance_to(datetime(2026, 11, 3, 12, tzinfo=UTC))
    caller, october = Caller(server.ana.id, server.guild.id), Month(2026, 10)
    await reports.save_part(server.store, caller, server.chapters["London"], october, Part.PEOPLE, People(40), 0, None, server.now)
    await reports.publish(server.store, caller, server.chapters["London"], october, server.now)
    status = await server.slash(server.mo, "chapter status")
    await server.restart()
    assert "40 members" in server.text_of(await server.press(server.mo, status, "Read its last report"))


async def test_check_in_from_the_status_works_after_a_restart(server: Server) -> None:
    card = await server.slash(server.ana, "chapter status")
    await server.restart()
    form = await server.press(server.ana, card, "Check in")
    assert form.modal is not None
    assert (await server.press(server.ana, card, "Report")).ephemeral


async def test_a_day_in_the_past_shows_what_was_known_then(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-19")
    shown = await server.slash(server.ana, "chapter status", as_of="2026-10-10")
    assert "As it was at the end of 10 October 2026, by what was known then." in server.text_of(shown)
    assert "**Comes together**: nothing known yet." in server.text_of(shown)
    assert server.buttons(shown) == []
    assert "The day can be from then to 20 October 2026" in server.text_of(
        await server.slash(server.ana, "chapter status", as_of="2026-09-30")
    )
    assert "is not a day that I can read" in server.text_of(await server.slash(server.ana, "chapter status", as_of="soon"))


async def test_a_quiet_chapter_is_never_called_failed(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-19")
    await server.advance(days=200)
    shown = server.text_of(await server.slash(server.mo, "chapter status"))
    assert "London · quiet" in shown
    assert "**Comes together**: not since 19 October 2026. One meeting is enough." in shown
    for word in ("failed", "lapsed", "red", "overdue", "warning"):
        assert word not in shown.casefold().split()


async def test_a_resting_chapter_is_left_in_peace(server: Server) -> None:
    async with server.store.write() as c:
        await chapters.set_state(
            c, server.guild.id, server.chapters["Leeds"], State.RESTING, date(2026, 10, 1), date(2026, 12, 1), server.now, 1
        )
        await summaries.refresh(c, server.guild.id, [server.chapters["Leeds"]], server.now)
    shown = server.text_of(await server.slash(server.mo, "chapter status", chapter="leeds"))
    assert "Leeds · resting until 1 December 2026" in shown
    assert "it is asked for nothing" in shown


async def test_an_unknown_chapter_is_answered_with_the_nearest_names(server: Server) -> None:
    assert server.text_of(await server.slash(server.mo, "chapter status", chapter="Lundon")).startswith(
        "There is no chapter “Lundon”. Did you mean London"
    )
    long = server.text_of(await server.slash(server.mo, "chapter status", chapter="x" * 5000))
    assert len(long) < 300


async def test_a_hidden_chapter_is_there_for_its_own_people_only(server: Server) -> None:
    await hide(server, "London")
    assert "There is no chapter “London”" in server.text_of(await server.slash(server.cora, "chapter status", chapter="London"))
    assert "London" not in server.text_of(await server.slash(server.mo, "chapter list"))
    assert "London" in server.text_of(await server.slash(server.ana, "chapter list"))
    assert await server.suggest(server.mo, "chapter status", "chapter", "lon") == []
    refused = await server.send(server.cora, f"ch.status:{server.chapters['London']}")
    assert "London" not in server.text_of(refused)
    assert "This chapter is not in this server any more" in server.text_of(refused)
    assert "London · new" in server.text_of(await server.send(server.ana, f"ch.status:{server.chapters['London']}"))


async def test_a_hidden_chapters_name_is_not_confirmed_by_spelling_it_another_way(server: Server) -> None:
    await hide(server, "London")
    refused = server.text_of(await server.slash(server.cora, "chapter status", chapter="lONDON"))
    assert refused == "There is no chapter “lONDON” here. /chapter list shows those that are."


async def test_the_role_of_a_hidden_chapter_leads_nobody_to_it(server: Server) -> None:
    await hide(server, "London")
    assert "London" not in server.text_of(await server.slash(server.mo, "chapter status"))
    assert "London" not in server.text_of(await server.slash(server.mo, "help"))


async def test_somebody_who_belongs_to_nothing_here_sees_nothing_in_direct_messages(server: Server) -> None:
    chapter_id = server.chapters["London"]
    everybody = Caller(server.eve.id, None)
    with pytest.raises(Refusal, match="In direct messages only"):
        await service.status(server.store, everybody, chapter_id, None, server.now)
    shown = await service.status(server.store, Caller(server.ana.id, None), chapter_id, None, server.now)
    assert shown.chapter.name == "London"


async def test_another_server_sees_nothing_of_this_one(server: Server) -> None:
    assert "not set up here yet" in server.text_of(await server.slash(server.eve, "chapter status", chapter="London"))
    assert "not in this server any more" in server.text_of(await server.send(server.eve, f"ch.status:{server.chapters['London']}"))


# The list


async def test_the_list_is_by_name_in_pages_that_turn_after_a_restart(server: Server) -> None:
    for n in range(19):
        await server.add_chapter(f"Chapter {n:02}")
    first = await server.slash(server.mo, "chapter list")
    assert first.ephemeral
    assert "### 21 chapters" in server.text_of(first)
    assert server.buttons(first) == ["Next page"]
    await server.restart()
    second = await server.press(server.mo, first, "Next page")
    assert "Page 2 of 3" in server.text_of(second)
    assert server.buttons(second) == ["Previous page", "Next page"]
    third = await server.press(server.mo, second, "Next page")
    assert "**London** · London" not in server.text_of(third)
    assert "**London**" in server.text_of(third)
    assert server.buttons(third) == ["Previous page"]


async def test_the_list_is_narrowed_by_branch_and_status_and_never_to_quiet_ones(server: Server) -> None:
    await server.slash(server.cora, "chapter add", name="Berlin", branch="Deutschland")
    shown = server.text_of(await server.slash(server.mo, "chapter list", branch="germany", status="new"))
    assert "### Germany: 1 new chapter" in shown
    assert "None at the moment." in server.text_of(await server.slash(server.mo, "chapter list", status="resting"))
    assert "There is no branch “Peru” here." in server.text_of(await server.slash(server.mo, "chapter list", branch="Peru"))
    forged = server.text_of(await server.send(server.mo, "ch.page:0:0:quiet"))
    assert "### 3 chapters" in forged


@pytest.mark.parametrize(
    "address", ["ch.page:999999999999:0:all", "ch.page:-1:0:all", "ch.page:0:77:all", "ch.page:x:0:all", "ch.status:77"]
)
async def test_a_forged_address_is_answered_in_a_sentence(server: Server, address: str) -> None:
    answer = await server.send(server.mo, address)
    assert answer.ephemeral
    assert "reference" not in server.text_of(answer)


# Who looks after it


async def test_admins_take_turns_and_the_last_one_is_asked_twice(server: Server) -> None:
    added = server.text_of(await server.slash(server.ana, "chapter admins add", user=server.mo))
    assert "@Mo is now an admin of London." in added
    assert "1. @Ana, on duty\n2. @Ben\n3. @Mo" in added
    removed = server.text_of(await server.slash(server.mo, "chapter admins remove", user=server.ana))
    assert "1. @Ben, on duty\n2. @Mo" in removed
    assert "1. @Ben, on duty\n2. @Mo" in server.text_of(await server.slash(server.lea, "chapter admins list", chapter="London"))


async def test_the_last_admin_is_removed_by_a_second_click_that_outlives_a_restart(server: Server) -> None:
    asked = await server.slash(server.lea, "chapter admins remove", user=server.lea)
    assert "@Lea is the last one." in server.text_of(asked)
    await server.restart()
    assert "1. @Lea, on duty" in server.text_of(await server.press(server.lea, asked, "Keep"))
    asked = await server.slash(server.lea, "chapter admins remove", user=server.lea)
    done = server.text_of(await server.press(server.lea, asked, "Remove anyway"))
    assert "@Lea is no longer an admin of Leeds." in done
    assert "There are none yet." in done
    again = await server.send(server.lea, f"ch.drop:{server.chapters['Leeds']}:{server.lea.id}")
    assert "Only Leeds's admins and coordinators can do this" in server.text_of(again)


async def test_nobody_else_changes_a_chapters_admins(server: Server) -> None:
    for person in (server.mo, server.fay, server.lea):
        for command in ("add", "remove"):
            answer = await server.slash(person, f"chapter admins {command}", user=server.mo, chapter="London")
            assert answer.ephemeral
            assert "Only London's admins and coordinators can do this. Its admins are @Ana and @Ben." in server.text_of(answer)
    forged = await server.send(server.mo, f"ch.drop:{server.chapters['Leeds']}:{server.lea.id}")
    assert "Only Leeds's admins and coordinators can do this." in server.text_of(forged)


async def test_who_is_admin_already_or_never_was_is_said(server: Server) -> None:
    assert "@Ben is an admin of London already." in server.text_of(await server.slash(server.ana, "chapter admins add", user=server.ben))
    assert "@Mo is not an admin of London." in server.text_of(await server.slash(server.ana, "chapter admins remove", user=server.mo))
    assert "Name one in the option chapter" in server.text_of(await server.slash(server.mo, "chapter admins add", user=server.mo))


async def test_every_word_about_chapters_comes_from_a_catalogue(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", people=14, education=True)
    places = ("Europe/London", "York", "United Kingdom")
    with pseudo.everywhere():
        for person, command, options in (
            (server.cora, "chapter add", {"name": "York", "branch": "UK", "admin": server.mo, "channel": server.general}),
            (server.ana, "chapter status", {}),
            (server.mo, "chapter list", {}),
            (server.ana, "chapter admins list", {}),
            (server.ana, "chapter admins add", {"user": server.mo}),
            (server.lea, "chapter admins remove", {"user": server.lea}),
        ):
            server.assert_translated(await server.slash(person, command, **options), *places)
