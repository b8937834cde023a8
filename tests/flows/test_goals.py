"""Goals as people meet them: where we stand, one goal's history, adopting and recording, and questions that chapters answer."""

from datetime import UTC, datetime

import pytest

from bot.domain.calendar import Month
from bot.domain.reports import Part, People
from bot.domain.rights import Caller
from bot.locales import pseudo
from bot.services import access, gatherings, goals, reports, rests
from db import chapters, organisations
from db import goals as stored
from tests import asked
from tests.flows.rig import ADDED, Server

SEPTEMBER = Month(2026, 9)
HOSTILE = "**[x](https://e.example)** @everyone <@1>"


@pytest.fixture
async def town(server: Server) -> Server:
    """The server with the five goals that a set-up makes, adopted on 1 October."""
    async with server.store.write() as c:
        await goals.create_first_goals(c, server.guild.id, ADDED.date(), ADDED, server.cora.id)
    return server


def caller(server: Server, name: str) -> Caller:
    person = server.people[name]
    roles = frozenset(role.id for role in server.roles.values())
    held = frozenset({server.roles["Coordinators"].id}) if name == "cora" else frozenset()
    return Caller(person.id, server.guild.id, held, roles)


async def report(server: Server, members: int, met: int) -> None:
    """London reports September."""
    ana, london = caller(server, "ana"), server.chapters["London"]
    await reports.save_part(server.store, ana, london, SEPTEMBER, Part.PEOPLE, People(members, met), 0, None, server.now)
    await reports.publish(server.store, ana, london, SEPTEMBER, server.now)


# Where we stand


async def test_a_member_sees_where_we_stand_and_nobody_else_does(town: Server) -> None:
    await report(town, 40, 14)
    answer = await town.slash(town.mo, "progress")
    shown = town.text_of(answer)
    assert answer.ephemeral
    assert "Where we stand · 20 October 2026" in shown
    assert "All goals are due 1 October 2028." in shown
    assert "**Members**: 40 of 5,000" in shown
    assert "From 1 of 2 chapters; the oldest figure is 20 days old." in shown
    assert "14 met face to face in the last 92 days." in shown
    assert "**Functioning chapters**: 0 of 100" in shown


async def test_what_is_not_known_is_said_so_and_never_shown_as_zero(town: Server) -> None:
    shown = town.text_of(await town.slash(town.mo, "progress"))
    assert "**Members**: not known yet; the goal is 5,000" in shown
    assert "**Gender balance**: not known yet; the goal is 40%" in shown
    assert "No chapter has reported this yet." in shown
    assert "0 of" not in shown.replace("50 of", "")
    assert "▓" not in shown


async def test_without_goals_it_says_how_to_get_some(server: Server) -> None:
    shown = server.text_of(await server.slash(server.mo, "progress"))
    assert "No goals are set here yet. A coordinator can add one with /goal add." in shown


async def test_a_reached_goal_is_said_to_be_reached(town: Server) -> None:
    await town.slash(town.cora, "goal record", goal="members", value=5000)
    assert "**Members**: 5,000 of 5,000, reached" in town.text_of(await town.slash(town.mo, "progress"))


async def test_shared_it_is_seen_by_all_and_speaks_the_organisations_language(town: Server) -> None:
    async with town.store.write() as c:
        await organisations.change(c, town.guild.id, {"language": pseudo.CODE})
    answer = await town.slash(town.mo, "progress", share=True)
    assert not answer.ephemeral
    town.assert_translated(answer)
    chosen = await town.choose(town.ana, answer, "", "1")
    assert chosen.ephemeral


async def test_on_a_past_day_it_shows_what_was_known_then(town: Server) -> None:
    await report(town, 40, 14)
    shown = town.text_of(await town.slash(town.mo, "progress", as_of="2026-10-19"))
    assert "Where we stand · 19 October 2026" in shown
    assert "**Members**: not known yet" in shown


@pytest.mark.parametrize(
    ("as_of", "said"), [("soon", "“soon” is not a day that I can read."), ("2027-01-01", "The day can be from 1 October 2026")]
)
async def test_a_day_that_cannot_be_is_refused_to_the_asker_only(town: Server, as_of: str, said: str) -> None:
    for options in ({"as_of": as_of}, {"as_of": as_of, "goal": "members", "share": True}):
        answer = await town.slash(town.mo, "progress", **options)
        assert answer.ephemeral
        assert said in town.text_of(answer)


