"""Check-ins: recording one, correcting it, withdrawing it, and what a month's come to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain import checkins as rules
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter
from bot.domain.checkins import CheckIn, Format, Kind, PartnerState, Tally
from bot.domain.functioning import Verdict
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access, partners, standing
from bot.services.access import Scope
from bot.services.partners import Choice
from db import changes, checkins, evidence, pending, stale, summaries
from db.checkins import Partner, Stored
from db.store import Connection, Store

WAITS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Entered:
    """A check-in as somebody entered it, nothing of it looked at yet."""

    kind: str
    day: str | None = None
    people: int | str | None = None
    format: str | None = None
    education: bool | None = None
    note: str | None = None
    partners: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A check-in as it stands, and how its chapter stands with it; `stale` if it was changed since its card was shown.

    `too_few` is from how many people on it would count as coming together, if these are fewer; `apart` if its kind never does here.
    """

    id: int
    chapter: Chapter
    entry: CheckIn
    version: int
    withdrawn: bool
    partners: tuple[Partner, ...]
    choices: tuple[Choice, ...]
    verdict: Verdict
    too_few: int | None = None
    apart: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Doubled:
    """An entry that waits, because the chapter has one of that kind on that day already."""

    chapter: Chapter
    form_key: str
    entry: CheckIn
    there: CheckIn


@dataclass(frozen=True, slots=True)
class Crossed:
    """A correction that is not stored, because somebody else stored another one since its author began."""

    there: Shown
    entry: CheckIn


async def tally(c: Connection, guild_id: int, chapter_id: int, period: Month, policy: Policy) -> Tally:
    """What a period's check-ins come to for a chapter: its own and the joint ones that it confirmed."""
    entries = await checkins.counted(c, guild_id, chapter_id, period.first, period.last)
    return rules.tally((entry for _, entry in entries), policy)


async def blank(store: Store, caller: Caller, chapter_id: int, now: datetime) -> tuple[Chapter, date]:
    """The chapter that a new check-in is for, and its today; refuses whoever may not check in."""
    async with store.read() as c:
        scope = await _may_check_in(c, caller, chapter_id)
    return scope.chapter, scope.today(now)


async def record(
    store: Store, caller: Caller, chapter: int | str | None, entered: Entered, form_key: str, now: datetime
) -> Shown | Doubled:
    """Stores a check-in, once for each form; one of the same kind and day as another waits to be confirmed."""
    async with store.write() as c:
        scope = await _may_check_in(c, caller, chapter)
        done = await checkins.by_form(c, scope.guild_id, form_key)
        if done is not None:
            return await _as_it_stands(c, scope, done, now)
        policy = scope.organisation.policy
        entry = _read(entered, scope, policy, now)
        asked = await partners.named(c, scope, entered.partners or "")
        there = await checkins.same(c, scope.guild_id, scope.chapter.id, entry.kind, entry.day)
        if there is None:
            return await _store(c, scope, entry, asked, form_key, policy, now)
        waiting = checkins.to_plain(entry) | {"partners": asked, "chapter": scope.chapter.id}
        await pending.keep(c, scope.guild_id, form_key, caller.user_id, waiting, now)
        return Doubled(scope.chapter, form_key, entry, there.entry)


async def store_anyway(store: Store, caller: Caller, chapter_id: int, form_key: str, now: datetime) -> Shown:
    """Stores the check-in that waited, once however often it is confirmed."""
    async with store.write() as c:
        scope = await _may_check_in(c, caller, chapter_id)
        done = await checkins.by_form(c, scope.guild_id, form_key)
        if done is not None:
            return await _as_it_stands(c, scope, done, now)
        waiting = await pending.find(c, scope.guild_id, form_key, caller.user_id, now - WAITS)
        if waiting is None or waiting.get("chapter") != chapter_id:
            raise Refusal(text("This waited for a day and was then deleted. Please check in again."))
        policy = scope.organisation.policy
        shown = await _store(c, scope, checkins.from_plain(waiting), waiting["partners"], form_key, policy, now)
        await pending.drop(c, scope.guild_id, form_key)
        return shown


async def see(store: Store, caller: Caller, chapter_id: int, checkin_id: int, now: datetime) -> Shown:
    """A check-in as it stands, for those who may correct it."""
    async with store.read() as c:
        scope, stored = await _may_correct(c, caller, chapter_id, checkin_id)
        return await _as_it_stands(c, scope, stored, now)


