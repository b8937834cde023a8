"""How a chapter stands now: what whoever records something is told that it changed."""

from datetime import datetime

from bot.domain import calendar, functioning
from bot.domain.chapters import Chapter
from bot.domain.functioning import Verdict
from bot.domain.policy import Policy
from db import summaries
from db.organisations import Organisation
from db.store import Connection
from db.summaries import History


async def verdict(c: Connection, organisation: Organisation, chapter: Chapter, now: datetime) -> Verdict:
    """How the chapter stands on its own today, by all that is stored on this connection, refreshed or not."""
    (history,) = await summaries.read(c, organisation.guild_id, [chapter.id], organisation.policy)
    return judged(history, organisation.policy, now)


def judged(history: History, policy: Policy, now: datetime) -> Verdict:
    """How the chapter with this history stands on its own today."""
    entity, day = history.chapter, calendar.today(now, history.chapter.zone)
    return functioning.judge(history.standings, entity.state(day), entity.added_on, history.heard_on, policy, day)
