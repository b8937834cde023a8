"""Renaming, archiving and restoring a chapter, and what a rest by command means."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.delivery import planner
from bot.domain.calendar import Month
from bot.domain.chapters import State, Visibility
from bot.domain.functioning import Status
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.reports import Part, People
from bot.locales import plain
from bot.services import archive, care, checkins, reports, rests
from bot.services import chapters as lookup
from bot.services.checkins import Entered
from db import chapters, outbox, summaries
from db.store import Store
from db.tables import change
from db.tables import outbox as outbox_table
from tests.services.growing import GUILD, Growing, admin, cora, mo, noon

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)
OCTOBER = Month(2026, 10)


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


async def kinds(town: Growing) -> list[str]:
    """The kinds of the open log's lines."""
    async with town.store.read() as c:
        return list(await c.scalars(select(change.c.kind).order_by(change.c.id)))


# Its name


async def test_a_renamed_chapter_is_found_under_its_new_name_only(town: Growing) -> None:
    london = await town.chapter("London")
    done = await archive.rename(town.store, cora, "london", " Łondon West ", noon(TODAY))
    assert (done.before, done.chapter.name, done.posts) == ("London", "Łondon West", 0)
    assert (await lookup.status(town.store, mo, "london west", None, noon(TODAY))).chapter.id == london
    assert "There is no chapter “London”" in await refusal(lookup.status(town.store, mo, "London", None, noon(TODAY)))
    assert await kinds(town) == ["chapter.rename"]


async def test_a_name_differs_from_all_others_but_may_change_its_own_accents(town: Growing) -> None:
    await town.chapter("London")
    gone = await town.chapter("Leeds")
    await town.chapter("York")
    await town.becomes(gone, State.ARCHIVED, TODAY)
    assert (
        await refusal(archive.rename(town.store, cora, "London", "YÖRK", noon(TODAY)))
        == "There is a chapter York already. Choose another name."
    )
    assert "Leeds is archived here" in await refusal(archive.rename(town.store, cora, "London", "leeds", noon(TODAY)))
    assert (await archive.rename(town.store, cora, "London", "LÔNDON", noon(TODAY))).chapter.name == "LÔNDON"
    assert (await archive.rename(town.store, cora, "London", "LÔNDON", noon(TODAY))).before == "LÔNDON"
    assert await kinds(town) == ["chapter.rename"]


@pytest.mark.parametrize("name", ["", "a,b", "a\nb", "\u200b", "x" * 61, "🙂" * 5000])
async def test_what_is_no_name_is_refused(town: Growing, name: str) -> None:
    await town.chapter("London")
    assert "The chapter's name" in await refusal(archive.rename(town.store, cora, "London", name, noon(TODAY)))


async def test_renaming_and_archiving_are_for_coordinators(town: Growing) -> None:
    london = await town.chapter("London")
    for other in (admin, mo):
        for asked in (
            archive.rename(town.store, other, "London", "York", noon(TODAY)),
            archive.look(town.store, other, "London"),
            archive.archive(town.store, other, london, noon(TODAY)),
            archive.restore(town.store, other, "London", noon(TODAY)),
            archive.restore(town.store, other, london, noon(TODAY)),
        ):
            assert await refusal(asked) == "Only coordinators can do this. Ask one of them."


# Out of the list


async def test_an_archived_chapter_is_in_no_list_and_in_no_figure_and_earlier_figures_stay(town: Growing) -> None:
    london, leeds = await town.chapter("London"), await town.chapter("Leeds")
    await town.adopts("members")
    for chapter_id in (london, leeds):
        await town.reports(chapter_id, OCTOBER, date(2026, 11, 3), members=100)
    await archive.archive(town.store, cora, london, noon(TODAY))
    listed = await lookup.listed(town.store, cora, None, None, 0, noon(TODAY))
    assert [each.name for each in listed.entries] == ["Leeds"]
    assert (await town.measure("members", TODAY)).value == (await town.measure("members", TOMORROW)).value == 100
    assert (await town.measure("members", TOMORROW, as_of=TODAY - timedelta(days=1))).value == 200
    assert "There is no chapter “London”" in await refusal(lookup.status(town.store, admin, "London", None, noon(TODAY)))
    status = await lookup.status(town.store, admin, london, None, noon(TODAY))
    assert status.verdict.status is Status.ARCHIVED
    assert (status.may_check_in, status.may_report) == (False, False)


