"""The links from month to month that trends are chained of: worked out from the entries, kept, and compared with them."""

from datetime import datetime

from bot.domain import calendar
from bot.domain.calendar import Month
from bot.domain.goals import Metric
from bot.domain.trend import Link
from db import organisations, stale, tallies, trends
from db.measures import At
from db.organisations import Organisation
from db.store import Connection, Store

AT_ONCE = 12


def end_of(organisation: Organisation, month: Month, now: datetime) -> At:
    """A month as it was when it ended for the organisation."""
    return At(month.last, now, calendar.start_of(month.plus(1).first, organisation.zone))


async def of_functioning(c: Connection, organisation: Organisation, month: Month, now: datetime) -> Link | None:
    """The growth of functioning chapters into a month; None where nothing was known of any chapter before it.

    A chapter that was there before the month and was never heard from is left out: that it functions is news, not growth.
    """
    guild_id, wanted = organisation.guild_id, {Metric.FUNCTIONING_CHAPTERS}
    ends = [end_of(organisation, each, now) for each in (month.plus(-1), month)]
    policies = [await organisations.policy_in_force(c, guild_id, each.ended) for each in ends]
    for hidden in (True, False):
        before, after = [await tallies.tally(c, guild_id, at, p, wanted, hidden=hidden) for at, p in zip(ends, policies, strict=True)]
        behind = min(before.functioning.behind, after.functioning.behind)
        if behind >= max(policy.sum_chapters for policy in policies):
            break
    if not before.functioning.behind:
        return None
    news = await tallies.first_heard(c, guild_id, ends[1], ends[0], policies[1], hidden=hidden)
    return Link(month, before.functioning.value, after.functioning.value - news, before.functioning.behind)


async def of_reports(c: Connection, organisation: Organisation, metric: str, month: Month, now: datetime) -> Link | None:
    """The growth of what chapters answer into a month, by the rule for sums of that month."""
    policy = await organisations.policy_in_force(c, organisation.guild_id, end_of(organisation, month, now).ended)
    return await trends.of_reports(c, organisation.guild_id, metric, month, policy.sum_chapters)


async def keep(store: Store, organisation: Organisation, now: datetime) -> bool:
    """Keeps the links that reports have changed, up to last month, a month at a time; True while more are to be done."""
    guild_id, newest = organisation.guild_id, Month.of(calendar.today(now, organisation.zone)).plus(-1)
    for _ in range(AT_ONCE):
        # Looking through thousands of chapters takes its time, in which nobody should have to wait to write.
        async with store.snapshot() as c:
            due = await stale.find(c, guild_id)
            month = due.links_from
            if month is None or month > newest:
                return False
            found = {metric: await of_reports(c, organisation, metric, month, now) for metric in trends.ANSWERED}
        async with store.write() as c:
            if (await stale.find(c, guild_id)).marks == due.marks:
                for metric, link in found.items():
                    await trends.keep(c, guild_id, metric, month, link)
                await stale.links_done(c, guild_id, month.plus(1) if month < newest else None)
    return True
