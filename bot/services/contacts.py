"""The private card of one chapter, and what a facilitator notes on it: in touch, remind me, it wants to rest."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain import calendar, errands, rights
from bot.domain.calendar import Month
from bot.domain.chapters import State
from bot.domain.errands import Concern
from bot.domain.refusal import Refusal
from bot.domain.reports import Part, Words
from bot.domain.rights import Action, Caller, Role
from bot.domain.text import text
from bot.services import access, rests
from bot.services.access import Scope
from bot.services.facilitation import Call, bring_up_to_date, calls_of, readers_of
from db import absences, chapters, facilitation, outbox, people, reports, summaries
from db.facilitation import Contact, Note, Whose
from db.organisations import Organisation
from db.store import Connection, Store

REPORTS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Said:
    """What a published report says in words; the private note only for those who may see it."""

    period: Month
    words: Words


class Outcome(StrEnum):
    """What pressing a button of the private card came to."""

    IN_TOUCH = "in_touch"
    IN_TOUCH_ALREADY = "in_touch_already"
    REMINDER = "reminder"
    REMINDER_ALREADY = "reminder_already"
    REST = "rest"
    REST_ALREADY = "rest_already"


@dataclass(frozen=True, slots=True)
class PrivateCard:
    """One chapter as its facilitators see it, for one reader."""

    call: Call
    reader: int
    in_server: bool
    said: tuple[Said, ...]
    facilitators: tuple[int, ...]
    hidden_until: datetime | None
    reminded_at: datetime | None
    rest_offered: Contact | None
    may_act: bool
    may_hand_over: bool
    may_claim: bool
    outcome: Outcome | None = None
    days: int = 14


async def look(store: Store, caller: Caller, chapter_id: int, now: datetime) -> PrivateCard:
    """The private card of one chapter."""
    async with store.read() as c:
        return await _card(c, await _in_view(c, caller, chapter_id, now), now)


async def _in_view(c: Connection, caller: Caller, chapter_id: int, now: datetime) -> Scope:
    """The chapter, for its facilitators and whoever stands in for one: a stand-in may do what is to be done, and sees nothing private."""
    scope = await access.pressed(c, caller, chapter_id)
    away = (await absences.of_chapters(c, scope.guild_id, [chapter_id], now)).get(chapter_id, ())
    if any(each.accepted and each.stand_in == caller.user_id for each in away):
        scope = replace(scope, roles=scope.roles | {Role.STAND_IN})
    scope.require(Action.OVERDUE)
    return scope


async def _card(c: Connection, scope: Scope, now: datetime, outcome: Outcome | None = None) -> PrivateCard:
    guild_id, chapter = scope.guild_id, scope.chapter
    policy = scope.organisation.policy
    found = await facilitation.concerns(c, guild_id, Whose.ALL, scope.caller.user_id, policy, now, only=chapter.id)
    (call,) = await calls_of(c, guild_id, found or [_unconcerned(chapter.id)], policy, now)
    offered = await facilitation.newest_contacts(c, guild_id, [chapter.id], Note.REST_OFFERED)
    reminders = await facilitation.newest_contacts(c, guild_id, [chapter.id], Note.REMINDER, scope.caller.user_id)
    return PrivateCard(
        call=call,
        reader=scope.caller.user_id,
        in_server=scope.caller.guild_id is not None,
        said=await _said(c, scope),
        facilitators=scope.facilitators,
        hidden_until=_to_come(found[0].hidden_until if found else None, now),
        reminded_at=_to_come(reminders[chapter.id].hidden_until if reminders else None, now),
        rest_offered=offered.get(chapter.id),
        may_act=scope.may(Action.CALL),
        may_hand_over=scope.may(Action.HAND_OVER),
        may_claim=scope.may(Action.CLAIM) and scope.caller.user_id not in scope.facilitators,
        outcome=outcome,
        days=policy.in_touch_days,
    )


def _to_come(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None


def _unconcerned(chapter_id: int) -> Concern:
    return Concern(
        chapter_id,
        overdue=False,
        silent=False,
        unreachable=False,
        at_risk=False,
        quiet=False,
        help_wanted=False,
        heard_on=None,
        hidden_until=None,
    )


async def _said(c: Connection, scope: Scope) -> tuple[Said, ...]:
    said: list[Said] = []
    for period in await reports.published_periods(c, scope.guild_id, scope.chapter.id, REPORTS_SHOWN):
        stored = await reports.find(c, scope.guild_id, scope.chapter.id, period)
        public = None if stored is None else await reports.published(c, scope.guild_id, stored.id, stored.version)
        if stored is None or public is None:
            continue
        saved = (await reports.parts(c, scope.guild_id, stored.id)).get(Part.WORDS) if scope.may(Action.SEE_PRIVATE) else None
        note = saved.answers.private_note if saved is not None and isinstance(saved.answers, Words) else None
        words = public.words
        said.append(Said(period, Words(changing=words.changing, hard=words.hard, help=words.help, private_note=note)))
    return tuple(said)


async def in_touch(store: Store, caller: Caller, chapter_id: int, now: datetime) -> PrivateCard:
    """Notes that the asker has spoken with the chapter: a sign of life, which hides it from digests for a while; once a day."""
    async with store.write() as c:
        scope = await _in_view(c, caller, chapter_id, now)
        scope.require(Action.CALL)
        before = await _newest(c, scope, Note.IN_TOUCH, by=caller.user_id)
        if before is not None and calendar.today(before.at, scope.chapter.zone) == scope.today(now):
            return await _card(c, scope, now, Outcome.IN_TOUCH_ALREADY)
        until = now + _a_while(scope)
        note = await facilitation.add_contact(c, scope.guild_id, chapter_id, caller.user_id, Note.IN_TOUCH, now, until)
        readers = await readers_of(c, scope.guild_id, scope.facilitators, now)
        await bring_up_to_date(c, scope.organisation, readers, f"contact:{note}", now)
        await summaries.refresh(c, scope.guild_id, [chapter_id], now, scope.organisation.policy)
        return await _card(c, scope, now, Outcome.IN_TOUCH)


async def remind(store: Store, caller: Caller, chapter_id: int, now: datetime) -> PrivateCard:
    """Reminds the asker of the chapter in two weeks, and hides it from their digests until then; one reminder at a time."""
    async with store.write() as c:
        scope = await _in_view(c, caller, chapter_id, now)
        scope.require(Action.CALL)
        before = await _newest(c, scope, Note.REMINDER, by=caller.user_id)
        if before is not None and before.hidden_until is not None and before.hidden_until > now:
            return await _card(c, scope, now, Outcome.REMINDER_ALREADY)
        policy = scope.organisation.policy
        due = errands.in_sending_hours(now + _a_while(scope), policy, scope.chapter.zone)
        note = await facilitation.add_contact(c, scope.guild_id, chapter_id, caller.user_id, Note.REMINDER, now, due)
        key = f"reminder:{chapter_id}:{note}"
        await outbox.put(c, scope.guild_id, "reminder", key, due, now, chapter_id=chapter_id, user_id=caller.user_id)
        readers = await readers_of(c, scope.guild_id, scope.facilitators, now)
        await bring_up_to_date(c, scope.organisation, (caller.user_id,) if readers != (None,) else readers, f"contact:{note}", now)
        return await _card(c, scope, now, Outcome.REMINDER)


async def offer_rest(store: Store, caller: Caller, chapter_id: int, now: datetime) -> PrivateCard:
    """Has the chapter's admins asked whether it wants to rest; only they decide, and they are not asked again within two weeks."""
    async with store.write() as c:
        scope = await _in_view(c, caller, chapter_id, now)
        scope.require(Action.CALL)
        if not scope.admins:
            raise Refusal(text("{chapter} has no admins who could decide to rest. A coordinator can add one.", chapter=scope.chapter.name))
        before = await _newest(c, scope, Note.REST_OFFERED)
        if before is not None and before.at + _a_while(scope) > now:
            return await _card(c, scope, now, Outcome.REST_ALREADY)
        await rests.offer(c, scope, now)
        await facilitation.add_contact(c, scope.guild_id, chapter_id, caller.user_id, Note.REST_OFFERED, now)
        return await _card(c, scope, now, Outcome.REST)


async def _newest(c: Connection, scope: Scope, kind: Note, by: int | None = None) -> Contact | None:
    return (await facilitation.newest_contacts(c, scope.guild_id, [scope.chapter.id], kind, by)).get(scope.chapter.id)


def _a_while(scope: Scope) -> timedelta:
    return timedelta(days=scope.organisation.policy.in_touch_days)


async def reminder(c: Connection, organisation: Organisation, chapter_id: int, user_id: int, now: datetime) -> PrivateCard | None:
    """The card that somebody asked to be reminded with; None if the chapter rests, was archived, or is hidden from them by now."""
    guild_id = organisation.guild_id
    chapter = await chapters.find(c, guild_id, chapter_id)
    if chapter is None or chapter.state(calendar.today(now, chapter.zone)) is not State.ACTIVE:
        return None
    admins, facilitators = await people.of(c, guild_id, chapter_id)
    if chapter.hidden and not rights.sees_private(user_id, admins, facilitators):
        return None
    roles = rights.chapter_roles(frozenset(), user_id, admins, facilitators)
    return await _card(c, Scope(organisation, chapter, Caller(user_id, None), roles, admins, facilitators), now)
