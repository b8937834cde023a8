"""Who stands in the digest and who does not, what facilitators note, and who looks after a chapter."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from bot.domain.calendar import Month
from bot.domain.chapters import State, Visibility
from bot.domain.functioning import Criterion
from bot.domain.refusal import Refusal
from bot.domain.reports import Part, Words
from bot.domain.rights import Caller
from bot.locales import say
from bot.services import checkins, contacts, facilitation, handovers, reports
from bot.services.checkins import Entered
from bot.services.contacts import Outcome
from bot.services.facilitation import Digest
from bot.services.handovers import Candidate
from cogs.cards import contacts as private_cards
from cogs.cards import facilitation as cards
from cogs.layout import TEXT_LIMIT, Select, to_view
from db import chapters, organisations, outbox, people, summaries
from db.facilitation import Note, Whose
from db.organisations import Organisation
from db.store import Store
from db.tables import chapter, contact, report, report_version
from tests import asked
from tests.conftest import Statements
from tests.services.growing import told

GUILD, ELSEWHERE = 1, 2
FAY, GIL, CORA, MO = 10, 11, 12, 13
RUI, INES = 20, 21
FACILITATORS, COORDINATORS = 90, 91
HELD = frozenset({FACILITATORS})
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""A Monday: October's reports are past due since the 11th."""
OLD, YOUNG = date(2026, 3, 1), date(2026, 10, 1)
"""Chapters that were added so early can be quiet, so late only late with October's report."""

fay = Caller(FAY, GUILD, frozenset({FACILITATORS}))
gil = Caller(GIL, GUILD, frozenset({FACILITATORS}))
cora = Caller(CORA, GUILD, frozenset({COORDINATORS}))
mo = Caller(MO, GUILD)
rui = Caller(RUI, GUILD)


@dataclass(frozen=True, slots=True)
class Town:
    """An organisation in which Rui is admin of every chapter, Fay and Gil are facilitators and Cora is coordinator."""

    store: Store
    guild_id: int = GUILD

    async def chapter(self, name: str, *, added: date = OLD, admins: tuple[int, ...] = (RUI,), by: int | None = FAY) -> int:
        """A chapter of which nothing is known; `by` looks after it."""
        at = datetime(added.year, added.month, added.day, 9, tzinfo=UTC)
        async with self.store.write() as c:
            made = await chapters.add(c, self.guild_id, at, None, name=name, timezone="UTC", added_on=added)
            for admin in admins:
                await people.add_admin(c, self.guild_id, made, admin, at)
            if by is not None:
                await people.add_facilitator(c, self.guild_id, made, by, at)
            await summaries.refresh(c, self.guild_id, [made], at)
        return made

    async def meets(self, chapter_id: int, on: date, *, learns: bool = True) -> None:
        """A meeting, with an education part unless it is said otherwise."""
        at = datetime(on.year, on.month, on.day, 19, tzinfo=UTC)
        entered = Entered("meeting", str(on), 12, "in_person", learns)
        await checkins.record(self.store, Caller(RUI, self.guild_id), chapter_id, entered, f"{chapter_id}:{on}", at)

    async def reports(self, chapter_id: int, period: Month, on: date, words: Words = Words(changing="Growing.")) -> None:  # noqa: B008 - a frozen value
        """A report published on a day."""
        at, caller = datetime(on.year, on.month, on.day, 12, tzinfo=UTC), Caller(RUI, self.guild_id)
        await reports.save_part(self.store, caller, chapter_id, period, Part.WORDS, words, 0, None, at)
        await reports.publish(self.store, caller, chapter_id, period, at)

    async def fine(self, name: str, *, by: int | None = FAY, words: Words = Words(changing="Growing.")) -> int:  # noqa: B008 - a frozen value
        """A chapter that nothing is wrong with."""
        made = await self.chapter(name, by=by)
        await self.meets(made, date(2026, 11, 10))
        await self.reports(made, Month(2026, 10), date(2026, 11, 5), words)
        return made

    async def late(self, name: str, *, by: int | None = FAY) -> int:
        """A functioning chapter that has not reported October."""
        made = await self.chapter(name, by=by)
        await self.meets(made, date(2026, 11, 10))
        await self.reports(made, Month(2026, 9), date(2026, 10, 5))
        return made

    async def silent(self, name: str, *, by: int | None = FAY, words: Words = Words(changing="Growing.")) -> int:  # noqa: B008 - a frozen value
        """A functioning chapter that has reported neither September nor October."""
        made = await self.chapter(name, by=by)
        await self.meets(made, date(2026, 11, 10))
        await self.reports(made, Month(2026, 8), date(2026, 9, 5), words)
        return made

    async def change(self, chapter_id: int, **values: object) -> None:
        """Changes columns of a chapter's row, and what follows from them."""
        async with self.store.write() as c:
            await chapters.change(c, self.guild_id, chapter_id, **values)
            await summaries.refresh(c, self.guild_id, [chapter_id], NOW)

    async def organisation(self) -> Organisation:
        """The organisation as stored."""
        async with self.store.read() as c:
            found = await organisations.find(c, self.guild_id)
        assert found is not None
        return found

    async def digest(self, user_id: int | None = FAY, now: datetime = NOW, *, in_channel: bool = False) -> Digest | None:
        """What this facilitator, or the channel, is told."""
        organisation = await self.organisation()
        async with self.store.read() as c:
            return await facilitation.digest_for(c, organisation, user_id, now, in_channel=in_channel)

    async def names(self, user_id: int | None = FAY, now: datetime = NOW) -> tuple[list[str], list[str]]:
        """Who is worth a call, and who is merely late, by name."""
        digest = await self.digest(user_id, now)
        return ([call.name for call in digest.calls], [name for _, name in digest.late]) if digest else ([], [])

    async def readers(self, now: datetime = NOW) -> list[int | None]:
        """Who gets a digest."""
        organisation = await self.organisation()
        async with self.store.read() as c:
            return await facilitation.digest_readers(c, organisation, now)

    async def owed(self, kind: str) -> list[outbox.Errand]:
        """What waits in the outbox of this kind."""
        async with self.store.read() as c:
            rows = await c.execute(select(outbox.outbox).where(outbox.outbox.c.kind == kind).order_by(outbox.outbox.c.id))
            return [outbox.Errand(**{name: row._mapping[name] for name in outbox.Errand.__dataclass_fields__}) for row in rows]

    async def facilitators(self, chapter_id: int) -> list[int]:
        """Who looks after a chapter."""
        async with self.store.read() as c:
            return list((await people.of(c, self.guild_id, chapter_id))[1])


