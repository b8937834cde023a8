"""Gatherings of a branch: who records them, which chapters are asked, and what they answer."""

from datetime import date

import pytest
from sqlalchemy import func, select

from bot.domain.chapters import State
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain
from bot.services import gatherings
from bot.services.gatherings import Entered, Record
from db.store import Store
from db.tables import change, gathering, outbox
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


async def recorded(town: Growing, chapters: str, form: str = "a form", day: date | str = HELD, **numbers: int) -> Record:
    """What Cora is told who records a gathering of the United Kingdom."""
    return await gatherings.record(town.store, cora, Entered("uk", str(day), chapters, **numbers), form, noon(TODAY))


async def refusal(awaited: object) -> str:
    """The words with which something is refused."""
    with pytest.raises(Refusal) as refused:
        await awaited  # type: ignore[misc]
    return plain(refused.value.reason, "en")


async def asked(town: Growing) -> list[int]:
    """The chapters that a question waits for."""
    async with town.store.read() as c:
        return list(await c.scalars(select(outbox.c.chapter_id).where(outbox.c.kind == "gathering").order_by(outbox.c.id)))


async def test_each_chapter_of_a_gathering_is_asked_once(town: Growing, branch: int) -> None:
    done = await recorded(town, "london, LEEDS,  leeds ,", people=60, delegates=12)
    made = done.gathering
    async with town.store.read() as c:
        rows = (await c.execute(select(outbox.c.kind, outbox.c.chapter_id, outbox.c.payload).where(outbox.c.kind == "gathering"))).all()
        question = await gatherings.question(c, GUILD, 2, made.id)
        assert await gatherings.question(c, GUILD, 3, made.id) is None
    assert [tuple(row) for row in rows] == [("gathering", 1, {"gathering_id": made.id}), ("gathering", 2, {"gathering_id": made.id})]
    assert question is not None
    assert (question.chapter, question.gathering.branch, question.gathering.people, question.gathering.delegates) == ("Leeds", "GB", 60, 12)
    assert (done.asks, done.again, [each.name for each in made.asked]) == (("London", "Leeds"), False, ["Leeds", "London"])


async def test_the_same_form_sent_twice_is_stored_once(town: Growing, branch: int) -> None:
    first = await recorded(town, "London, Leeds", "one form")
    await gatherings.answer(town.store, admin, first.gathering.id, 1, noon(TODAY), took_part=True)
    second = await recorded(town, "London, Leeds", "one form")
    assert (second.again, second.gathering.id) == (True, first.gathering.id)
    assert [each.state for each in second.gathering.asked] == ["asked", "confirmed"]
    async with town.store.read() as c:
        assert await c.scalar(select(func.count()).select_from(gathering)) == 1


async def test_the_same_day_again_adds_what_is_new_and_asks_nobody_twice(town: Growing, branch: int) -> None:
    first = await recorded(town, "London, Leeds", "one")
    assert (await recorded(town, "leeds", "two")).again
    third = await recorded(town, "York, London", "three", people=40)
    assert (third.gathering.id, third.asks, third.gathering.people, third.again) == (first.gathering.id, ("York",), 40, False)
    assert await asked(town) == [1, 2, 3]
    async with town.store.read() as c:
        fields = list(await c.scalars(select(change.c.fields).where(change.c.kind == "gathering.record").order_by(change.c.id)))
    assert fields == [["chapters", "day"], ["chapters", "people"]]


async def test_who_has_answered_or_is_archived_is_not_asked_any_more(town: Growing, branch: int) -> None:
    made = await town.gathers(branch, HELD, "London", "Leeds")
    await gatherings.answer(town.store, admin, made, 1, noon(TODAY), took_part=False)
    await town.becomes(2, State.ARCHIVED, TODAY)
    async with town.store.read() as c:
        assert [await gatherings.question(c, GUILD, each, made) for each in (1, 2)] == [None, None]


async def test_it_counts_with_two_yeses_and_an_answer_can_be_changed(town: Growing, branch: int) -> None:
    made = await town.gathers(branch, HELD, "London", "Leeds", "York")
    said = []
    for chapter_id, yes in ((1, True), (1, True), (2, True), (2, False), (3, True)):
        answer = await gatherings.answer(town.store, admin, made, chapter_id, noon(TODAY), took_part=yes)
        said.append((answer.gathering.confirmed, answer.gathering.counts))
    assert said == [(1, False), (1, False), (2, True), (1, False), (2, True)]
    assert (await gatherings.look(town.store, cora, made)).gathering.counts
    async with town.store.read() as c:
        kinds = list(await c.scalars(select(change.c.kind).where(change.c.kind.like("gathering.%")).order_by(change.c.id)))
    assert kinds == ["gathering.record", "gathering.confirm", "gathering.confirm", "gathering.decline", "gathering.confirm"]


async def test_only_a_chapters_own_admins_answer_and_only_coordinators_record(town: Growing, branch: int) -> None:
    made = await town.gathers(branch, HELD, "London", "Leeds")
    for other in (mo, cora):
        said = await refusal(gatherings.answer(town.store, other, made, 1, noon(TODAY), took_part=True))
        assert said.startswith("Only London's admins can do this:")
    for awaited in (
        gatherings.record(town.store, admin, Entered("uk", None, "London, Leeds"), "a form", noon(TODAY)),
        gatherings.look(town.store, admin, made),
        gatherings.withdraw(town.store, mo, made, noon(TODAY)),
    ):
        assert await refusal(awaited) == "Only coordinators can do this. Ask one of them."