async def test_what_waits_for_an_archived_chapter_is_withdrawn_and_nothing_new_is_planned(town: Growing) -> None:
    london = await town.chapter("London", date(2026, 10, 1))
    await planner.plan(town.store, noon(date(2026, 11, 1)))
    await archive.archive(town.store, cora, london, noon(date(2026, 11, 1)))
    for day in (date(2026, 11, 5), date(2026, 11, 9), date(2026, 12, 1), date(2026, 12, 7)):
        await planner.plan(town.store, noon(day))
    async with town.store.read() as c:
        rows = await c.execute(
            select(outbox_table.c.kind, outbox_table.c.state, outbox_table.c.reason).where(outbox_table.c.chapter_id == london)
        )
        assert [tuple(row) for row in rows] == [("prompt", "dropped", "archived")]
        assert list(await c.scalars(select(outbox_table.c.id).where(outbox_table.c.kind == "digest"))) == []


async def test_archiving_twice_is_archiving_once(town: Growing) -> None:
    london = await town.chapter("London")
    for _ in range(2):
        await archive.archive(town.store, cora, london, noon(TODAY))
    assert await kinds(town) == ["chapter.archive"]


async def test_old_buttons_do_nothing_for_an_archived_chapter(town: Growing) -> None:
    london = await town.chapter("London")
    await archive.archive(town.store, cora, london, noon(TODAY))
    now = noon(TODAY)
    for asked in (
        checkins.record(town.store, admin, london, Entered("meeting", None, 5, None), "form", now),
        reports.save_part(town.store, admin, london, OCTOBER, Part.PEOPLE, People(1, 1), 0, None, now),
        reports.publish(town.store, admin, london, OCTOBER, now, quiet=True),
        care.clear(town.store, admin, london, care.Detail.ROLE, now),
        rests.rest(town.store, admin, london, TOMORROW, now),
        rests.wake(town.store, admin, london, now),
    ):
        assert await refusal(asked) == "London is archived. A coordinator can restore it with /chapter restore."


# And back


async def test_a_restored_chapter_is_asked_about_nothing_of_the_time_it_was_away(town: Growing) -> None:
    london = await town.chapter("London", date(2026, 8, 1))
    await planner.plan(town.store, noon(date(2026, 9, 12)))
    await archive.archive(town.store, cora, london, noon(date(2026, 9, 12)))
    done = await archive.restore(town.store, cora, "LONDON", noon(TODAY))
    assert (done.changed, done.next_period) == (True, Month(2026, 12))
    async with town.store.read() as c:
        (history,) = await summaries.read(c, GUILD, [london], Policy())
    assert history.owed.unanswered == (Month(2026, 8),)
    assert not (await archive.restore(town.store, cora, "London", noon(TODAY))).changed
    assert (await lookup.status(town.store, mo, "London", None, noon(TODAY))).chapter.id == london


async def test_who_is_restored_the_same_day_is_asked_after_all(town: Growing) -> None:
    london = await town.chapter("London", date(2026, 10, 1))
    await planner.plan(town.store, noon(date(2026, 11, 1)))
    await archive.archive(town.store, cora, london, noon(date(2026, 11, 1)))
    await archive.restore(town.store, cora, london, noon(date(2026, 11, 1)))
    async with town.store.read() as c:
        rows = await c.execute(select(outbox_table.c.kind, outbox_table.c.state, outbox_table.c.reason))
        assert [tuple(row) for row in rows] == [("prompt", "waiting", None)]


async def test_what_was_withdrawn_long_ago_is_not_asked_any_more(town: Growing) -> None:
    london = await town.chapter("London", date(2026, 8, 1))
    await planner.plan(town.store, noon(date(2026, 9, 2)))
    await archive.archive(town.store, cora, london, noon(date(2026, 9, 2)))
    await archive.restore(town.store, cora, london, noon(TODAY))
    await planner.plan(town.store, noon(TODAY))
    async with town.store.read() as c:
        assert list(await c.scalars(select(outbox_table.c.state).where(outbox_table.c.kind == "prompt"))) == ["dropped"]


