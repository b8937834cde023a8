"""Who may need a call, and why: the weekly digest, and `/overdue`, which is the digest now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain import calendar, errands, functioning, owed, rights
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter
from bot.domain.errands import Concern
from bot.domain.functioning import Criterion, Met, Verdict
from bot.domain.policy import EVERY_KIND, Policy
from bot.domain.rights import Action, Caller, Role
from bot.domain.stuck import Stuck
from bot.services import access, backlog
from db import absences, facilitation, outbox, summaries
from db.absences import Absence
from db.facilitation import Contact, Note, Whose
from db.organisations import Organisation
from db.store import Connection, Store
from db.summaries import History

LATE_NAMED = 15


@dataclass(frozen=True, slots=True)
class Gap:
    """A criterion that is unmet or about to be, the day of its newest evidence if any is known, and the kinds of check-in that count."""

    criterion: Criterion
    newest: date | None
    kinds: tuple[str, ...] = EVERY_KIND


@dataclass(frozen=True, slots=True)
class Call:
    """A chapter, and all that a facilitator wants to know before calling; what is no reason to call is None, empty or False.

    Where it can be asked and who reported last is told of one without admins only, and where others read it not of a discreet one.
    """

    chapter_id: int
    name: str
    help_wanted: str | None
    silent: bool
    late_since: date | None
    answered: Month | None
    quiet_since: date | None
    functions_until: datetime | None
    gaps: tuple[Gap, ...]
    unreachable: bool
    heard_on: date | None
    admins: tuple[int, ...]
    in_touch: Contact | None
    away: tuple[Absence, ...] = ()
    channel_id: int | None = None
    last_reporter: int | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """Who is worth a call and who is merely late, of some chapters: so many of them in all, these shown."""

    guild_id: int
    whose: Whose
    reader: int | None
    chapters: int
    worth_a_call: int
    merely_late: int
    calls: tuple[Call, ...]
    late: tuple[tuple[int, str], ...]
    facilitator_role: int | None
    away: Absence | None = None
    stands_in: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Overdue:
    """One page of the digest as it would be now."""

    digest: Digest
    page: int
    pages: int
    left_out: int
    stuck: tuple[Stuck, ...]


async def digest_for(
    c: Connection, organisation: Organisation, user_id: int | None, now: datetime, *, in_channel: bool = False
) -> Digest | None:
    """What a facilitator should read this week or, without one, the facilitators' channel of chapters without facilitator; None if nothing.

    Who is away reads nothing. `in_channel`: it will stand where others read it too, so hidden chapters are left out.
    """
    guild_id, whose = organisation.guild_id, Whose.UNASSIGNED if user_id is None else Whose.MINE
    away = await absences.in_force(c, guild_id, now)
    if any(each.user_id == user_id for each in away):
        return None
    policy = organisation.policy
    found = await facilitation.concerns(c, guild_id, whose, user_id, policy, now, in_channel=in_channel)
    calls, late = errands.digest(found, now)
    if not calls and not late:
        return None
    here = (calls[: policy.worth_a_call], late[:LATE_NAMED])
    count = await facilitation.count(c, guild_id, whose, user_id, now, in_channel=in_channel)
    shown = await _digest(c, organisation, whose, user_id, count, (calls, late), here, policy, now, in_channel=in_channel)
    return replace(shown, stands_in=_stood_in(away, user_id))


def _stood_in(away: Sequence[Absence], reader: int | None) -> tuple[Absence, ...]:
    return tuple(each for each in away if each.accepted and each.stand_in == reader)


async def digest_readers(c: Connection, organisation: Organisation, now: datetime) -> list[int | None]:
    """Who has something to read this week: facilitators who are there, their stand-ins, and None for the channel, if there is one."""
    policy = organisation.policy
    found = await facilitation.concerns_by_facilitator(c, organisation.guild_id, policy, now)
    absent = await absences.in_force(c, organisation.guild_id, now)
    away = {each.user_id for each in absent}
    for stand_in in {each.stand_in for each in absent if each.accepted and each.stand_in is not None}:
        found[stand_in] = await facilitation.concerns(c, organisation.guild_id, Whose.MINE, stand_in, policy, now)
    found = {user_id: theirs for user_id, theirs in found.items() if user_id not in away}
    readers: list[int | None] = [user_id for user_id, theirs in sorted(found.items()) if any(errands.digest(theirs, now))]
    if organisation.facilitators_channel is not None:
        nobodys = await facilitation.concerns(c, organisation.guild_id, Whose.UNASSIGNED, None, policy, now)
        readers += [None] if any(errands.digest(nobodys, now)) else []
    return readers


def digest_key(week: date, reader: int | None) -> str:
    """Under which a reader's digest of a week stands in the outbox; `week` is the day on which it is due."""
    return f"digest:{week}:{reader or 'unassigned'}"