async def test_where_nobody_has_set_it_up_it_says_so(town: Server) -> None:
    assert "Chapterhouse is not set up here yet." in town.text_of(await town.slash(town.eve, "progress"))


async def test_every_word_of_it_can_be_translated(town: Server) -> None:
    await report(town, 40, 14)
    await town.slash(town.cora, "goal add", metric="checkins:meeting", target=9, deadline="2027-01-01")
    await town.slash(town.cora, "goal record", goal="members", value=7)
    with pseudo.everywhere():
        for goal in range(1, 7):
            board = await town.slash(town.mo, "progress")
            town.assert_translated(board)
            town.assert_translated(await town.choose(town.mo, board, "", str(goal)))
        town.assert_translated(await town.send(town.mo, "pg.what"))
        town.assert_translated(await town.slash(town.cora, "goal add", metric="delegates", target=9))
        town.assert_translated(await town.slash(town.cora, "goal record", goal="members", value=8))
        town.assert_translated(await town.slash(town.cora, "goal edit", goal="members", target=9, deadline="2029-01-01"))
        town.assert_translated(await town.slash(town.cora, "goal edit", goal="members", target=9))
        town.assert_translated(await town.slash(town.cora, "goal retire", goal="members"))
        for _ in range(2):
            town.assert_translated(await town.send(town.cora, "pg.retire:1:form"))


# One goal


async def test_one_goal_shows_what_it_is_made_of_and_how_it_came_there(town: Server) -> None:
    await report(town, 40, 14)
    await town.slash(town.cora, "goal record", goal="members", value=460, date="2026-10-10")
    await town.advance_to(datetime(2026, 11, 1, 8, 30, tzinfo=UTC))
    shown = town.text_of(await town.slash(town.mo, "progress", goal="Members"))
    assert "Members · 1 November 2026" in shown
    assert "**Members**: 500 of 5,000" in shown
    assert "In chapters: 40." in shown
    assert "Outside chapters: 460, recorded for 10 October 2026." in shown
    assert "31 October 2026: 500" in shown


async def test_the_select_and_the_buttons_lead_on_and_back_after_a_restart_too(town: Server) -> None:
    board = await town.slash(town.mo, "progress", as_of="2026-10-10")
    await town.restart()
    one = await town.choose(town.mo, board, "One goal", "Functioning chapters")
    assert "Functioning chapters · 10 October 2026" in town.text_of(one)
    assert "There is no history yet." in town.text_of(one)
    await town.restart()
    back = await town.press(town.mo, one, "All goals")
    assert "Where we stand · 10 October 2026" in town.text_of(back)
    meanings = town.text_of(await town.press(town.mo, back, "What counts?"))
    assert "chapters that came together in the last 45 days, learnt in the last 135 and reported in the last 135." in meanings
    mine = town.text_of(await town.press(town.mo, back, "My chapter"))
    assert "London" in mine


async def test_an_unknown_goal_is_refused_with_those_there_are(town: Server) -> None:
    answer = await town.slash(town.mo, "progress", goal=HOSTILE)
    assert answer.ephemeral
    shown = town.text_of(answer)
    assert "There is no goal" in shown
    assert "Members, Functioning chapters, Gender balance, Branches that gathered" in shown


async def test_raw_payloads_are_answered_with_a_sentence(town: Server) -> None:
    for address in ("pg.goal:", "pg.goal:2026-10-10", "pg.all:yesterdayish", "pg.all:0001-01-01", "pg.goal", "pg.all:2026-10-10:7"):
        answer = await town.send(town.mo, address)
        assert answer.ephemeral
        assert "reference" not in town.text_of(answer)


async def test_a_retired_goal_that_is_still_on_an_old_card_is_said_to_be_gone(town: Server) -> None:
    board = await town.slash(town.mo, "progress")
    async with town.store.write() as c:
        members = (await stored.in_force(c, town.guild.id))[0]
        await stored.revise(c, town.guild.id, members, town.now, None, retired=True)
    assert "This goal is not in force any more." in town.text_of(await town.choose(town.mo, board, "One goal", "Members"))