async def correct(
    store: Store, caller: Caller, chapter_id: int, checkin_id: int, seen: int, entered: Entered, now: datetime
) -> Shown | Crossed:
    """Stores a correction of the version that its author saw; if somebody stored another one since, both are shown."""
    async with store.write() as c:
        scope, stored = await _may_correct(c, caller, chapter_id, checkin_id)
        _still_there(stored)
        policy = scope.organisation.policy
        entry = replace(_read(entered, scope, policy, now), education=stored.entry.education)
        if stored.version != seen and stored.entry != entry:
            return Crossed(await _as_it_stands(c, scope, stored, now), entry)
        return await _correct(c, scope, stored, entry, now)


async def set_education(store: Store, caller: Caller, chapter_id: int, checkin_id: int, seen: int, has_part: bool, now: datetime) -> Shown:
    """Says whether it had an education part; does nothing, and says so, if somebody changed the check-in since it was shown."""
    async with store.write() as c:
        scope, stored = await _may_correct(c, caller, chapter_id, checkin_id)
        _still_there(stored)
        if stored.version != seen and stored.entry.education is not has_part:
            return replace(await _as_it_stands(c, scope, stored, now), stale=True)
        return await _correct(c, scope, stored, replace(stored.entry, education=has_part), now)


async def choose_partners(
    store: Store, caller: Caller, chapter_id: int, checkin_id: int, seen: int, chosen: Iterable[int], now: datetime
) -> Shown:
    """Says which chapters took part and asks those that are new; what a chapter has answered itself stays its own."""
    async with store.write() as c:
        scope, stored = await _may_correct(c, caller, chapter_id, checkin_id)
        _still_there(stored)
        partners.may_name_others(scope)
        present = await checkins.partners_of(c, scope.guild_id, stored.id)
        there = await checkins.may_be_partners(c, scope.guild_id, chosen)
        before = {each.chapter_id for each in present if each.named}
        wanted = there - {chapter_id} - {each.chapter_id for each in present if each.declined}
        if wanted != before and stored.version != seen:
            return replace(await _as_it_stands(c, scope, stored, now), stale=True)
        if wanted == before:
            return await _as_it_stands(c, scope, stored, now)
        new, gone = sorted(wanted - before), sorted(before - wanted)
        return await _advance(c, scope, stored, stored.entry, now, asked=new, removed=gone)


async def withdraw(store: Store, caller: Caller, chapter_id: int, checkin_id: int, seen: int, now: datetime) -> Shown:
    """Takes a check-in back: it counts for nobody any more; does nothing, and says so, if somebody changed it since it was shown."""
    async with store.write() as c:
        scope, stored = await _may_correct(c, caller, chapter_id, checkin_id)
        if stored.withdrawn or stored.version != seen:
            return replace(await _as_it_stands(c, scope, stored, now), stale=not stored.withdrawn)
        return await _advance(c, scope, stored, stored.entry, now, withdrawn_at=now)


async def _may_check_in(c: Connection, caller: Caller, chapter: int | str | None) -> Scope:
    if isinstance(chapter, int):
        scope = await access.pressed(c, caller, chapter)
    else:
        scope = await access.named(c, caller, chapter, own=True)
    scope.require(Action.CHECK_IN)
    return scope


async def _may_correct(c: Connection, caller: Caller, chapter_id: int, checkin_id: int) -> tuple[Scope, Stored]:
    scope = await access.pressed(c, caller, chapter_id)
    scope.require(Action.CORRECT_CHECKIN)
    stored = await checkins.find(c, scope.guild_id, checkin_id)
    if stored is None or stored.chapter_id != chapter_id:
        raise Refusal(text("This check-in is not there any more. Type /checkin to record one."))
    return scope, stored


def _still_there(stored: Stored) -> None:
    if stored.withdrawn:
        raise Refusal(text("This check-in was withdrawn in the meantime. If it did take place, record it again with /checkin."))


def _read(entered: Entered, scope: Scope, policy: Policy, now: datetime) -> CheckIn:
    today = scope.today(now)
    if entered.kind not in set(Kind):
        raise Refusal(text("Choose what the chapter did, such as a meeting."))
    if entered.format and entered.format not in set(Format):
        raise Refusal(text("Choose how people came together: in person, online, or both."))
    people = entered.people
    if isinstance(people, str):
        people = rules.parse_number(people, text("The number of people"))
    entry = CheckIn(
        kind=Kind(entered.kind),
        day=rules.parse_day(entered.day or None, today),
        people=people,
        format=Format(entered.format) if entered.format else None,
        education=entered.education,
        note=entered.note,
    )
    return rules.check(entry, today, scope.chapter.founded, policy)


