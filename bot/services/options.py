"""What is offered while an option of a command is being typed."""

from datetime import datetime

from bot.domain import calendar
from bot.domain.calendar import Month
from bot.domain.rights import Caller
from bot.services import access
from db.store import Store

RECENT_MONTHS = 14
RECENT_DAYS = 14


async def chapters(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
    """Names of chapters that the caller may see."""
    async with store.read() as c:
        return await access.suggestions(c, caller, typed)


async def months(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """The last full months, newest first."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
    this = Month.of(calendar.today(now, organisation.zone))
    recent = [str(this.plus(-n)) for n in range(1, RECENT_MONTHS + 1)]
    return [month for month in recent if typed.strip() in month]


async def days(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """Today, yesterday and the days before."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
    today = calendar.today(now, organisation.zone)
    recent = ["today", "yesterday", *(str(today - n * calendar.ONE_DAY) for n in range(RECENT_DAYS))]
    return [day for day in recent if typed.strip().casefold() in day]