async def test_another_servers_goals_are_never_shown(town: Server) -> None:
    async with town.store.write() as c:
        await asked.create(c, town.elsewhere.id, town.now)
    assert "No goals are set here yet" in town.text_of(await town.slash(town.eve, "progress"))
    assert "No goals are set here yet" in town.text_of(await town.slash(town.eve, "progress", goal="members"))


async def test_autocomplete_offers_goals_by_what_they_are_called(town: Server) -> None:
    await town.slash(town.cora, "goal add", metric="manual", target=5, name="Rooms")
    assert await town.suggest(town.mo, "progress", "goal", "bra") == ["Branches that gathered"]
    assert await town.suggest(town.cora, "goal record", "goal") == ["Members", "Rooms"]
    assert await town.suggest(town.mo, "progress", "as_of", "09") == ["2026-09-30"]
    assert await town.suggest(town.cora, "goal add", "deadline", "2028") == ["2028-04-20", "2028-10-20"]
    assert await town.suggest(town.eve, "progress", "goal") == []
    with pseudo.everywhere():
        offered = await town.suggest(town.mo, "progress", "goal")
        assert len(offered) == 6
        assert (await town.slash(town.mo, "progress", goal=offered[0])).ephemeral
        assert "40" not in town.text_of(await town.slash(town.mo, "progress", goal=offered[-1]))


# Adopting and recording


async def test_a_coordinator_adopts_a_goal(town: Server) -> None:
    answer = await town.slash(town.cora, "goal add", metric="manual", target=12, deadline="2027-06-30", name="Rooms we can use")
    assert answer.ephemeral
    assert "**Rooms we can use**: 12 by 30 June 2027" in town.text_of(answer)
    board = town.text_of(await town.press(town.cora, answer, "All goals"))
    assert "**Rooms we can use**: not known yet; the goal is 12" in board
    assert "Due 30 June 2027." in board
    recorded = await town.slash(town.cora, "goal record", goal="rooms we CAN use", value=5, date="yesterday")
    assert "Stored: 5 on 19 October 2026." in town.text_of(recorded)
    assert "**Rooms we can use**: 5 of 12" in town.text_of(recorded)


async def test_who_is_no_coordinator_is_told_who_may(town: Server) -> None:
    for person in (town.mo, town.ana, town.fay):
        for command, options in (("goal add", {"metric": "delegates", "target": 5}), ("goal record", {"goal": "members", "value": 5})):
            answer = await town.slash(person, command, **options)
            assert answer.ephemeral
            assert "Only coordinators can do this." in town.text_of(answer)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"metric": "gender_balance", "target": 60}, "The target can be from 1 to 50. You gave 60."),
        ({"metric": "members", "target": 60}, "There is a goal Members already. Give this one a name of its own."),
        ({"metric": "delegates", "target": 60, "deadline": "2026-10-20"}, "The deadline must be after today."),
        ({"metric": "manual", "target": 60, "name": "a,b"}, "The name cannot have a comma or a line break"),
    ],
)
async def test_a_goal_that_cannot_be_is_refused(town: Server, options: dict[str, object], said: str) -> None:
    answer = await town.slash(town.cora, "goal add", **options)
    assert answer.ephemeral
    assert said in town.text_of(answer)


async def test_what_is_counted_from_entries_is_not_recorded_by_hand(town: Server) -> None:
    answer = await town.slash(town.cora, "goal record", goal="Functioning chapters", value=100)
    assert answer.ephemeral
    assert "Functioning chapters is counted from what chapters record" in town.text_of(answer)


# Changing and giving up


async def test_a_coordinator_changes_a_goal_and_is_told_from_what_to_what(town: Server) -> None:
    answer = await town.slash(town.cora, "goal edit", goal="Members", target=4000, deadline="2029-06-30", name="Four thousand")
    assert answer.ephemeral
    said = town.text_of(answer)
    assert "Four thousand is changed" in said
    assert "Name: Members → Four thousand" in said
    assert "Target: 5,000 → 4,000" in said
    assert "Deadline: 1 October 2028 → 30 June 2029" in said
    board = town.text_of(await town.press(town.cora, answer, "All goals"))
    assert "**Four thousand**: not known yet; the goal is 4,000" in board
    past = town.text_of(await town.slash(town.mo, "progress", as_of="2026-10-19"))
    assert "**Members**: not known yet; the goal is 5,000" in past
    same = town.text_of(await town.slash(town.cora, "goal edit", goal="four thousand", target=4000))
    assert "Four thousand: nothing changed" in same
    assert "It is so already: 4,000 by 30 June 2029." in same
    percent = town.text_of(await town.slash(town.cora, "goal edit", goal="gender_balance", target=45))
    assert "Target: 40% → 45%" in percent