async def test_only_archived_chapters_are_offered_to_be_restored_and_only_to_who_may(town: Growing) -> None:
    assert await refusal(archive.restore(town.store, cora, "London", noon(TODAY))) == "No chapter is archived here."
    for name in ("London", "Łódź", "York"):
        chapter_id = await town.chapter(name)
        if name != "York":
            await archive.archive(town.store, cora, chapter_id, noon(TODAY))
    assert await archive.archived(town.store, cora, "", noon(TODAY)) == ["Łódź", "London"]
    assert await archive.archived(town.store, cora, "lodz", noon(TODAY)) == ["Łódź"]
    assert await archive.archived(town.store, mo, "", noon(TODAY)) == []
    assert (
        await refusal(archive.restore(town.store, cora, "Lonndon", noon(TODAY)))
        == "There is no archived chapter “Lonndon”. Did you mean London?"
    )


async def test_a_hidden_archived_chapter_is_not_named_to_a_coordinator(town: Growing) -> None:
    london = await town.chapter("London")
    await archive.archive(town.store, cora, london, noon(TODAY))
    async with town.store.write() as c:
        await chapters.change(c, GUILD, london, visibility=Visibility.HIDDEN.value)
    assert await archive.archived(town.store, cora, "", noon(TODAY)) == []
    assert await refusal(archive.restore(town.store, cora, "London", noon(TODAY))) == "No chapter is archived here."


# Rest, by command


@pytest.mark.parametrize(
    ("until", "through"), [("2026-12", date(2026, 12, 31)), ("2027-01-15", date(2027, 1, 15)), (" 2026-11-23 ", date(2026, 11, 23))]
)
async def test_a_rest_lasts_through_a_day_or_a_month(town: Growing, until: str, through: date) -> None:
    await town.chapter("London")
    rested = await rests.rest(town.store, admin, None, until, noon(TODAY))
    assert (rested.until, rested.changed) == (through, True)
    assert not (await rests.rest(town.store, admin, "london", until, noon(TODAY))).changed


@pytest.mark.parametrize(
    ("until", "says"),
    [
        ("soon", "“soon” is not a day that I can read. Write a day like 2026-12-22, or a month like 2026-12."),
        ("2026-13", "“2026-13” is not a day that I can read."),
        ("🙂" * 5000, "is not a day that I can read."),
        ("2026-10", "A rest can last until 22 November 2027 at most, and ends after today. You gave 31 October 2026."),
        ("2026-11-22", "ends after today"),
        ("2027-12", "at most"),
        ("9999-12", "at most"),
    ],
)
async def test_what_is_no_end_of_a_rest_is_refused(town: Growing, until: str, says: str) -> None:
    await town.chapter("London")
    assert says in await refusal(rests.rest(town.store, admin, "London", until, noon(TODAY)))


async def test_months_are_offered_for_a_rest_as_far_as_one_may_last(town: Growing) -> None:
    offered = await rests.ends(town.store, admin, "", noon(TODAY))
    assert (offered[0], offered[-1], len(offered)) == ("2026-11", "2027-10", 12)
    assert await rests.ends(town.store, admin, "2026", noon(TODAY)) == ["2026-11", "2026-12"]


async def test_waking_asks_at_once_what_was_put_off(town: Growing) -> None:
    london = await town.chapter("London")
    await rests.rest(town.store, admin, london, "2026-12", noon(TODAY))
    async with town.store.write() as c:
        await outbox.put(c, GUILD, "partner", "p", noon(date(2027, 1, 1)), noon(TODAY), chapter_id=london, checkin_id=1)
        await outbox.put(c, GUILD, "later", "l", noon(date(2027, 1, 1)), noon(TODAY), chapter_id=london)
    await rests.wake(town.store, admin, london, noon(TOMORROW))
    async with town.store.read() as c:
        rows = await c.execute(select(outbox_table.c.kind, outbox_table.c.due_at).order_by(outbox_table.c.id))
        assert [tuple(row) for row in rows] == [("partner", noon(TOMORROW)), ("later", noon(date(2027, 1, 1)))]


async def test_waking_who_does_not_rest_changes_nothing(town: Growing) -> None:
    london = await town.chapter("London")
    assert not (await rests.wake(town.store, admin, london, noon(TODAY))).changed
    assert await kinds(town) == []