async def _found(store: Store, guild_id: int) -> Town:
    async with store.write() as c:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        await asked.create(c, guild_id, at)
        roles = {"coordinator_role": COORDINATORS, "facilitator_role": FACILITATORS, "facilitators_channel": 80}
        await organisations.change(c, guild_id, roles)
    return Town(store, guild_id)


@pytest.fixture
async def town(store: Store) -> Town:
    """The organisation of most of these tests."""
    return await _found(store, GUILD)


async def refused(step: object) -> str:
    """The sentence with which something is refused."""
    with pytest.raises(Refusal) as caught:
        await step  # type: ignore[misc]
    return say(caught.value.reason, "en")


# Who is worth a call


async def test_nobody_is_told_of_a_chapter_that_nothing_is_wrong_with(town: Town) -> None:
    await town.fine("London")
    assert await town.digest() is None
    assert await town.readers() == []


async def test_a_chapter_that_misses_two_reports_in_a_row_is_worth_a_call(town: Town) -> None:
    await town.silent("Porto")
    assert await town.names() == (["Porto"], [])
    assert await town.names(now=datetime(2026, 11, 10, 23, 59, tzinfo=UTC)) == ([], ["Porto"])
    assert await town.names(now=datetime(2026, 10, 10, 23, 59, tzinfo=UTC)) == ([], [])


async def test_a_chapter_that_misses_one_report_is_merely_late(town: Town) -> None:
    await town.late("York")
    assert await town.names() == ([], ["York"])


async def test_a_chapter_without_reachable_admin_is_worth_a_call(town: Town) -> None:
    empty, left, one = await town.fine("Empty"), await town.fine("Left"), await town.fine("One")
    async with town.store.write() as c:
        await people.remove_admin(c, GUILD, empty, RUI)
        await people.add_admin(c, GUILD, one, INES, NOW)
        await people.set_unreachable(c, GUILD, RUI, "left", NOW)
        await summaries.refresh(c, GUILD, [empty, left, one], NOW)
    digest = await town.digest()
    assert digest is not None
    assert [call.name for call in digest.calls] == ["Empty", "Left"]
    assert [call.unreachable for call in digest.calls] == [True, True]
    text = told(cards.digest_card(digest))
    assert "**Empty**  It has no admins." in text
    assert "**Left**  None of its admins could be reached." in text


async def test_a_chapter_that_stops_functioning_within_a_week_is_worth_a_call(town: Town) -> None:
    leeds = await town.chapter("Leeds")
    await town.meets(leeds, date(2026, 10, 13))
    await town.reports(leeds, Month(2026, 10), date(2026, 11, 5))
    assert await town.names(now=datetime(2026, 11, 19, 23, tzinfo=UTC)) == ([], [])
    digest = await town.digest()
    assert digest is not None
    (call,) = digest.calls
    assert (call.functions_until, call.gaps) == (
        datetime(2026, 11, 27, tzinfo=UTC),
        (facilitation.Gap(Criterion.TOGETHER, date(2026, 10, 13)),),
    )
    assert "Functions only until <t:1795737600:D>: no meeting since 13 October 2026." in told(cards.digest_card(digest))


async def test_a_quiet_chapter_is_worth_a_call_and_each_thing_it_lacks_is_named_with_its_day(town: Town) -> None:
    leeds = await town.chapter("Leeds")
    await town.meets(leeds, date(2026, 8, 20), learns=True)
    await town.reports(leeds, Month(2026, 10), date(2026, 11, 5))
    digest = await town.digest()
    assert digest is not None
    (call,) = digest.calls
    assert call.quiet_since == date(2026, 10, 4)
    assert "**Leeds**  Quiet since 4 October 2026: no meeting since 20 August 2026." in told(cards.digest_card(digest))


