"""Which chapters are near a chapter: how far, what time it is there, and in which languages they speak."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import calendar
from bot.domain.chapters import Chapter
from bot.domain.distance import Point
from bot.domain.rights import Action, Caller
from bot.services import access
from db import nearby
from db.nearby import Neighbour
from db.store import Connection, Store

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Near:
    """A near chapter, and by how much its clocks are ahead (or, less than nothing, behind)."""

    chapter: Neighbour
    ahead: timedelta


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A chapter and the nearest ones, nearest first; none are known where the chapter has no coordinates."""

    chapter: Chapter
    near: tuple[Near, ...]
    may_edit: bool


async def near(store: Store, caller: Caller, chapter: str | int | None, now: datetime) -> Surroundings:
    """The nearest chapters that the caller may see."""
    async with store.read() as c:
        scope = await (access.pressed(c, caller, chapter) if isinstance(chapter, int) else access.named(c, caller, chapter))
        scope.require(Action.READ)
        found = await nearest(c, scope.chapter, caller.user_id, SHOWN)
    shown = tuple(Near(each, calendar.ahead(calendar.zone(each.timezone), scope.chapter.zone, now)) for each in found)
    return Surroundings(scope.chapter, shown, scope.may(Action.EDIT_CHAPTER))


async def nearest(c: Connection, entity: Chapter, user_id: int, limit: int) -> tuple[Neighbour, ...]:
    """The nearest chapters that this person may see, without more about them."""
    if entity.latitude is None or entity.longitude is None:
        return ()
    place = Point(entity.latitude, entity.longitude)
    return tuple(await nearby.neighbours(c, entity.guild_id, entity.id, place, user_id, limit))
