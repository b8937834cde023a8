"""What the tests of the database share beyond `store` and `statements`, which stand one folder up."""

import pytest

from db.store import Store


@pytest.fixture
async def scratch(store: Store) -> Store:
    """A store with one more table, for tests that need none of the program's own."""
    async with store.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE scratch (n INTEGER PRIMARY KEY)")
    return store
