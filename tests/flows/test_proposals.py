"""Goals that chapters adopt together, as people meet them; and the day on which a deadline has passed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from simcord.actors import MemberActor
from sqlalchemy import select

from bot.domain.goals import Goal
from bot.services import goals
from db import goals as stored_goals
from db import organisations, people
from db.tables import proposal
from tests.flows.rig import ADDED, Server

HOSTILE = "**[x](https://e.example)** @everyone <@1>"


@pytest.fixture
async def town(server: Server) -> Server:
    """Three chapters that decide together: London (Ana, Ben), Leeds (Lea) and Bath (Mia); a goal of members."""
    async with server.store.write() as c:
        await goals.adopt(c, server.guild.id, Goal(0, "members", None, 100, ADDED.date(), date(2028, 6, 30)), ADDED, server.cora.id)
        await organisations.set_policy(c, server.guild.id, "direct_chapters", 2, ADDED, server.cora.id)
    await server.add_chapter("Bath", server.mia, added_on=ADDED.date())
    return server


async def posted(town: Server, who: MemberActor, **given: object) -> int:
    """A proposal that somebody typed in #general and confirmed; its id."""
    given = {"metric": "members", "target": 200, "deadline": "2028-06-30", "why": "We grow."} | given
    shown = await town.slash(who, "goal propose", **given)
    assert "It would be posted in #general" in town.text_of(shown)
    await town.press(who, shown, "Post it")
    async with town.store.read() as c:
        found = await c.scalar(select(proposal.c.id).order_by(proposal.c.id.desc()))
    assert found is not None
    return found


async def test_three_chapters_speak_one_changes_and_after_a_restart_the_goal_is_adopted(town: Server) -> None:
    shown = await town.slash(town.cora, "goal edit", goal="Members", target=200, why=f"We grow. {HOSTILE}")
    said = town.text_of(shown)
    assert "Members: 200 by 30 June 2028, instead of 100 by 30 June 2028" in said
    assert "Chapters can answer until the end of 10 November 2026." in said
    await town.press(town.cora, shown, "Post it")
    message = town.last(town.general)
    assert town.notified(message) == []
    assert "Answered: 0 of 3 active chapters. Needed: 2." in town.text_of(message)
    refused = await town.press(town.mo, message, "Support")
    assert town.text_of(refused) == "Only a chapter's admins can do this. Ask one of them."
    assert refused.ephemeral

    answer = await town.press(town.ana, message, "Support")
    assert "**London supports it.** This is your chapter's voice." in town.text_of(answer)
    assert "Support: **1** · London" in town.text_of(town.last(town.general))
    form = await town.press(town.lea, message, "Object")
    await town.restart()
    await town.fill(town.lea, form, reason=f"Too fast. {HOSTILE}")
    message = town.last(town.general)
    assert "Object: **1** · Leeds" in town.text_of(message)
    assert "Too fast." in town.text_of(message)
    assert "https://e.example)** @everyone" not in town.text_of(message)
    assert town.notified(message) == []
    await town.press(town.mia, message, "Stand aside")
    changed = await town.press(town.ben, message, "Stand aside")
    assert "Before, @Ana had said that it supports it. The later voice counts, and they hear of it." in town.text_of(changed)
    await town.run_due()
    assert "@Ben said after you that it stands aside." in town.text_of(town.last(town.ana))
    await town.press(town.lea, message, "Support")
    assert "Support: **1** · Leeds" in town.text_of(town.last(town.general))

    await town.advance_to(datetime(2026, 11, 11, 9, tzinfo=UTC))
    message = town.last(town.general)
    said = town.text_of(message)
    assert "**Adopted on 11 November 2026**" in said
    assert "Answered: 3 of 3 active chapters. Needed: 2." in said
    assert "Support" not in str(town.buttons(message))
    assert "What you proposed has closed" in town.text_of(town.last(town.cora))
    late = await town.send(town.lea, "gp.say:1:1:object")
    assert "This proposal closed at the end of 10 November 2026" in town.text_of(late)
    assert "Adopted by the chapters on 11 November 2026" in town.text_of(await town.slash(town.mo, "progress", goal="Members"))
    history = town.text_of(await town.slash(town.mo, "goal history", goal="Members"))
    assert "Changed: target 100 → 200" in history
    assert "3 of 3 active chapters answered: 1 in support, 2 stood aside, 0 objected." in history
    assert "We grow." in history
    log = town.text_of(await town.slash(town.mo, "log", kind="goal"))
    assert "The chapters adopted a proposal about the goal Members" in log
    assert "3 active chapters, 3 answered, 2 stood aside, 0 objected, 1 in support" in log
    assert "We grow" not in log
    assert "Too fast" not in log


async def test_an_objector_amends_in_a_form_and_all_are_asked_anew_in_the_same_message(town: Server) -> None:
    about = await posted(town, town.ana)
    message = town.last(town.general)
    await town.fill(town.lea, await town.press(town.lea, message, "Object"), reason="Too fast.")
    refused = await town.press(town.ana, town.last(town.general), "Amend it")
    assert "Only a chapter whose objection stands can amend this." in town.text_of(refused)
    form = await town.press(town.lea, town.last(town.general), "Amend it")
    wrong = await town.fill(town.lea, form, target="many", why="A little less.")
    assert "The target should be a whole number, such as 12. You wrote “many”." in town.text_of(wrong)
    again = await town.press(town.lea, wrong, "Open it again")
    assert town.offered(again)["why"] == "A little less."
    await town.fill(town.lea, again, target="150")
    await town.run_due()
    said = town.text_of(town.last(town.general))
    assert "Members: 150 by 30 June 2028, instead of 100 by 30 June 2028" in said
    assert "It was amended after an objection" in said
    assert "Object: 0" in said
    stale = await town.send(town.mia, f"gp.say:{about}:1:support")
    assert "amended since you saw this" in town.text_of(stale)
    elsewhere = await town.send(town.eve, f"gp.say:{about}:2:support")
    assert "not set up here" in town.text_of(elsewhere)
    direct = await town.send(town.ana, f"gp.say:{about}:2:support", in_=town.general)
    assert "London supports it" in town.text_of(direct)


