"""The chapters near a chapter: the right ones wherever it is, and none that the asker may not see."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.chapters import Chapter, Visibility
from bot.domain.distance import Point, kilometres
from bot.domain.rights import Caller
from bot.services import near
from db import chapters, people
from db.store import Store
from tests import asked
from tests.conftest import Statements
from tests.services.growing import FOUNDED, GUILD, noon

NOW = noon(FOUNDED)
MO, ANA = Caller(5, GUILD), Caller(20, GUILD)
LONDON = Point(51.5, -0.1)


async def set_up(store: Store, places: dict[str, Point | None], **values: object) -> dict[str, Chapter]:
    async with store.write() as c:
        await asked.create(c, GUILD, NOW)
        rows = [
            {
                "name": name,
                "timezone": "UTC",
                "added_on": FOUNDED,
                "latitude": place and place.latitude,
                "longitude": place and place.longitude,
                **values,
            }
            for name, place in places.items()
        ]
        ids = await chapters.add_many(c, GUILD, rows, NOW, None)
        found = await chapters.many(c, GUILD, ids.values())
    return {each.name: each for each in found.values()}


async def nearest(store: Store, of: Chapter, limit: int, caller: Caller = MO) -> list[str]:
    async with store.read() as c:
        return [each.name for each in await near.nearest(c, of, caller.user_id, limit)]


tenths = st.builds(Point, st.integers(-900, 900).map(lambda n: n / 10), st.integers(-1800, 1800).map(lambda n: n / 10))
poles = st.builds(Point, st.sampled_from([-90.0, -89.9, 89.9, 90.0]), st.integers(-180, 180).map(float))
date_line = st.builds(Point, st.integers(-60, 60).map(float), st.sampled_from([-180.0, -179.9, 179.8, 179.9, 180.0]))
crowd = st.builds(Point, st.sampled_from([51.4, 51.5, 51.6]), st.sampled_from([-0.2, -0.1, 0.0]))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), limit=st.sampled_from([1, 3, 10]))
async def test_the_nearest_chapters_are_those_that_a_look_at_all_of_them_finds(store: Store, data: st.DataObject, limit: int) -> None:
    places = data.draw(st.lists(st.one_of(tenths, poles, date_line, crowd), min_size=2, max_size=40))
    named = {f"Town {n:02}": place for n, place in enumerate(places)}
    async with store.write() as c:
        await c.exec_driver_sql("DELETE FROM chapter")
    there = await set_up(store, named)
    center, *others = named
    expected = sorted(others, key=lambda name: (kilometres(named[center], named[name]), name))
    async with store.read() as c:
        found = await near.nearest(c, there[center], MO.user_id, limit)
    apart = [kilometres(named[center], named[name]) for name in expected[:limit]]
    assert [each.km for each in found] == pytest.approx(apart, abs=1e-6)


async def test_among_many_a_short_read_finds_them_and_brings_no_more_than_are_shown(store: Store, statements: Statements) -> None:
    chance = random.Random(1)
    places = {f"Town {n}": Point(round(chance.uniform(36, 60), 1), round(chance.uniform(-10, 30), 1)) for n in range(3000)}
    there = await set_up(store, {"London": LONDON, **places})
    statements.clear()
    found = await nearest(store, there["London"], 10)
    assert len(statements) == 1
    assert not [line for plan in await statements.plans(store) for line in plan.splitlines() if line.startswith("SCAN chapter")]
    expected = sorted(places, key=lambda name: (kilometres(LONDON, places[name]), name.casefold()))
    assert {kilometres(LONDON, places[name]) for name in found} == {kilometres(LONDON, places[name]) for name in expected[:10]}


async def test_hidden_archived_and_unplaced_chapters_and_those_of_others_are_not_near(store: Store) -> None:
    there = await set_up(store, {"London": LONDON, "Leeds": Point(53.8, -1.5), "Hull": LONDON, "York": LONDON, "Bath": None})
    async with store.write() as c:
        await chapters.change(c, GUILD, there["Hull"].id, visibility=Visibility.HIDDEN.value)
        await chapters.change(c, GUILD, there["York"].id, archived_at=NOW)
        await people.add_admin(c, GUILD, there["Hull"].id, ANA.user_id, NOW)
        await asked.create(c, GUILD + 1, NOW)
        await chapters.add(c, GUILD + 1, NOW, None, name="Oslo", timezone="UTC", added_on=FOUNDED, latitude=51.5, longitude=-0.1)
    assert await nearest(store, there["London"], 10) == ["Leeds"]
    assert await nearest(store, there["London"], 10, ANA) == ["Hull", "Leeds"]
    assert await nearest(store, there["Bath"], 10) == []


async def test_what_time_it_is_there_is_told_for_the_day(store: Store) -> None:
    await set_up(store, {"London": LONDON})
    async with store.write() as c:
        await chapters.add(
            c, GUILD, NOW, None, name="Delhi", timezone="Asia/Kolkata", added_on=FOUNDED, latitude=28.6, longitude=77.2, languages=["hi"]
        )
        await chapters.change(c, GUILD, (await chapters.ids_of(c, GUILD, ["london"]))["london"], timezone="Europe/London")
    (winter,) = (await near.near(store, MO, "London", NOW)).near
    (summer,) = (await near.near(store, MO, "London", NOW + timedelta(days=180))).near
    assert (winter.ahead, summer.ahead) == (timedelta(hours=5, minutes=30), timedelta(hours=4, minutes=30))
    assert winter.chapter.languages == ("hi",)