async def test_a_chapter_that_never_did_all_is_quiet_without_a_day_and_silence_is_not_called_failure(town: Town) -> None:
    leeds = await town.chapter("Leeds")
    await town.reports(leeds, Month(2026, 10), date(2026, 11, 5))
    digest = await town.digest()
    assert digest is not None
    assert "**Leeds**  Quiet: no meeting known yet, no education known yet." in told(cards.digest_card(digest))


async def test_a_new_chapter_is_left_in_peace(town: Town) -> None:
    await town.chapter("Hull", added=date(2026, 11, 1))
    assert await town.digest() is None


async def test_a_chapter_that_was_never_heard_from_is_worth_a_call_once_two_reports_are_past_due(town: Town) -> None:
    await town.chapter("Hull", added=date(2026, 9, 1))
    assert await town.names(now=datetime(2026, 10, 11, tzinfo=UTC)) == ([], ["Hull"])
    digest = await town.digest()
    assert digest is not None
    assert "**Hull**  No report yet; late since 11 October 2026." in told(cards.digest_card(digest))
    assert "Not heard from yet." in told(cards.digest_card(digest))


async def test_a_resting_chapter_and_an_archived_one_are_in_no_digest(town: Town) -> None:
    resting, archived = await town.silent("Resting"), await town.silent("Archived")
    async with town.store.write() as c:
        await chapters.set_state(c, GUILD, resting, State.RESTING, date(2026, 11, 1), date(2026, 11, 22), NOW, RUI)
        await chapters.set_state(c, GUILD, archived, State.ARCHIVED, date(2026, 11, 1), None, NOW, CORA)
        await summaries.refresh(c, GUILD, [resting, archived], NOW)
    assert await town.names(now=datetime(2026, 11, 22, 23, tzinfo=UTC)) == ([], [])
    assert await town.readers(now=datetime(2026, 11, 22, 23, tzinfo=UTC)) == []
    page = await facilitation.overdue(town.store, cora, Whose.ALL, 0, datetime(2026, 11, 22, 23, tzinfo=UTC))
    assert (page.digest.chapters, page.digest.calls, page.digest.late) == (1, (), ())


async def test_who_asks_for_help_comes_first_then_who_was_silent_longest(town: Town) -> None:
    await town.silent("Asks", words=Words(help="A printer"))
    quiet = await town.chapter("Longest")
    await town.meets(quiet, date(2026, 5, 1))
    await town.chapter("Never heard")
    await town.silent("Recent")
    assert await town.names() == (["Asks", "Never heard", "Longest", "Recent"], [])


async def test_the_help_that_counts_is_that_of_the_newest_published_report(town: Town) -> None:
    porto = await town.silent("Porto", words=Words(help="A printer"))
    digest = await town.digest()
    assert digest is not None
    assert digest.calls[0].help_wanted == "A printer"
    await town.reports(porto, Month(2026, 9), date(2026, 11, 21), Words(changing='We wrote "help": nobody came.'))
    await reports.save_part(town.store, rui, porto, Month(2026, 10), Part.WORDS, Words(help="Only a draft"), 0, None, NOW)
    await town.change(porto, rhythm=1)
    asks = (await town.organisation()).guild_id
    async with town.store.read() as c:
        policy = await organisations.policy_in_force(c, asks)
        found = await facilitation.facilitation.concerns(c, GUILD, Whose.ALL, FAY, policy, NOW)
    assert [concern.help_wanted for concern in found] == [False]


# Who is told


async def test_everybody_is_told_of_their_own_chapters_and_the_channel_of_those_of_nobody(town: Town) -> None:
    await town.silent("Fay's", by=FAY)
    await town.late("Gil's", by=GIL)
    await town.silent("Nobody's", by=None)
    assert await town.readers() == [FAY, GIL, None]
    assert await town.names(FAY) == (["Fay's"], [])
    assert await town.names(GIL) == ([], ["Gil's"])
    assert await town.names(None) == (["Nobody's"], [])
    digest = await town.digest(None)
    assert digest is not None
    shown = cards.digest_card(digest)
    assert shown.notifies_role == FACILITATORS
    assert shown.notifies == ()
    assert "<@&90>" in told(shown)


async def test_without_facilitators_channel_the_chapters_of_nobody_stand_only_in_overdue(town: Town) -> None:
    await town.silent("Nobody's", by=None)
    async with town.store.write() as c:
        await organisations.change(c, GUILD, {"facilitators_channel": None})
    assert await town.readers() == []
    page = await facilitation.overdue(town.store, fay, Whose.UNASSIGNED, 0, NOW)
    assert [call.name for call in page.digest.calls] == ["Nobody's"]