async def sent_digest(c: Connection, organisation: Organisation, reader: int | None) -> outbox.Errand | None:
    """The newest digest, if it went out to this reader."""
    week = organisation.digested_on
    return None if week is None else await outbox.sent_under(c, organisation.guild_id, digest_key(week, reader))


async def bring_up_to_date(c: Connection, organisation: Organisation, readers: Iterable[int | None], because: str, now: datetime) -> None:
    """Has the newest digests of these readers show what changed; `because` names the change."""
    for reader in readers:
        if await sent_digest(c, organisation, reader) is not None:
            key = f"digest_refresh:{because}:{reader or 'unassigned'}"
            await outbox.put(c, organisation.guild_id, "digest_refresh", key, now, now, user_id=reader)


async def readers_of(c: Connection, guild_id: int, facilitators: Sequence[int], now: datetime) -> tuple[int | None, ...]:
    """In whose digests the chapter of these facilitators stands: of those who are there and who stand in, else (None) the channel's."""
    away = {each.user_id: each for each in await absences.in_force(c, guild_id, now)}
    there = {person for person in facilitators if person not in away}
    covers = (away[person].stand_in for person in facilitators if person in away and away[person].accepted)
    there |= {person for person in covers if person is not None and person not in away}
    return tuple(there) or (None,)


