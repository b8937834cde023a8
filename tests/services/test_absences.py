"""Facilitators who are away: who reads of their chapters meanwhile, and what a stand-in sees and does not see."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.reports import Words
from bot.domain.rights import Caller
from bot.services import absences, contacts, facilitation, handovers
from bot.services.absences import Away
from bot.services.handovers import Candidate
from cogs.cards import facilitation as cards
from db import organisations
from db.facilitation import Whose
from db.store import Store
from db.tables import change
from tests import asked
from tests.conftest import Statements
from tests.services.test_facilitation import FACILITATORS, FAY, GIL, GUILD, HELD, MO, NOW, RUI, Town, fay, gil, mo, refused, told, town

__all__ = ["town"]

HAL = 14
BACK = date(2026, 12, 7)
hal = Caller(HAL, GUILD, frozenset({FACILITATORS}))


async def away(town: Town, who: Caller = fay, until: date | str = BACK, stand_in: int | None = None, now: datetime = NOW) -> Away:
    """Somebody goes away; the stand-in holds the facilitator role."""
    other = None if stand_in is None else Candidate(stand_in, frozenset({FACILITATORS}), False)
    return await absences.set_away(town.store, who, str(until), other, now)


async def covered(town: Town, by: Caller = gil, now: datetime = NOW) -> int:
    """Fay is away and Gil stands in; returns the absence's id."""
    done = await away(town, stand_in=by.user_id, now=now)
    assert done.absence is not None
    await absences.answer(town.store, by, done.absence.id, now, HELD)
    return done.absence.id


async def test_who_is_away_reads_nothing_and_their_chapters_are_nobodys_until_they_are_back(town: Town) -> None:
    await town.silent("Porto")
    await town.silent("Leeds", by=GIL)
    assert await town.readers() == [FAY, GIL]
    await away(town)
    assert await town.readers() == [GIL, None]
    assert (await town.digest(), await town.names(None)) == (None, (["Porto"], []))
    channel = await town.digest(None, in_channel=True)
    assert channel is not None
    assert channel.chapters == 1
    assert "<@10> is away until 7 December 2026." in told(cards.digest_card(channel, in_channel=True))
    back = datetime(2026, 12, 7, 9, tzinfo=UTC)
    assert FAY in await town.readers(back)
    assert None not in await town.readers(back)


async def test_a_chapter_with_another_facilitator_who_is_there_is_not_nobodys(town: Town) -> None:
    porto = await town.silent("Porto")
    await handovers.claim(town.store, gil, porto, NOW)
    await away(town)
    assert await town.readers() == [GIL]
    assert await town.names(None) == ([], [])
    digest = await town.digest(GIL)
    assert digest is not None
    assert "<@10> is away until 7 December 2026." in told(cards.digest_card(digest))


async def test_a_stand_in_reads_of_both_once_they_have_accepted_and_until_it_ends(town: Town) -> None:
    await town.silent("Porto")
    await town.silent("Leeds", by=GIL)
    done = await away(town, stand_in=GIL)
    assert done.absence is not None
    assert (await town.names(GIL), await town.names(None)) == ((["Leeds"], []), (["Porto"], []))
    await absences.answer(town.store, gil, done.absence.id, NOW, HELD)
    assert (await town.names(GIL), await town.names(None)) == ((["Porto", "Leeds"], []), ([], []))
    assert await town.readers() == [GIL]
    digest = await town.digest(GIL)
    assert digest is not None
    shown = told(cards.digest_card(digest))
    assert digest.chapters == 2
    assert "You stand in for <@10> until 7 December 2026: their chapters are among yours." in shown
    back = datetime(2026, 12, 7, 0, 0, tzinfo=UTC)
    assert await town.names(GIL, back - timedelta(minutes=1)) != await town.names(GIL, back)
    assert await town.names(FAY, back) == (["Porto"], [])


async def test_a_stand_in_without_chapters_of_their_own_gets_a_digest_too(town: Town) -> None:
    await town.silent("Porto")
    await covered(town, hal)
    assert await town.readers() == [HAL]