async def test_a_hidden_chapter_is_told_to_its_own_facilitators_alone(town: Town) -> None:
    hidden, nobodys = await town.silent("Hidden", by=FAY), await town.silent("Hidden and nobody's", by=None)
    for each in (hidden, nobodys):
        await town.change(each, visibility=Visibility.HIDDEN.value)
    assert await town.readers() == [FAY]
    assert await town.names(FAY) == (["Hidden"], [])
    assert await town.digest(None) is None
    assert await town.digest(FAY, in_channel=True) is None
    for caller, whose in ((gil, Whose.ALL), (cora, Whose.ALL), (cora, Whose.UNASSIGNED)):
        page = await facilitation.overdue(town.store, caller, whose, 0, NOW)
        assert (page.digest.calls, page.digest.late, page.digest.chapters, page.left_out) == ((), (), 0, 0)
    assert "not in this server any more" in await refused(contacts.look(town.store, gil, hidden, NOW))
    assert "no other yet" in await refused(handovers.claim(town.store, gil, "Hidden", NOW))


async def test_another_servers_chapters_are_in_no_list_and_open_no_card(town: Town) -> None:
    elsewhere = await _found(town.store, ELSEWHERE)
    theirs = await elsewhere.silent("Elsewhere", by=FAY)
    await town.silent("Here", by=FAY)
    assert await town.names(FAY) == (["Here"], [])
    assert await elsewhere.names(FAY) == (["Elsewhere"], [])
    page = await facilitation.overdue(town.store, cora, Whose.ALL, 0, NOW)
    assert [call.name for call in page.digest.calls] == ["Here"]
    for step in (contacts.look, contacts.in_touch, contacts.remind, contacts.offer_rest):
        assert "not in this server" in await refused(step(town.store, fay, theirs, NOW))
    assert "no chapter “Elsewhere”" in await refused(handovers.claim(town.store, fay, "Elsewhere", NOW))


async def test_a_digest_in_the_channel_instead_of_a_message_says_whom_it_is_for(town: Town) -> None:
    await town.silent("Porto")
    digest = await town.digest(FAY, in_channel=True)
    assert digest is not None
    shown = cards.digest_card(digest, in_channel=True)
    assert (shown.notifies, shown.notifies_role) == ((FAY,), None)
    assert "For <@10>" in told(shown)
    assert cards.digest_card(digest).notifies == ()


# The list, page by page


async def test_ten_stand_in_full_and_the_others_are_counted(town: Town) -> None:
    for n in range(13):
        await town.chapter(f"Silent {n:02}")
    for n in range(17):
        await town.chapter(f"Late {n:02}", added=YOUNG)
    digest = await town.digest()
    assert digest is not None
    assert (len(digest.calls), digest.worth_a_call, len(digest.late), digest.merely_late) == (10, 13, 15, 17)
    shown = cards.digest_card(digest)
    text = told(shown)
    assert "This week, of your 30 chapters" in text
    assert "and 3 more: /overdue" in text
    assert "Late 13, Late 14 and 2 more" in text
    (select,) = [block for block in shown.blocks if isinstance(block, Select)]
    assert len(select.options) == 25


async def test_overdue_turns_its_pages_over_everybody_and_stops_at_the_last(town: Town) -> None:
    for n in range(12):
        await town.chapter(f"Silent {n:02}")
    for n in range(11):
        await town.chapter(f"Late {n:02}", added=YOUNG)
    pages = [await facilitation.overdue(town.store, fay, Whose.MINE, n, NOW) for n in range(4)]
    assert [(len(page.digest.calls), len(page.digest.late)) for page in pages] == [(10, 0), (2, 8), (0, 3), (0, 3)]
    assert [(page.page, page.pages) for page in pages] == [(0, 3), (1, 3), (2, 3), (2, 3)]
    ids = [call.chapter_id for page in pages[:3] for call in page.digest.calls] + [one for page in pages[:3] for one, _ in page.digest.late]
    assert len(set(ids)) == len(ids) == 23


async def test_overdue_is_about_my_own_chapters_unless_i_have_none(town: Town) -> None:
    await town.silent("Fay's", by=FAY)
    await town.silent("Nobody's", by=None)
    shown = {
        (caller.user_id, whose): [call.name for call in (await facilitation.overdue(town.store, caller, whose, 0, NOW)).digest.calls]
        for caller in (fay, gil, cora)
        for whose in (None, Whose.MINE, Whose.UNASSIGNED, Whose.ALL)
    }
    assert shown[FAY, None] == ["Fay's"]
    assert shown[GIL, None] == shown[CORA, None] == shown[CORA, Whose.ALL] == ["Fay's", "Nobody's"]
    assert shown[GIL, Whose.MINE] == []
    assert shown[FAY, Whose.UNASSIGNED] == ["Nobody's"]


async def test_overdue_is_for_facilitators_and_coordinators(town: Town) -> None:
    who_may = "Only facilitators and coordinators can do this. Ask a coordinator for the facilitator role."
    assert await refused(facilitation.overdue(town.store, mo, None, 0, NOW)) == who_may
    assert await refused(facilitation.overdue(town.store, rui, None, 0, NOW)) == who_may
    await town.silent("Porto", by=MO)
    assert (await facilitation.overdue(town.store, mo, None, 0, NOW)).digest.worth_a_call == 1


