"""Facilitators who are away: until when, and who stands in.

Somebody who is away gets no digest and no reminders. A stand-in who has accepted reads of their chapters instead; they are not one of the
chapters' own facilitators, so private notes and hidden chapters stay out of their sight. Without one the chapters are nobody's meanwhile.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain import calendar, checkins, errands, rights
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller, Role
from bot.domain.text import Person, text
from bot.services import access
from bot.services.facilitation import bring_up_to_date
from bot.services.handovers import Candidate
from db import absences, changes, facilitation, organisations, outbox
from db.absences import Absence
from db.organisations import Organisation
from db.store import Connection, Store

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is away as `absence` says, or (None) there again; `again` if it was so already."""

    absence: Absence | None
    again: bool
    has_channel: bool
    stands_in_for: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who was asked to stand in, and what became of it; `over` once whoever asked is back."""

    absence: Absence
    organisation: Organisation
    over: bool
    again: bool = False


async def set_away(store: Store, caller: Caller, until: str, stand_in: Candidate | None, now: datetime) -> Away:
    """Notes that the asker is away until a day and back on it (today ends it); whoever is to stand in is asked."""
    async with store.write() as c:
        organisation = await access.organisation(c, caller)
        own = await facilitation.facilitates(c, organisation.guild_id, caller.user_id)
        rights.require(Action.BE_AWAY, access.roles_in(organisation, caller) | ({Role.OWN_FACILITATOR} if own else set()))
        there = await absences.in_force(c, organisation.guild_id, now)
        before = next((each for each in there if each.user_id == caller.user_id), None)
        stands_in_for = tuple(each.user_id for each in there if each.stand_in == caller.user_id and each.accepted)
        has_channel = organisation.facilitators_channel is not None
        today = calendar.today(now, organisation.zone)
        day = _day(until, today)
        if day == today:
            if before is not None:
                await _end(c, organisation, before, now)
            return Away(None, before is None, has_channel, stands_in_for)
        wanted = None if stand_in is None else _check(stand_in, organisation, caller, there)
        if before is not None and (before.until, before.stand_in) == (day, wanted):
            return Away(before, True, has_channel, stands_in_for)
        made = await _begin(c, organisation, caller.user_id, day, wanted, before, now)
        return Away(made, False, has_channel, stands_in_for)


def _day(until: str, today: date) -> date:
    day, latest = checkins.parse_day(until, today, ahead=True), today + LONGEST
    if not today <= day <= latest:
        raise Refusal(text("The day can be from {earliest} to {latest}. You gave {day}.", earliest=today, latest=latest, day=day))
    return day


def _check(candidate: Candidate, organisation: Organisation, caller: Caller, there: list[Absence]) -> int:
    person = Person(candidate.user_id)
    if organisation.facilitator_role is None:
        raise Refusal(text("No role for facilitators is named yet, so nobody can stand in. A coordinator can name one with /setup."))
    if candidate.user_id == caller.user_id:
        raise Refusal(text("You cannot stand in for yourself. Choose somebody else, or nobody."))
    if candidate.is_bot:
        raise Refusal(text("{person} is a bot, and only people can stand in. Choose somebody else.", person=person))
    if organisation.facilitator_role not in candidate.role_ids:
        raise Refusal(
            text("{person} does not have the facilitator role. Choose somebody who has it, or ask a coordinator to give it.", person=person)
        )
    for each in there:
        if each.user_id == candidate.user_id:
            raise Refusal(text("{person} is away as well, until {day}. Choose somebody else.", person=person, day=each.until))
    return candidate.user_id


async def _begin(
    c: Connection, organisation: Organisation, user_id: int, day: date, stand_in: int | None, before: Absence | None, now: datetime
) -> Absence:
    """Stores the absence in place of the one before; who has agreed to stand in as long or longer is not asked again."""
    guild_id, ends_at = organisation.guild_id, calendar.start_of(day, organisation.zone)
    agreed = before if before is not None and before.accepted and before.stand_in == stand_in and day <= before.until else None
    if before is not None:
        await absences.change(c, guild_id, before.id, ends_at=now)
        if before.accepted and agreed is None and before.stand_in != stand_in:
            await _tell_it_is_over(c, before, now)
    accepted, answered_at = (True, agreed.answered_at) if agreed else (None, None)
    made = await absences.add(c, guild_id, user_id, day, ends_at, stand_in, accepted, answered_at)
    if stand_in is not None and agreed is None:
        await outbox.put(c, guild_id, "stand_in", f"stand_in:{made}", now, now, expires_at=ends_at, absence_id=made)
    fields = ("until", *(("stand_in",) if stand_in is not None else ()))
    await changes.log(c, guild_id, "facilitator.absent", now, user_id, fields=fields)
    await _show_anew(c, organisation, stand_in, f"absent:{made}", now)
    found = await absences.find(c, guild_id, made)
    assert found is not None
    return found


async def _end(c: Connection, organisation: Organisation, before: Absence, now: datetime) -> None:
    """Ends an absence early: what waited for its end comes now, and whoever stood in is told."""
    guild_id = organisation.guild_id
    await absences.change(c, guild_id, before.id, ends_at=now)
    await outbox.bring_forward(c, guild_id, "reminder", before.user_id, back_at(organisation, before), now)
    if before.accepted:
        await _tell_it_is_over(c, before, now)
    await changes.log(c, guild_id, "facilitator.return", now, before.user_id)
    await _show_anew(c, organisation, before.stand_in, f"back:{before.id}", now)


async def _tell_it_is_over(c: Connection, absence: Absence, now: datetime) -> None:
    await outbox.put(c, absence.guild_id, "stand_in_over", f"stand_in_over:{absence.id}", now, now, absence_id=absence.id)


async def _show_anew(c: Connection, organisation: Organisation, stand_in: int | None, because: str, now: datetime) -> None:
    await bring_up_to_date(c, organisation, (None, *((stand_in,) if stand_in is not None else ())), because, now)


def back_at(organisation: Organisation, absence: Absence) -> datetime:
    """The first moment of somebody's return at which anything may be sent to them."""
    policy = organisation.policy
    return errands.in_sending_hours(calendar.start_of(absence.until, organisation.zone), policy, organisation.zone)