async def test_a_goal_is_given_up_after_a_second_look_and_twice_changes_nothing(town: Server) -> None:
    asks = await town.slash(town.cora, "goal retire", goal="Members")
    assert asks.ephemeral
    assert "Give up the goal Members?" in town.text_of(asks)
    await town.restart()
    for person in (town.mo, town.ana, town.mia):
        refused = await town.send(person, town.button(asks, "Yes, give it up")["custom_id"])
        assert "Only coordinators can do this." in town.text_of(refused)
    done = await town.press(town.cora, asks, "Yes, give it up")
    assert "Members is given up." in town.text_of(done)
    again = await town.send(town.cora, "pg.retire:1:form")
    assert "Members was given up before, so nothing changed." in town.text_of(again)
    assert "**Members**" not in town.text_of(await town.slash(town.mo, "progress"))
    assert "**Members**" in town.text_of(await town.slash(town.mo, "progress", as_of="2026-10-19"))
    assert "not in force any more" in town.text_of(await town.send(town.cora, "pg.retire:77:form"))


async def test_a_goal_that_is_not_given_up_stays(town: Server) -> None:
    asks = await town.slash(town.cora, "goal retire", goal="Members")
    assert "**Members**" in town.text_of(await town.press(town.cora, asks, "Keep it"))


@pytest.mark.parametrize(
    ("command", "options", "said"),
    [
        ("goal edit", {"goal": "Members"}, "Say what to change: the target, the deadline or the name."),
        ("goal edit", {"goal": "Members", "deadline": "2026-10-01"}, "The deadline must be after today."),
        ("goal edit", {"goal": "Members", "name": "Functioning chapters"}, "There is a goal Functioning chapters already."),
        ("goal edit", {"goal": "😀" * 2000, "target": 5}, "There is no goal"),
        ("goal retire", {"goal": "peace"}, "There is no goal “peace”. Choose one:"),
    ],
)
async def test_a_change_that_cannot_be_is_refused(town: Server, command: str, options: dict[str, object], said: str) -> None:
    answer = await town.slash(town.cora, command, **options)
    assert answer.ephemeral
    assert said in town.text_of(answer)
    refused = await town.slash(town.ana, command, **options)
    assert refused.ephemeral
    assert "Only coordinators can do this." in town.text_of(refused)


async def test_goals_are_offered_where_they_are_changed(town: Server) -> None:
    assert await town.suggest(town.cora, "goal edit", "goal", "bra") == ["Branches that gathered"]
    assert await town.suggest(town.cora, "goal retire", "goal", "mem") == ["Members"]
    assert await town.suggest(town.cora, "goal edit", "deadline", "2028", goal="Members") == ["2028-04-20", "2028-10-20"]


async def test_a_hostile_name_stays_plain_words(town: Server) -> None:
    name = HOSTILE.replace(",", "")
    answer = await town.slash(town.cora, "goal add", metric="manual", target=5, name=name)
    changed = await town.slash(town.cora, "goal edit", goal=name, target=6)
    asks = await town.slash(town.cora, "goal retire", goal=name)
    for shown in (answer, changed, asks, await town.slash(town.mo, "progress"), await town.slash(town.mo, "progress", goal=name)):
        said = "\n".join(part["content"] for part in town.parts(shown) if "content" in part)
        assert "[x](https" not in said
        assert "@everyone" not in said


# What chapters are asked


async def gathering(server: Server) -> int:
    """A gathering of a branch with London and Leeds, recorded by Cora."""
    async with server.store.write() as c:
        branch = await chapters.add_branch(c, server.guild.id, "GB", "United Kingdom")
        for chapter_id in server.chapters.values():
            await chapters.change(c, server.guild.id, chapter_id, branch_id=branch)
    entered = gatherings.Entered("UK", "2026-10-17", "London, Leeds", 60, 12)
    made = await gatherings.record(server.store, caller(server, "cora"), entered, "a form", server.now)
    await server.run_due()
    return made.gathering.id


