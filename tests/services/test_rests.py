"""Rest and waking: a chapter's own decision; and standing facts, which change what it counts for."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.domain.chapters import State
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain
from bot.services import access, facts, rests
from bot.services.facts import Key
from db import chapters
from db import facts as stored_facts
from db.store import Store
from db.tables import change, outbox, summary
from tests.services.growing import ADMIN, GUILD, Growing, admin, cora, mo, noon

TODAY = date(2026, 11, 22)
UNTIL = date(2027, 1, 31)
FACILITATORS = 90


@pytest.fixture
async def town(store: Store) -> Growing:
    """An organisation without chapters."""
    growing = Growing(store)
    await growing.set_up()
    return growing


async def refusal(awaited: object) -> str:
    """The words with which something is refused."""
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return plain(refused.value.reason, "en")


async def state(town: Growing, chapter_id: int, day: date) -> State:
    """What a chapter is on a day."""
    async with town.store.read() as c:
        found = await chapters.find(c, GUILD, chapter_id)
    assert found is not None
    return found.state(day)


async def test_a_chapter_rests_through_the_day_it_chose(town: Growing) -> None:
    london = await town.chapter("London")
    rested = await rests.rest(town.store, admin, london, UNTIL, noon(TODAY))
    assert rested.until == UNTIL
    assert [await state(town, london, day) for day in (TODAY, UNTIL, UNTIL + timedelta(days=1))] == [
        State.RESTING,
        State.RESTING,
        State.ACTIVE,
    ]
    async with town.store.read() as c:
        awake_at = await c.scalar(select(summary.c.awake_at).where(summary.c.chapter_id == london))
    assert awake_at == noon(UNTIL) + timedelta(hours=12)


async def test_waking_ends_the_rest_and_waking_twice_changes_nothing(town: Growing) -> None:
    london = await town.chapter("London")
    await rests.rest(town.store, admin, london, UNTIL, noon(TODAY))
    await rests.rest(town.store, admin, london, UNTIL, noon(TODAY))
    for _ in range(2):
        assert (await rests.wake(town.store, admin, london, noon(TODAY + timedelta(days=3)))).until is None
    assert await state(town, london, TODAY + timedelta(days=3)) is State.ACTIVE
    async with town.store.read() as c:
        kinds = list(await c.scalars(select(change.c.kind).where(change.c.chapter_id == london).order_by(change.c.id)))
    assert kinds == ["chapter.rest", "chapter.wake"]


async def test_a_rest_is_the_chapters_own_decision(town: Growing) -> None:
    london = await town.chapter("London")
    for other in (mo, cora):
        assert "Only London's admins" in await refusal(rests.rest(town.store, other, london, UNTIL, noon(TODAY)))
        assert "Only London's admins" in await refusal(rests.wake(town.store, other, london, noon(TODAY)))


@pytest.mark.parametrize("until", [TODAY, date(2026, 1, 1), date(2027, 11, 23)])
async def test_a_rest_ends_after_today_and_within_a_year(town: Growing, until: date) -> None:
    said = await refusal(rests.rest(town.store, admin, await town.chapter("London"), until, noon(TODAY)))
    assert said.startswith("A rest can last until 22 November 2027 at most, and ends after today.")


async def test_an_archived_chapter_neither_rests_nor_wakes(town: Growing) -> None:
    london = await town.chapter("London")
    await town.becomes(london, State.ARCHIVED, TODAY)
    for asked in (rests.rest(town.store, admin, london, UNTIL, noon(TODAY)), rests.wake(town.store, admin, london, noon(TODAY))):
        assert await refusal(asked) == "London is archived. A coordinator can restore it with /chapter restore."


async def test_an_offer_asks_the_chapter_once_a_day_and_only_while_it_is_active(town: Growing) -> None:
    london = await town.chapter("London")
    async with town.store.write() as c:
        scope = await access.pressed(c, cora, london)
        for _ in range(2):
            await rests.offer(c, scope, noon(TODAY))
        rows = (await c.execute(select(outbox.c.chapter_id, outbox.c.payload).where(outbox.c.kind == "rest"))).all()
        assert [tuple(row) for row in rows] == [(london, {"by": cora.user_id})]
        offer = await rests.offered(c, GUILD, london, cora.user_id, noon(TODAY))
    assert offer is not None
    assert offer.chapter == "London"
    await rests.rest_for(town.store, admin, london, 30, noon(TODAY))
    async with town.store.write() as c:
        scope = await access.pressed(c, cora, london)
        assert await refusal(rests.offer(c, scope, noon(TODAY))) == "London is resting already."
        assert await rests.offered(c, GUILD, london, cora.user_id, noon(TODAY)) is None


async def test_who_does_not_look_after_chapters_offers_nothing(town: Growing) -> None:
    london = await town.chapter("London")
    async with town.store.write() as c:
        scope = await access.pressed(c, Caller(ADMIN, GUILD), london)
        assert "Only facilitators and coordinators" in await refusal(rests.offer(c, scope, noon(TODAY)))


async def test_an_offered_rest_of_30_days_ends_on_the_thirtieth_day_from_now(town: Growing) -> None:
    london = await town.chapter("London")
    assert (await rests.rest_for(town.store, admin, london, 30, noon(TODAY))).until == date(2026, 12, 22)
    assert (await rests.rest_for(town.store, admin, london, 10**9, noon(TODAY))).until == date(2027, 11, 22)


async def test_the_newest_fact_counts_and_earlier_ones_stay(town: Growing) -> None:
    london = await town.chapter("London")
    await town.says(Key.DUES, "agreed", date(2026, 3, 1), chapter_id=london)
    await town.says(Key.MONEY, "cash_box", date(2026, 4, 1), chapter_id=london)
    await town.says(Key.DUES, "collecting", date(2026, 5, 1), chapter_id=london)
    async with town.store.read() as c:
        newest = await stored_facts.newest(c, GUILD, "dues", chapter_id=london)
        assert newest == stored_facts.Fact("collecting", date(2026, 5, 1))
        assert await stored_facts.newest(c, GUILD, "delegate", chapter_id=london) is None
        assert await c.scalar(select(summary.c.collecting_on).where(summary.c.chapter_id == london)) == date(2026, 4, 1)


async def test_a_fact_of_a_branch_is_its_own(town: Growing) -> None:
    london, branch = await town.chapter("London"), await town.branch("GB")
    await town.says(Key.MONEY, "bank_account", date(2026, 3, 1), branch_id=branch)
    async with town.store.read() as c:
        assert await stored_facts.newest(c, GUILD, "money", chapter_id=london) is None
        assert await stored_facts.newest(c, GUILD, "money", branch_id=branch) == stored_facts.Fact("bank_account", date(2026, 3, 1))


async def test_a_value_that_is_no_answer_is_stored_nowhere(town: Growing) -> None:
    london = await town.chapter("London")
    async with town.store.write() as c:
        with pytest.raises(ValueError, match="maybe"):
            await facts.confirm(c, GUILD, chapter_id=london, key=Key.DUES, value="maybe", day=TODAY, now=noon(TODAY), by=ADMIN)
