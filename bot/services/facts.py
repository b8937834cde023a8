"""Standing facts: what a chapter or branch says of itself once in a while, with the day on which it was last confirmed."""

from datetime import date, datetime
from enum import StrEnum

from bot.domain.chapters import Dues, Money
from db import changes, facts, stale, summaries
from db.store import Connection


class Key(StrEnum):
    """What is known of a chapter (a branch has no delegate)."""

    DELEGATE = "delegate"
    MONEY = "money"
    DUES = "dues"


class Delegate(StrEnum):
    """Whether a chapter has chosen a delegate."""

    YES = "yes"
    NO = "no"


_ANSWERS: dict[Key, type[StrEnum]] = {Key.DELEGATE: Delegate, Key.MONEY: Money, Key.DUES: Dues}


async def confirm(
    c: Connection,
    guild_id: int,
    *,
    chapter_id: int | None = None,
    branch_id: int | None = None,
    key: Key,
    value: str,
    day: date,
    now: datetime,
    by: int | None,
) -> None:
    """Stores a fact of a chapter or of a branch as confirmed on a day; raises ValueError for a value that is no answer to it."""
    answer = _ANSWERS[key](value)
    await facts.confirm(c, guild_id, key, answer, day, now, by, chapter_id=chapter_id, branch_id=branch_id)
    await stale.from_day(c, guild_id, day, now)
    await changes.log(c, guild_id, "fact.confirm", now, by, chapter_id=chapter_id, branch_id=branch_id, fields=(key,))
    if chapter_id is not None:
        await summaries.refresh(c, guild_id, [chapter_id], now)