async def test_chapters_are_asked_whether_they_were_at_a_gathering_and_it_counts_with_two_yeses(town: Server) -> None:
    await gathering(town)
    london, leeds = town.last(town.london), town.last(town.leeds)
    shown = town.text_of(london)
    assert "Gathering of United Kingdom, 17 October 2026" in shown
    assert "60 people, 12 delegates" in shown
    assert "@Ana, did you take part?" in shown
    await town.press(town.ben, london, "Yes, we took part")
    assert "@Ben said yes: London took part." in town.text_of(town.last(town.london))
    assert "does not count yet" in town.text_of(town.last(town.london))
    await town.restart()
    await town.press(town.lea, leeds, "Yes, we took part")
    assert "The gathering counts" in town.text_of(town.last(town.leeds))
    one = town.text_of(await town.slash(town.mo, "progress", goal="branches that gathered"))
    assert "**Branches that gathered**: 1 of 5" in one
    assert "United Kingdom: gathered on 17 October 2026." in one


async def test_an_answer_to_a_gathering_can_be_changed(town: Server) -> None:
    await gathering(town)
    await town.press(town.ana, town.last(town.london), "Not us")
    assert "@Ana said that London did not take part." in town.text_of(town.last(town.london))
    await town.press(town.ana, town.last(town.london), "Yes, we took part")
    assert "@Ana said yes" in town.text_of(town.last(town.london))


async def test_only_a_chapters_own_admins_answer_for_it(town: Server) -> None:
    await gathering(town)
    for person in (town.mo, town.lea, town.cora, town.fay):
        answer = await town.press(person, town.last(town.london), "Yes, we took part")
        assert answer.ephemeral
        assert "Only London's admins can do this: @Ana and @Ben." in town.text_of(answer)
    assert "did you take part?" in town.text_of(town.last(town.london))


async def test_a_gathering_of_another_server_cannot_be_answered(town: Server) -> None:
    made = await gathering(town)
    answer = await town.send(town.eve, f"ga.yes:{made}:{town.chapters['London']}")
    assert "This chapter is not in this server any more." in town.text_of(answer)


async def offer(server: Server) -> None:
    """A coordinator offers London a rest."""
    async with server.store.write() as c:
        await rests.offer(c, await access.pressed(c, caller(server, "cora"), server.chapters["London"]), server.now)
    await server.run_due()


async def test_an_offered_rest_is_decided_by_the_chapters_admins(town: Server) -> None:
    await offer(town)
    shown = town.text_of(town.last(town.london))
    assert "Would London like to rest for a while?" in shown
    assert "@Cora offers it. Only London's admins decide." in shown
    answer = await town.press(town.cora, town.last(town.london), "Rest 30 days")
    assert "Only London's admins can do this" in town.text_of(answer)
    await town.restart()
    await town.press(town.ben, town.last(town.london), "Rest 30 days")
    assert "London rests until 19 November 2026; @Ben decided it." in town.text_of(town.last(town.london))
    await town.press(town.ana, town.last(town.london), "End the rest")
    assert "@Ana said that London goes on." in town.text_of(town.last(town.london))


async def test_an_offer_that_is_declined_changes_nothing(town: Server) -> None:
    await offer(town)
    await town.press(town.ana, town.last(town.london), "No, we go on")
    async with town.store.read() as c:
        london = await chapters.find(c, town.guild.id, town.chapters["London"])
    assert london is not None
    assert london.state(town.now.date()) == "active"


async def test_questions_to_chapters_can_be_translated(town: Server) -> None:
    async with town.store.write() as c:
        await organisations.change(c, town.guild.id, {"language": pseudo.CODE})
    await gathering(town)
    await offer(town)
    for message in town.messages(town.london):
        town.assert_translated(message, "United Kingdom")
    made, london = 1, town.chapters["London"]
    with pseudo.everywhere():
        for address in (f"ga.yes:{made}:{london}", f"ga.no:{made}:{london}", f"rs.yes:{london}:30", f"rs.no:{london}"):
            town.assert_translated(await town.send(town.ana, address), "United Kingdom")