async def test_what_could_not_be_delivered_is_told_below_but_never_names_a_hidden_chapter(town: Town) -> None:
    open_, hidden = await town.fine("Open"), await town.fine("Hidden")
    await town.change(hidden, visibility=Visibility.HIDDEN.value)
    async with town.store.write() as c:
        for kind, chapter_id in (("prompt", open_), ("report", hidden), ("digest", None)):
            await outbox.put(c, GUILD, kind, f"stuck:{kind}", NOW, NOW, chapter_id=chapter_id)
        waiting = [each for each in await outbox.claim(c, "me", NOW, NOW + timedelta(minutes=1), 100) if each.payload == {}]
        for errand in waiting:
            await outbox.finish(c, errand, "me", "refused", NOW, reason="Discord 403/50013")
    assert "Could not be delivered: the weekly digest, the post of a report (Hidden) and the monthly question (Open)." in told(
        cards.overdue_card(await facilitation.overdue(town.store, fay, None, 0, NOW))
    )
    assert "Hidden" not in told(cards.overdue_card(await facilitation.overdue(town.store, gil, None, 0, NOW)))


async def test_the_longest_digest_fits_into_a_message_with_nothing_lost_at_its_end(town: Town) -> None:
    for n in range(12):
        made = await town.chapter(f"{n:02}".ljust(60, "x"), admins=(RUI, INES, *range(2**62, 2**62 + 6)))
        await town.meets(made, date(2026, 5, 1))
        await town.reports(made, Month(2026, 4), date(2026, 5, 2), Words(help="y" * 700))
        async with town.store.write() as c:
            stale = {"kind": "in_touch", "hidden_until": NOW - timedelta(days=16)}
            await c.execute(insert(contact).values(guild_id=GUILD, chapter_id=made, user_id=2**62, at=NOW - timedelta(days=30), **stale))
    for n in range(16):
        await town.chapter(f"late {n:02}".ljust(60, "z"), added=YOUNG)
    digest = await town.digest()
    assert digest is not None
    shown = cards.digest_card(digest)
    assert "and 2 more: /overdue" in told(shown)
    assert sum(len(item.content) for item in to_view(shown, "en").walk_children() if hasattr(item, "content")) <= TEXT_LIMIT
    texts = [item.content for item in to_view(shown, "en").walk_children() if hasattr(item, "content")]
    assert texts[-1].endswith("and 10 more")


# What a facilitator notes


async def test_having_been_in_touch_is_a_sign_of_life_and_hides_a_chapter_from_everybody_for_two_weeks(town: Town) -> None:
    porto = await town.silent("Porto")
    await handovers.claim(town.store, gil, "Porto", NOW)
    done = await contacts.in_touch(town.store, fay, porto, NOW)
    assert (done.outcome, done.hidden_until, done.call.heard_on) == (Outcome.IN_TOUCH, NOW + timedelta(days=14), NOW.date())
    for user_id in (FAY, GIL):
        assert await town.names(user_id, NOW + timedelta(days=14, seconds=-1)) == ([], [])
        assert await town.names(user_id, NOW + timedelta(days=14)) == (["Porto"], [])
    assert await town.readers(NOW + timedelta(days=7)) == []
    page = await facilitation.overdue(town.store, cora, Whose.ALL, 0, NOW)
    assert (page.digest.calls, page.left_out) == ((), 1)
    assert "1 chapter is left out, because somebody was in touch" in told(cards.overdue_card(page))
    digest = await town.digest(GIL, NOW + timedelta(days=15))
    assert digest is not None
    assert "Last heard from on 23 November 2026. Talk to <@20>. <@10> was in touch on <t:1795424400:D>." in told(cards.digest_card(digest))
    assert "You were in touch on" in told(cards.digest_card(replace(digest, reader=FAY)))


async def test_being_in_touch_is_noted_once_a_day_for_each_facilitator(town: Town) -> None:
    porto = await town.silent("Porto")
    outcomes = await asyncio.gather(*(contacts.in_touch(town.store, caller, porto, NOW) for caller in (fay, gil, fay)))
    assert sorted(done.outcome or "" for done in outcomes) == ["in_touch", "in_touch", "in_touch_already"]
    async with town.store.read() as c:
        noted = (await c.scalars(select(contact.c.user_id).where(contact.c.kind == Note.IN_TOUCH.value))).all()
    assert sorted(noted) == [FAY, GIL]
    assert (await contacts.in_touch(town.store, fay, porto, NOW + timedelta(days=1))).outcome is Outcome.IN_TOUCH