async def test_a_stand_in_who_goes_away_as_well_leaves_the_chapters_to_the_channel(town: Town) -> None:
    await town.silent("Porto")
    await town.silent("Leeds", by=GIL)
    await covered(town)
    done = await away(town, gil)
    assert done.stands_in_for == (FAY,)
    assert await town.readers() == [None]
    assert (await town.names(None))[0] == ["Porto", "Leeds"]


async def test_hidden_chapters_and_private_notes_are_not_shown_to_a_stand_in(town: Town) -> None:
    porto = await town.chapter("Porto")
    await town.reports(porto, Month(2026, 8), date(2026, 9, 5), Words(changing="Growing.", private_note="We quarrel."))
    hidden = await town.silent("Secret")
    await town.change(hidden, visibility=Visibility.HIDDEN.value)
    await covered(town)
    assert (await town.names(GIL))[0] == ["Porto"]
    assert (await town.names(None))[0] == []
    for who in (gil, Caller(GIL, None)):
        card = await contacts.look(town.store, who, porto, NOW)
        assert [words.words.private_note for words in card.said] == [None]
        assert await refused(contacts.look(town.store, who, hidden, NOW)) == (
            "This chapter is not in this server any more. Type /chapter list to see those that are."
        )
    assert (await contacts.look(town.store, fay, porto, NOW)).said[0].words.private_note == "We quarrel."


async def test_a_stand_in_may_do_in_direct_messages_what_is_to_be_done_and_nobody_else(town: Town) -> None:
    porto = await town.silent("Porto")
    absence = await covered(town)
    there = Caller(GIL, None)
    done = await contacts.in_touch(town.store, there, porto, NOW)
    assert (done.may_act, done.may_hand_over, done.may_claim) == (True, False, False)
    assert await town.names(GIL) == ([], [])
    for other in (Caller(HAL, None), Caller(MO, None)):
        assert "only a chapter's own facilitators" in await refused(contacts.look(town.store, other, porto, NOW))
    await absences.answer(town.store, there, absence, NOW)
    assert "only a chapter's own facilitators" in await refused(contacts.look(town.store, there, porto, NOW))


async def test_nobody_stands_in_who_has_lost_the_facilitator_role_since_they_were_asked(town: Town) -> None:
    done = await away(town, stand_in=GIL)
    assert done.absence is not None
    said = await refused(absences.answer(town.store, Caller(GIL, None), done.absence.id, NOW, frozenset()))
    assert "any more, so nothing changed" in said
    assert (await absences.see(town.store, gil, done.absence.id, NOW)).absence.accepted is None


async def test_overdue_tells_whoever_is_away_and_whoever_stands_in(town: Town) -> None:
    await town.silent("Porto")
    await away(town, stand_in=GIL)

    async def shown(who: Caller) -> str:
        return told(cards.overdue_card(await facilitation.overdue(town.store, who, None, 0, NOW)))

    assert "You are away until 7 December 2026: no digest and no reminder comes before." in await shown(fay)
    assert "<@11> is asked to stand in and has not answered yet." in await shown(fay)
    assert "You stand in" not in await shown(gil)
    mine = await facilitation.overdue(town.store, gil, Whose.MINE, 0, NOW)
    assert mine.digest.calls == ()
    await covered(town)
    assert "<@11> stands in for you." in await shown(fay)
    assert "You stand in for <@10> until 7 December 2026" in await shown(gil)
    assert "Porto" in await shown(gil)
    assert "<@10> is away until 7 December 2026; <@11> stands in." in await shown(hal)


async def test_the_same_again_changes_nothing_and_today_ends_it(town: Town) -> None:
    assert (await away(town, until="today")).again
    first = await away(town, stand_in=GIL)
    assert first.absence is not None
    assert (await away(town, stand_in=GIL)).again
    assert len(await town.owed("stand_in")) == 1
    await absences.answer(town.store, gil, first.absence.id, NOW, HELD)
    shorter = await away(town, until=date(2026, 12, 1), stand_in=GIL)
    assert shorter.absence is not None
    assert shorter.absence.accepted
    longer = await away(town, until=date(2026, 12, 24), stand_in=GIL)
    assert longer.absence is not None
    assert longer.absence.accepted is None
    assert len(await town.owed("stand_in")) == 2
    ended = await away(town, until="2026-11-23")
    assert (ended.absence, ended.again) == (None, False)
    async with town.store.read() as c:
        kinds = list(await c.scalars(select(change.c.kind).where(change.c.chapter_id.is_(None)).order_by(change.c.id)))
    assert kinds == ["facilitator.absent", "facilitator.standin", "facilitator.absent", "facilitator.absent", "facilitator.return"]