async def _store(c: Connection, scope: Scope, entry: CheckIn, asked: Sequence[int], form_key: str, policy: Policy, now: datetime) -> Shown:
    stored = await checkins.add(c, scope.guild_id, scope.chapter.id, form_key, entry, now, scope.caller.user_id)
    await partners.ask(c, scope, stored.id, stored.version, asked, now)
    present = await checkins.partners_of(c, scope.guild_id, stored.id) if asked else []
    given = [field for field, value in checkins.to_plain(entry).items() if value is not None] + ["partners"] * bool(asked)
    return await _settled(c, scope, stored, present, policy, now, "checkin.record", given, since=entry.day)


async def _correct(c: Connection, scope: Scope, stored: Stored, entry: CheckIn, now: datetime) -> Shown:
    if stored.entry == entry:
        return await _as_it_stands(c, scope, stored, now)
    return await _advance(c, scope, stored, entry, now)


async def _advance(
    c: Connection,
    scope: Scope,
    stored: Stored,
    entry: CheckIn,
    now: datetime,
    *,
    asked: Sequence[int] = (),
    removed: Sequence[int] = (),
    withdrawn_at: datetime | None = None,
) -> Shown:
    before = await checkins.partners_of(c, scope.guild_id, stored.id)
    newest = await checkins.advance(c, stored, entry, withdrawn_at=withdrawn_at)
    await checkins.remove_partners(c, scope.guild_id, stored.id, removed)
    await partners.ask(c, scope, stored.id, newest.version, asked, now)
    present = await checkins.partners_of(c, scope.guild_id, stored.id) if asked or removed else before
    old, new = checkins.to_plain(stored.entry), checkins.to_plain(entry)
    changed = [field for field in new if new[field] != old[field]] + ["partners"] * bool(asked or removed)
    verb = "checkin.withdraw" if withdrawn_at is not None else "checkin.correct"
    policy = scope.organisation.policy
    counted = [each.chapter_id for each in before if each.state is PartnerState.CONFIRMED]
    since = min(stored.entry.day, entry.day)
    return await _settled(c, scope, newest, present, policy, now, verb, changed, counted, since=since)


async def _settled(
    c: Connection,
    scope: Scope,
    stored: Stored,
    present: Sequence[Partner],
    policy: Policy,
    now: datetime,
    verb: str,
    fields: Sequence[str],
    counted: Sequence[int] = (),
    *,
    since: date,
) -> Shown:
    """Writes all that follows from a new version, for the chapter and for the partners that it counted for."""
    guild_id, by = scope.guild_id, scope.caller.user_id
    await checkins.keep_version(c, stored, present, now, by)
    await (evidence.of_new_checkin if stored.version == 1 else evidence.of_checkin)(c, stored, present)
    await stale.from_day(c, guild_id, since, now)
    await changes.log(c, guild_id, verb, now, by, chapter_id=scope.chapter.id, fields=fields)
    histories = await summaries.refresh(c, guild_id, [scope.chapter.id, *counted], now, policy)
    verdict = next(standing.judged(each, policy, now) for each in histories if each.chapter.id == scope.chapter.id)
    return await _shown(c, scope, stored, present, verdict, policy)


async def _as_it_stands(c: Connection, scope: Scope, stored: Stored, now: datetime) -> Shown:
    present = await checkins.partners_of(c, scope.guild_id, stored.id)
    policy = scope.organisation.policy
    return await _shown(c, scope, stored, present, await standing.verdict(c, scope.organisation, scope.chapter, now), policy)


async def _shown(c: Connection, scope: Scope, stored: Stored, present: Sequence[Partner], verdict: Verdict, policy: Policy) -> Shown:
    apart = stored.entry.kind not in policy.together_kinds
    return Shown(
        id=stored.id,
        chapter=scope.chapter,
        entry=stored.entry,
        version=stored.version,
        withdrawn=stored.withdrawn,
        partners=tuple(each for each in present if each.named),
        choices=await partners.choices(c, scope, present),
        verdict=verdict,
        too_few=None if apart or rules.brings_together(stored.entry, policy) else policy.together_people,
        apart=apart,
    )