async def test_a_reminder_hides_a_chapter_only_from_who_asked_for_it_and_comes_in_two_weeks_by_day(town: Town) -> None:
    porto = await town.silent("Porto")
    await handovers.claim(town.store, gil, "Porto", NOW)
    evening = datetime(2026, 11, 23, 23, tzinfo=UTC)
    done = await contacts.remind(town.store, fay, porto, evening)
    due = datetime(2026, 12, 8, 8, tzinfo=UTC)
    assert (done.outcome, done.reminded_at) == (Outcome.REMINDER, due)
    (errand,) = await town.owed("reminder")
    assert (errand.chapter_id, errand.due_at, errand.payload) == (porto, due, {"user_id": FAY})
    assert (await contacts.remind(town.store, fay, porto, evening + timedelta(days=3))).outcome is Outcome.REMINDER_ALREADY
    assert len(await town.owed("reminder")) == 1
    assert await town.names(FAY, evening + timedelta(days=7)) == ([], [])
    assert await town.names(GIL, evening + timedelta(days=7)) == (["Porto"], [])
    assert await town.readers(evening + timedelta(days=7)) == [GIL]
    assert await town.names(FAY, due) == (["Porto"], [])


async def test_a_reminder_shows_the_card_as_it_is_then_unless_the_chapter_rests(town: Town) -> None:
    porto = await town.silent("Porto", words=Words(changing="We grow.", private_note="We are tired."))
    organisation, later = await town.organisation(), NOW + timedelta(days=14)
    async with town.store.read() as c:
        own = await contacts.reminder(c, organisation, porto, FAY, later)
        others = await contacts.reminder(c, organisation, porto, CORA, later)
    assert own is not None
    assert others is not None
    assert "I have been in touch" in told(private_cards.reminder_card(own))
    assert "We are tired." in told(private_cards.reminder_card(own))
    assert "We are tired." not in told(private_cards.reminder_card(others))
    assert "type /overdue in the server" in told(private_cards.reminder_card(others))
    async with town.store.write() as c:
        await chapters.set_state(c, GUILD, porto, State.RESTING, NOW.date(), date(2027, 1, 1), NOW, RUI)
    async with town.store.read() as c:
        assert await contacts.reminder(c, organisation, porto, FAY, later) is None


async def test_a_rest_is_offered_to_the_admins_and_not_again_for_two_weeks(town: Town) -> None:
    porto = await town.silent("Porto")
    outcomes = await asyncio.gather(*(contacts.offer_rest(town.store, caller, porto, NOW) for caller in (fay, gil)))
    assert sorted(done.outcome or "" for done in outcomes) == ["rest", "rest_already"]
    (errand,) = await town.owed("rest")
    assert (errand.chapter_id, errand.due_at) == (porto, NOW)
    assert (await contacts.offer_rest(town.store, fay, porto, NOW + timedelta(days=14))).outcome is Outcome.REST
    assert len(await town.owed("rest")) == 2
    async with town.store.read() as c:
        found = await chapters.find(c, GUILD, porto)
    assert found is not None
    assert found.state(NOW.date()) is State.ACTIVE


async def test_a_rest_is_not_offered_to_who_rests_or_has_no_admins(town: Town) -> None:
    resting, empty = await town.silent("Resting"), await town.chapter("Empty", admins=())
    async with town.store.write() as c:
        await chapters.set_state(c, GUILD, resting, State.RESTING, NOW.date(), date(2027, 1, 1), NOW, RUI)
    assert await refused(contacts.offer_rest(town.store, fay, resting, NOW)) == "Resting is resting already."
    assert "no admins who could decide" in await refused(contacts.offer_rest(town.store, fay, empty, NOW))
    assert await town.owed("rest") == []


async def test_the_private_card_keeps_the_private_note_from_all_but_its_own(town: Town) -> None:
    porto = await town.silent("Porto", words=Words(hard="Our room is small.", help="A printer", private_note="We are tired."))
    own = told(private_cards.private_card(await contacts.look(town.store, fay, porto, NOW)))
    assert "No report after August 2026; late since 11 October 2026." in own
    assert "Our room is small." in own
    assert "We are tired." in own
    for caller in (gil, cora):
        assert "We are tired." not in told(private_cards.private_card(await contacts.look(town.store, caller, porto, NOW)))
    assert "Only facilitators and coordinators" in await refused(contacts.look(town.store, rui, porto, NOW))


async def test_a_draft_is_nobodys_business_yet(town: Town) -> None:
    porto = await town.silent("Porto")
    draft = Words(hard="Half a sentence", private_note="Not yet")
    await reports.save_part(town.store, rui, porto, Month(2026, 10), Part.WORDS, draft, 0, None, NOW)
    text = told(private_cards.private_card(await contacts.look(town.store, fay, porto, NOW)))
    assert "Half a sentence" not in text
    assert "Not yet" not in text


async def test_in_direct_messages_only_stored_facilitators_may(town: Town) -> None:
    porto = await town.silent("Porto")
    assert (await contacts.look(town.store, Caller(FAY, None), porto, NOW)).call.name == "Porto"
    for step in (contacts.look, contacts.in_touch, contacts.remind, contacts.offer_rest):
        assert await refused(step(town.store, Caller(CORA, None), porto, NOW)) == (
            "In direct messages only a chapter's own facilitators and whoever stands in for them can do this. Type /help in your server."
        )


