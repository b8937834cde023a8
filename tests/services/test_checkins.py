"""Check-ins as rules of storage: once for each form, every version kept, partners counted when they say so."""

import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.checkins import Kind, PartnerState
from bot.domain.functioning import Criterion, Evidence, Met, counts
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain
from bot.services import checkins, partners
from bot.services.checkins import Crossed, Doubled, Entered, Shown
from db import chapters, evidence, organisations, people, summaries
from db import checkins as stored_checkins
from db.store import Store
from db.tables import change, checkin, outbox, summary
from db.tables import evidence as evidence_table
from tests import asked

GUILD, ELSEWHERE = 1000, 2000
ANA, BEN, LEA, FAY, MO, CORA = 1, 2, 3, 4, 5, 6
COORDINATORS, FACILITATORS = 70, 71
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
MEETING = Entered("meeting", "2026-10-20", 14)


def caller(user_id: int, *roles: int, guild_id: int | None = GUILD) -> Caller:
    return Caller(user_id, guild_id, frozenset(roles), frozenset({COORDINATORS, FACILITATORS}))


@dataclass(frozen=True)
class Town:
    """An organisation with three chapters, and what their people do there."""

    store: Store
    london: int
    leeds: int
    york: int

    async def record(self, entered: Entered = MEETING, key: str = "form-1", by: int = ANA, chapter: str = "London") -> Shown:
        done = await checkins.record(self.store, caller(by), chapter, entered, key, NOW)
        assert isinstance(done, Shown)
        return done

    async def rows(self, *columns: Any, where: Any = True) -> list[tuple[Any, ...]]:
        async with self.store.read() as c:
            return [tuple(row) for row in await c.execute(select(*columns).where(where))]

    async def counts_for(self, chapter_id: int) -> list[tuple[str, date]]:
        columns = (evidence_table.c[name] for name in ("criterion", "day", "known_on", "amount", "kind", "people"))
        found = [
            Evidence(Criterion(row[0]), *row[1:]) for row in await self.rows(*columns, where=evidence_table.c.chapter_id == chapter_id)
        ]
        return sorted((piece.criterion, piece.day) for piece in found if counts(piece, Policy()))


async def found_town(store: Store) -> Town:
    """London (Ana, Ben), Leeds (Lea) and York, 45 miles apart from each other."""
    async with store.write() as c:
        for guild_id in (GUILD, ELSEWHERE):
            await asked.create(c, guild_id, NOW, "Europe/London")
        await organisations.change(c, GUILD, {"coordinator_role": COORDINATORS, "facilitator_role": FACILITATORS})
        places = {"London": (51.5, -0.1, [ANA, BEN]), "Leeds": (53.8, -1.5, [LEA]), "York": (54.0, -1.1, [])}
        ids = {}
        for name, (latitude, longitude, admins) in places.items():
            values = {"name": name, "latitude": latitude, "longitude": longitude, "timezone": "Europe/London"}
            ids[name] = await chapters.add(c, GUILD, NOW, None, added_on=date(2026, 9, 1), **values)
            for admin in admins:
                await people.add_admin(c, GUILD, ids[name], admin, NOW)
        await summaries.refresh(c, GUILD, list(ids.values()), NOW)
    return Town(store, ids["London"], ids["Leeds"], ids["York"])


@pytest.fixture
async def town(store: Store) -> Town:
    return await found_town(store)


