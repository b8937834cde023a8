"""The policy as coordinators change it: what a change would come to, once and for all to see, and never for the days before it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery import planner
from bot.domain.calendar import Month
from bot.domain.effects import Next
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.domain.settings import SETTINGS, Group
from bot.locales import plain, say
from bot.services import chapters, deep, facilitation, policies
from bot.services.policies import Done, Proposal
from cogs.cards import facilitation as facilitation_cards
from cogs.cards.chapters import status_card
from cogs.cards.standing import standing_line
from db import organisations, recount, summaries
from db.facilitation import Whose
from db.store import Store
from db.tables import change, goal_value, outbox, summary
from db.tables import policy as policy_table
from tests import asked
from tests.services.growing import CORA, FOUNDED, GUILD, Growing, cora, mo, noon

TODAY = date(2026, 11, 22)
NOW = noon(TODAY)


@pytest.fixture
async def town(store: Store) -> Growing:
    growing = Growing(store)
    await growing.set_up()
    return growing


async def refusal(awaited: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await awaited
    return plain(refused.value.reason, "en")


async def propose(town: Growing, key: str, written: str, now: datetime = NOW, form: str = "form") -> Proposal:
    found = await policies.propose(town.store, cora, key, written, form, now)
    assert isinstance(found, Proposal)
    return found


async def set_(town: Growing, key: str, written: str, now: datetime = NOW) -> Done:
    await propose(town, key, written, now)
    done = await policies.confirm(town.store, cora, key, "form", "again", now)
    assert isinstance(done, Done)
    assert done.changed
    return done


async def in_force(town: Growing) -> Policy:
    async with town.store.read() as c:
        return await organisations.policy_in_force(c, GUILD)


async def functions(town: Growing, name: str, last: int, kind: str = "meeting", zone: str = "UTC") -> int:
    """A chapter that reported in October, learnt in September, and last came together so many days ago."""
    made = await town.chapter(name, zone=zone)
    await town.reports(made, Month(2026, 9), date(2026, 10, 5))
    await town.does(made, date(2026, 9, 5))
    await town.does(made, TODAY - timedelta(days=last), kind, learns=False)
    return made


async def all_are_looked_at(town: Growing, now: datetime = NOW) -> None:
    await planner.plan(town.store, now)
    assert await not_as_worked_out(town) == {}


async def not_as_worked_out(town: Growing) -> dict[int, Any]:
    """The summaries that are not what the entries come to under the policy in force."""
    policy = await in_force(town)
    async with town.store.read() as c:
        ids = list(await c.scalars(select(summary.c.chapter_id)))
        kept = await recount.kept_summaries(c, GUILD, ids)
        due = {each.chapter.id: summaries.summarised(each, policy) for each in await summaries.read(c, GUILD, ids, policy)}
    return {each: due[each] for each in ids if any(kept[each][name] != value for name, value in due[each].items())}


async def test_it_tells_how_many_chapters_would_no_longer_count_before_anything_changes(town: Growing) -> None:
    for name, last in (("London", 5), ("Leeds", 20), ("York", 40)):
        await functions(town, name, last)
    await town.adopts("functioning_chapters")
    effect = (await propose(town, "together_days", "14")).effect
    assert effect is not None
    assert (effect.before, effect.after, effect.lost, effect.gained) == (3, 1, 2, 0)
    assert (effect.at_risk_before, effect.at_risk_after) == (1, 0)
    assert await in_force(town) == Policy()
    assert (await town.measure("functioning_chapters", TODAY)).value == 3


async def test_it_tells_how_many_would_newly_count(town: Growing) -> None:
    for name, last in (("London", 5), ("Leeds", 60), ("York", 70)):
        await functions(town, name, last)
    effect = (await propose(town, "together_days", "65")).effect
    assert effect is not None
    assert (effect.before, effect.lost, effect.gained) == (1, 0, 1)


@pytest.mark.parametrize(
    ("key", "written", "functioning"),
    [
        ("together_days", "14", 1),
        ("together_kinds", "meeting", 2),
        ("together_people", "13", 0),
        ("reports_days", "40", 0),
        ("learns_count", "2", 0),
    ],
)
async def test_what_it_tells_is_what_comes_of_it(town: Growing, key: str, written: str, functioning: int) -> None:
    await functions(town, "London", 5)
    await functions(town, "Leeds", 20)
    await functions(town, "York", 30, "social", "Asia/Tokyo")
    await town.adopts("functioning_chapters")
    effect = (await propose(town, key, written)).effect
    assert effect is not None
    assert effect.before == 3
    await policies.confirm(town.store, cora, key, "form", "again", NOW)
    await all_are_looked_at(town)
    assert effect.after == functioning == (await town.measure("functioning_chapters", TODAY)).value


async def test_past_days_are_judged_by_the_policy_of_their_day(town: Growing) -> None:
    london = await functions(town, "London", 20, "social")
    goal = await town.adopts("functioning_chapters", TODAY - timedelta(days=3))
    yesterday = TODAY - timedelta(days=1)
    await town.keeps(yesterday)
    await set_(town, "together_kinds", "meeting, education")
    await set_(town, "together_people", "13", NOW + timedelta(seconds=1))
    tomorrow = TODAY + timedelta(days=1)
    await all_are_looked_at(town, noon(tomorrow))
    await town.keeps(TODAY)
    for day, value in ((yesterday, 1), (TODAY, 0)):
        assert (await town.measure("functioning_chapters", tomorrow, day)).value == value
        status = await chapters.status(town.store, mo, "London", str(day), noon(tomorrow))
        assert status.verdict.status.counts_as_functioning is bool(value)
        kept = await town.kept(goal.id, day)
        assert kept is not None
        assert kept.value == value
    assert london


async def test_daily_values_that_are_kept_do_not_change(town: Growing) -> None:
    await functions(town, "London", 20)
    await town.adopts("functioning_chapters", TODAY - timedelta(days=5))
    await town.keeps(TODAY - timedelta(days=1))
    async with town.store.read() as c:
        before = (await c.execute(select(goal_value))).all()
    await set_(town, "together_days", "14")
    await planner.plan(town.store, NOW)
    async with town.store.read() as c:
        assert (await c.execute(select(goal_value))).all() == before
    assert len(before) == 5


async def test_a_change_is_made_once_however_often_it_is_confirmed(town: Growing) -> None:
    await set_(town, "together_days", "30")
    again = await policies.confirm(town.store, cora, "together_days", "form", "again", NOW)
    assert isinstance(again, Done)
    assert not again.changed
    assert (again.now.value, again.now.by) == (30, CORA)
    async with town.store.read() as c:
        assert [row.value for row in await c.execute(select(policy_table))] == [30]
        logged = (await c.execute(select(change).where(change.c.kind == "policy.change"))).one()
    assert (logged.made_by, logged.fields) == (CORA, ["together_days"])


async def test_the_second_of_two_at_once_is_shown_what_it_comes_to_by_now(town: Growing) -> None:
    await functions(town, "London", 20)
    await propose(town, "together_days", "30", form="hers")
    other = Caller(99, GUILD, cora.role_ids, cora.server_role_ids)
    assert isinstance(await policies.propose(town.store, other, "together_days", "14", "his", NOW), Proposal)
    assert isinstance(await policies.confirm(town.store, cora, "together_days", "hers", "x", NOW), Done)
    shown = await policies.confirm(town.store, other, "together_days", "his", "anew", NOW)
    assert isinstance(shown, Proposal)
    assert shown.overtaken
    assert (shown.now.value, shown.now.by, shown.value) == (30, CORA, 14)
    assert (await in_force(town)).together_days == 30
    done = await policies.confirm(town.store, other, "together_days", "anew", "x", NOW)
    assert isinstance(done, Done)
    assert (await in_force(town)).together_days == 14


async def test_nobody_confirms_what_another_has_proposed(town: Growing) -> None:
    await propose(town, "together_days", "30")
    other = Caller(99, GUILD, cora.role_ids, cora.server_role_ids)
    for act in (
        policies.confirm(town.store, other, "together_days", "form", "x", NOW),
        policies.cancel(town.store, other, "together_days", "form", NOW),
    ):
        assert not (await act).changed  # type: ignore[union-attr]
    assert await in_force(town) == Policy()
    assert isinstance(await policies.confirm(town.store, cora, "together_days", "form", "x", NOW), Done)
    assert (await in_force(town)).together_days == 30


async def test_what_is_cancelled_is_not_done_later(town: Growing) -> None:
    await propose(town, "together_days", "30")
    await policies.cancel(town.store, cora, "together_days", "form", NOW)
    assert not (await policies.confirm(town.store, cora, "together_days", "form", "x", NOW)).changed  # type: ignore[union-attr]
    assert await in_force(town) == Policy()


async def test_a_program_that_stops_between_two_handfuls_goes_on_with_the_rest(town: Growing, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(7):
        await functions(town, f"Chapter {n}", 20)
    await planner.plan(town.store, NOW)
    await set_(town, "together_days", "14")
    assert len(await not_as_worked_out(town)) == 7
    monkeypatch.setattr(planner, "AT_ONCE", 3)
    kept_going = planner._plan_some

    async def once(*given: Any) -> None:
        await kept_going(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(planner, "_plan_some", once)
    with pytest.raises(KeyboardInterrupt):
        await planner.plan(town.store, NOW)
    assert len(await not_as_worked_out(town)) == 4
    monkeypatch.undo()
    await planner.plan(town.store, NOW + timedelta(minutes=1))
    assert await not_as_worked_out(town) == {}


async def test_a_digest_whose_new_day_has_passed_already_waits_for_the_next_week(town: Growing) -> None:
    wednesday = datetime(2026, 11, 25, 12, tzinfo=UTC)
    await planner.plan(town.store, wednesday)
    await set_(town, "digest_weekday", "Tuesday", wednesday)
    assert (await town.organisation()).digested_on == date(2026, 11, 24)
    assert (await propose(town, "digest_hour", "10", wednesday)).next_after is not None


async def test_it_tells_when_the_question_would_next_be_asked(town: Growing) -> None:
    shown = await propose(town, "prompt_day", "3")
    assert (shown.next_before, shown.next_after) == (Next(date(2026, 12, 1), 9), Next(date(2026, 12, 3), 9))
    assert not shown.asked_at_once
    early = await propose(town, "prompt_hour", "8", datetime(2026, 12, 1, 8, 30, tzinfo=UTC), "second")
    assert early.asked_at_once


async def test_what_is_asked_at_once_goes_out_and_what_went_out_is_not_sent_again(town: Growing) -> None:
    await town.chapter("London", date(2026, 10, 1))
    now = datetime(2026, 12, 2, 12, tzinfo=UTC)
    await planner.plan(town.store, now)
    await set_(town, "prompt_day", "4", now)
    await set_(town, "prompt_day", "2", now + timedelta(hours=1))
    await planner.plan(town.store, now + timedelta(hours=2))
    async with town.store.read() as c:
        prompts = (await c.execute(select(outbox).where(outbox.c.kind == "prompt", outbox.c.period == Month(2026, 11)))).all()
    assert len(prompts) == 1


async def test_who_is_no_coordinator_sees_the_policy_and_changes_nothing(town: Growing) -> None:
    shown = await policies.show(town.store, mo, Group.REPORT)
    assert not shown.may_set
    assert {each.setting.key for each in shown.entries} >= {"prompt_day", "prompt_hour", "due_day"}
    assert "Only coordinators" in await refusal(policies.propose(town.store, mo, "together_days", "30", "f", NOW))
    assert "Only coordinators" in await refusal(policies.confirm(town.store, mo, "together_days", "f", "g", NOW))
    assert "Only coordinators" in await refusal(policies.cancel(town.store, mo, "together_days", "f", NOW))


@pytest.mark.parametrize(
    ("key", "written", "said"),
    [
        ("together", "30", "There is no setting “together”"),
        ("comes together within how many day", "30", "Did you mean “Comes together: within how many days”"),
        ("together_days", "lots", "Write a whole number"),
        ("together_days", "5000", "from 7 days to 400 days"),
        ("opens", "10", "“The monthly question: at what hour”"),
        ("small_cell", "1", "from 4 people to 20 people"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_could(town: Growing, key: str, written: str, said: str) -> None:
    assert said in await refusal(policies.propose(town.store, cora, key, written, "f", NOW))


async def test_a_setting_is_found_by_its_name_in_any_case(town: Growing) -> None:
    assert (await propose(town, "comes together: WITHIN how many days", "30")).now.setting is SETTINGS["together_days"]


async def test_what_is_offered_while_a_value_is_typed(town: Growing) -> None:
    async def offered(key: str, typed: str = "") -> list[tuple[str, str]]:
        return [(plain(name, "en"), value) for name, value in await policies.values(town.store, mo, key, typed, NOW)]

    await set_(town, "together_days", "30")
    assert await offered("together_days") == [("30 days (as it is now)", "30"), ("45 days (as the rules were written)", "45")]
    assert await offered("together_days", "60") == [("60 days", "60")]
    assert ("Sunday", "6") in await offered("digest_weekday")
    assert (await offered("together_kinds"))[0] == ("all of them (as it is now)", "all")
    names = await policies.keys(town.store, mo, "comes together", NOW)
    assert {value for _, value in names} == {"together_days", "together_count", "together_people", "together_kinds"}


async def test_what_is_set_already_needs_no_confirmation(town: Growing) -> None:
    done = await policies.propose(town.store, cora, "together_days", "45 days", "f", NOW)
    assert isinstance(done, Done)
    assert not done.changed


async def test_one_organisation_changes_nothing_in_another(town: Growing) -> None:
    async with town.store.write() as c:
        await asked.create(c, 2, noon(FOUNDED))
    await set_(town, "together_days", "30")
    async with town.store.read() as c:
        assert await organisations.policy_in_force(c, 2) == Policy()


async def test_a_deep_look_finds_nothing_wrong_while_chapters_wait_to_be_worked_out_anew(town: Growing) -> None:
    await functions(town, "London", 20)
    await planner.plan(town.store, NOW)
    await set_(town, "together_days", "14")
    assert len(await not_as_worked_out(town)) == 1
    assert (await deep.compare(town.store, NOW + timedelta(minutes=1))).faults == ()
    await planner.plan(town.store, NOW + timedelta(minutes=1))
    assert (await deep.compare(town.store, NOW + timedelta(minutes=2))).faults == ()


async def test_what_mends_a_chapter_is_of_a_kind_that_counts(town: Growing) -> None:
    await town.chapter("London")
    await set_(town, "together_kinds", "project, social")
    together = (await chapters.status(town.store, mo, "London", None, NOW)).criteria[0]
    assert together.verdict.kinds == ("project", "social")
    shown = say(status_card(await chapters.status(town.store, mo, "London", None, NOW)).blocks[1].text, "en")  # type: ignore[union-attr]
    assert "One check-in is enough: project or social." in shown


async def test_whoever_calls_or_has_just_recorded_is_told_of_the_kinds_that_count_too(town: Growing) -> None:
    london = await functions(town, "London", 60, kind="social")
    await set_(town, "together_kinds", "project, social")
    await all_are_looked_at(town, NOW + timedelta(minutes=1))
    (call,) = (await facilitation.overdue(town.store, cora, Whose.ALL, 0, NOW)).digest.calls
    assert "no project or social since 23 September 2026" in plain(list(facilitation_cards.reasons(call, 60))[-1], "en")
    verdict = (await chapters.status(town.store, mo, london, None, NOW)).verdict
    needed = "For London to function, this is still needed: a check-in (project or social)."
    assert plain(standing_line("London", verdict), "en") == needed


async def test_what_waits_to_be_sent_by_the_old_policy_is_planned_anew(town: Growing) -> None:
    await town.chapter("London", date(2026, 10, 1))
    night = datetime(2026, 12, 1, 23, tzinfo=UTC)
    await planner.plan(town.store, night)
    waiting = select(outbox.c.due_at).where(outbox.c.kind == "prompt", outbox.c.period == Month(2026, 11))
    async with town.store.read() as c:
        assert (await c.scalars(waiting)).all() == [datetime(2026, 12, 2, 8, tzinfo=UTC)]
    await set_(town, "prompt_day", "4", night)
    await planner.plan(town.store, night + timedelta(minutes=1))
    async with town.store.read() as c:
        assert (await c.scalars(waiting)).all() == []
    await planner.plan(town.store, datetime(2026, 12, 4, 9, tzinfo=UTC))
    async with town.store.read() as c:
        assert (await c.scalars(waiting)).all() == [datetime(2026, 12, 4, 9, tzinfo=UTC)]