async def test_in_direct_messages_an_admin_can_answer_as_well(town: Growing, branch: int) -> None:
    made = await town.gathers(branch, HELD, "London", "Leeds")
    answered = await gatherings.answer(town.store, Caller(ADMIN, None), made, 1, noon(TODAY), took_part=True)
    assert answered.gathering.state == "confirmed"


async def test_one_that_does_not_count_yet_can_be_withdrawn_and_recorded_anew(town: Growing, branch: int) -> None:
    wrong = await town.gathers(branch, HELD, "London", "Leeds")
    await gatherings.answer(town.store, admin, wrong, 1, noon(TODAY), took_part=True)
    await gatherings.withdraw(town.store, cora, wrong, noon(TODAY))
    gone = "This gathering is not recorded any more."
    assert await refusal(gatherings.withdraw(town.store, cora, wrong, noon(TODAY))) == gone
    assert await refusal(gatherings.answer(town.store, admin, wrong, 2, noon(TODAY), took_part=True)) == gone
    anew = await town.gathers(branch, HELD, "London", "Leeds")
    assert anew != wrong
    assert await asked(town) == [1, 2, 1, 2]
    for chapter_id in (1, 2):
        await gatherings.answer(town.store, admin, anew, chapter_id, noon(TODAY), took_part=True)
    said = await refusal(gatherings.withdraw(town.store, cora, anew, noon(TODAY)))
    assert said == "This gathering counts already, because 2 of its chapters have confirmed it. It can no longer be withdrawn."


async def test_what_cannot_be_is_refused(town: Growing, branch: int) -> None:
    await town.chapter("Porto", branch_id=await town.branch("PT"))
    await town.chapter("Nowhere")
    hidden, archived = [await town.chapter(name, branch_id=branch) for name in ("Hull", "Bath")]
    await town.hides(hidden)
    await town.becomes(archived, State.ARCHIVED, TODAY)
    few = "Name at least 2 chapters that took part: a gathering counts once 2 have confirmed it."
    for chapters, said in (
        ("London, Porto", "Porto is not a chapter of GB. Name only chapters of that branch."),
        ("London, Nowhere", "Nowhere is not a chapter of GB. Name only chapters of that branch."),
        ("London, Lundon", "There is no chapter “Lundon”. Did you mean London"),
        ("London, Hull", "There is no chapter “Hull” here. /chapter list"),
        ("London, Bath", "There is no chapter “Bath” here. /chapter list"),
        ("London, london", few),
        (" , ,", few),
        (", ".join(f"Town {n}" for n in range(101)), "At most 100 chapters can be named."),
    ):
        refused = await refusal(recorded(town, chapters))
        assert refused.startswith(said)
        assert "Hull," not in refused
    for day, said in (
        ("2026-11-23", "The day can be from"),
        ("2025-10-17", "The day can be from"),
        ("soon", "“soon” is not a day that I can read"),
    ):
        assert said in await refusal(recorded(town, "London, Leeds", day=day))
    assert "The number of delegates" in await refusal(recorded(town, "London, Leeds", delegates=-1))
    more = await refusal(recorded(town, "London, Leeds", people=1, delegates=3))
    assert more == "3 delegates, but only 1 person in all. Correct one of the two."
    assert "The number of people" in await refusal(recorded(town, "London, Leeds", people=100_001))
    unknown = gatherings.record(town.store, cora, Entered("Atlantis", None, "London, Leeds"), "a form", noon(TODAY))
    assert (await refusal(unknown)) == "There is no branch “Atlantis” here. /branch list shows those that are."
    assert (
        await refusal(gatherings.answer(town.store, admin, 77, 1, noon(TODAY), took_part=True))
        == "This gathering is not recorded any more."
    )
    async with town.store.read() as c:
        assert await c.scalar(select(func.count()).select_from(gathering)) == 0


async def test_numbers_that_come_later_have_to_agree_with_those_that_are_known(town: Growing, branch: int) -> None:
    await recorded(town, "London, Leeds", "one", people=20)
    more = await refusal(recorded(town, "London, Leeds", "another", delegates=21))
    assert more == "21 delegates, but only 20 people in all. Correct one of the two."
    assert (await recorded(town, "London, Leeds", "another", people=30, delegates=21)).gathering.delegates == 21


async def test_suggestions_are_of_the_chosen_branch_and_keep_what_is_typed_already(town: Growing, branch: int) -> None:
    await town.chapter("Lisboa", branch_id=await town.branch("PT"))
    await town.chapter("Nowhere")
    await town.hides(await town.chapter("Lincoln", branch_id=branch))

    async def suggested(chosen: str | None, typed: str) -> list[str]:
        return await gatherings.suggestions(town.store, cora, chosen, typed)

    assert await suggested("United Kingdom", "l") == ["Leeds", "London"]
    assert await suggested(None, "l") == ["Leeds", "Lisboa", "London"]
    assert await suggested("uk", "leeds, L") == ["leeds, London"]
    assert await suggested("uk", "Leeds,York, lndon") == ["Leeds, York, London"]
    assert await suggested("uk", "x" * 92 + ", York") == ["x" * 92 + ", York"]
    assert await suggested("uk", "x" * 95 + ", York") == []
