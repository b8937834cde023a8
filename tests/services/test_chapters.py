"""Chapters as everybody looks them up: how one stands now and stood then, the list, a new one, and its admins."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.domain.chapters import State, Visibility
from bot.domain.functioning import Met, Status
from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.locales import plain
from bot.services import chapters as service
from bot.services import checkins, standing
from bot.services.adding import Given
from bot.services.chapters import Admins, Candidate, ChapterStatus, LastAdmin
from bot.services.checkins import Entered
from db import chapters, organisations, people, summaries
from db.store import Store
from db.tables import change, summary
from db.tables import chapter as chapter_table
from tests import asked

GUILD, ELSEWHERE = 1000, 2000
ANA, BEN, LEA, FAY, MO, CORA = 1, 2, 3, 4, 5, 6
COORDINATORS, FACILITATORS, LONDONERS = 70, 71, 72
BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)


def caller(user_id: int, *roles: int, guild_id: int = GUILD) -> Caller:
    return Caller(user_id, guild_id, frozenset(roles), frozenset({COORDINATORS, FACILITATORS}))


ana, mo, cora = caller(ANA), caller(MO), caller(CORA, COORDINATORS)


@dataclass
class Town:
    """An organisation with London (Ana, then Ben) since January, and what is done there."""

    store: Store
    london: int

    async def add(self, name: str, *admins: int, now: datetime = BEGAN, **values: Any) -> int:
        values = {"added_on": now.date(), "timezone": "Europe/London", "name": name} | values
        async with self.store.write() as c:
            new = await chapters.add(c, GUILD, now, CORA, **values)
            for admin in admins:
                await people.add_admin(c, GUILD, new, admin, now)
            await chapters.change(c, GUILD, new, duty_user_id=admins[0] if admins else None)
            await summaries.refresh(c, GUILD, [new], now)
        return new

    async def check_in(self, day: str, *, education: bool = False, people: int | None = 14, now: datetime = NOW) -> None:
        entered = Entered("meeting", day, people, education=education)
        await checkins.record(self.store, ana, "London", entered, f"{day}{education}{people}{now}", now)

    async def status(
        self, who: Caller = mo, chapter: str | int | None = "London", as_of: str | None = None, now: datetime = NOW
    ) -> ChapterStatus:
        return await service.status(self.store, who, chapter, as_of, now)

    async def rest(self, chapter_id: int, state: State, first: date, until: date | None, now: datetime) -> None:
        async with self.store.write() as c:
            await chapters.set_state(c, GUILD, chapter_id, state, first, until, now, ANA)
            await summaries.refresh(c, GUILD, [chapter_id], now)

    async def hide(self, chapter_id: int) -> None:
        async with self.store.write() as c:
            await chapters.change(c, GUILD, chapter_id, visibility=Visibility.HIDDEN.value)

    async def names(self, who: Caller = mo, branch: str | int | None = None, status: Status | None = None, page: int = 0) -> list[str]:
        shown = await service.listed(self.store, who, branch, status, page, NOW)
        return [entry.name for entry in shown.entries]

    async def logged(self) -> list[str]:
        async with self.store.read() as c:
            return list(await c.scalars(select(change.c.kind).order_by(change.c.id)))


async def make_town(store: Store) -> Town:
    async with store.write() as c:
        await asked.create(c, GUILD, BEGAN, "Europe/London")
        await organisations.change(c, GUILD, {"coordinator_role": COORDINATORS, "facilitator_role": FACILITATORS, "set_up_at": BEGAN})
        await asked.create(c, ELSEWHERE, BEGAN)
    town = Town(store, 0)
    town.london = await town.add("London", ANA, BEN, city="London", role_id=LONDONERS)
    return town


@pytest.fixture
async def town(store: Store) -> Town:
    return await make_town(store)


async def refusal(awaited: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await awaited
    return plain(refused.value.reason, "en")


# How a chapter stands


async def test_a_chapter_that_nothing_is_known_of_is_unheard_and_each_criterion_unknown(town: Town) -> None:
    shown = await town.status()
    assert shown.verdict.status is Status.UNHEARD
    assert [(each.verdict.met, each.missing) for each in shown.criteria] == [(Met.UNKNOWN, 1)] * 3


async def test_evidence_is_shown_with_its_entry_and_the_next_day_it_is_needed_by(town: Town) -> None:
    await town.check_in("2026-10-18", education=True)
    together, learns, reports = (await town.status()).criteria
    assert (together.verdict.met, together.verdict.lapses_on, together.missing) == (Met.MET, date(2026, 12, 2), 0)
    assert [(ground.kind, ground.people) for ground in together.grounds] == [("meeting", 14)]
    assert (learns.verdict.met, learns.verdict.lapses_on) == (Met.MET, date(2027, 3, 2))
    assert (reports.verdict.met, reports.missing) == (Met.UNKNOWN, 1)


async def test_the_one_thing_that_would_mend_it_is_counted_within_the_window(town: Town) -> None:
    async with town.store.write() as c:
        await organisations.set_policy(c, GUILD, "together_count", 3, BEGAN, CORA)
    for day in ("2026-06-01", "2026-09-20", "2026-10-18"):
        await town.check_in(day)
    together = (await town.status()).criteria[0]
    assert (together.verdict.met, together.missing) == (Met.NOT_MET, 1)


async def test_what_is_said_after_an_entry_is_what_the_status_then_shows(town: Town) -> None:
    await town.check_in("2026-10-18", education=True)
    async with town.store.read() as c:
        entity = await chapters.find(c, GUILD, town.london)
        assert entity is not None
        organisation = await organisations.find(c, GUILD)
        assert organisation is not None
        said = await standing.verdict(c, organisation, entity, NOW)
    assert said == (await town.status()).verdict


async def test_as_of_a_day_nothing_later_is_known(town: Town) -> None:
    await town.check_in("2026-09-01")
    await town.check_in("2026-10-18", education=True)
    then = await town.status(as_of="2026-10-01")
    assert then.past
    assert (then.day, then.criteria[0].verdict.newest, then.criteria[1].verdict.met) == (date(2026, 10, 1), date(2026, 9, 1), Met.UNKNOWN)


async def test_as_of_a_day_the_policy_of_that_day_holds(town: Town) -> None:
    await town.check_in("2026-09-01")
    async with town.store.write() as c:
        await organisations.set_policy(c, GUILD, "together_days", 10, datetime(2026, 10, 10, tzinfo=UTC), CORA)
    assert (await town.status(as_of="2026-10-09")).criteria[0].verdict.met is Met.MET
    assert (await town.status(as_of="2026-10-10")).criteria[0].verdict.met is Met.NOT_MET


async def test_as_of_a_day_the_state_of_that_day_holds(town: Town) -> None:
    await town.rest(town.london, State.RESTING, date(2026, 6, 1), date(2026, 6, 30), datetime(2026, 6, 1, 12, tzinfo=UTC))
    await town.rest(town.london, State.ACTIVE, date(2026, 6, 20), None, datetime(2026, 6, 20, 12, tzinfo=UTC))
    states = {day: (await town.status(as_of=f"2026-{day}")).verdict.status for day in ("05-31", "06-01", "06-19", "06-20", "07-01")}
    assert [day for day, status in states.items() if status is Status.RESTING] == ["06-01", "06-19"]


async def test_as_of_today_is_today(town: Town) -> None:
    await town.check_in("2026-10-20")
    assert await town.status(as_of="2026-10-20") == await town.status(as_of="today") == await town.status()
    assert not (await town.status(as_of="today")).past


@pytest.mark.parametrize("day", ["2026-10-21", "2025-12-31", "0001-01-01", "9999-12-31"])
async def test_as_of_a_day_before_the_chapter_or_to_come_the_range_is_said(town: Town, day: str) -> None:
    said = await refusal(town.status(as_of=day))
    assert (
        said.startswith("London was added on 1 January 2026. The day can be from then to 20 October 2026.")
        or "is not a day that I can read" in said
    )


@pytest.mark.parametrize("day", ["tomorrow", "20.10.2026", "2026-13-01", "<@1>", "x" * 5000])
async def test_as_of_something_that_is_no_day_says_how_to_write_one(town: Town, day: str) -> None:
    assert "is not a day that I can read" in await refusal(town.status(as_of=day))


async def test_buttons_are_for_those_who_may_use_them(town: Town) -> None:
    may = {name: await town.status(who) for name, who in {"mo": mo, "ana": ana, "cora": cora}.items()}
    assert {name: (shown.may_check_in, shown.may_report) for name, shown in may.items()} == {
        "mo": (False, False),
        "ana": (True, True),
        "cora": (True, True),
    }


async def test_without_a_name_ones_own_chapter_is_meant(town: Town) -> None:
    assert (await town.status(ana, None)).chapter.id == town.london
    assert (await town.status(caller(MO, LONDONERS), None)).chapter.id == town.london
    assert (await refusal(town.status(mo, None))).startswith("Which chapter do you mean?")


async def test_another_servers_chapter_is_not_here(town: Town) -> None:
    stranger = caller(ANA, guild_id=ELSEWHERE)
    assert (await refusal(town.status(stranger, town.london))).startswith("This chapter is not in this server any more.")
    assert "no other yet" in await refusal(town.status(stranger, "London"))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.tuples(st.integers(1, 280), st.booleans()), max_size=5, unique=True), asked=st.integers(0, 285))
async def test_a_past_day_is_judged_later_as_it_was_judged_that_day(template: Path, days: list[tuple[int, bool]], asked: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(f"sqlite+aiosqlite:///{shutil.copy(template, Path(folder) / 'town.db')}")
        town = await make_town(store)
        at = BEGAN + timedelta(days=asked)
        for offset, education in sorted(days):
            if offset <= asked:
                moment = BEGAN + timedelta(days=offset)
                await town.check_in(str(moment.date()), education=education, now=moment)
        on_the_day = (await town.status(now=at)).verdict
        for offset, education in sorted(days):
            if offset > asked:
                moment = BEGAN + timedelta(days=offset)
                await town.check_in(str(moment.date()), education=education, now=moment)
        later = (await town.status(as_of=str(at.date()), now=BEGAN + timedelta(days=290))).verdict
        await store.close()
    assert later == on_the_day


# The list


async def test_the_list_is_by_name_and_says_how_many_there_are(town: Town) -> None:
    for name in ("York", "Århus", "leeds"):
        await town.add(name)
    assert await town.names() == ["Århus", "leeds", "London", "York"]


async def test_pages_hold_ten_and_a_page_past_the_end_is_the_last(town: Town) -> None:
    for n in range(23):
        await town.add(f"Chapter {n:02}")
    second = await service.listed(town.store, mo, None, None, 1, NOW)
    assert (second.page, second.pages, second.total, len(second.entries)) == (1, 3, 24, 10)
    for past in (3, 10**18):
        assert (await service.listed(town.store, mo, None, None, past, NOW)).page == 2


async def test_the_list_can_be_narrowed_to_a_branch_by_its_name_or_its_country(town: Town) -> None:
    async with town.store.write() as c:
        branch = await chapters.add_branch(c, GUILD, "SE", "Nordic friends")
    await town.add("Lund", branch_id=branch)
    for wanted in ("nordic FRIENDS", "Sweden", "SE", branch):
        assert await town.names(branch=wanted) == ["Lund"]
    assert await refusal(town.names(branch="Peru")) == "There is no branch “Peru” here. /branch list shows those that are."
    assert (await refusal(town.names(branch=999))).startswith("There is no branch “999” here.")


async def test_only_functioning_new_and_resting_chapters_can_be_asked_for(town: Town) -> None:
    await town.add("Fresh", now=datetime(2026, 10, 1, 12, tzinfo=UTC))
    resting = await town.add("Asleep")
    await town.rest(resting, State.RESTING, date(2026, 10, 1), date(2026, 12, 1), NOW)
    async with town.store.write() as c:
        await c.execute(update(summary).where(summary.c.chapter_id == town.london).values(lapses_at=NOW + timedelta(days=3)))
    assert await town.names(status=Status.FUNCTIONING) == ["London"]
    assert await town.names(status=Status.NEW) == ["Fresh"]
    assert await town.names(status=Status.RESTING) == ["Asleep"]
    with pytest.raises(ValueError, match="no list is made"):
        await town.names(status=Status.QUIET)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/London", "Pacific/Midway"])
@pytest.mark.parametrize("age", [134, 135, 136])
async def test_new_in_the_list_is_new_in_the_status(town: Town, zone: str, age: int) -> None:
    added = NOW.date() - timedelta(days=age)
    await town.add("Far away", timezone=zone, added_on=added)
    new = (await town.status(chapter="Far away")).verdict.status is Status.NEW
    assert ("Far away" in await town.names(status=Status.NEW)) is new


async def test_hidden_and_archived_chapters_are_absent_but_for_those_who_belong(town: Town) -> None:
    gone = await town.add("Gone")
    await town.rest(gone, State.ARCHIVED, NOW.date(), None, NOW)
    await town.hide(town.london)
    assert await town.names() == []
    assert await town.names(cora) == []
    assert await town.names(ana) == ["London"]
    assert "no other yet" in await refusal(town.status(mo, "London"))
    assert (await town.status(ana, "London")).chapter.id == town.london
    assert (await refusal(town.status(mo, town.london))).startswith("This chapter is not in this server any more.")


# A new one


async def add(town: Town, who: Caller = cora, admin: Candidate | None = None, **given: str) -> service.Added:
    return await service.add(town.store, who, Given(**given), NOW, admin=admin)


async def test_a_chapter_is_added_with_what_was_missing_filled_in(town: Town) -> None:
    added = await add(town, name=" Łódź ", timezone="europe/warsaw", admin=Candidate(LEA))
    assert (added.chapter.name, added.chapter.timezone, added.branch, added.new_branch) == ("Łódź", "Europe/Warsaw", "Poland", True)
    assert (added.admin, added.chapter.duty_user_id) == (LEA, LEA)
    again = await add(town, name="Kraków", branch="Polska")
    assert (again.branch, again.new_branch, again.chapter.timezone) == ("Poland", False, "Europe/London")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"name": "LÖNDON"}, "There is a chapter London already. Choose another name."),
        ({"name": "\u200b"}, "The chapter's name needs at least one letter or digit."),
        ({"name": "x" * 61}, "The chapter's name is 1 character too long"),
        ({"name": "x" * 5000}, "The chapter's name is 4,940 characters too long"),
        ({"name": "a,b"}, "The chapter's name cannot have a comma"),
        ({"name": "York", "branch": "Atlantis"}, "There is no country “Atlantis”. Write its name or its two letters"),
        ({"name": "York", "timezone": "GMT plus one"}, "There is no time zone “GMT plus one”. Write one like Europe/London"),
        ({"name": "York", "founded": "2026-02-30"}, "The founding date is written as year, month and day"),
        ({"name": "York", "city": "y" * 61}, "The city is 1 character too long"),
    ],
)
async def test_what_cannot_be_added_is_refused_with_the_next_step(town: Town, given: dict[str, str], reason: str) -> None:
    assert (await refusal(add(town, **given))).startswith(reason)
    assert await town.names() == ["London"]


async def test_an_archived_chapter_keeps_its_name(town: Town) -> None:
    await town.rest(town.london, State.ARCHIVED, NOW.date(), None, NOW)
    assert (await refusal(add(town, name="London"))).startswith("London is archived here.")


async def test_only_coordinators_add_chapters_and_bots_look_after_none(town: Town) -> None:
    for who in (mo, ana):
        assert await refusal(add(town, who, name="York")) == "Only coordinators can do this. Ask one of them."
    assert "is a bot" in await refusal(add(town, name="York", admin=Candidate(9, is_bot=True)))
    assert "is not in this server" in await refusal(add(town, name="York", admin=Candidate(9, is_here=False)))


# Its admins


async def test_the_first_admin_is_on_duty_and_the_next_comes_after(town: Town) -> None:
    york = await town.add("York")
    first = await service.add_admin(town.store, cora, york, Candidate(LEA), NOW)
    second = await service.add_admin(town.store, caller(LEA), None, Candidate(MO), NOW)
    assert (first.admins, first.on_duty, second.admins, second.on_duty) == ((LEA,), LEA, (LEA, MO), LEA)
    assert await service.admins(town.store, mo, "York") == Admins(second.chapter, (LEA, MO), LEA)
    assert await town.logged() == ["admin.add", "admin.add"]


async def test_duty_passes_on_when_the_one_on_duty_is_removed(town: Town) -> None:
    await service.add_admin(town.store, ana, "London", Candidate(LEA), NOW)
    done = await service.remove_admin(town.store, cora, "London", ANA, NOW)
    assert isinstance(done, Admins)
    assert (done.admins, done.on_duty) == ((BEN, LEA), BEN)
    done = await service.remove_admin(town.store, cora, "London", LEA, NOW)
    assert isinstance(done, Admins)
    assert (done.admins, done.on_duty) == ((BEN,), BEN)


async def test_the_last_admin_goes_only_after_a_confirmation(town: Town) -> None:
    await service.remove_admin(town.store, ana, "London", BEN, NOW)
    asked = await service.remove_admin(town.store, ana, "London", ANA, NOW)
    assert isinstance(asked, LastAdmin)
    assert (await service.admins(town.store, mo, "London")).admins == (ANA,)
    done = await service.remove_admin(town.store, ana, town.london, ANA, NOW, confirmed=True)
    assert isinstance(done, Admins)
    assert (done.admins, done.on_duty) == ((), None)
    async with town.store.read() as c:
        assert await c.scalar(select(chapter_table.c.duty_user_id).where(chapter_table.c.id == town.london)) is None
        assert await c.scalar(select(summary.c.reachable).where(summary.c.chapter_id == town.london)) is False


async def test_who_is_admin_already_or_never_was_is_said(town: Town) -> None:
    assert (await refusal(service.add_admin(town.store, ana, None, Candidate(BEN), NOW))).endswith("is an admin of London already.")
    assert (await refusal(service.remove_admin(town.store, ana, None, MO, NOW))).endswith(
        "is not an admin of London. /chapter admins list shows who is."
    )
    assert "Only people can be admins." in await refusal(service.add_admin(town.store, ana, None, Candidate(9, is_bot=True), NOW))


async def test_only_its_admins_and_coordinators_change_a_chapters_admins(town: Town) -> None:
    for action in (
        service.add_admin(town.store, mo, "London", Candidate(MO), NOW),
        service.remove_admin(town.store, mo, "London", ANA, NOW),
    ):
        assert (await refusal(action)).startswith("Only London's admins and coordinators can do this.")
    assert await town.logged() == []


async def test_who_could_not_be_reached_is_tried_anew_once_somebody_found_them_here(town: Town) -> None:
    york = await town.add("York", LEA)
    async with town.store.write() as c:
        await people.set_unreachable(c, GUILD, LEA, "left", BEGAN)
        await summaries.refresh(c, GUILD, [york], BEGAN)
    await service.add_admin(town.store, ana, "London", Candidate(LEA), NOW)
    async with town.store.read() as c:
        assert await people.unreachable_among(c, GUILD, [LEA]) == set()
        assert await c.scalar(select(summary.c.reachable).where(summary.c.chapter_id == york)) is True
