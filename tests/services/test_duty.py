"""Turns as a chapter's admins live them: passing on, being away, leaving; and the notes that go with a hand-over, and who reads them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.domain.calendar import Month
from bot.domain.duty import NOTE_KEPT
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain
from bot.services import chapters as chapter_service
from bot.services import duty, leaving, turns
from bot.services.chapters import Admins
from cogs.cards import duty as cards
from db import chapters, organisations, people, persons, summaries
from db.store import Store
from db.tables import admin, change, duty_note, outbox
from tests.conftest import Statements

GUILD, ANA, BEN, CLEO, FAY, MO, CORA = 1, 10, 11, 12, 20, 30, 40
COORDINATORS, FACILITATORS = 90, 91
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
OCTOBER = Month(2026, 10)
NOTE = "Ben has the figures, only the words are missing."

ana, ben, cleo, fay, mo = (Caller(each, GUILD) for each in (ANA, BEN, CLEO, FAY, MO))
cora = Caller(CORA, GUILD, frozenset({COORDINATORS}), frozenset({COORDINATORS}))


@dataclass(frozen=True, slots=True)
class Town:
    """London, of which Ana (on duty), Ben and Cleo are admins, and which Fay looks after."""

    store: Store
    london: int

    async def on_duty(self) -> int | None:
        async with self.store.read() as c:
            found = await chapters.find(c, GUILD, self.london)
        assert found is not None
        return found.duty_user_id

    async def count(self, table: object, **values: object) -> int:
        async with self.store.read() as c:
            wanted = [getattr(table, "c")[name] == value for name, value in values.items()]  # noqa: B009
            return await c.scalar(select(func.count()).select_from(table).where(*wanted)) or 0  # type: ignore[arg-type]

    async def away(self, who: Caller, until: str, now: datetime = NOW) -> turns.Off:
        return await turns.set_away(self.store, who, until, None, now)

    async def pass_on(self, who: Caller, holder: int, note: str = "", now: datetime = NOW) -> turns.Passed:
        return await turns.pass_on(self.store, who, self.london, holder, note, now)


@pytest.fixture
async def town(store: Store) -> Town:
    async with store.write() as c:
        await organisations.create(c, GUILD, NOW - timedelta(days=90), "UTC")
        await organisations.change(c, GUILD, {"coordinator_role": COORDINATORS, "facilitator_role": FACILITATORS})
        at = NOW - timedelta(days=60)
        london = await chapters.add(c, GUILD, at, None, name="London", timezone="Europe/London", added_on=at.date())
        for each in (ANA, BEN, CLEO):
            await people.add_admin(c, GUILD, london, each, at)
        await people.add_facilitator(c, GUILD, london, FAY, at)
        await chapters.change(c, GUILD, london, duty_user_id=ANA)
        await summaries.refresh(c, GUILD, [london], at)
    return Town(store, london)


async def refused(asked: object) -> str:
    with pytest.raises(Refusal) as why:
        await asked  # type: ignore[misc]
    return plain(why.value.reason, "en")


# Passing on


async def test_a_turn_is_passed_to_the_next_one_who_is_told_with_the_note_and_nobody_else_reads_it(town: Town) -> None:
    done = await town.pass_on(ana, ANA, NOTE)
    assert (done.to, done.noted, done.again, await town.on_duty()) == (BEN, True, False, BEN)
    shown = {each.user_id: (await turns.show(town.store, each, "London", NOW)).note for each in (ana, ben, cleo, fay, mo, cora)}
    assert [who for who, note in shown.items() if note] == [BEN]
    assert (await turns.show(town.store, ben, None, NOW)).note.note == NOTE  # type: ignore[union-attr]
    async with town.store.read() as c:
        london = await chapters.find(c, GUILD, town.london)
        assert london is not None
        assert (await turns.handed(c, london, BEN, ANA)).note == NOTE  # type: ignore[union-attr]
        assert await turns.handed(c, london, ANA, BEN) is None
    assert await town.count(outbox, kind="turn", user_id=BEN) == 1


async def test_a_note_stands_neither_in_the_log_nor_among_what_is_to_be_sent(town: Town) -> None:
    await town.pass_on(ana, ANA, NOTE)
    async with town.store.read() as c:
        logged = (await c.execute(select(change.c.kind, change.c.fields))).all()
        sent = (await c.execute(select(outbox.c.payload))).all()
    assert [tuple(row) for row in logged] == [("duty.pass", [])]
    assert "figures" not in repr(sent)


async def test_two_who_press_at_once_pass_it_on_once(town: Town) -> None:
    both = await asyncio.gather(town.pass_on(ana, ANA), town.pass_on(cleo, ANA))
    assert sorted((done.again, done.to) for done in both) == [(False, BEN), (True, BEN)]
    assert await town.on_duty() == BEN
    assert await town.count(change, kind="duty.pass") == 1


async def test_it_can_be_passed_on_twice_in_a_period_and_comes_round_again(town: Town) -> None:
    await town.pass_on(ana, ANA, NOTE)
    await town.pass_on(ben, BEN, now=NOW + timedelta(hours=1))
    assert await town.on_duty() == CLEO
    assert await town.count(duty_note) == 0, "the note was for Ben"
    done = await town.pass_on(ana, CLEO, NOTE, NOW + timedelta(hours=2))
    assert (done.to, await town.count(duty_note)) == (ANA, 0), "nobody writes to themselves"
    assert await town.count(outbox, kind="turn") == 2


async def test_when_the_report_is_answered_the_turn_goes_on_from_whoever_had_it_and_the_note_is_gone(town: Town) -> None:
    await town.pass_on(ana, ANA, NOTE)
    async with town.store.write() as c:
        assert await duty.pass_on(c, GUILD, town.london, OCTOBER, NOW) == CLEO
        assert await duty.pass_on(c, GUILD, town.london, OCTOBER, NOW) == CLEO
    assert await town.count(duty_note) == 0


async def test_a_note_is_kept_for_thirty_days_at_most(town: Town) -> None:
    await town.pass_on(ana, ANA, NOTE)
    for after, left in ((NOTE_KEPT - timedelta(minutes=1), 1), (NOTE_KEPT, 0)):
        async with town.store.write() as c:
            await duty.forget_notes(c, NOW + after)
        assert await town.count(duty_note) == left


async def test_who_may_not_pass_it_on_is_told_who_may_and_a_coordinator_may(town: Town) -> None:
    for who in (mo, fay):
        assert await refused(town.pass_on(who, ANA)) == (
            "Only London's admins and coordinators can do this. Its admins are <@10>, <@11> and <@12>.".replace("<@", "@").replace(">", "")
        )
    assert (await town.pass_on(cora, ANA)).to == BEN


async def test_where_nobody_else_is_there_it_cannot_be_passed_on(town: Town) -> None:
    for who in (ben, cleo):
        await town.away(who, "2026-12-01")
    told = "Nobody else can take London's turn now. /chapter admins add makes somebody an admin."
    assert await refused(turns.passing(town.store, ana, None, NOW)) == told
    assert await refused(town.pass_on(ana, ANA)) == told
    assert "2 characters too long" in await refused(town.pass_on(ana, ANA, "x" * 702))


# Being away


async def test_the_turn_of_somebody_who_goes_away_passes_silently(town: Town) -> None:
    done = await town.away(ana, "2026-12-01")
    assert (done.on_duty, await town.on_duty()) == (BEN, BEN)
    assert (await town.count(outbox), await town.count(change)) == (0, 0)


async def test_who_is_away_is_told_to_the_chapters_own_people_and_to_nobody_else(town: Town) -> None:
    await town.away(ana, "2026-12-01")
    for who in (ana, ben, fay):
        shown = await turns.show(town.store, who, "London", NOW)
        assert shown.turns is not None
        assert {each: str(until) for each, until in shown.turns.away.items()} == {ANA: "2026-12-01"}
    for who in (mo, cora):
        shown = await turns.show(town.store, who, "London", NOW)
        assert (shown.turns, shown.note, shown.on_duty) == (None, None, BEN)
        words = "".join(plain(block.text, "en") for block in cards.duty_card(shown).blocks if hasattr(block, "text"))
        assert "December" not in words
        assert "10" not in words


async def test_who_is_back_on_their_day_has_turns_again_and_nothing_is_left_of_it_after_the_next_one(town: Town) -> None:
    await town.away(ana, "2026-11-10")
    async with town.store.write() as c:
        await duty.pass_on(c, GUILD, town.london, OCTOBER, NOW)
    assert await town.on_duty() == CLEO
    async with town.store.write() as c:
        assert await duty.pass_on(c, GUILD, town.london, OCTOBER.plus(1), datetime(2026, 12, 1, tzinfo=UTC)) == ANA
        assert await c.scalar(select(admin.c.away_until).where(admin.c.user_id == ANA)) is None


async def test_if_all_are_away_whoever_is_back_first_is_on_duty_and_an_early_return_takes_it_over(town: Town) -> None:
    for who, until in ((ana, "2026-12-20"), (ben, "2026-12-10"), (cleo, "2026-12-15")):
        await town.away(who, until)
    assert await town.on_duty() == BEN
    done = await town.away(cleo, "today")
    assert (done.until, done.again, await town.on_duty()) == (None, False, CLEO)
    assert (await town.away(cleo, "today")).again


async def test_an_absence_has_twelve_weeks_at_most_and_only_an_admin_can_have_one(town: Town) -> None:
    told = "The day can be from 3 November 2026 to 26 January 2027. You gave 27 January 2027."
    assert await refused(town.away(ana, "2027-01-27")) == told
    assert await town.on_duty() == ANA
    await town.away(ana, "2027-01-26")
    assert "is not a day that I can read" in await refused(town.away(ben, "soon"))
    for who in (mo, fay, cora):
        why = await refused(turns.set_away(town.store, who, "2026-12-01", "London", NOW))
        assert why == "Only London's admins can do this: @10, @11 and @12."


# Coming and going


async def test_the_duty_of_an_admin_who_leaves_or_is_removed_passes_to_the_next_who_is_there(town: Town) -> None:
    await town.away(ben, "2026-12-01")
    await duty.is_unknown(town.store, GUILD, ANA, town.london, NOW)
    assert await town.on_duty() == CLEO
    done = await chapter_service.remove_admin(town.store, cora, "London", CLEO, NOW)
    assert isinstance(done, Admins)
    assert (done.admins, done.on_duty, await town.on_duty()) == ((ANA, BEN), BEN, BEN)


async def test_somebody_new_is_on_duty_at_once_where_all_others_are_away(town: Town) -> None:
    for who in (ana, ben, cleo):
        await town.away(who, "2026-12-20")
    made = await chapter_service.add_admin(town.store, cora, "London", chapter_service.Candidate(MO), NOW)
    assert (made.on_duty, await town.on_duty()) == (MO, MO)


async def test_showing_whose_turn_it_is_takes_few_queries(town: Town, statements: Statements) -> None:
    statements.clear()
    await turns.show(town.store, ana, "London", NOW)
    assert len(statements) <= 7, statements


@pytest.mark.parametrize("who", [ANA, BEN])
async def test_who_erases_themselves_leaves_no_note_that_they_wrote_and_no_absence(town: Town, who: int) -> None:
    await town.away(cleo, "2026-12-01")
    await town.pass_on(ana, ANA, NOTE)
    await town.away(Caller(who, GUILD), "2026-11-20")
    async with town.store.write() as c:
        await leaving.leave(c, GUILD, who, NOW, erased=True)
        await persons.erase(c, GUILD, who)
    assert await town.count(duty_note) == (0 if who == ANA else 1)
    assert await town.count(admin, user_id=who) == 0
    assert await town.on_duty() == (BEN if who == ANA else ANA)