async def test_a_text_that_should_not_stand_is_taken_out_of_the_message_and_who_made_a_proposal_withdraws_it(town: Server) -> None:
    about = await posted(town, town.ana, metric="delegates", target=3)
    await town.fill(town.lea, await town.press(town.lea, town.last(town.general), "Object"), reason="Something ugly.")
    looked = await town.press(town.cora, town.last(town.general), "More about it")
    texts = await town.press(town.cora, looked, "Take a text out")
    sure = await town.choose(town.cora, texts, "Choose a text", "Why Leeds objects")
    await town.press(town.cora, sure, "Yes, take it out")
    await town.run_due()
    assert "Something ugly." not in town.text_of(town.last(town.general))
    assert "Object: **1** · Leeds" in town.text_of(town.last(town.general))
    looked = await town.press(town.ana, town.last(town.general), "More about it")
    sure = await town.press(town.ana, looked, "Withdraw it")
    await town.press(town.ana, sure, "Yes, withdraw it")
    await town.run_due()
    assert "**Withdrawn**" in town.text_of(town.last(town.general))
    listed = town.text_of(await town.send(town.mo, "gp.list:0"))
    assert "A new goal: Chapters with a delegate, 3 by 30 June 2028" in listed
    assert about


async def test_who_is_admin_of_two_chapters_chooses_and_what_a_hidden_chapter_says_stands_nowhere(town: Server) -> None:
    async with town.store.write() as c:
        await people.add_admin(c, town.guild.id, town.chapters["Bath"], town.ana.id, town.now)
    await posted(town, town.cora)
    asked = await town.press(town.ana, town.last(town.general), "Support")
    await town.choose(town.ana, asked, "Choose a chapter", "Bath")
    await town.advance(minutes=10)
    assert "Support: **1** · Bath" in town.text_of(town.last(town.general))
    await town.slash(town.mia, "chapter visibility", level="hidden", chapter="Bath")
    await town.run_due()
    assert "Support: 0" in town.text_of(town.last(town.general))
    assert "Bath" not in town.text_of(town.last(town.general))
    form = await town.press(town.mia, town.last(town.general), "Object")
    assert "Your chapter is hidden" in town.text_of(form)
    await town.fill(town.mia, form, reason="A secret reason")
    await town.advance(minutes=10)
    assert "Object: 0" in town.text_of(town.last(town.general))
    assert "secret" not in town.text_of(await town.press(town.mo, town.last(town.general), "More about it"))


# A deadline that has passed


async def test_on_the_day_after_a_missed_deadline_all_are_invited_once_to_look_back(town: Server) -> None:
    for who, name, share in ((town.ana, "London", True), (town.lea, "Leeds", False)):
        at = town.chapters[name]
        form = await town.send(who, f"rp.part:{at}:2026-09:words")
        await town.fill(who, form, hard=f"Rooms in {name} are small.")
        if share:
            await town.send(who, f"rp.share:{at}:2026-09:on")
        await town.send(who, f"rp.pub:{at}:2026-09")
    async with town.store.write() as c:
        (goal,) = await stored_goals.in_force(c, town.guild.id)
        await stored_goals.revise(
            c, town.guild.id, Goal(goal.id, "members", None, 100, goal.starts, date(2026, 10, 28)), town.now, town.cora.id
        )
    await town.advance_to(datetime(2026, 10, 29, 7, 30, tzinfo=UTC))
    assert not [thread for thread in town.reports.threads if "Members" in thread.name]
    await town.advance_to(datetime(2026, 10, 31, 12, tzinfo=UTC))
    (thread,) = [thread for thread in town.reports.threads if "Members" in thread.name]
    (message,) = list(thread.history())
    said = town.text_of(message)
    assert "The deadline of the goal Members was 28 October 2026." in said
    assert "Nothing ends by this." in said
    assert "Rooms in London are small." in said
    assert "Leeds" not in said
    assert town.notified(message) == []
    await town.restart()
    refused = await town.press(town.mo, message, "Propose a revision")
    assert "Only a chapter's admins and coordinators can do this." in town.text_of(refused)
    form = await town.press(town.lea, message, "Propose a revision")
    await town.fill(town.lea, form, target="80", deadline="2027-10-28", why="We know more now.")
    await town.run_due()
    assert "Members: 80 by 28 October 2027, instead of 100 by 28 October 2026" in town.text_of(list(thread.history())[-1])
    await town.send(town.ana, f"rp.share:{town.chapters['London']}:2026-09:off")
    await town.run_due()
    assert "Rooms in London" not in town.text_of(next(iter(thread.history())))
    shown = town.text_of(await town.slash(town.mo, "progress", goal="Members"))
    assert "28 October 2026" in shown
    assert timedelta(0) < town.now - ADDED
