"""Whom the bot asks: nobody until coordinators agree, first some chapters, then all, and nobody is late for what was not asked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.delivery import planner
from bot.domain.rights import Caller
from bot.services import asking, deep
from db import asking as stored
from db import chapters, organisations, people, summaries
from db.store import Store
from db.summaries import History
from db.tables import outbox as outbox_table
from db.tables import summary

GUILD, COORDINATORS = 1, 91
CORA, MO, ANA = 12, 13, 20
cora = Caller(CORA, GUILD, frozenset({COORDINATORS}), frozenset({COORDINATORS}))
mo = Caller(MO, GUILD)
ADDED = datetime(2026, 8, 10, 12, tzinfo=UTC)
AGREED = datetime(2026, 10, 20, 12, tzinfo=UTC)
FIRST = datetime(2026, 11, 1, 9, tzinfo=UTC)


@dataclass(slots=True)
class Town:
    """A new organisation (zone UTC) with London and Leeds, added in August; Ana is admin of both."""

    store: Store
    london: int = 0
    leeds: int = 0

    async def build(self) -> None:
        async with self.store.write() as c:
            await organisations.create(c, GUILD, ADDED)
            await organisations.change(c, GUILD, {"coordinator_role": COORDINATORS, "facilitators_channel": 80})
        self.london, self.leeds = await self.chapter("London"), await self.chapter("Leeds")

    async def chapter(self, name: str, at: datetime = ADDED, **values: object) -> int:
        async with self.store.write() as c:
            made = await chapters.add(c, GUILD, at, CORA, name=name, timezone="UTC", added_on=at.date(), **values)
            await people.add_admin(c, GUILD, made, ANA, at)
            await summaries.refresh(c, GUILD, [made], at)
        return made

    async def history(self, chapter_id: int) -> History:
        async with self.store.read() as c:
            policy = await organisations.policy_in_force(c, GUILD)
            (found,) = await summaries.read(c, GUILD, [chapter_id], policy)
        return found

    async def owed(self, now: datetime) -> list[tuple[str, int | None]]:
        """What the bot would send by this moment, planned day by day."""
        day = ADDED
        while day < now:
            day = min(day + timedelta(days=1), now)
            await planner.plan(self.store, day)
        async with self.store.read() as c:
            rows = await c.execute(
                select(outbox_table.c.kind, outbox_table.c.chapter_id).order_by(outbox_table.c.due_at, outbox_table.c.id)
            )
            return [(row.kind, row.chapter_id) for row in rows]


@pytest.fixture
async def town(store: Store) -> Town:
    found = Town(store)
    await found.build()
    return found


async def test_until_coordinators_agree_nobody_is_asked_nudged_or_told_in_a_digest(town: Town) -> None:
    assert await town.owed(datetime(2027, 2, 1, 12, tzinfo=UTC)) == []
    history = await town.history(town.london)
    assert history.owed.unanswered == ()
    assert history.facts(FIRST).owed.asked_for is None


async def test_in_a_pilot_only_its_chapters_are_asked_from_the_month_of_the_agreement_on(town: Town) -> None:
    async with town.store.write() as c:
        await stored.ask_only(c, GUILD, [town.london], AGREED)
        await summaries.refresh(c, GUILD, [town.london], AGREED)
    owed = await town.owed(FIRST)
    assert [(kind, chapter) for kind, chapter in owed if kind == "prompt"] == [("prompt", town.london)]
    assert (await town.history(town.leeds)).facts(FIRST).owed.asked_for is None


async def test_nobody_is_late_for_a_month_that_the_pilot_did_not_ask_for(town: Town) -> None:
    async with town.store.write() as c:
        await stored.ask_all(c, GUILD, AGREED)
        (london,) = await summaries.refresh(c, GUILD, [town.london], AGREED)
    facts = london.facts(FIRST)
    assert facts.owed.unanswered == (facts.owed.asked_for,)
    assert str(facts.owed.asked_for) == "2026-10"


async def test_whoever_is_not_asked_any_more_is_not_late_either(town: Town) -> None:
    async with town.store.write() as c:
        await stored.ask_all(c, GUILD, AGREED)
        await summaries.refresh(c, GUILD, [town.london, town.leeds], AGREED)
    await town.owed(datetime(2026, 11, 20, tzinfo=UTC))
    assert len((await town.history(town.london)).owed.unanswered) == 1
    async with town.store.write() as c:
        await stored.ask_all(c, GUILD, None)
    assert (await town.history(town.london)).owed.unanswered == ()
    async with town.store.write() as c:
        await stored.ask_all(c, GUILD, datetime(2026, 12, 3, tzinfo=UTC))
    assert (await town.history(town.london)).owed.unanswered == ()
    assert str((await town.history(town.london)).facts(datetime(2027, 1, 1, tzinfo=UTC)).owed.asked_for) == "2026-12"


async def test_with_more_chapters_than_are_summed_up_at_once_nobody_is_late_after_a_new_beginning(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 1)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    await asking.begin_all(town.store, cora, AGREED)
    await town.owed(now)
    late = select(summary.c.chapter_id).where(summary.c.overdue_at <= now)
    async with town.store.read() as c:
        assert set(await c.scalars(late)) == {town.london, town.leeds}
    await asking.stop(town.store, cora, now)
    await asking.begin_all(town.store, cora, now)
    async with town.store.read() as c:
        assert not list(await c.scalars(late))
    await planner.plan(town.store, now)
    assert not (await deep.compare(town.store, now)).faults