async def test_a_card_of_an_archived_chapter_says_so(town: Town) -> None:
    porto = await town.silent("Porto")
    await town.change(porto, archived_at=NOW)
    for step in (contacts.look, contacts.in_touch, contacts.remind, contacts.offer_rest):
        assert "Porto is archived." in await refused(step(town.store, fay, porto, NOW))


# Who looks after a chapter


async def test_claiming_twice_is_claiming_once_and_two_may_share_a_chapter(town: Town) -> None:
    porto = await town.chapter("Porto", by=None)
    done = await asyncio.gather(*(handovers.claim(town.store, caller, "porto", NOW) for caller in (fay, gil, fay)))
    assert sorted(each.again for each in done) == [False, False, True]
    assert sorted(await town.facilitators(porto)) == [FAY, GIL]


async def test_who_may_not_claim_is_told_who_may(town: Town) -> None:
    porto = await town.chapter("Porto", by=None)
    assert "Only facilitators and coordinators" in await refused(handovers.claim(town.store, mo, "Porto", NOW))
    assert "no chapter “Lundon”" in await refused(handovers.claim(town.store, fay, "Lundon", NOW))
    assert "Which chapter" in await refused(handovers.claim(town.store, fay, None, NOW))
    await town.change(porto, archived_at=NOW)
    assert "archived" in await refused(handovers.claim(town.store, fay, porto, NOW))
    assert await town.facilitators(porto) == []


async def test_everybody_releases_themselves_and_admins_and_coordinators_release_others(town: Town) -> None:
    porto = await town.chapter("Porto", by=FAY)
    for caller, person in ((fay, None), (fay, FAY), (rui, FAY), (cora, FAY)):
        await handovers.claim(town.store, fay, porto, NOW)
        assert not (await handovers.release(town.store, caller, "Porto", person, NOW)).again
        assert await town.facilitators(porto) == []
    assert (await handovers.release(town.store, fay, "Porto", None, NOW)).again


async def test_who_may_not_release_is_told_who_may_and_whom_to_name(town: Town) -> None:
    porto = await town.chapter("Porto", by=FAY)
    assert await refused(handovers.release(town.store, gil, "Porto", FAY, NOW)) == (
        "Only Porto's admins and coordinators can do this. Its admin is <@20>."
    )
    assert "Only Porto's admins, facilitators and coordinators" in await refused(handovers.release(town.store, mo, "Porto", None, NOW))
    for caller in (rui, cora):
        assert await refused(handovers.release(town.store, caller, "Porto", None, NOW)) == (
            "You are not a facilitator of Porto. Name whom to release in the option person: <@10>."
        )
    assert await town.facilitators(porto) == [FAY]


def somebody(user_id: int, *roles: int, is_bot: bool = False) -> Candidate:
    return Candidate(user_id, frozenset(roles), is_bot)


GIL_HIMSELF = somebody(GIL, FACILITATORS)


async def test_a_chapter_is_handed_over_once_the_other_accepts(town: Town) -> None:
    porto = await town.chapter("Porto", by=FAY)
    offer = await handovers.offer(town.store, fay, porto, GIL_HIMSELF, NOW)
    assert await town.facilitators(porto) == [FAY]
    (errand,) = await town.owed("handover")
    assert errand.payload == {"handover_id": offer.handover.id}
    taken = await handovers.take(town.store, Caller(GIL, None), offer.handover.id, HELD, NOW)
    assert (taken.handover.accepted, taken.again) == (True, False)
    assert await town.facilitators(porto) == [GIL]
    (errand,) = await town.owed("handover_answer")
    assert errand.payload == {"handover_id": offer.handover.id}


async def test_the_first_answer_counts(town: Town) -> None:
    porto = await town.chapter("Porto", by=FAY)
    offer = await handovers.offer(town.store, fay, porto, GIL_HIMSELF, NOW)
    first, second = await asyncio.gather(
        handovers.decline(town.store, gil, offer.handover.id, NOW), handovers.take(town.store, gil, offer.handover.id, HELD, NOW)
    )
    assert (first.handover.accepted, first.again) == (False, False)
    assert (second.handover.accepted, second.again) == (False, True)
    assert await town.facilitators(porto) == [FAY]
    assert len(await town.owed("handover_answer")) == 1


async def test_an_offer_is_accepted_only_by_somebody_who_holds_the_facilitator_role_still(town: Town) -> None:
    porto = await town.chapter("Porto", by=FAY)
    offer = await handovers.offer(town.store, fay, porto, GIL_HIMSELF, NOW)
    for there in (gil, Caller(GIL, None)):
        assert "any more, so nothing changed" in await refused(handovers.take(town.store, there, offer.handover.id, frozenset({4}), NOW))
    assert await town.facilitators(porto) == [FAY]
    assert not (await handovers.decline(town.store, Caller(GIL, None), offer.handover.id, NOW)).again