async def overdue(store: Store, caller: Caller, whose: Whose | None, page: int, now: datetime) -> Overdue:
    """The digest as it would be now, a page at a time (the last one if there are not so many); left out, `whose` is mine if I have any."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        own = await facilitation.facilitates(c, organisation.guild_id, caller.user_id)
        absent = await absences.in_force(c, organisation.guild_id, now)
        stands_in = _stood_in(absent, caller.user_id)
        held = ({Role.OWN_FACILITATOR} if own else set()) | ({Role.STAND_IN} if stands_in else set())
        rights.require(Action.OVERDUE, access.roles_in(organisation, caller) | held)
        chosen = whose or (Whose.MINE if held else Whose.ALL)
        policy = organisation.policy
        found = await facilitation.concerns(c, organisation.guild_id, chosen, caller.user_id, policy, now)
        calls, late = errands.digest(found, now)
        size, everybody = policy.worth_a_call, [*calls, *late]
        pages = max(-(-len(everybody) // size), 1)
        at = min(page, pages - 1)
        first, last = at * size, (at + 1) * size
        here = (calls[first:last], late[max(first - len(calls), 0) : max(last - len(calls), 0)])
        count = await facilitation.count(c, organisation.guild_id, chosen, caller.user_id, now)
        shown = await _digest(c, organisation, chosen, caller.user_id, count, (calls, late), here, policy, now)
        away = next((each for each in absent if each.user_id == caller.user_id), None)
        shown = replace(shown, away=away, stands_in=stands_in)
        of_concern = sum(1 for concern in found if concern.worth_a_call or concern.overdue)
        stuck = await backlog.of(c, organisation.guild_id, caller.user_id, now)
    return Overdue(shown, at, pages, of_concern - len(everybody), stuck)


async def _digest(
    c: Connection,
    organisation: Organisation,
    whose: Whose,
    reader: int | None,
    count: int,
    everybody: tuple[list[Concern], list[Concern]],
    here: tuple[list[Concern], list[Concern]],
    policy: Policy,
    now: datetime,
    *,
    in_channel: bool = False,
) -> Digest:
    guild_id, (calls, late) = organisation.guild_id, here
    late_ids = [concern.chapter_id for concern in late]
    named = await facilitation.names(c, guild_id, late_ids, reader) if late_ids else {}
    return Digest(
        guild_id=guild_id,
        whose=whose,
        reader=reader,
        chapters=count,
        worth_a_call=len(everybody[0]),
        merely_late=len(everybody[1]),
        calls=await calls_of(c, guild_id, calls, policy, now, in_channel=in_channel),
        late=tuple((chapter_id, named[chapter_id]) for chapter_id in late_ids if chapter_id in named),
        facilitator_role=organisation.facilitator_role,
    )


async def calls_of(
    c: Connection, guild_id: int, concerns: Sequence[Concern], policy: Policy, now: datetime, *, in_channel: bool = False
) -> tuple[Call, ...]:
    """These chapters in full, in the same order, in as many queries for ten as for one."""
    ids = [concern.chapter_id for concern in concerns]
    if not ids:
        return ()
    histories = {history.chapter.id: history for history in await summaries.read(c, guild_id, ids, policy)}
    helped = await facilitation.help_wanted(c, guild_id, ids)
    admins = await facilitation.admins(c, guild_id, ids)
    touched = await facilitation.newest_contacts(c, guild_id, ids, Note.IN_TOUCH)
    away = await absences.of_chapters(c, guild_id, ids, now)
    alone = [each for each in ids if each not in admins and not (in_channel and histories[each].chapter.discreet)]
    reporters = await facilitation.last_reporters(c, guild_id, alone) if alone else {}
    calls = (
        _call(
            concern,
            histories[concern.chapter_id],
            helped.get(concern.chapter_id),
            admins.get(concern.chapter_id, ()),
            touched.get(concern.chapter_id),
            policy,
            now,
        )
        for concern in concerns
    )
    return tuple(
        replace(
            call,
            away=away.get(call.chapter_id, ()),
            channel_id=histories[call.chapter_id].chapter.channel_id if call.chapter_id in alone else None,
            last_reporter=reporters.get(call.chapter_id),
        )
        for call in calls
    )


def _call(
    concern: Concern, history: History, asked: str | None, admins: tuple[int, ...], touched: Contact | None, policy: Policy, now: datetime
) -> Call:
    entity, day = history.chapter, calendar.today(now, history.chapter.zone)
    verdict = functioning.judge(history.standings, entity.state(day), entity.added_on, history.heard_on, policy, day)
    return Call(
        chapter_id=entity.id,
        name=entity.name,
        help_wanted=asked,
        silent=concern.silent,
        late_since=_day(owed.overdue_at(history.owed, policy, entity.zone), entity) if concern.overdue else None,
        answered=history.owed.newest_answered,
        quiet_since=verdict.lapses_on if concern.quiet else None,
        functions_until=functioning.lapses_at(history.standings, policy, entity.zone) if concern.at_risk else None,
        gaps=_gaps(verdict) if concern.quiet or concern.at_risk else (),
        unreachable=concern.unreachable,
        heard_on=history.heard_on,
        admins=admins,
        in_touch=touched,
    )


def _day(at: datetime | None, entity: Chapter) -> date | None:
    """The chapter's own day: elsewhere its midnight is still, or already, another one."""
    return None if at is None else calendar.today(at, entity.zone)


def _gaps(verdict: Verdict) -> tuple[Gap, ...]:
    """What is unmet or, while everything is met, what lapses first."""
    unmet = [each for each in verdict.criteria if each.met is not Met.MET]
    first = unmet or [each for each in verdict.criteria if each.lapses_on == verdict.lapses_on]
    return tuple(Gap(each.criterion, each.newest, each.kinds) for each in first)
