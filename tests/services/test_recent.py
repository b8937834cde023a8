"""What was worked out a moment ago is given again only while it is still true."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot.services.recent import FRESH, Recent
from db import organisations
from db.store import Store
from tests.services.growing import GUILD

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def change(store: Store) -> None:
    async with store.write() as c:
        await organisations.change(c, GUILD, {"language": "en"})


@pytest.fixture
def make() -> Callable[[], Awaitable[int]]:
    serial = count(1)

    async def made() -> int:
        return next(serial)

    return made


async def test_it_is_given_again_for_a_minute(store: Store, make: Callable[[], Awaitable[int]]) -> None:
    recent: Recent[int] = Recent(most=2)
    assert await recent.get(store, "a", NOW, make) == 1
    assert await recent.get(store, "a", NOW + FRESH - timedelta(seconds=1), make) == 1
    assert await recent.get(store, "b", NOW, make) == 2
    assert await recent.get(store, "a", NOW + FRESH, make) == 3
    assert await recent.get(store, "a", NOW, make) == 4, "the clock was set back"


async def test_not_once_anything_was_written(store: Store, make: Callable[[], Awaitable[int]]) -> None:
    recent: Recent[int] = Recent(most=2)
    assert await recent.get(store, "a", NOW, make) == 1
    await change(store)
    assert await recent.get(store, "a", NOW, make) == 2
    with pytest.raises(RuntimeError, match="gave up"):
        async with store.write():
            raise RuntimeError("gave up")
    assert await recent.get(store, "a", NOW, make) == 3


async def test_not_what_was_made_while_something_was_written(store: Store, make: Callable[[], Awaitable[int]]) -> None:
    recent: Recent[int] = Recent(most=2)

    async def made() -> int:
        await change(store)
        return await make()

    assert await recent.get(store, "a", NOW, made) == 1
    assert await recent.get(store, "a", NOW, make) == 2


async def test_what_was_asked_for_longest_ago_makes_room(store: Store, make: Callable[[], Awaitable[int]]) -> None:
    recent: Recent[int] = Recent(most=2)
    for key in ("a", "b", "a", "c"):
        await recent.get(store, key, NOW, make)
    assert await recent.get(store, "a", NOW, make) == 1
    assert await recent.get(store, "b", NOW, make) == 4
