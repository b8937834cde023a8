"""Whether all that is kept beside the entries is still what the entries come to; it only reads, also while the bot writes.

Summaries and the evidence of check-ins are derived in the transaction of each entry: they never may differ. What reports counted for when
they were first published was fixed then, from the check-ins of that moment, and cannot be worked out again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from bot.domain import calendar, errands
from bot.domain.calendar import ONE_DAY
from bot.domain.functioning import Criterion
from bot.domain.policy import Policy
from bot.domain.text import Listing, Text, counted, text
from bot.services.deep_values import compare_days
from bot.services.findings import Findings, Tally, shown
from db import faults, organisations, policies, recount, summaries
from db import goals as stored_goals
from db.organisations import Organisation
from db.recount import Counts, Known
from db.store import Connection, Store

AT_ONCE = 50
TWO_WRITERS_ARE_SAFE = (3, 51, 3)
SHOWN = 3
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What the reading of a stored value raises that is none."""

Progress = Callable[[int, int], object]

_COLUMNS: Mapping[str, Text] = {
    "members": text("members"),
    "members_on": text("the day of its members"),
    "met": text("how many met"),
    "met_on": text("the day of how many met"),
    "together_on": text("when it last came together"),
    "learns_on": text("when it last learnt"),
    "reports_on": text("when it last reported"),
    "dues_on": text("since when it says so of dues"),
    "collecting_on": text("since when it collects dues"),
    "delegate": text("delegate"),
    "heard_on": text("last sign of life"),
    "lapses_at": text("when it stops functioning"),
    "at_risk_at": text("when it is at risk"),
    "awake_at": text("when it wakes"),
    "archived": text("archived"),
    "reachable": text("whether anybody can be reached"),
    "owed_period": text("the newest month owed"),
    "answered_period": text("the newest month answered"),
    "overdue_at": text("since when it is overdue"),
    "silent_at": text("since when it is silent"),
}
_CRITERIA: Mapping[str, Text] = {
    Criterion.TOGETHER: text("came together"),
    Criterion.LEARNS: text("learnt"),
    Criterion.REPORTS: text("reported"),
}


async def file_line(store: Store) -> Text:
    """That the file is sound, and which SQLite reads it; raises StorageFault if its pages contradict each other."""
    async with store.read() as c:
        if not await recount.pages_are_sound(c):
            raise faults.damaged(store.path)
        version = await recount.version(c)
    shown_version = ".".join(map(str, version))
    if version >= TWO_WRITERS_ARE_SAFE:
        return text("The database {file} is sound (SQLite {version}).", file=str(store.path), version=shown_version)
    # Before, two programs that wrote at once could lose what one of them had written; the lock lets this program write alone.
    return text(
        "The database {file} is sound (SQLite {version}; let no other program write to it).", file=str(store.path), version=shown_version
    )


async def compare(store: Store, now: datetime, progress: Progress | None = None) -> Findings:
    """Works out anew every summary, all evidence of check-ins and every daily value, a few chapters or one day at a time."""
    tally, known, chapters, spans = Tally(), list[Organisation](), dict[int, int](), dict[int, list[date]]()
    async with store.read() as c:
        gone = await recount.dangling(c)
        with _read(tally, text("The organisations")):
            known = await organisations.all_of_them(c)
        for each in known:
            chapters[each.guild_id], spans[each.guild_id] = await recount.how_many(c, each.guild_id), []
            with _read(tally, text("Server {server}", server=str(each.guild_id))):
                spans[each.guild_id] = await _days(c, each, now)
    tally.faults += [text("The table {table} has rows that belong to nothing.", table=table) for table in gone]
    total, done = sum(chapters.values()) + sum(map(len, spans.values())), 0

    def step(n: int) -> None:
        nonlocal done
        done += n
        if progress is not None:
            progress(done, max(done, total))

    for organisation in known:
        before = len(tally.faults)
        await _compare_chapters(store, organisation, now, tally, step)
        with _read(tally, text("Server {server}, its daily values", server=str(organisation.guild_id))):
            await compare_days(store, organisation, spans[organisation.guild_id], now, tally, step)
        tally.servers[organisation.guild_id] = len(tally.faults) - before
    return tally.findings()


@contextmanager
def _read(tally: Tally, what: Text) -> Iterator[None]:
    """Inside, a stored value that cannot be understood becomes a fault of what it belongs to."""
    try:
        yield
    except UNREADABLE as error:
        tally.faults.append(text("{what}: something that is kept of it cannot be read ({why}).", what=what, why=type(error).__name__))