async def of_person(c: Connection, guild_id: int, user_id: int, now: datetime) -> Absence | None:
    """The absence of somebody who is away at this moment."""
    return next((each for each in await absences.in_force(c, guild_id, now) if each.user_id == user_id), None)


async def see(store: Store, caller: Caller, absence_id: int, now: datetime) -> Asked:
    """The question as it stands, for the person who was asked."""
    async with store.read() as c:
        return await _asked(c, caller, absence_id, now)


async def answer(store: Store, caller: Caller, absence_id: int, now: datetime, role_ids: frozenset[int] | None = None) -> Asked:
    """Stores what somebody says who was asked to stand in, and has whoever asked told; they may change their mind until it is over.

    A Yes comes with the roles that they hold at that moment, a No without.
    """
    accepted = role_ids is not None
    async with store.write() as c:
        found = await _asked(c, caller, absence_id, now)
        if role_ids is not None:
            access.require_facilitator(found.organisation, role_ids)
        if found.absence.accepted is accepted:
            return Asked(found.absence, found.organisation, over=False, again=True)
        guild_id = found.organisation.guild_id
        await absences.change(c, guild_id, absence_id, accepted=accepted, answered_at=now)
        await changes.log(c, guild_id, "facilitator.standin" if accepted else "facilitator.decline", now, caller.user_id)
        key = f"stand_in_answer:{absence_id}:{int(now.timestamp())}:{accepted}"
        await outbox.put(c, guild_id, "stand_in_answer", key, now, now, absence_id=absence_id)
        await _show_anew(c, found.organisation, caller.user_id, f"stand_in:{absence_id}:{accepted}:{int(now.timestamp())}", now)
        return await _asked(c, caller, absence_id, now)


async def _asked(c: Connection, caller: Caller, absence_id: int, now: datetime) -> Asked:
    """The question, if it is this person's to answer and whoever asked is still away."""
    guild_id = caller.guild_id or await absences.guild_of(c, absence_id)
    organisation = None if guild_id is None else await organisations.find(c, guild_id)
    found = None if organisation is None else await read(c, organisation, absence_id, now)
    if found is None:
        raise Refusal(text("This question is no longer open. Nothing changed."))
    absence = found.absence
    access.require_asked(caller, Action.ANSWER_STAND_IN, found.organisation, absence.stand_in)
    if found.over:
        raise Refusal(text("{person} needs no stand-in any more, so nothing changed. Thank you.", person=Person(absence.user_id)))
    return found


async def read(c: Connection, organisation: Organisation, absence_id: int, now: datetime) -> Asked | None:
    """An absence as the letters about it need it."""
    found = await absences.find(c, organisation.guild_id, absence_id)
    return None if found is None or found.stand_in is None else Asked(found, organisation, over=found.ends_at <= now)


async def return_days(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """Today, to be back now, and days to come back on: for an option that is being typed."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
    today = calendar.today(now, organisation.zone)
    days = ["today", *(str(today + timedelta(days=n)) for n in (7, 14, 21, 28, 42, 56, 84))]
    return [day for day in days if typed.strip().casefold() in day]
