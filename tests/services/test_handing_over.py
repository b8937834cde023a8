"""Handing a chapter over with a note, and a chapter that nobody answers for: what the next one reads, and what nobody else does."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.duty import NOTE_KEPT
from bot.domain.policy import Policy
from bot.services import contacts, duty, facilitation, handovers
from bot.services.exports.sieve import Sieve
from bot.services.handovers import Offer
from cogs.cards import contacts as private_cards
from cogs.cards import facilitation as cards
from cogs.cards import handovers as handover_cards
from db import people, summaries, whole
from db.tables import change, handover, outbox, report
from tests.services.test_facilitation import FAY, GIL, GIL_HIMSELF, GUILD, HELD, NOW, RUI, Town, fay, gil, refused, told, town

__all__ = ["town"]

NOTE = "Rui is easiest to reach on Sundays."
CHANNEL = 555


async def offered(town: Town, note: str = NOTE) -> Offer:
    return await handovers.offer(town.store, fay, await town.chapter("Porto", by=FAY), GIL_HIMSELF, NOW, note)


async def kept(town: Town) -> list[str | None]:
    async with town.store.read() as c:
        return list(await c.scalars(select(handover.c.note)))


async def test_the_note_is_on_the_question_and_after_accepting(town: Town) -> None:
    offer = await offered(town)
    assert f"Their note: {NOTE}" in told(handover_cards.offer_card(offer))
    taken = await handovers.take(town.store, gil, offer.handover.id, HELD, NOW)
    assert f"Their note: {NOTE}" in told(handover_cards.answered_card(taken))


async def test_the_note_is_in_no_other_message_not_in_the_log_and_not_among_what_is_to_be_sent(town: Town) -> None:
    offer = await offered(town)
    taken = await handovers.take(town.store, gil, offer.handover.id, HELD, NOW)
    shown = [handover_cards.offered_card(offer), handover_cards.answer_card(taken)]
    assert not any("Sundays" in told(each) for each in shown)
    async with town.store.read() as c:
        rows = [*(await c.execute(select(change))).all(), *(await c.execute(select(outbox.c.payload))).all()]
    assert len(rows) > 2
    assert "Sundays" not in repr(rows)


@pytest.mark.parametrize("how", ["declined", "withdrawn"])
async def test_of_an_offer_that_came_to_nothing_no_note_is_kept(town: Town, how: str) -> None:
    offer = await offered(town)
    if how == "declined":
        shown = handover_cards.answered_card(await handovers.decline(town.store, gil, offer.handover.id, NOW))
        assert "Sundays" not in told(shown)
    else:
        await handovers.offer(town.store, fay, offer.chapter.id, handovers.Candidate(13, HELD, False), NOW)
    assert await kept(town) == [None] * (1 if how == "declined" else 2)


async def test_the_note_of_an_offer_is_kept_for_thirty_days_whether_it_was_accepted_or_not(town: Town) -> None:
    offer = await offered(town)
    await handovers.take(town.store, gil, offer.handover.id, HELD, NOW + timedelta(days=3))
    for after, left in ((NOTE_KEPT - timedelta(minutes=1), [NOTE]), (NOTE_KEPT, [None])):
        async with town.store.write() as c:
            await duty.forget_notes(c, NOW + after)
        assert await kept(town) == left


async def test_a_chapter_can_be_handed_over_without_a_note(town: Town) -> None:
    assert "Their note" not in told(handover_cards.offer_card(await offered(town, "  ")))


async def test_a_note_that_is_too_long_is_refused_and_nobody_is_asked(town: Town) -> None:
    assert "The note is 1 character too long: at most 700." in await refused(offered(town, "x" * 701))
    assert await kept(town) == []


# A chapter without admins


async def orphan(town: Town, **values: object) -> int:
    """A chapter whose only admin reported October and was then removed; its channel is there still."""
    made = await town.fine("Porto")
    async with town.store.write() as c:
        await people.remove_admin(c, GUILD, made, RUI)
    await town.change(made, channel_id=CHANNEL, **values)
    return made


async def digest(town: Town, user_id: int | None = FAY, *, in_channel: bool = False) -> str:
    found = await town.digest(user_id, in_channel=in_channel)
    return "" if found is None else told(cards.digest_card(found, in_channel=in_channel))


async def test_the_digest_says_of_a_chapter_without_admins_where_to_ask_and_who_reported_last(town: Town) -> None:
    await orphan(town)
    said = await digest(town)
    assert "**Porto**  It has no admins." in said
    assert "Ask in their channel: <#555>." in said
    assert "<@20> published its last report." in said


async def test_of_a_chapter_with_admins_neither_is_said(town: Town) -> None:
    await town.change(await town.silent("Leeds"), channel_id=CHANNEL)
    said = await digest(town)
    assert "**Leeds**" in said
    assert "<#555>" not in said
    assert "last report." not in said


async def test_a_last_reporter_who_has_left_is_not_named_even_long_after(town: Town) -> None:
    made = await orphan(town)
    async with town.store.write() as c:
        await people.set_unreachable(c, GUILD, RUI, "left", NOW - timedelta(days=60))
        await summaries.refresh(c, GUILD, [made], NOW)
    said = await digest(town)
    assert "Ask in their channel: <#555>." in said
    assert "<@20>" not in said


async def test_one_who_was_erased_is_not_named(town: Town) -> None:
    await orphan(town)
    async with town.store.write() as c:
        await c.execute(report.update().values(published_by=None))
    assert "published its last report" not in await digest(town)


async def test_where_others_read_it_neither_is_said_of_a_discreet_chapter_and_a_hidden_one_is_not_named_at_all(town: Town) -> None:
    made = await orphan(town, discreet=True)
    async with town.store.write() as c:
        await people.remove_facilitator(c, GUILD, made, FAY)
        await people.add_facilitator(c, GUILD, made, GIL, NOW)
    assert "Ask in their channel" in await digest(town, GIL)
    shared = await digest(town, GIL, in_channel=True)
    assert "**Porto**  It has no admins." in shared
    assert "<#555>" not in shared
    assert "<@20>" not in shared
    await town.change(made, discreet=False, visibility=Visibility.HIDDEN.value)
    assert "Ask in their channel" in await digest(town, GIL)
    assert await digest(town, GIL, in_channel=True) == ""


async def test_only_the_newest_report_counts_and_nothing_is_said_of_a_chapter_that_never_reported(town: Town) -> None:
    made = await orphan(town)
    async with town.store.write() as c:
        await c.execute(report.update().values(period=Month(2026, 9)))
        await c.execute(
            report.insert().values(
                guild_id=GUILD,
                chapter_id=made,
                period=Month(2026, 10),
                version=1,
                first_published_at=NOW,
                first_published_on=date(2026, 11, 20),
                published_at=NOW,
                published_by=77,
            )
        )
    assert "<@77> published its last report." in await digest(town)
    async with town.store.write() as c:
        await c.execute(report.update().values(first_published_at=None))
    assert "published its last report" not in await digest(town)


async def test_the_private_card_says_the_same(town: Town) -> None:
    shown = await contacts.look(town.store, fay, await orphan(town), NOW)
    said = told(private_cards.private_card(shown))
    assert "Ask in their channel: <#555>." in said
    assert "<@20> published its last report." in said


async def test_overdue_says_the_same(town: Town) -> None:
    await orphan(town)
    page = await facilitation.overdue(town.store, fay, None, 0, NOW)
    assert "Ask in their channel: <#555>." in told(cards.overdue_card(page))


def test_what_coordinators_take_away_holds_no_note_and_says_of_nobody_that_they_are_away() -> None:
    sieve = Sieve(Policy(), frozenset())
    assert sieve.kept("handover", [{"id": 1, "note": NOTE}]) == [{"id": 1, "note": None}]
    assert sieve.kept("admin", [{"user_id": 1, "away_until": "2026-12-01"}]) == [{"user_id": 1, "away_until": None}]
    assert "duty_note" in whole.NOT_FOR_ALL