async def _days(c: Connection, organisation: Organisation, now: datetime) -> list[date]:
    """The days for which values are kept: from the first goal, or the first value, up to the last day that was done."""
    adopted = await stored_goals.first_adopted(c, organisation.guild_id)
    first = await recount.first_kept(c, organisation.guild_id)
    begins = [day for day in (first, adopted and calendar.today(adopted, organisation.zone)) if day is not None]
    through = organisation.valued_through
    if through is None or not begins:
        return []
    last = min(through, calendar.today(now, organisation.zone) - ONE_DAY)
    return [min(begins) + timedelta(days=n) for n in range((last - min(begins)).days + 1)]


# Summaries and evidence


async def _compare_chapters(store: Store, organisation: Organisation, now: datetime, tally: Tally, step: Callable[[int], None]) -> None:
    after = 0
    while True:
        async with store.read() as c:
            some = await recount.some(c, organisation.guild_id, after, AT_ONCE)
        if not some:
            return
        try:
            await _compare_next(store, organisation, after, AT_ONCE, now, tally)
        except UNREADABLE:
            for chapter in some:
                with _read(tally, _place(chapter, organisation.guild_id)):
                    await _compare_next(store, organisation, chapter.id - 1, 1, now, tally)
        step(len(some))
        after = some[-1].id


async def _compare_next(store: Store, organisation: Organisation, after: int, limit: int, now: datetime, tally: Tally) -> None:
    guild_id, policy = organisation.guild_id, organisation.policy
    async with store.snapshot() as c:
        some = await recount.some(c, guild_id, after, limit)
        ids = [each.id for each in some]
        kept = await recount.kept_summaries(c, guild_id, ids)
        histories = {each.chapter.id: each for each in await summaries.read(c, guild_id, ids, policy)}
        since = await policies.newest_since(c, guild_id)
        evidence = await recount.kept_evidence(c, guild_id, ids), await recount.due_evidence(c, guild_id, ids)
    faults = [
        fault for each in some for fault in _summary_faults(each, guild_id, kept.get(each.id), histories[each.id], policy, now, since)
    ]
    faults += _evidence_faults(some, guild_id, *evidence)
    tally.faults += faults
    tally.chapters += len(some)
    tally.evidence += evidence[1].total()


def _place(chapter: Known, guild_id: int) -> Text:
    return text("{chapter} (server {server})", chapter=chapter.name, server=str(guild_id))


def _summary_faults(
    chapter: Known,
    guild_id: int,
    kept: Mapping[str, Any] | None,
    history: summaries.History,
    policy: Policy,
    now: datetime,
    waits_since: datetime | None,
) -> Iterator[Text]:
    if kept is None:
        yield text("{chapter} has no summary.", chapter=_place(chapter, guild_id))
        return
    if waits_since is not None and kept["next_at"] == waits_since:
        # The policy was changed at that moment, and the planner has not come to this chapter yet.
        return
    due = summaries.summarised(history, policy)
    parts = tuple(
        text("{what}: {kept} instead of {found}", what=_COLUMNS[name], kept=shown(kept[name]), found=shown(value))
        for name, value in due.items()
        if kept[name] != _as_stored(value)
    )
    if parts:
        yield text(
            "{chapter}: its summary is not what its entries come to: {parts}.", chapter=_place(chapter, guild_id), parts=Listing(parts)
        )
    look = errands.next_look(history.facts(now), policy, now)
    if look is not None and (kept["next_at"] is None or kept["next_at"] > look):
        yield text(
            "{chapter}: it is looked at too late: {kept} instead of {found}.",
            chapter=_place(chapter, guild_id),
            kept=shown(kept["next_at"]),
            found=shown(look),
        )


def _as_stored(value: Any) -> Any:
    """Moments are kept to the millisecond."""
    return value.replace(microsecond=value.microsecond // 1000 * 1000) if isinstance(value, datetime) else value


def _evidence_faults(some: list[Known], guild_id: int, kept: Counter[Counts], due: Counter[Counts]) -> Iterator[Text]:
    absent, surplus = due - kept, kept - due
    for chapter in some:
        parts = []
        for pieces, sentence in ((absent, _missing), (surplus, _surplus)):
            own = sorted(
                (piece for piece in pieces.elements() if piece.chapter_id == chapter.id), key=lambda each: (each.day, each.criterion)
            )
            if own:
                parts.append(sentence(own))
        if parts:
            place = _place(chapter, guild_id)
            yield text("{chapter}: its evidence is not what its check-ins count for: {parts}.", chapter=place, parts=Listing(tuple(parts)))


def _missing(own: list[Counts]) -> Text:
    return counted("{n} piece is missing ({which})", "{n} pieces are missing ({which})", len(own), which=_which(own))


def _surplus(own: list[Counts]) -> Text:
    return counted("{n} piece is too much ({which})", "{n} pieces are too many ({which})", len(own), which=_which(own))


def _which(own: list[Counts]) -> Listing:
    shown = [text("{criterion} {day}", criterion=_CRITERIA[each.criterion], day=each.day) for each in own[:SHOWN]]
    return Listing((*shown, *([text("…")] if len(own) > SHOWN else [])), "comma")