async def test_only_who_was_asked_answers_and_only_while_it_lasts(town: Town) -> None:
    done = await away(town, stand_in=GIL)
    assert done.absence is not None
    asked = done.absence.id
    for other in (fay, hal, mo):
        assert await refused(absences.answer(town.store, other, asked, NOW, HELD)) == "<@11> was asked this, and only they can answer it."
    for unknown in (0, 77, 2**62):
        assert "is no longer open" in await refused(absences.answer(town.store, gil, unknown, NOW, HELD))
    assert not (await absences.answer(town.store, Caller(GIL, None), asked, NOW, HELD)).again
    assert (await absences.answer(town.store, gil, asked, NOW, HELD)).again
    await away(town, until="today")
    over = "<@10> needs no stand-in any more, so nothing changed. Thank you."
    assert await refused(absences.answer(town.store, gil, asked, NOW)) == over
    assert len(await town.owed("stand_in_over")) == 1


async def test_what_cannot_be_is_refused(town: Town) -> None:
    await town.chapter("Porto")
    for until, why in (
        ("2026-11-22", "The day can be from 23 November 2026 to 24 November 2027. You gave 22 November 2026."),
        ("2027-11-25", "The day can be from"),
        ("soon", "“soon” is not a day that I can read."),
        ("😀" * 2000, "is not a day that I can read."),
    ):
        assert why in await refused(away(town, until=until))
    await away(town, hal)
    for candidate, why in (
        (Candidate(FAY, frozenset({FACILITATORS}), False), "You cannot stand in for yourself."),
        (Candidate(MO, frozenset(), False), "<@13> does not have the facilitator role."),
        (Candidate(GIL, frozenset({FACILITATORS}), True), "<@11> is a bot, and only people can stand in."),
        (Candidate(HAL, frozenset({FACILITATORS}), False), "<@14> is away as well, until 7 December 2026. Choose somebody else."),
    ):
        assert why in await refused(absences.set_away(town.store, fay, str(BACK), candidate, NOW))
    for other in (mo, Caller(RUI, GUILD)):
        assert "Only facilitators and coordinators" in await refused(away(town, other))
    async with town.store.write() as c:
        await organisations.change(c, GUILD, {"facilitator_role": None})
    assert "No role for facilitators is named yet" in await refused(away(town, stand_in=GIL))


async def test_who_looks_after_a_chapter_may_go_away_without_the_role_and_who_is_away_is_handed_nothing(town: Town) -> None:
    porto = await town.chapter("Porto")
    assert not (await away(town, Caller(FAY, GUILD))).again
    to = Candidate(FAY, frozenset({FACILITATORS}), False)
    leeds = await town.chapter("Leeds", by=GIL)
    assert await refused(handovers.offer(town.store, gil, leeds, to, NOW)) == "<@10> is away until 7 December 2026. Choose somebody else."
    assert await town.facilitators(porto) == [FAY]


async def test_another_servers_absences_are_of_no_concern(town: Town, store: Store) -> None:
    await town.silent("Porto")
    async with store.write() as c:
        await asked.create(c, 2, NOW)
        await organisations.change(c, 2, {"facilitator_role": FACILITATORS})
    await away(town, Caller(FAY, 2, frozenset({FACILITATORS})))
    assert await town.readers() == [FAY]


async def test_the_digest_asks_as_much_of_the_database_for_ten_as_for_one_and_scans_nothing(town: Town, statements: Statements) -> None:
    await covered(town)
    sizes = []
    for n in range(3):
        await town.silent(f"Town {n}")
        statements.clear()
        assert await town.digest(GIL)
        sizes.append(len(statements))
    assert len(set(sizes)) == 1
    statements.clear()
    await town.digest(GIL)
    await town.digest(None)
    assert [plan for plan in await statements.plans(town.store) if "SCAN absence" in plan] == []
