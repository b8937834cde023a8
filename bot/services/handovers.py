"""Who looks after a chapter: claim it, release it, hand it over to somebody who accepts."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain import duty, rights
from bot.domain.chapters import Chapter
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Listing, Person, text
from bot.services import access
from bot.services.access import Scope
from bot.services.facilitation import bring_up_to_date
from db import absences, changes, chapters, organisations, outbox, people
from db import handovers as offers
from db.handovers import Handover
from db.organisations import Organisation
from db.store import Connection, Store


@dataclass(frozen=True, slots=True)
class Claimed:
    """Somebody became a chapter's facilitator, or (`again`) was it before."""

    chapter: Chapter
    again: bool
    others: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Released:
    """Somebody is no longer a chapter's facilitator, or (`again`) was not before."""

    chapter: Chapter
    user_id: int
    again: bool
    left: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person chosen to take over, as Discord describes them."""

    user_id: int
    role_ids: frozenset[int]
    is_bot: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A chapter offered to a person, and what became of it."""

    handover: Handover
    organisation: Organisation
    chapter: Chapter
    again: bool = False


async def claim(store: Store, caller: Caller, chapter: str | int | None, now: datetime) -> Claimed:
    """Makes the asker one of a chapter's own facilitators; a second time changes nothing."""
    async with store.write() as c:
        scope = await _scope(c, caller, chapter)
        scope.require(Action.CLAIM)
        again = not await people.add_facilitator(c, scope.guild_id, scope.chapter.id, caller.user_id, now)
        if not again:
            await changes.log(c, scope.guild_id, "facilitator.claim", now, caller.user_id, chapter_id=scope.chapter.id)
            because = f"claim:{scope.chapter.id}:{int(now.timestamp() * 1000)}"
            await bring_up_to_date(c, scope.organisation, (None,), because, now)
            await _tell_admins(c, scope.organisation, scope.chapter, caller.user_id, because, now)
    return Claimed(scope.chapter, again, tuple(each for each in scope.facilitators if each != caller.user_id))


