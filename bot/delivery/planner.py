"""What is owed at a moment, put into the outbox: the rules say what, this writes it down once."""

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from datetime import datetime, timedelta

from bot.domain import calendar, errands, privacy
from bot.domain.chapters import State
from bot.domain.errands import Errand, Kind
from bot.domain.policy import Policy
from bot.services import deciding, duty, evaluations, facilitation, forgetting, goals, periods, scoreboards, visibility
from db import asking, chapters, intakes, organisations, outbox, pending, persons, proposals, stale, summaries
from db.faults import Damaged, StorageFault
from db.organisations import Organisation
from db.store import Connection, Store
from db.summaries import History

AT_ONCE = 50
KEPT_ENTRIES = timedelta(hours=24)
KEPT_IMPORTS = timedelta(days=7)
KEPT_DROPPED = timedelta(days=90)


async def plan(store: Store, now: datetime) -> None:
    """Writes down everything that has come to be owed, a few chapters a transaction; planning twice changes nothing.

    What cannot be planned keeps nobody else waiting: the first such error is raised when all else is done.
    """
    in_the_way = _InTheWay()
    while due := await _due(store, now, in_the_way.chapters):
        try:
            await _plan_some(store, due, now)
        except Exception as error:
            if _is_of_all(error):
                raise
            for each in due:
                with in_the_way.passed(each):
                    await _plan_some(store, [each], now)
    with in_the_way.passed():
        await forgetting.forget_removed(store, now)
    async with store.read() as c:
        waiting = await organisations.due(c, now)
    for organisation in waiting:
        with in_the_way.passed():
            await _plan_organisation(store, organisation, now)
    for guild_id in await scoreboards.due(store, now):
        with in_the_way.passed():
            await scoreboards.look(store, guild_id, now)
    if in_the_way.first is not None:
        raise in_the_way.first


class _InTheWay:
    """What could not be planned this time, and why the first of it could not."""

    def __init__(self) -> None:
        self.chapters: set[tuple[int, int]] = set()
        self.first: Exception | None = None

    @contextmanager
    def passed(self, chapter: tuple[int, int] | None = None) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if _is_of_all(error):
                raise
            self.first = self.first or error
            if chapter is not None:
                self.chapters.add(chapter)


def _is_of_all(error: Exception) -> bool:
    """Whether the next one would meet it too: a damaged page is one page, a full disk is full for all."""
    return isinstance(error, StorageFault) and not isinstance(error, Damaged)


async def _plan_some(store: Store, due: Sequence[tuple[int, int]], now: datetime) -> None:
    async with store.write() as c:
        for guild_id in dict.fromkeys(guild_id for guild_id, _ in due):
            await _plan_chapters(c, guild_id, [chapter_id for at, chapter_id in due if at == guild_id], now)


async def _due(store: Store, now: datetime, without: Set[tuple[int, int]]) -> list[tuple[int, int]]:
    async with store.read() as c:
        found = await summaries.due(c, now, AT_ONCE + len(without))
    return [each for each in found if each not in without][:AT_ONCE]


async def next_due(store: Store, now: datetime) -> datetime | None:
    """The first moment after now at which there may be something to plan or to send: for a clock that jumps."""
    async with store.read() as c:
        return await summaries.next_at(c, now)


async def _plan_chapters(c: Connection, guild_id: int, chapter_ids: Sequence[int], now: datetime) -> None:
    policy = await organisations.policy_in_force(c, guild_id)
    for history in await summaries.read(c, guild_id, chapter_ids, policy):
        await _plan_chapter(c, history, policy, now)
    for history in await summaries.read(c, guild_id, chapter_ids, policy):
        await summaries.write(c, history, policy, errands.next_look(history.facts(now), policy, now))


