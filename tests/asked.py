"""The one way in which tests make an organisation that has long agreed that its chapters are asked; a new one has not."""

from datetime import UTC, datetime

from db import asking, organisations
from db.store import Connection

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


async def create(c: Connection, guild_id: int, now: datetime, timezone: str = "UTC", language: str = "en") -> None:
    """Creates the organisation of this server; all its chapters are asked for each report that they owe."""
    await organisations.create(c, guild_id, now, timezone, language)
    await asking.ask_all(c, guild_id, LONG_AGO)
