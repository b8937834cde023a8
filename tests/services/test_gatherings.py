"""Gatherings of a branch: who records them, which chapters are asked, and what they answer."""

from datetime import date

import pytest
from sqlalchemy import select

from bot.domain.chapters import State
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain
from bot.services import gatherings
from db.store import Store
from db.tables import change, outbox
from tests.services.growing import ADMIN, GUILD, Growing, admin, cora, mo, noon

HELD = date(2026, 11, 7)
TODAY = date(2026, 11, 22)


@pytest.fixture
async def town(store: Store) -> Growing:
    """An organisation without chapters."""
    growing = Growing(store)
    await growing.set_up()
    return growing


@pytest.fixture
async def branch(town: Growing) -> int:
    """A branch with London (chapter 1), Leeds (2) and York (3)."""
    made = await town.branch("GB")
    for name in ("London", "Leeds", "York"):
        await town.chapter(name, branch_id=made)
    return made


async def refusal(awaited: object) -> str:
    """The words with which something is refused."""
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return plain(refused.value.reason, "en")


async def test_each_chapter_of_a_gathering_is_asked_once(town: Growing, branch: int) -> None:
    made = await gatherings.record(town.store, cora, branch, HELD, [1, 2, 2], 60, 12, noon(TODAY))
    async with town.store.read() as c:
        rows = (await c.execute(select(outbox.c.kind, outbox.c.chapter_id, outbox.c.payload).where(outbox.c.kind == "gathering"))).all()
        question = await gatherings.question(c, GUILD, 2, made)
        assert await gatherings.question(c, GUILD, 3, made) is None
    assert [tuple(row) for row in rows] == [("gathering", 1, {"gathering_id": made}), ("gathering", 2, {"gathering_id": made})]
    assert question is not None
    assert (question.chapter, question.gathering.branch, question.gathering.people) == ("Leeds", "GB", 60)


async def test_who_has_answered_or_is_archived_is_not_asked_any_more(town: Growing, branch: int) -> None:
    made = await gatherings.record(town.store, cora, branch, HELD, [1, 2], None, None, noon(TODAY))
    await gatherings.answer(town.store, admin, made, 1, noon(TODAY), took_part=False)
    await town.becomes(2, State.ARCHIVED, TODAY)
    async with town.store.read() as c:
        assert [await gatherings.question(c, GUILD, each, made) for each in (1, 2)] == [None, None]


async def test_it_counts_with_two_yeses_and_an_answer_can_be_changed(town: Growing, branch: int) -> None:
    made = await gatherings.record(town.store, cora, branch, HELD, [1, 2, 3], None, None, noon(TODAY))
    said = []
    for chapter_id, yes in ((1, True), (1, True), (2, True), (2, False), (3, True)):
        answer = await gatherings.answer(town.store, admin, made, chapter_id, noon(TODAY), took_part=yes)
        said.append((answer.gathering.confirmed, answer.gathering.counts))
    assert said == [(1, False), (1, False), (2, True), (1, False), (2, True)]
    async with town.store.read() as c:
        kinds = list(await c.scalars(select(change.c.kind).where(change.c.kind.like("gathering.%")).order_by(change.c.id)))
    assert kinds == ["gathering.record", "gathering.confirm", "gathering.confirm", "gathering.decline", "gathering.confirm"]


async def test_only_a_chapters_own_admins_answer_and_only_coordinators_record(town: Growing, branch: int) -> None:
    made = await gatherings.record(town.store, cora, branch, HELD, [1, 2], None, None, noon(TODAY))
    for other in (mo, cora):
        said = await refusal(gatherings.answer(town.store, other, made, 1, noon(TODAY), took_part=True))
        assert said.startswith("Only London's own admins can do this:")
    assert "Only coordinators" in await refusal(gatherings.record(town.store, admin, branch, HELD, [1, 2], None, None, noon(TODAY)))


async def test_in_direct_messages_an_admin_can_answer_as_well(town: Growing, branch: int) -> None:
    made = await gatherings.record(town.store, cora, branch, HELD, [1, 2], None, None, noon(TODAY))
    answered = await gatherings.answer(town.store, Caller(ADMIN, None), made, 1, noon(TODAY), took_part=True)
    assert answered.gathering.state == "confirmed"


async def test_what_cannot_be_is_refused(town: Growing, branch: int) -> None:
    elsewhere = await town.chapter("Porto")
    hidden = await town.chapter("Hull", branch_id=branch)
    await town.hides(hidden)
    own = "A gathering is one of chapters of its own branch. Choose them from that branch's chapters."
    for chapter_ids, said in (
        ([1, elsewhere], own),
        ([1, hidden], own),
        ([1, 999], own),
        ([1, 1], "Name at least 2 chapters that took part: a gathering counts once 2 have confirmed it."),
    ):
        assert await refusal(gatherings.record(town.store, cora, branch, HELD, chapter_ids, None, None, noon(TODAY))) == said
    future = date(2026, 11, 23)
    assert "The day can be from" in await refusal(gatherings.record(town.store, cora, branch, future, [1, 2], None, None, noon(TODAY)))
    assert "The number of delegates" in await refusal(gatherings.record(town.store, cora, branch, HELD, [1, 2], 5, -1, noon(TODAY)))
    assert (
        await refusal(gatherings.answer(town.store, admin, 77, 1, noon(TODAY), took_part=True))
        == "This gathering is not recorded any more."
    )
