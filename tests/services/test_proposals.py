"""Proposals on a real database: one voice for each chapter, until the close, and what comes of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.domain.chapters import State as ChapterState
from bot.domain.proposals import Outcome, Rule, State, Voice
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain
from bot.services import goal_revisions, goals, proposals, proposing, voices
from bot.services.proposing import Asked, Where
from bot.services.voices import Choose, Objecting, Spoken
from cogs.cards import proposals as cards
from db import people
from db.store import Store
from db.tables import proposal
from tests.services.deciding_town import CLOSES, HERE, NAMES, OPENED, Town, of
from tests.services.growing import CORA, GUILD, cora, mo, noon

LATER = date(2026, 11, 10)
NOTHING = Asked()
DAY_AFTER = CLOSES + timedelta(days=1)
MIDNIGHT = noon(DAY_AFTER) - timedelta(hours=12)


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


# Adopted, or not


async def test_half_of_the_chapters_adopt_a_goal_if_none_objects_and_nobodys_silence_does(town: Town) -> None:
    view = await town.propose()
    await town.say(view, Voice.SUPPORT, *NAMES[:4])
    await town.say(view, Voice.ASIDE, NAMES[4])
    await town.close(MIDNIGHT - timedelta(seconds=1))
    assert (await town.look(view, CLOSES)).is_open
    assert (await town.look(view, CLOSES)).tally.answered == 5
    await town.say(view, Voice.SUPPORT, NAMES[5], on=CLOSES)
    await town.close(MIDNIGHT)
    done = await town.look(view, DAY_AFTER)
    assert (done.stored.state, done.outcome, done.tally.support, done.tally.aside, done.tally.active) == (
        State.ADOPTED,
        Outcome.ADOPTED,
        5,
        1,
        12,
    )
    (goal,) = await town.goals()
    assert (goal.target, goal.deadline) == (6000, date(2030, 1, 1))
    assert await town.logged("goal.rethink", "goal.adopted", "goal.add") == [
        ("goal.add", ["deadline", "target"]),
        ("goal.rethink", ["target"]),
        ("goal.adopted", ["active=12", "answered=6", "aside=1", "object=0", "support=5"]),
    ]


async def test_with_too_few_answers_a_goal_stays_as_it_is(town: Town) -> None:
    view = await town.propose()
    await town.say(view, Voice.SUPPORT, *NAMES[:5])
    await town.close(MIDNIGHT)
    done = await town.look(view, DAY_AFTER)
    assert (done.stored.state, done.outcome) == (State.STOPPED, Outcome.TOO_FEW)
    assert [goal.target for goal in await town.goals()] == [5000]


async def test_a_later_objection_before_the_close_stops_it_and_who_proposed_and_objected_hears_of_it(town: Town) -> None:
    view = await town.propose()
    await town.say(view, Voice.SUPPORT, *NAMES[:8])
    said = await town.say(view, Voice.OBJECT, NAMES[0], on=CLOSES, reason="Too fast for us.")
    assert said.before is not None
    assert said.before.voice is Voice.SUPPORT
    await town.close(MIDNIGHT)
    done = await town.look(view, DAY_AFTER)
    assert (done.stored.state, done.outcome, done.tally.support, done.tally.object) == (State.STOPPED, Outcome.OBJECTION, 7, 1)
    assert [each.reason for each in done.named[Voice.OBJECT]] == ["Too fast for us."]
    assert [each["user_id"] for each in await town.owed("proposal_closed")] == [CORA, of(NAMES[0]).user_id]


async def test_an_objection_that_is_taken_back_in_time_no_longer_stops_it(town: Town) -> None:
    view = await town.propose()
    await town.say(view, Voice.SUPPORT, *NAMES[1:8])
    await town.say(view, Voice.OBJECT, NAMES[0])
    await town.say(view, Voice.ASIDE, NAMES[0], on=CLOSES)
    await town.close(MIDNIGHT)
    assert (await town.look(view, DAY_AFTER)).stored.state is State.ADOPTED


async def test_where_too_few_answered_and_one_objected_both_are_said_and_hidden_voices_are_not_missed(town: Town) -> None:
    few = await town.propose()
    await town.say(few, Voice.OBJECT, NAMES[0])
    await town.hide(*NAMES[9:])
    enough = await town.propose(metric="delegates", target=7)
    await town.say(enough, Voice.SUPPORT, *NAMES[:3])
    await town.say(enough, Voice.ASIDE, *NAMES[9:11])
    await town.say(enough, Voice.OBJECT, NAMES[11])
    await town.close(MIDNIGHT)
    said = [plain(cards.result(await town.look(view, DAY_AFTER)), "en") for view in (few, enough)]
    assert said[0].startswith(
        "**Not adopted**: too few chapters answered, and an objection stands. A chapter that objects can amend it until"
    )
    assert said[1].startswith("**Not adopted**: an objection stands. A chapter that objects can amend it until")
    seen = (await town.look(enough, DAY_AFTER)).tally
    assert (seen.answered, seen.needed) == (3, 6)


async def test_by_majority_one_objection_does_not_stop_it_and_an_open_proposal_keeps_its_rule(town: Town) -> None:
    by_consent = await town.propose(metric="delegates", target=7)
    await town.set_policy("adoption", "majority", OPENED)
    by_majority = await town.propose()
    for view in (by_consent, by_majority):
        await town.say(view, Voice.SUPPORT, *NAMES[:5])
        await town.say(view, Voice.OBJECT, NAMES[5])
    assert (by_consent.stored.rule, by_majority.stored.rule) == (Rule.CONSENT, Rule.MAJORITY)
    await town.close(MIDNIGHT)
    assert (await town.look(by_consent, DAY_AFTER)).outcome is Outcome.OBJECTION
    assert (await town.look(by_majority, DAY_AFTER)).stored.state is State.ADOPTED


async def test_a_new_goal_that_is_adopted_begins_on_the_day_after_the_close(town: Town) -> None:
    view = await town.propose(metric="delegates", target=7)
    await town.say(view, Voice.SUPPORT, *NAMES[:6])
    await town.close(MIDNIGHT)
    assert [(goal.metric, goal.target, goal.starts) for goal in await town.goals()][1:] == [("delegates", 7, DAY_AFTER)]


async def test_a_goal_is_given_up_if_chapters_adopt_that(town: Town) -> None:
    await proposing.propose_to_retire(town.store, cora, "members", Asked("It says little."), HERE, "form", noon(OPENED))
    view = await proposing.confirm(town.store, cora, "form", noon(OPENED))
    await town.say(view, Voice.SUPPORT, *NAMES[:6])
    await town.close(MIDNIGHT)
    assert await town.goals() == []


# Once, and however late


async def test_a_program_that_slept_over_the_close_counts_chapters_as_they_were_then_and_does_nothing_twice(town: Town) -> None:
    view = await town.propose()
    await town.say(view, Voice.SUPPORT, *NAMES[:6])
    late = DAY_AFTER + timedelta(days=9)
    for name in NAMES[:3]:
        await town.becomes(town.ids[name], ChapterState.ARCHIVED, late - timedelta(days=5))
    assert "closed at the end of 22 November 2026" in await refusal(
        voices.speak(town.store, of(NAMES[5]), view.stored.id, 1, Voice.ASIDE, noon(late))
    )
    for _ in range(2):
        await town.plan(noon(late))
    done = await town.look(view, late)
    assert (done.stored.state, done.tally.active, done.tally.answered) == (State.ADOPTED, 12, 6)
    assert len(await town.logged("goal.adopted")) == 1
    assert len(await town.owed("proposal_closed")) == 1
    async with town.store.read() as c:
        assert await c.scalar(select(proposal.c.decided_at)) == noon(late)


async def test_the_same_form_sent_twice_is_one_proposal(town: Town) -> None:
    first = await town.propose()
    again = await proposing.confirm(town.store, cora, "proposal 1", noon(OPENED))
    assert again.stored.id == first.stored.id
    assert len(await town.owed("proposal")) == 1


# Who counts


async def test_resting_chapters_are_not_waited_for_and_count_where_they_speak(town: Town) -> None:
    view = await town.propose()
    for name in NAMES[:4]:
        await town.becomes(town.ids[name], ChapterState.RESTING, OPENED, CLOSES + timedelta(days=30))
    assert (await town.look(view, LATER)).tally.active == 8
    await town.say(view, Voice.SUPPORT, NAMES[0], *NAMES[4:8])
    assert (await town.look(view, LATER)).tally.active == 9
    await town.close(MIDNIGHT)
    done = await town.look(view, DAY_AFTER)
    assert (done.stored.state, done.tally.active, done.tally.answered) == (State.ADOPTED, 9, 5)


async def test_a_chapter_added_while_it_is_open_is_asked_and_an_archived_one_is_out_with_its_voice(town: Town) -> None:
    view = await town.propose()
    await town.say(view, Voice.OBJECT, NAMES[0])
    await town.say(view, Voice.SUPPORT, *NAMES[1:6])
    await town.becomes(town.ids[NAMES[0]], ChapterState.ARCHIVED, LATER)
    async with town.store.write() as c:
        made = await _add(c, "York", LATER)
        await people.add_admin(c, GUILD, made, 77, noon(LATER))
    done = await voices.speak(town.store, Caller(77, GUILD), view.stored.id, 1, Voice.SUPPORT, noon(LATER))
    assert isinstance(done, Spoken)
    await town.close(MIDNIGHT)
    done_view = await town.look(view, DAY_AFTER)
    assert (done_view.stored.state, done_view.tally.active, done_view.tally.support, done_view.tally.object) == (State.ADOPTED, 12, 6, 0)
    assert await refusal(voices.speak(town.store, of(NAMES[0]), view.stored.id, 1, Voice.ASIDE, noon(LATER)))


async def _add(c: object, name: str, on: date) -> int:
    from db import chapters, summaries

    made = await chapters.add(c, GUILD, noon(on), None, name=name, timezone="UTC", added_on=on)  # type: ignore[arg-type]
    await summaries.refresh(c, GUILD, [made], noon(on))  # type: ignore[arg-type]
    return made


async def test_hidden_chapters_count_and_are_neither_named_nor_told_apart_while_they_are_few(town: Town) -> None:
    await town.hide(*NAMES[:4])
    view = await town.propose()
    await town.say(view, Voice.SUPPORT, *NAMES[4:8])
    first = await town.say(view, Voice.SUPPORT, *NAMES[:2])
    assert not first.moved
    assert first.view.tally.support == 4
    third = await town.say(view, Voice.SUPPORT, NAMES[2])
    assert third.moved
    assert third.view.tally.support == 7
    assert [each.chapter for each in third.view.named[Voice.SUPPORT]] == list(NAMES[4:8])
    last = await town.say(view, Voice.OBJECT, NAMES[3], reason="A secret reason")
    assert (last.view.tally.object, last.view.named.get(Voice.OBJECT)) == (0, None)
    await town.close(MIDNIGHT)
    done = await town.look(view, DAY_AFTER)
    assert (done.outcome, done.tally.object) == (Outcome.OBJECTION, 0)
    assert await town.logged("goal.stopped") == [("goal.stopped", ["active=12", "answered=7", "aside=0", "object=0", "support=7"])]


async def test_of_two_admins_the_later_one_counts_and_the_other_hears_of_it(town: Town) -> None:
    async with town.store.write() as c:
        await people.add_admin(c, GUILD, town.ids["Ayr"], of("Ayr", 1).user_id, noon(OPENED))
    view = await town.propose()
    await town.say(view, Voice.SUPPORT, "Ayr")
    done = await town.say(view, Voice.ASIDE, "Ayr", more=1)
    assert done.before is not None
    assert (done.before.said_by, done.said.said_by, done.said.voice) == (of("Ayr").user_id, of("Ayr", 1).user_id, Voice.ASIDE)
    assert done.view.tally.answered == 1
    (told,) = await town.owed("voice")
    assert (told["user_id"], told["by"]) == (of("Ayr").user_id, of("Ayr", 1).user_id)
    looked = await proposals.look(town.store, of("Ayr"), view.stored.id, noon(OPENED))
    assert [(each.voice, each.said_by) for each in looked.own] == [(Voice.ASIDE, of("Ayr", 1).user_id)]


async def test_who_is_admin_of_two_chapters_says_for_which_and_an_objection_needs_a_reason(town: Town) -> None:
    async with town.store.write() as c:
        await people.add_admin(c, GUILD, town.ids["Bath"], of("Ayr").user_id, noon(OPENED))
    view = await town.propose()
    both = await voices.speak(town.store, of("Ayr"), view.stored.id, 1, Voice.SUPPORT, noon(OPENED))
    assert isinstance(both, Choose)
    assert [chapter.name for chapter in both.chapters] == ["Ayr", "Bath"]
    speak = {"chapter_id": town.ids["Bath"]}
    asked = await voices.speak(town.store, of("Ayr"), view.stored.id, 1, Voice.OBJECT, noon(OPENED), **speak)
    assert isinstance(asked, Objecting)
    for reason, said in ((" ", "Say in a sentence why"), ("x" * 301, "1 character too long")):
        told = await refusal(voices.speak(town.store, of("Ayr"), view.stored.id, 1, Voice.OBJECT, noon(OPENED), reason=reason, **speak))
        assert said in told
    assert (await town.look(view, OPENED)).tally.answered == 0


# Who may not


async def test_only_a_chapters_admins_speak_for_it_and_only_in_its_server(town: Town) -> None:
    view = await town.propose()
    for caller in (mo, cora):
        told = await refusal(voices.speak(town.store, caller, view.stored.id, 1, Voice.SUPPORT, noon(OPENED)))
        assert told == "Only a chapter's admins can do this. Ask one of them."
    told = await refusal(voices.speak(town.store, of("Ayr"), view.stored.id, 1, Voice.SUPPORT, noon(OPENED), chapter_id=town.ids["Bath"]))
    assert told.startswith("Only Bath's admins can do this")
    assert "not in this server" in await refusal(voices.speak(town.store, of("Ayr"), 999, 1, Voice.SUPPORT, noon(OPENED)))
    elsewhere = Caller(of("Ayr").user_id, 2)
    assert "not set up here" in await refusal(voices.speak(town.store, elsewhere, view.stored.id, 1, Voice.SUPPORT, noon(OPENED)))


async def test_members_do_not_propose_and_admins_do(town: Town) -> None:
    asked = (Asked(), HERE, "form", noon(OPENED))
    told = await refusal(proposing.propose(town.store, mo, "members", 6000, "2030-01-01", None, *asked))
    assert told == "Only a chapter's admins and coordinators can do this. Ask one of them."
    shown = await proposing.propose(town.store, of("Ayr"), "members", 6000, "2030-01-01", None, *asked)
    assert shown.closes_on == CLOSES


async def test_what_cannot_be_proposed_is_refused_with_what_could(town: Town) -> None:
    async def told(metric: str, target: int, deadline: str, *, asked: Asked = NOTHING, where: Where = HERE) -> str:
        return await refusal(proposing.propose(town.store, cora, metric, target, deadline, None, asked, where, "form", noon(OPENED)))

    assert "open for at least 21 days" in await told("members", 6000, "2030-01-01", asked=Asked(closes="2026-11-21"))
    assert "Chapters may answer until 22 November 2026" in await told("members", 6000, "2026-11-22")
    assert "has this target and this deadline already" in await told("members", 5000, "2030-01-01")
    assert "Nothing called “joy”" in await told("joy", 5, "2030-01-01")
    assert "is not a day that I can read" in await told("members", 6000, "soon")
    assert "needs a name" in await told("manual", 5, "2030-01-01")
    assert "1 character too long" in await told("members", 6000, "2030-01-01", asked=Asked(why="x" * 701))
    assert "I may not write in" in await told("members", 6000, "2030-01-01", where=Where(500, may_post=False))
    await town.propose()
    assert "There is a proposal about Members already, open until 22 November 2026" in await told("members", 7000, "2030-01-01")


# Amending


async def test_an_objector_amends_which_asks_all_anew_for_the_whole_time(town: Town) -> None:
    view = await town.propose()
    await town.say(view, Voice.SUPPORT, *NAMES[1:9])
    told = await refusal(voices.may_amend(town.store, of("Bath"), view.stored.id, noon(LATER)))
    assert "Only a chapter whose objection stands" in told
    await town.say(view, Voice.OBJECT, "Ayr")
    asked = await voices.may_amend(town.store, of("Ayr"), view.stored.id, noon(LATER))
    typed = {"target": "5,500", "deadline": "2030-01-01", "why": "A little less."}
    amended = await voices.amend(town.store, of("Ayr"), view.stored.id, asked.version, asked.chapter.id, typed, noon(LATER))
    assert (amended.stored.version, amended.stored.content.target, amended.tally.answered) == (2, 5500, 0)
    assert amended.stored.closes_on == LATER + timedelta(days=21)
    assert "amended since you saw this" in await refusal(
        voices.speak(town.store, of("Bath"), view.stored.id, 1, Voice.SUPPORT, noon(LATER))
    )
    await town.close(MIDNIGHT)
    assert (await town.look(view, DAY_AFTER)).is_open
    await town.say(view, Voice.SUPPORT, *NAMES[:6], on=DAY_AFTER, version=2)
    await town.close(noon(LATER + timedelta(days=22)))
    assert [goal.target for goal in await town.goals()] == [5500]


async def test_what_an_objection_stopped_can_be_amended_for_thirty_days(town: Town) -> None:
    view = await town.propose()
    await town.say(view, Voice.OBJECT, "Ayr")
    await town.close(MIDNIGHT)
    chapter_id = town.ids["Ayr"]
    same = {"target": "6000", "deadline": "2030-01-01", "why": ""}
    assert "what is proposed already" in await refusal(
        voices.amend(town.store, of("Ayr"), view.stored.id, 1, chapter_id, same, noon(DAY_AFTER))
    )
    as_it_is = {"target": "5000", "deadline": "2030-01-01", "why": ""}
    assert "leave the goal as it is" in await refusal(
        voices.amend(town.store, of("Ayr"), view.stored.id, 1, chapter_id, as_it_is, noon(DAY_AFTER))
    )
    too_late = noon(DAY_AFTER + timedelta(days=31))
    assert "closed too long ago" in await refusal(voices.amend(town.store, of("Ayr"), view.stored.id, 1, chapter_id, as_it_is, too_late))
    for unclear in ("12,5", "-5", "many", "50%"):
        typed = {"target": unclear, "deadline": "2030-01-01", "why": ""}
        assert "The target should be a whole number" in await refusal(
            voices.amend(town.store, of("Ayr"), view.stored.id, 1, chapter_id, typed, noon(DAY_AFTER))
        )
    typed = {"target": " 5.100 ", "deadline": "2030-01-01", "why": ""}
    amended = await voices.amend(town.store, of("Ayr"), view.stored.id, 1, chapter_id, typed, noon(DAY_AFTER))
    assert amended.stored.content.target == 5100
    assert (amended.is_open, amended.stored.version, amended.outcome) == (True, 2, None)


async def test_whoever_made_a_proposal_can_withdraw_it_and_nobody_else(town: Town) -> None:
    view = await town.propose(by=of("Ayr"))
    assert "Only whoever made a proposal" in await refusal(voices.withdraw(town.store, cora, view.stored.id, noon(LATER)))
    for _ in range(2):
        done = await voices.withdraw(town.store, of("Ayr"), view.stored.id, noon(LATER))
        assert done.stored.state is State.WITHDRAWN
    assert "was withdrawn" in await refusal(voices.speak(town.store, of("Bath"), view.stored.id, 1, Voice.SUPPORT, noon(LATER)))
    await town.close(MIDNIGHT)
    assert [goal.target for goal in await town.goals()] == [5000]


# Small organisations


async def test_up_to_ten_chapters_coordinators_set_goals_by_themselves_and_from_eleven_on_the_chapters_decide(store: Store) -> None:
    town = Town(store)
    await town.build(NAMES[:10])
    assert not await proposing.chapters_decide(store, cora)
    await goal_revisions.edit(store, cora, "members", 5500, None, None, noon(OPENED), "We counted anew.")
    await town.add(NAMES[10])
    assert await proposing.chapters_decide(store, cora)
    said = "With more than 10 chapters here, the chapters adopt goals."
    assert said in await refusal(goals.add(store, cora, "delegates", 5, None, None, noon(OPENED)))
    assert said in await refusal(goal_revisions.edit(store, cora, "members", 6000, None, None, noon(OPENED)))
    (goal,) = await town.goals()
    assert said in await refusal(goal_revisions.retire(store, cora, goal.id, noon(OPENED)))
    await town.set_policy("direct_chapters", 11, OPENED)
    assert not await proposing.chapters_decide(store, cora)
    assert "Only coordinators can do this." in await refusal(proposing.chapters_decide(store, of("Ayr")))