def reason(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return plain(refused.value.reason, "en")


async def test_a_checkin_counts_for_its_chapter_from_its_own_day(town: Town) -> None:
    shown = await town.record(Entered("meeting", "2026-10-12", 14, education=True))
    assert shown.entry.day == date(2026, 10, 12)
    assert await town.counts_for(town.london) == [("learns", date(2026, 10, 12)), ("together", date(2026, 10, 12))]
    met = {each.criterion: each.met for each in shown.verdict.criteria}
    assert met == {Criterion.TOGETHER: Met.MET, Criterion.LEARNS: Met.MET, Criterion.REPORTS: Met.UNKNOWN}
    assert await town.rows(summary.c.together_on, where=summary.c.chapter_id == town.london) == [(date(2026, 10, 12),)]


async def test_one_who_sat_alone_does_not_come_together_but_an_unknown_number_does(town: Town) -> None:
    await town.record(Entered("outreach", "2026-10-12", 1), "alone")
    assert await town.counts_for(town.london) == []
    await town.record(Entered("outreach", "2026-10-13"), "unknown")
    assert await town.counts_for(town.london) == [("together", date(2026, 10, 13))]


async def test_nothing_and_zero_are_kept_apart(town: Town) -> None:
    assert (await town.record(Entered("meeting", "2026-10-12", 0), "none")).entry.people == 0
    assert (await town.record(Entered("meeting", "2026-10-13"), "unknown")).entry.people is None


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        (Entered("meeting", people=-5), "from 0 to 100,000"),
        (Entered("meeting", people=100_001), "from 0 to 100,000"),
        (Entered("meeting", people="many"), "whole number"),
        (Entered("meeting", "2026-10-21"), "The day can be from 15 September 2025 to 20 October 2026"),
        (Entered("meeting", "2025-09-14"), "The day can be from 15 September 2025 to 20 October 2026"),
        (Entered("meeting", "last week"), "is not a day that I can read"),
        (Entered("picnic"), "Choose what the chapter did"),
        (Entered("meeting", format="by carrier pigeon"), "Choose how people came together"),
        (Entered("meeting", note="😀" * 5000), "4,000 characters too long"),
    ],
)
async def test_what_is_out_of_range_is_refused_and_nothing_is_stored(town: Town, entered: Entered, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        await checkins.record(town.store, caller(ANA), "London", entered, "form-1", NOW)
    assert said in reason(refused)
    assert await town.rows(checkin.c.id) == []


async def test_the_day_is_the_chapters_own(town: Town) -> None:
    async with town.store.write() as c:
        await chapters.change(c, GUILD, town.london, timezone="Pacific/Auckland")
    shown = await town.record(Entered("meeting"))
    assert shown.entry.day == date(2026, 10, 21)


async def test_a_day_before_the_founding_is_refused(town: Town) -> None:
    async with town.store.write() as c:
        await chapters.change(c, GUILD, town.london, founded=date(2026, 10, 1))
    with pytest.raises(Refusal) as refused:
        await town.record(Entered("meeting", "2026-09-30"))
    assert "from 1 October 2026" in reason(refused)


@pytest.mark.parametrize("person", [caller(FAY, FACILITATORS), caller(MO), caller(LEA)])
async def test_only_admins_and_coordinators_check_in_and_the_refusal_names_them(town: Town, person: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        await checkins.record(town.store, person, "London", MEETING, "form-1", NOW)
    assert reason(refused) == f"Only London's admins and coordinators can do this. Its admins are @{ANA} and @{BEN}."


async def test_a_coordinator_may_check_in_for_any_chapter(town: Town) -> None:
    done = await checkins.record(town.store, caller(CORA, COORDINATORS), "york", MEETING, "form-1", NOW)
    assert isinstance(done, Shown)
    assert done.chapter.name == "York"


async def test_another_organisation_neither_sees_nor_changes_a_checkin(town: Town) -> None:
    shown = await town.record()
    with pytest.raises(Refusal):
        await checkins.see(town.store, caller(ANA, guild_id=ELSEWHERE), town.london, shown.id, NOW)
    with pytest.raises(Refusal):
        await checkins.record(town.store, caller(ANA, guild_id=ELSEWHERE), "London", MEETING, "form-2", NOW)


async def test_the_same_form_twice_is_stored_once_and_answered_alike(town: Town) -> None:
    entered = Entered("meeting", "2026-10-20", 14, partners="Leeds")
    first, second = await town.record(entered), await town.record(entered)
    assert first == second
    assert len(await town.rows(checkin.c.id)) == 1
    assert len(await town.rows(outbox.c.id, where=outbox.c.kind == "partner")) == 1
    assert len(await town.rows(change.c.id, where=change.c.kind == "checkin.record")) == 1


async def test_the_same_form_twice_at_the_same_moment_is_stored_once(town: Town) -> None:
    first, second = await asyncio.gather(town.record(), town.record())
    assert first == second
    assert len(await town.rows(checkin.c.id)) == 1


async def test_a_second_one_of_that_kind_and_day_waits_for_a_word(town: Town) -> None:
    await town.record()
    again = await checkins.record(town.store, caller(BEN), "London", Entered("meeting", "2026-10-20", 3), "form-2", NOW)
    assert isinstance(again, Doubled)
    assert (again.there.people, again.entry.people) == (14, 3)
    assert len(await town.rows(checkin.c.id)) == 1
    first = await checkins.store_anyway(town.store, caller(BEN), town.london, "form-2", NOW)
    second = await checkins.store_anyway(town.store, caller(BEN), town.london, "form-2", NOW)
    assert first == second
    assert len(await town.rows(checkin.c.id)) == 2


async def test_what_waits_is_gone_after_a_day_and_for_anybody_else(town: Town) -> None:
    await town.record()
    await checkins.record(town.store, caller(BEN), "London", Entered("meeting", "2026-10-20", 3), "form-2", NOW)
    for person, later in ((ANA, 0), (BEN, 25)):
        with pytest.raises(Refusal) as refused:
            await checkins.store_anyway(town.store, caller(person), town.london, "form-2", NOW + timedelta(hours=later))
        assert "check in again" in reason(refused)


async def test_another_kind_or_another_day_is_no_double(town: Town) -> None:
    await town.record()
    await town.record(Entered("education", "2026-10-20"), "form-2")
    await town.record(Entered("meeting", "2026-10-19"), "form-3")
    assert len(await town.rows(checkin.c.id)) == 3


async def test_a_correction_moves_what_it_counts_for_and_keeps_the_earlier_version(town: Town) -> None:
    shown = await town.record(Entered("meeting", "2026-10-20", 14, education=True))
    fixed = await checkins.correct(town.store, caller(BEN), town.london, shown.id, 1, Entered("meeting", "2026-10-13", "15"), NOW)
    assert isinstance(fixed, Shown)
    assert (fixed.entry.day, fixed.entry.people, fixed.entry.education, fixed.version) == (date(2026, 10, 13), 15, True, 2)
    assert await town.counts_for(town.london) == [("learns", date(2026, 10, 13)), ("together", date(2026, 10, 13))]
    async with town.store.read() as c:
        kept = await stored_checkins.versions(c, GUILD, shown.id)
    assert [(version["day"], version["people"]) for version in kept] == [("2026-10-20", 14), ("2026-10-13", 15)]
    assert await town.rows(change.c.fields, where=change.c.kind == "checkin.correct") == [(["day", "people"],)]


async def test_the_open_log_never_holds_what_was_written(town: Town) -> None:
    shown = await town.record(Entered("meeting", "2026-10-20", note="at Mo's flat"))
    await checkins.correct(town.store, caller(ANA), town.london, shown.id, 1, Entered("meeting", note="at Fay's flat"), NOW)
    assert "flat" not in repr(await town.rows(change))


async def test_two_corrections_at_once_are_both_shown_and_neither_is_lost(town: Town) -> None:
    shown = await town.record()
    await checkins.correct(town.store, caller(ANA), town.london, shown.id, 1, Entered("meeting", people="15"), NOW)
    crossed = await checkins.correct(town.store, caller(BEN), town.london, shown.id, 1, Entered("meeting", people="16"), NOW)
    assert isinstance(crossed, Crossed)
    assert (crossed.there.entry.people, crossed.entry.people) == (15, 16)
    mine = await checkins.correct(
        town.store, caller(BEN), town.london, shown.id, crossed.there.version, Entered("meeting", people="16"), NOW
    )
    assert isinstance(mine, Shown)
    assert (mine.entry.people, mine.version) == (16, 3)


async def test_the_same_correction_twice_is_one_version(town: Town) -> None:
    shown = await town.record()
    for _ in range(2):
        fixed = await checkins.correct(town.store, caller(ANA), town.london, shown.id, 1, Entered("meeting", people="15"), NOW)
        assert isinstance(fixed, Shown)
        assert fixed.version == 2


async def test_a_click_on_an_outdated_card_changes_nothing_and_says_so(town: Town) -> None:
    shown = await town.record()
    await checkins.correct(town.store, caller(ANA), town.london, shown.id, 1, Entered("meeting", people="15"), NOW)
    toggled = await checkins.set_education(town.store, caller(BEN), town.london, shown.id, 1, True, NOW)
    withdrawn = await checkins.withdraw(town.store, caller(BEN), town.london, shown.id, 1, NOW)
    joined = await checkins.choose_partners(town.store, caller(BEN), town.london, shown.id, 1, [town.leeds], NOW)
    assert (toggled.stale, withdrawn.stale, joined.stale) == (True, True, True)
    assert (joined.entry.education, joined.withdrawn, joined.partners, joined.version) == (None, False, (), 2)


async def test_a_withdrawn_checkin_counts_for_nobody_and_cannot_be_corrected(town: Town) -> None:
    shown = await town.record(Entered("meeting", "2026-10-20", partners="Leeds"))
    await partners.answer(town.store, caller(LEA), shown.id, town.leeds, True, NOW)
    for _ in range(2):
        gone = await checkins.withdraw(town.store, caller(BEN), town.london, shown.id, 1, NOW)
        assert gone.withdrawn
    assert await town.counts_for(town.london) == await town.counts_for(town.leeds) == []
    assert await town.rows(summary.c.heard_on, where=summary.c.chapter_id == town.leeds) == [(None,)]
    with pytest.raises(Refusal) as refused:
        await checkins.correct(town.store, caller(ANA), town.london, shown.id, 2, MEETING, NOW)
    assert "withdrawn" in reason(refused)


async def test_a_joint_meeting_counts_for_both_chapters_once_the_partner_says_so(town: Town) -> None:
    shown = await town.record(Entered("meeting", "2026-10-12", 14, partners="leeds"))
    assert [(each.name, each.state) for each in shown.partners] == [("Leeds", PartnerState.ASKED)]
    assert await town.counts_for(town.leeds) == []
    answered = await partners.answer(town.store, caller(LEA), shown.id, town.leeds, True, NOW)
    assert {each.criterion: each.newest for each in answered.verdict.criteria}[Criterion.TOGETHER] == date(2026, 10, 12)
    assert await town.counts_for(town.leeds) == [("together", date(2026, 10, 12))]
    assert await town.rows(summary.c.heard_on, where=summary.c.chapter_id == town.leeds) == [(date(2026, 10, 12),)]
    async with town.store.read() as c:
        tallies = [await checkins.tally(c, GUILD, chapter, Month(2026, 10), Policy()) for chapter in (town.london, town.leeds, town.york)]
    assert [tally.meetings for tally in tallies] == [1, 1, 0]
    assert len(await town.rows(checkin.c.id, where=checkin.c.kind == "meeting")) == 1


async def test_a_correction_moves_what_counts_for_the_partner_too(town: Town) -> None:
    shown = await town.record(Entered("meeting", "2026-10-12", 14, partners="Leeds"))
    await partners.answer(town.store, caller(LEA), shown.id, town.leeds, True, NOW)
    await checkins.correct(town.store, caller(ANA), town.london, shown.id, 1, Entered("education", "2026-10-05", "14"), NOW)
    assert await town.counts_for(town.leeds) == [("learns", date(2026, 10, 5)), ("together", date(2026, 10, 5))]
    assert await town.rows(summary.c.together_on, where=summary.c.chapter_id == town.leeds) == [(date(2026, 10, 5),)]


async def test_not_us_takes_the_partner_away_and_it_is_not_asked_again(town: Town) -> None:
    shown = await town.record(Entered("meeting", "2026-10-12", 14, partners="Leeds, York"))
    await partners.answer(town.store, caller(LEA), shown.id, town.leeds, True, NOW)
    await partners.answer(town.store, caller(LEA), shown.id, town.leeds, False, NOW)
    assert await town.counts_for(town.leeds) == []
    now = await checkins.see(town.store, caller(ANA), town.london, shown.id, NOW)
    assert [each.name for each in now.partners] == ["York"]
    assert [each.name for each in now.choices] == ["York"]
    await checkins.choose_partners(town.store, caller(ANA), town.london, shown.id, 1, [town.leeds, town.york], NOW)
    assert len(await town.rows(outbox.c.id, where=outbox.c.kind == "partner")) == 2


async def test_a_partner_that_is_taken_away_and_named_again_is_asked_again(town: Town) -> None:
    shown = await town.record(Entered("meeting", "2026-10-12", 14, partners="Leeds"))
    gone = await checkins.choose_partners(town.store, caller(ANA), town.london, shown.id, 1, [], NOW)
    async with town.store.read() as c:
        organisation, leeds = await organisations.find(c, GUILD), await chapters.find(c, GUILD, town.leeds)
        assert organisation is not None
        assert leeds is not None
        assert await partners.question(c, organisation, leeds, shown.id) is None
    with pytest.raises(Refusal) as refused:
        await partners.answer(town.store, caller(LEA), shown.id, town.leeds, True, NOW)
    assert "not asked any more" in reason(refused)
    again = await checkins.choose_partners(town.store, caller(ANA), town.london, shown.id, gone.version, [town.leeds], NOW)
    assert [each.name for each in again.partners] == ["Leeds"]
    assert len(await town.rows(outbox.c.id, where=outbox.c.kind == "partner")) == 2
    async with town.store.read() as c:
        asked = await partners.question(c, organisation, leeds, shown.id)
    assert asked is not None
    assert (asked.recorder, asked.chapter.name, asked.entry.day) == ("London", "Leeds", date(2026, 10, 12))


@pytest.mark.parametrize("person", [caller(ANA), caller(FAY, FACILITATORS), caller(MO), caller(ANA, guild_id=None)])
async def test_only_the_partners_own_admins_answer_for_it(town: Town, person: Caller) -> None:
    shown = await town.record(Entered("meeting", partners="Leeds"))
    with pytest.raises(Refusal) as refused:
        await partners.answer(town.store, person, shown.id, town.leeds, True, NOW)
    # In direct messages Discord does not say who is still in the server: there nobody is named.
    assert (f"Its admin is @{LEA}" in reason(refused)) is (person.guild_id is not None)
    assert await town.counts_for(town.leeds) == []


async def test_a_partner_answers_from_a_direct_message(town: Town) -> None:
    shown = await town.record(Entered("meeting", partners="Leeds"))
    answered = await partners.answer(town.store, caller(LEA, guild_id=None), shown.id, town.leeds, True, NOW)
    assert answered.question.state is PartnerState.CONFIRMED


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("Leds", "There is no chapter “Leds”. Did you mean Leeds"),
        ("Leeds, London", "Name only the others"),
        ("Leeds, Yorck", "There is no chapter “Yorck”. Did you mean York"),
    ],
)
async def test_a_list_of_partners_with_a_fault_is_refused_whole(town: Town, names: str, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        await town.record(Entered("meeting", partners=names))
    assert said in reason(refused)
    assert await town.rows(checkin.c.id) == []


async def test_a_hidden_chapter_is_not_named_to_or_as_a_partner(town: Town) -> None:
    joint = await town.record(Entered("meeting", partners="Leeds"))
    async with town.store.write() as c:
        await chapters.change(c, GUILD, town.leeds, visibility=Visibility.HIDDEN.value)
    with pytest.raises(Refusal) as refused:
        await town.record(Entered("project", partners="Leeds"), "form-2")
    assert reason(refused) == "There is no other chapter “Leeds” here. /chapter list shows those that are."
    shown = await checkins.see(town.store, caller(ANA), town.london, joint.id, NOW)
    assert ([each.name for each in shown.partners], [each.name for each in shown.choices]) == ([], ["York"])
    assert await partners.suggestions(town.store, caller(ANA), "Lee", NOW) == []
    with pytest.raises(Refusal) as refused:
        await checkins.record(town.store, caller(LEA), "Leeds", Entered("meeting", partners="York"), "form-3", NOW)
    assert "Leeds is hidden" in reason(refused)
    with pytest.raises(Refusal):
        await partners.answer(town.store, caller(LEA), joint.id, town.leeds, True, NOW)


async def test_partners_are_offered_nearest_first_and_then_by_name(town: Town) -> None:
    async with town.store.write() as c:
        for name, longitude in (("Fiji", 179.9), ("Samoa", -179.9)):
            values = {"name": name, "latitude": -17.0, "longitude": longitude, "timezone": "UTC", "added_on": date(2026, 9, 1)}
            await chapters.add(c, GUILD, NOW, None, **values)
        for number in range(30):
            await chapters.add(c, GUILD, NOW, None, name=f"Nowhere {number:02}", timezone="UTC", added_on=date(2026, 9, 1))
    shown = await town.record()
    names = [each.name for each in shown.choices]
    assert len(names) == 25
    assert names[:2] == ["Leeds", "York"]
    assert names[4:6] == ["Nowhere 00", "Nowhere 01"]


async def test_naming_partners_never_reads_the_names_of_all_chapters(town: Town, statements: Any) -> None:
    statements.clear()
    shown = await town.record(Entered("meeting", partners="York, leeds"))
    again = await checkins.choose_partners(town.store, caller(ANA), town.london, shown.id, shown.version, [town.york], NOW)
    assert [each.name for each in again.partners] == ["York"]
    lists = [sql for sql, _ in statements if sql.startswith("SELECT chapter.id, chapter.name")]
    assert lists
    assert all("LIMIT" in sql for sql in lists)


async def test_a_present_partner_is_always_offered(town: Town) -> None:
    async with town.store.write() as c:
        for number in range(30):
            values = {"name": f"Near {number:02}", "latitude": 51.5, "longitude": -0.1, "timezone": "UTC", "added_on": date(2026, 9, 1)}
            await chapters.add(c, GUILD, NOW, None, **values)
    shown = await town.record(Entered("meeting", partners="York"))
    assert (shown.choices[0].name, shown.choices[0].chosen) == ("York", True)
    assert len(shown.choices) == 25


async def test_the_list_of_partners_is_completed_while_it_fits(town: Town) -> None:
    assert await partners.suggestions(town.store, caller(ANA), "", NOW) == ["Leeds", "York"]
    assert await partners.suggestions(town.store, caller(ANA), "Leeds, yo", NOW) == ["Leeds, York"]
    assert await partners.suggestions(town.store, caller(ANA), "Leeds, ", NOW) == ["Leeds, York"]
    assert await partners.suggestions(town.store, caller(ANA), "x" * 97 + ", y", NOW) == []


# Incremental and rebuilt evidence are the same, whatever happened in whatever order.

DAYS = [date(2026, 8, 1) + timedelta(days=9 * n) for n in range(9)]
PEOPLE, EDUCATION = st.sampled_from([None, 0, 1, 2, 14]), st.sampled_from([None, True, False])
ENTRIES = st.tuples(st.sampled_from(list(Kind)), st.sampled_from(DAYS), PEOPLE, EDUCATION)
WHICH = st.sampled_from([0, 0, 0, 1, 2])
ACTS = st.one_of(
    st.tuples(st.just("record"), ENTRIES, st.sampled_from(["", "Leeds", "York", "Leeds, York"])),
    st.tuples(st.just("correct"), WHICH, ENTRIES),
    st.tuples(st.just("teach"), WHICH, st.booleans()),
    st.tuples(st.just("partners"), WHICH, st.sets(st.integers(0, 1))),
    st.tuples(st.just("answer"), WHICH, st.booleans()),
    st.tuples(st.just("withdraw"), WHICH, st.none()),
)


async def act(town: Town, what: str, first: Any, second: Any, number: int) -> None:
    if what == "record":
        kind, day, people, education = first
        entered = Entered(kind.value, str(day), people, education=education, partners=second)
        await checkins.record(town.store, caller(ANA), "London", entered, f"form-{number}", NOW)
        return
    there = await town.rows(checkin.c.id, checkin.c.version)
    if first >= len(there):
        return
    checkin_id, version = there[first]
    if what == "correct":
        kind, day, people, _ = second
        entered = Entered(kind.value, str(day), people)
        await checkins.correct(town.store, caller(BEN), town.london, checkin_id, version, entered, NOW)
    elif what == "teach":
        await checkins.set_education(town.store, caller(BEN), town.london, checkin_id, version, second, NOW)
    elif what == "partners":
        chosen = [(town.leeds, town.york)[each] for each in second]
        await checkins.choose_partners(town.store, caller(BEN), town.london, checkin_id, version, chosen, NOW)
    elif what == "answer":
        await partners.answer(town.store, caller(LEA), checkin_id, town.leeds, second, NOW)
    else:
        await checkins.withdraw(town.store, caller(ANA), town.london, checkin_id, version, NOW)


async def evidence_rows(town: Town) -> list[tuple[Any, ...]]:
    columns = (column for column in evidence_table.c if column.name != "id")
    return sorted(await town.rows(*columns), key=repr)


async def summary_rows(town: Town) -> list[tuple[Any, ...]]:
    return sorted(await town.rows(summary), key=repr)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(first=ENTRIES, acts=st.lists(ACTS, min_size=2, max_size=8))
def test_what_counts_is_the_same_kept_step_by_step_or_rebuilt_from_history(
    template: Path, first: Any, acts: list[tuple[str, Any, Any]]
) -> None:
    async def walk(folder: str) -> None:
        store = await Store.open(f"sqlite+aiosqlite:///{shutil.copy(template, Path(folder) / 'walk.db')}")
        try:
            town = await found_town(store)
            joint = [("record", first, "Leeds"), ("answer", 0, True)]
            for number, (what, which, value) in enumerate(joint + acts):
                try:
                    await act(town, what, which, value, number)
                except Refusal:
                    continue
            kept, summed = await evidence_rows(town), await summary_rows(town)
            async with store.write() as c:
                for chapter_id in (town.london, town.leeds, town.york):
                    await evidence.rebuild(c, GUILD, chapter_id)
                await summaries.refresh(c, GUILD, [town.london, town.leeds, town.york], NOW)
            assert await evidence_rows(town) == kept
            assert await summary_rows(town) == summed
        finally:
            await store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(walk(folder))


async def test_a_months_tally_is_found_without_reading_every_checkin(town: Town, statements: Any) -> None:
    await town.record()
    statements.clear()
    async with town.store.read() as c:
        await checkins.tally(c, GUILD, town.london, Month(2026, 10), Policy())
    assert all("SCAN" not in plan for plan in await statements.plans(town.store))