async def test_its_admins_are_told_of_a_facilitator_whom_they_did_not_choose(town: Town) -> None:
    porto, leeds = await town.chapter("Porto", by=None), await town.chapter("Leeds", by=FAY)
    await handovers.claim(town.store, fay, porto, NOW)
    await handovers.claim(town.store, fay, porto, NOW)
    offer = await handovers.offer(town.store, fay, leeds, GIL_HIMSELF, NOW)
    await handovers.take(town.store, gil, offer.handover.id, HELD, NOW)
    assert [(each.chapter_id, each.payload["user_id"]) for each in await town.owed("claim")] == [(porto, FAY), (leeds, GIL)]
    async with town.store.write() as c:
        await people.add_admin(c, GUILD, porto, GIL, NOW)
    await handovers.claim(town.store, gil, porto, NOW)
    assert len(await town.owed("claim")) == 2


async def test_nobody_else_answers_an_offer(town: Town) -> None:
    porto = await town.chapter("Porto", by=FAY)
    offer = await handovers.offer(town.store, fay, porto, GIL_HIMSELF, NOW)
    for caller, who in ((fay, "<@11>"), (cora, "<@11>"), (Caller(CORA, None), "Somebody else")):
        said = await refused(handovers.take(town.store, caller, offer.handover.id, HELD, NOW))
        assert said == f"{who} was asked this, and only they can answer it."
    for handover_id, caller in ((offer.handover.id, Caller(GIL, ELSEWHERE)), (offer.handover.id + 1, gil)):
        assert "is no longer open" in await refused(handovers.decline(town.store, caller, handover_id, NOW))
    assert await town.facilitators(porto) == [FAY]


async def test_the_same_person_is_asked_once_and_another_one_instead(town: Town) -> None:
    porto = await town.chapter("Porto", by=FAY)
    first = await handovers.offer(town.store, fay, porto, GIL_HIMSELF, NOW)
    assert (await handovers.offer(town.store, fay, porto, GIL_HIMSELF, NOW)).again
    await handovers.offer(town.store, fay, porto, somebody(CORA, FACILITATORS), NOW)
    assert "somebody else in the meantime" in await refused(handovers.take(town.store, gil, first.handover.id, HELD, NOW))
    assert len(await town.owed("handover")) == 2


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (somebody(FAY, FACILITATORS), "to yourself"),
        (somebody(MO), "does not have the facilitator role"),
        (somebody(MO, FACILITATORS, is_bot=True), "is a bot"),
        (somebody(CORA, FACILITATORS), "is a facilitator of Porto already"),
    ],
)
async def test_a_chapter_is_handed_only_to_another_person_with_the_facilitator_role(town: Town, to: Candidate, why: str) -> None:
    porto = await town.chapter("Porto", by=FAY)
    await handovers.claim(town.store, cora, "Porto", NOW)
    assert why in await refused(handovers.offer(town.store, fay, porto, to, NOW))
    assert await town.owed("handover") == []


async def test_nothing_is_handed_over_by_who_may_not_or_while_no_role_is_named(town: Town) -> None:
    porto = await town.chapter("Porto", by=FAY)
    assert "Only facilitators and coordinators" in await refused(handovers.may_offer(town.store, rui, porto))
    async with town.store.write() as c:
        await organisations.change(c, GUILD, {"facilitator_role": None})
    assert "/setup" in await refused(handovers.may_offer(town.store, fay, porto))


# Ten thousand


async def test_overdue_asks_as_little_of_ten_thousand_chapters_as_of_ten(town: Town, statements: Statements) -> None:
    await many(town, 10)
    statements.clear()
    await facilitation.overdue(town.store, fay, Whose.ALL, 0, NOW)
    few = len(statements)
    await many(town, 9_990)
    statements.clear()
    began = time.perf_counter()
    page = await facilitation.overdue(town.store, fay, Whose.ALL, 0, NOW)
    took = time.perf_counter() - began
    assert (page.digest.worth_a_call, page.pages) == (10_000, 1_000)
    assert len(statements) == few <= 17
    assert took < 3
    plans = "\n".join(await statements.plans(town.store))
    assert [line for line in plans.splitlines() if line.startswith("SCAN") and "anon_" not in line] == []


async def many(town: Town, number: int) -> None:
    """So many chapters of which nothing was heard but one report long ago."""
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    async with town.store.write() as c:
        rows = [{"name": f"{number}.{n}", "timezone": "UTC", "added_on": OLD} for n in range(number)]
        ids = list((await chapters.add_many(c, GUILD, rows, at, None)).values())
        await people.add_first_admins(c, GUILD, {chapter_id: [RUI] for chapter_id in ids}, at)
        published = {"guild_id": GUILD, "period": Month(2026, 4), "owed": True, "version": 1, "first_published_at": at, "published_at": at}
        await c.execute(insert(report), [published | {"chapter_id": chapter_id, "first_published_on": OLD} for chapter_id in ids])
        reported = await c.scalars(select(report.c.id).where(report.c.chapter_id.in_(select(chapter.c.id).where(chapter.c.id >= min(ids)))))
        answers = {"words": {"help": "A printer"}}
        version = {"guild_id": GUILD, "version": 1, "answers": answers, "published_at": at}
        await c.execute(insert(report_version), [version | {"report_id": report_id} for report_id in reported])
        await summaries.refresh(c, GUILD, ids, NOW)