async def _plan_chapter(c: Connection, history: History, policy: Policy, now: datetime) -> None:
    chapter, facts = history.chapter, history.facts(now)
    today = calendar.today(now, chapter.zone)
    if chapter.resting_until is not None and chapter.resting_until < today:
        woke = chapter.resting_until + calendar.ONE_DAY
        await chapters.set_state(c, chapter.guild_id, chapter.id, State.ACTIVE, woke, None, now, None)
    await visibility.take_hold(c, chapter, facts, now)
    await periods.note_owed(c, history, now)
    passed = errands.duty_passes(facts, policy, now)
    if passed is not None:
        await duty.pass_on(c, chapter.guild_id, chapter.id, passed, now)
    for errand in errands.owed_now(facts, policy, now):
        await _put(c, history, errand, policy, now)


async def _put(c: Connection, history: History, errand: Errand, policy: Policy, now: datetime) -> None:
    chapter = history.chapter
    due = max(errand.due, errands.in_sending_hours(now, policy, chapter.zone))
    for user_id in await _readers(c, history, errand, now):
        await outbox.put(
            c,
            chapter.guild_id,
            errand.kind,
            f"{errand.kind}:{chapter.id}:{errand.period}:{user_id or 'chapter'}",
            due,
            now,
            chapter_id=chapter.id,
            period=errand.period,
            expires_at=errand.expires,
            user_id=user_id,
        )


async def _readers(c: Connection, history: History, errand: Errand, now: datetime) -> list[int | None]:
    """A prompt goes to the chapter, the first nudge to the admin on duty, the second to all admins who are there."""
    if errand.kind is Kind.PROMPT:
        return [None]
    asked = (await duty.turns(c, history.chapter, now)).asked
    return [*asked] if errand.kind is Kind.SECOND_NUDGE else [*asked[:1]]


async def _plan_organisation(store: Store, organisation: Organisation, now: datetime) -> None:
    async with store.read() as c:
        policy = organisation.policy
    await plan_digest(store, organisation, policy, now)
    async with store.write() as c:
        await pending.drop_older(c, now - KEPT_ENTRIES)
        await intakes.drop_older(c, now - KEPT_IMPORTS, now - KEPT_ENTRIES)
        await duty.forget_notes(c, now)
        await outbox.tidy(c, now - KEPT_DROPPED)
    await _take_names_out(store, organisation, now)
    await store.empty_log()
    await deciding.close_due(store, organisation, now)
    more = await goals.keep_daily(store, organisation, now)
    await evaluations.owe(store, organisation, now)
    tomorrow = calendar.start_of(calendar.today(now, organisation.zone) + calendar.ONE_DAY, organisation.zone)
    async with store.write() as c:
        # What was entered in the meantime has asked for another look itself, and this would put it off.
        more = more or await stale.waits(c, organisation.guild_id)
        closes = await proposals.next_close(c, organisation.guild_id)
        following = now if more else min(tomorrow, errands.next_digest(now, policy, organisation.zone), *([closes] if closes else []))
        await organisations.change(c, organisation.guild_id, {"next_at": following})


async def _take_names_out(store: Store, organisation: Organisation, now: datetime) -> None:
    """Who entered what is old is nobody's business any more; a few rows at a time, so that people are served in between."""
    today = calendar.today(now, organisation.zone)
    kept_from = privacy.names_kept_from(today, organisation.policy.retention_months)
    more = True
    while more:
        async with store.write() as c:
            more = await persons.age(c, organisation.guild_id, calendar.start_of(kept_from, organisation.zone))


async def plan_digest(store: Store, organisation: Organisation, policy: Policy, now: datetime) -> None:
    """The newest digest that is due, once; one that was due before the organisation was there, or before any chapter was asked, is not."""
    day, due = errands.newest_digest(now, policy, organisation.zone)
    if due < organisation.created_at or (organisation.digested_on is not None and organisation.digested_on >= day):
        return
    expires = errands.next_digest(now, policy, organisation.zone)
    # Looking through thousands of chapters takes a second, in which nobody should have to wait to write.
    async with store.read() as c:
        begun = await asking.anybody(c, organisation.guild_id)
        readers = await facilitation.digest_readers(c, organisation, now) if begun else []
    async with store.write() as c:
        for reader in readers:
            key = facilitation.digest_key(day, reader)
            await outbox.put(c, organisation.guild_id, "digest", key, due, now, expires_at=expires, user_id=reader, week=str(day))
        await organisations.change(c, organisation.guild_id, {"digested_on": day})