async def _tell_admins(c: Connection, organisation: Organisation, chapter: Chapter, user_id: int, because: str, now: datetime) -> None:
    """Owes a chapter the news of a facilitator that it did not choose itself, who reads its private notes from now on."""
    if user_id in await people.admins(c, organisation.guild_id, chapter.id):
        return
    await outbox.put(c, organisation.guild_id, "claim", because, now, now, chapter_id=chapter.id, user_id=user_id)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who looks after a chapter now, as its admins are told."""

    chapter: Chapter
    user_id: int


async def newcomer(c: Connection, chapter: Chapter, user_id: int) -> Newcomer | None:
    """What a chapter is told of a new facilitator; None if they were released before it could be."""
    _, facilitators = await people.of(c, chapter.guild_id, chapter.id)
    return Newcomer(chapter, user_id) if user_id in facilitators else None


async def release(store: Store, caller: Caller, chapter: str | None, person: int | None, now: datetime) -> Released:
    """Ends somebody's looking after a chapter, the asker's own if nobody is named; a second time changes nothing."""
    async with store.write() as c:
        scope = await _scope(c, caller, chapter)
        user_id = caller.user_id if person is None else person
        if user_id != caller.user_id:
            scope.require(Action.RELEASE_OTHERS)
        elif user_id not in scope.facilitators:
            scope.require(Action.RELEASE)
            _ask_for_a_person(scope)
        again = not await people.remove_facilitator(c, scope.guild_id, scope.chapter.id, user_id)
        if not again:
            await changes.log(c, scope.guild_id, "facilitator.release", now, caller.user_id, chapter_id=scope.chapter.id)
            because = f"release:{scope.chapter.id}:{int(now.timestamp() * 1000)}"
            await bring_up_to_date(c, scope.organisation, (user_id,), because, now)
            if user_id != caller.user_id:
                await outbox.put(
                    c, scope.guild_id, "release", because, now, now, chapter_id=scope.chapter.id, user_id=user_id, by=caller.user_id
                )
    return Released(scope.chapter, user_id, again, tuple(each for each in scope.facilitators if each != user_id))


async def _scope(c: Connection, caller: Caller, chapter: str | int | None) -> Scope:
    if isinstance(chapter, int):
        return await access.pressed(c, caller, chapter)
    return await access.named(c, caller, chapter)


def _ask_for_a_person(scope: Scope) -> None:
    """Who looks after nobody here may mean somebody else, if they may release others."""
    if scope.facilitators and scope.may(Action.RELEASE_OTHERS):
        raise Refusal(
            text(
                "You are not a facilitator of {chapter}. Name whom to release in the option person: {people}.",
                chapter=scope.chapter.name,
                people=Listing(tuple(Person(each) for each in scope.facilitators), "or"),
            )
        )


@dataclass(frozen=True, slots=True)
class Farewell:
    """Somebody was released from a chapter by another; it is not named to them where it is hidden by now."""

    user_id: int
    by: int
    chapter: str | None


async def farewell(c: Connection, organisation: Organisation, chapter_id: int, user_id: int, by: int) -> Farewell | None:
    """What somebody is told who was released; None if they look after the chapter again."""
    chapter = await chapters.find(c, organisation.guild_id, chapter_id)
    admins, facilitators = await people.of(c, organisation.guild_id, chapter_id)
    if chapter is None or user_id in facilitators:
        return None
    named = not chapter.hidden or rights.sees_private(user_id, admins, facilitators)
    return Farewell(user_id, by, chapter.name if named else None)


# Hand over


async def may_offer(store: Store, caller: Caller, chapter_id: int) -> Chapter:
    """The chapter that the asker wants to hand over; refuses who may not, before they choose a person."""
    async with store.read() as c:
        return (await _offering(c, caller, chapter_id)).chapter


async def _offering(c: Connection, caller: Caller, chapter_id: int) -> Scope:
    scope = await access.pressed(c, caller, chapter_id)
    scope.require(Action.HAND_OVER)
    if scope.organisation.facilitator_role is None:
        raise Refusal(text("No role for facilitators is named yet, so nobody can take over. A coordinator can name one with /setup."))
    return scope


async def offer(store: Store, caller: Caller, chapter_id: int, to: Candidate, now: datetime, note: str = "") -> Offer:
    """Asks a person who holds the facilitator role to take a chapter over; the same person twice is asked once, another one instead.

    The `note` is for that person alone.
    """
    words = duty.check_note(note)
    async with store.write() as c:
        scope = await _offering(c, caller, chapter_id)
        guild_id = scope.guild_id
        _check(to, scope)
        for away in await absences.in_force(c, guild_id, now):
            if away.user_id == to.user_id:
                raise Refusal(text("{person} is away until {day}. Choose somebody else.", person=Person(to.user_id), day=away.until))
        waiting = await offers.open_by(c, guild_id, chapter_id, caller.user_id)
        same = [each for each in waiting if each.to_user == to.user_id]
        if same:
            return Offer(same[0], scope.organisation, scope.chapter, again=True)
        for each in waiting:
            await offers.answer(c, guild_id, each.id, None, now)
        made = await offers.offer(c, guild_id, chapter_id, caller.user_id, to.user_id, words, now)
        await outbox.put(c, guild_id, "handover", f"handover:{made}", now, now, chapter_id=chapter_id, handover_id=made)
        await changes.log(c, guild_id, "facilitator.offer", now, caller.user_id, chapter_id=chapter_id)
        found = await offers.find(c, guild_id, made)
        assert found is not None
        return Offer(found, scope.organisation, scope.chapter)


def _check(to: Candidate, scope: Scope) -> None:
    person, chapter = Person(to.user_id), scope.chapter.name
    if to.user_id == scope.caller.user_id:
        raise Refusal(text("You cannot hand {chapter} over to yourself. Choose somebody else.", chapter=chapter))
    if to.is_bot:
        raise Refusal(text("{person} is a bot, and only people can look after a chapter. Choose somebody else.", person=person))
    if scope.organisation.facilitator_role not in to.role_ids:
        raise Refusal(
            text("{person} does not have the facilitator role. Choose somebody who has it, or ask a coordinator to give it.", person=person)
        )
    if to.user_id in scope.facilitators:
        raise Refusal(text("{person} is a facilitator of {chapter} already.", person=person, chapter=chapter))


async def see(store: Store, caller: Caller, handover_id: int) -> Offer:
    """An offer as it stands, for the person who was asked."""
    async with store.read() as c:
        return await _offered(c, caller, handover_id)


async def take(store: Store, caller: Caller, handover_id: int, role_ids: frozenset[int], now: datetime) -> Offer:
    """Accepts an offer: the asker, if they hold the facilitator role still, becomes its facilitator in place of whoever offered it."""
    return await _answer(store, caller, handover_id, now, role_ids=role_ids)


async def decline(store: Store, caller: Caller, handover_id: int, now: datetime) -> Offer:
    """Declines an offer: nothing changes, and whoever made it is told."""
    return await _answer(store, caller, handover_id, now)


async def _answer(store: Store, caller: Caller, handover_id: int, now: datetime, role_ids: frozenset[int] | None = None) -> Offer:
    """Stores an answer: a Yes comes with the roles that whoever gives it holds at that moment, a No without."""
    accepted = role_ids is not None
    async with store.write() as c:
        found = await _offered(c, caller, handover_id)
        offered, guild_id, chapter_id = found.handover, found.organisation.guild_id, found.chapter.id
        if offered.answered_at is not None:
            return replace(found, again=True)
        if role_ids is not None:
            access.require_facilitator(found.organisation, role_ids)
        await offers.answer(c, guild_id, handover_id, accepted, now)
        if accepted:
            await people.add_facilitator(c, guild_id, chapter_id, offered.to_user, now)
            await people.remove_facilitator(c, guild_id, chapter_id, offered.from_user)
            await changes.log(c, guild_id, "facilitator.handover", now, caller.user_id, chapter_id=chapter_id)
            await bring_up_to_date(c, found.organisation, (offered.from_user,), f"handover:{handover_id}", now)
            await _tell_admins(c, found.organisation, found.chapter, offered.to_user, f"claim:handover:{handover_id}", now)
        key = f"handover_answer:{handover_id}"
        await outbox.put(c, guild_id, "handover_answer", key, now, now, chapter_id=chapter_id, handover_id=handover_id)
        return await _offered(c, caller, handover_id)


async def _offered(c: Connection, caller: Caller, handover_id: int) -> Offer:
    """The offer, if it is this person's to answer; a withdrawn one is refused."""
    guild_id = caller.guild_id or await offers.guild_of(c, handover_id)
    organisation = None if guild_id is None else await organisations.find(c, guild_id)
    found = None if organisation is None else await read_offer(c, organisation, handover_id)
    if found is None:
        raise Refusal(text("This offer is no longer open. Nothing changed."))
    access.require_asked(caller, Action.ANSWER_HANDOVER, found.organisation, found.handover.to_user)
    if found.handover.answered_at is not None and found.handover.accepted is None:
        person = Person(found.handover.from_user)
        raise Refusal(text("{person} has offered it to somebody else in the meantime. Nothing changed.", person=person))
    return found


async def read_offer(c: Connection, organisation: Organisation, handover_id: int) -> Offer | None:
    """An offer and its chapter, as the letters about it need them; None if there is no such chapter any more."""
    offered = await offers.find(c, organisation.guild_id, handover_id)
    chapter = None if offered is None else await chapters.find(c, organisation.guild_id, offered.chapter_id)
    if offered is None or chapter is None or chapter.archived:
        return None
    if chapter.hidden and offered.answered_at is None:
        admins, facilitators = await people.of(c, organisation.guild_id, chapter.id)
        if not rights.sees_private(offered.from_user, admins, facilitators):
            return None
    return Offer(offered, organisation, chapter)
