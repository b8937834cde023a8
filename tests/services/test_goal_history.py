"""What a goal was and why; texts that are taken out; people who erase themselves; and the day after a deadline."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.domain.goals import Measured, Standing
from bot.domain.proposals import State, Voice
from bot.domain.refusal import Refusal
from bot.locales import plain
from bot.services import evaluations, goal_history, goal_revisions, privacy
from cogs.cards import goal_history as cards
from db import organisations, persons
from db.store import Store
from db.tables import proposal, proposal_version, proposal_voice
from tests.services.deciding_town import CLOSES, NAMES, OPENED, Town, of
from tests.services.growing import GUILD, cora, mo, noon, told

DAY_AFTER = CLOSES + timedelta(days=1)


@pytest.fixture
async def town(store: Store) -> Town:
    """Twelve chapters that decide together."""
    made = Town(store)
    await made.build()
    return made


async def refusal(awaited: object) -> str:
    """The words with which something is refused."""
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return plain(refused.value.reason, "en")


# History


async def test_the_history_tells_revisions_and_proposals_with_figures_and_reasons_the_newest_first(town: Town) -> None:
    stopped = await town.propose(7000, why="Let us be bold.")
    await town.say(stopped, Voice.OBJECT, "Ayr")
    await town.close(noon(DAY_AFTER))
    adopted = await town.propose(6000, why="Let us be calm.")
    await town.say(adopted, Voice.SUPPORT, *NAMES[:7])
    await town.close(noon(DAY_AFTER + timedelta(days=1)))
    shown = await goal_history.history(town.store, mo, "members", 0, noon(DAY_AFTER + timedelta(days=2)))
    told = [
        (
            each.revision and each.revision.goal.target,
            each.before and each.before.target,
            each.proposal and (each.proposal.stored.state, each.proposal.stored.why, each.proposal.tally.answered),
        )
        for each in shown.entries
    ]
    assert told == [
        (None, None, (State.STOPPED, "Let us be bold.", 1)),
        (6000, 5000, (State.ADOPTED, "Let us be calm.", 7)),
        (5000, None, None),
    ]
    assert not shown.may_redact


async def test_why_coordinators_changed_a_goal_by_themselves_stands_there_too_also_when_it_is_given_up(store: Store) -> None:
    town = Town(store)
    await town.build(NAMES[:2])
    await goal_revisions.edit(store, cora, "members", 4000, None, None, noon(OPENED), "We counted anew.")
    goal = await goal_revisions.to_retire(store, cora, "members", "It says little.", "form", noon(OPENED))
    for _ in range(2):
        await goal_revisions.retire(store, cora, goal.id, noon(OPENED), "form")
    shown = await goal_history.history(store, cora, "members", 0, noon(CLOSES))
    assert shown.retired
    assert [(each.revision.retired, each.revision.why) for each in shown.entries if each.revision] == [
        (True, "It says little."),
        (False, "We counted anew."),
        (False, None),
    ]
    (_, edit, _) = [each.revision for each in shown.entries if each.revision]
    await goal_history.redact_revision(store, cora, goal.id, edit.id, noon(CLOSES))
    again = await goal_history.history(store, cora, goal.id, 0, noon(CLOSES))
    assert [each.revision.why for each in again.entries if each.revision][1] is None
    assert "Only coordinators can do this." in await refusal(goal_history.redact_revision(store, mo, goal.id, edit.id, noon(CLOSES)))
    assert "No goals are set here yet." in await refusal(goal_history.history(store, mo, "joy", 0, noon(CLOSES)))


async def test_a_history_of_many_revisions_has_pages(store: Store) -> None:
    town = Town(store)
    await town.build(NAMES[:2])
    for n in range(7):
        await goal_revisions.edit(store, cora, "members", 4000 + n, None, None, noon(OPENED + timedelta(days=n)))
    pages = [await goal_history.history(store, mo, "members", page, noon(CLOSES)) for page in (0, 1, 9)]
    assert [(each.page, each.pages, len(each.entries)) for each in pages] == [(0, 2, 5), (1, 2, 3), (1, 2, 3)]


# Taken out


async def test_coordinators_take_any_reason_out_that_they_can_read_and_admins_their_own(town: Town) -> None:
    view = await town.propose(why="Something ugly.")
    await town.say(view, Voice.OBJECT, "Ayr", "Bath", reason="Something worse.")
    await town.hide("Bath")
    seen = await goal_history.texts(town.store, cora, view.stored.id, noon(OPENED))
    assert (seen.why, [each.chapter for each in seen.said]) == (True, ["Ayr"])
    own = await goal_history.texts(town.store, of("Bath"), view.stored.id, noon(OPENED))
    assert (own.why, [each.chapter for each in own.said]) == (False, ["Bath"])
    told = await refusal(goal_history.redact(town.store, of("Bath"), view.stored.id, town.ids["Ayr"], noon(OPENED)))
    assert told.startswith("Only Ayr's admins and coordinators can do this.")
    assert "Only coordinators and whoever made" in await refusal(
        goal_history.redact(town.store, of("Bath"), view.stored.id, 0, noon(OPENED))
    )
    for about in (0, town.ids["Ayr"]):
        done = await goal_history.redact(town.store, cora, view.stored.id, about, noon(OPENED))
    assert done.stored.why is None
    assert [(each.chapter, each.voice, each.reason) for each in done.named[Voice.OBJECT]] == [("Ayr", Voice.OBJECT, None)]
    assert await town.logged("goal.redact") == [("goal.redact", ["why"]), ("goal.redact", ["reason"])]


async def test_who_erases_themselves_is_in_no_proposal_and_no_voice_any_more_and_both_stand(town: Town) -> None:
    view = await town.propose(by=of("Ayr"))
    await town.say(view, Voice.OBJECT, "Ayr")
    shown = await privacy.show(town.store, of("Ayr"), noon(OPENED))
    assert {"proposal", "proposal_version", "proposal_voice"} <= set(shown.counts)
    async with town.store.write() as c:
        await persons.erase(c, GUILD, of("Ayr").user_id)
    async with town.store.read() as c:
        for column in (proposal.c.made_by, proposal_version.c.opened_by, proposal_voice.c.said_by):
            assert await c.scalar(select(column)) is None
    assert (await town.look(view, OPENED)).tally.object == 1
    await town.close(noon(DAY_AFTER))
    assert await town.owed("proposal_closed") == []


# A deadline that has passed


async def test_an_unreached_goal_is_looked_back_on_once_after_its_deadline_and_a_reached_one_is_not(town: Town) -> None:
    await town.set_policy("direct_chapters", 100, OPENED)
    await goal_revisions.edit(town.store, cora, "members", None, "2026-11-22", None, noon(OPENED))
    missed = (await town.goals())[0]
    reached = await town.adopts("reporting_chapters", OPENED, target=1)
    await goal_revisions.edit(town.store, cora, "reporting_chapters", None, "2026-11-22", None, noon(OPENED))
    await town.says_hard("Ayr", "Our room is small.", share=True)
    await town.says_hard("Bath", "Not to be quoted.", share=False)
    await town.says_hard("Cork", "We are hidden.", share=True)
    await town.hide("Cork")
    await town.keeps(CLOSES - timedelta(days=1))
    for day in (CLOSES, DAY_AFTER, DAY_AFTER + timedelta(days=3)):
        await town.plan(noon(day))
    assert await town.owed("deadline") == [{"goal_id": missed.id, "deadline": "2026-11-22"}]
    assert reached.id != missed.id
    async with town.store.read() as c:
        organisation = await organisations.find(c, GUILD)
        assert organisation is not None
        found = await evaluations.missed(c, organisation, missed.id, date(2026, 11, 22))
        assert found is not None
        assert (found.target, found.then.value) == (5000, None)
        assert [(each.chapter, each.words) for each in found.quotes] == [("Ayr", "Our room is small.")]
    await goal_revisions.edit(town.store, cora, "members", None, "2027-11-22", None, noon(DAY_AFTER))
    async with town.store.read() as c:
        assert await evaluations.missed(c, organisation, missed.id, date(2026, 11, 22)) is None


async def test_the_history_tells_what_was_reached_by_each_deadline_that_passed_while_it_held(town: Town) -> None:
    await town.set_policy("direct_chapters", 100, OPENED)
    await goal_revisions.edit(town.store, cora, "members", None, "2026-11-22", None, noon(OPENED))
    reached = await town.adopts("reporting_chapters", OPENED, target=1)
    await goal_revisions.edit(town.store, cora, "reporting_chapters", None, "2026-11-22", None, noon(OPENED))
    await town.says_hard("Ayr", "Our room is small.", share=True)
    on_the_day = await goal_history.history(town.store, mo, "members", 0, noon(date(2026, 11, 22)))
    assert [each.passed for each in on_the_day.entries] == [None, None]
    await town.keeps(CLOSES - timedelta(days=1))
    await town.keeps(CLOSES)
    await goal_revisions.edit(town.store, cora, "members", None, "2027-11-22", None, noon(DAY_AFTER))
    shown = await goal_history.history(town.store, mo, "members", 0, noon(DAY_AFTER))
    assert [each.passed is None for each in shown.entries] == [True, False, True, True]
    said = "22 November 2026 · The deadline: the figure was not known well enough on that day. The goal was 5,000."
    assert said in told(cards.history_card(shown))
    shown = await goal_history.history(town.store, mo, reached.id, 0, noon(DAY_AFTER))
    assert "22 November 2026 · The deadline: 1 of 1, reached" in told(cards.history_card(shown))
    unreached = replace(shown.entries[0], passed=Standing(replace(reached, target=3), Measured(2)))
    assert "The deadline: 2 of 3" in told(cards.history_card(replace(shown, entries=(unreached,))))


async def test_a_deadline_that_passed_long_ago_invites_nobody(town: Town) -> None:
    await town.set_policy("direct_chapters", 100, OPENED)
    await goal_revisions.edit(town.store, cora, "members", None, "2026-11-22", None, noon(OPENED))
    await town.keeps(DAY_AFTER)
    await evaluations.owe(town.store, await town.organisation(), noon(DAY_AFTER + timedelta(days=40)))
    assert await town.owed("deadline") == []
    await evaluations.owe(town.store, await town.organisation(), noon(DAY_AFTER + timedelta(days=20)))
    assert len(await town.owed("deadline")) == 1
