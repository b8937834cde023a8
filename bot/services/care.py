"""A chapter's own facts, channel, rhythm and hour: what is set, and changing it field by field."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.domain import calendar, coordinates, owed
from bot.domain.calendar import Month
from bot.domain.chapters import CITY_LENGTH, Chapter, Dues, Money, check_length
from bot.domain.checkins import parse_day
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Role, text
from bot.domain.writing import line
from bot.services import access, adding, branches, covers, facts, languages, periods
from bot.services.access import Scope
from bot.services.facts import Key
from db import changes, chapters, checkins, directory, stale, summaries
from db import facts as stored_facts
from db.facts import Fact
from db.store import Connection, Store

RHYTHMS = range(1, 5)
CLEARED = frozenset({"", "none", "-", "–", "—"})
"""What is written to leave a fact empty again."""


class Detail(StrEnum):
    """What can be set of a chapter."""

    BRANCH = "branch"
    CITY = "city"
    COORDINATES = "coordinates"
    TIMEZONE = "timezone"
    FOUNDED = "founded"
    LANGUAGES = "languages"
    CHANNEL = "channel"
    ROLE = "role"
    DELEGATE = "delegate"
    MONEY = "money"
    DUES = "dues"
    RHYTHM = "rhythm"
    PROMPT_HOUR = "prompt_hour"
    DISCREET = "discreet"


STANDING: Mapping[Detail, Key] = {Detail.DELEGATE: Key.DELEGATE, Detail.MONEY: Key.MONEY, Detail.DUES: Key.DUES}
"""The standing facts: said again they are confirmed again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to be set, as they wrote it; None leaves it as it is."""

    branch: str | None = None
    city: str | None = None
    coordinates: str | None = None
    timezone: str | None = None
    founded: str | None = None
    languages: str | None = None
    channel: int | None = None
    role: int | None = None
    delegate: bool | None = None
    money: str | None = None
    dues: str | None = None
    rhythm: int | None = None
    prompt_hour: int | None = None
    discreet: bool | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What is set of a chapter; money and dues for its own people alone."""

    chapter: Chapter
    branch: str | None
    facts: Mapping[Detail, Fact]
    policy_hour: int
    sees_private: bool


@dataclass(frozen=True, slots=True)
class Edited:
    """A chapter before and after: what was changed, what was only confirmed anew, and what was so already; the next period asked for."""

    before: Profile
    after: Profile
    changed: tuple[Detail, ...]
    confirmed: tuple[Detail, ...]
    same: tuple[Detail, ...]
    next_period: Month | None


async def look(store: Store, caller: Caller, chapter: str | None) -> Profile:
    """What is set of a chapter, for those who may change it."""
    async with store.read() as c:
        return await _profile(c, await _scope(c, caller, chapter))


async def edit(store: Store, caller: Caller, chapter: str | None, wanted: Wanted, reader: str, now: datetime) -> Edited:
    """Sets what is given; `reader` is the language in which languages are named."""
    async with store.read() as c:
        scope = await _scope(c, caller, chapter)
        policy = scope.organisation.policy
        columns = _plain_columns(wanted, scope, policy)
        if wanted.branch is not None:
            emptied = _is_cleared(wanted.branch)
            columns[Detail.BRANCH] = {"branch_id": None if emptied else (await branches.meant(c, scope.guild_id, wanted.branch)).id}
        if wanted.founded is not None:
            columns[Detail.FOUNDED] = {"founded": await _founded(c, scope, wanted.founded, now)}
    if wanted.languages is not None:
        spoken = () if _is_cleared(wanted.languages) else await asyncio.to_thread(languages.meant, wanted.languages, reader)
        columns[Detail.LANGUAGES] = {"languages": spoken}
    return await _set(store, caller, scope.chapter.id, columns, _answers(wanted), now)


async def clear(store: Store, caller: Caller, chapter_id: int, detail: Detail, now: datetime) -> Edited:
    """Takes the channel or the role off a chapter again."""
    if detail not in (Detail.CHANNEL, Detail.ROLE):
        raise Refusal(text("This cannot be left empty."))
    return await _set(store, caller, chapter_id, {detail: {f"{detail}_id": None}}, {}, now)


async def _scope(c: Connection, caller: Caller, chapter: str | int | None) -> Scope:
    if isinstance(chapter, int):
        scope = await access.pressed(c, caller, chapter)
    else:
        scope = await access.named(c, caller, chapter, own=True)
    scope.require(Action.EDIT_CHAPTER)
    return scope


async def _profile(c: Connection, scope: Scope) -> Profile:
    entity, guild_id = scope.chapter, scope.guild_id
    branch = None if entity.branch_id is None else await directory.branch_name(c, guild_id, entity.branch_id)
    said = {detail: await stored_facts.newest(c, guild_id, key, chapter_id=entity.id) for detail, key in STANDING.items()}
    known = {detail: fact for detail, fact in said.items() if fact is not None}
    policy = scope.organisation.policy
    return Profile(entity, branch, known, policy.prompt_hour, scope.may(Action.SEE_PRIVATE))


def _is_cleared(written: str) -> bool:
    return written.strip().casefold() in CLEARED


def _plain_columns(wanted: Wanted, scope: Scope, policy: Policy) -> dict[Detail, Mapping[str, Any]]:
    """The columns of what needs nothing looked up; refuses what is none of what can be set."""
    columns: dict[Detail, Mapping[str, Any]] = {}
    if wanted.city is not None:
        city = "" if _is_cleared(wanted.city) else line(wanted.city)
        columns[Detail.CITY] = {"city": check_length(city, CITY_LENGTH, text("The city")) or None}
    if wanted.coordinates is not None:
        latitude, longitude = (None, None) if _is_cleared(wanted.coordinates) else coordinates.parse(wanted.coordinates)
        columns[Detail.COORDINATES] = {"latitude": latitude, "longitude": longitude}
    if wanted.timezone is not None:
        columns[Detail.TIMEZONE] = {"timezone": adding.zone_meant(wanted.timezone)}
    if wanted.channel is not None:
        columns[Detail.CHANNEL] = {"channel_id": wanted.channel}
    if wanted.role is not None:
        columns[Detail.ROLE] = {"role_id": _role(wanted.role, scope)}
    if wanted.rhythm is not None:
        columns[Detail.RHYTHM] = {"rhythm": _rhythm(wanted.rhythm)}
    if wanted.prompt_hour is not None:
        columns[Detail.PROMPT_HOUR] = {"prompt_hour": _hour(wanted.prompt_hour, policy)}
    if wanted.discreet is not None:
        columns[Detail.DISCREET] = {"discreet": wanted.discreet}
    return columns


def _role(role_id: int, scope: Scope) -> int:
    if role_id == scope.guild_id:
        raise Refusal(text("Everybody has the role {role}. Choose one that only this chapter's members have.", role=Role(role_id)))
    return role_id


def _rhythm(months: int) -> int:
    if months not in RHYTHMS:
        raise Refusal(text("A chapter is asked for a report every {least} to {most} months.", least=RHYTHMS[0], most=RHYTHMS[-1]))
    return months


def _hour(hour: int, policy: Policy) -> int:
    if not policy.opens <= hour < policy.closes:
        raise Refusal(text("The hour can be {first} to {last}, on the chapter's own clock.", first=policy.opens, last=policy.closes - 1))
    return hour


async def _founded(c: Connection, scope: Scope, written: str, now: datetime) -> date | None:
    if _is_cleared(written):
        return None
    today = scope.today(now)
    spoken = written.strip().casefold() in ("today", "yesterday")
    day = parse_day(written, today) if spoken else adding.founding_day(written, today)
    earliest = await checkins.first_day(c, scope.guild_id, scope.chapter.id)
    if day is not None and earliest is not None and day > earliest:
        raise Refusal(
            text(
                "{chapter} has a check-in of {earliest}, so it was there by then. You gave {day}.",
                chapter=scope.chapter.name,
                earliest=earliest,
                day=day,
            )
        )
    return day


def _answers(wanted: Wanted) -> dict[Detail, str]:
    """The standing facts that are given, each as one of its answers."""
    answers: dict[Detail, str] = {}
    if wanted.delegate is not None:
        answers[Detail.DELEGATE] = facts.Delegate.YES if wanted.delegate else facts.Delegate.NO
    for detail, written, known in ((Detail.MONEY, wanted.money, list(Money)), (Detail.DUES, wanted.dues, list(Dues))):
        if written is not None and written not in known:
            raise Refusal(text("Choose one of the answers that are offered."))
        if written is not None:
            answers[detail] = written
    return answers


async def _set(
    store: Store, caller: Caller, chapter_id: int, columns: Mapping[Detail, Mapping[str, Any]], answers: Mapping[Detail, str], now: datetime
) -> Edited:
    async with store.write() as c:
        scope = await _scope(c, caller, chapter_id)
        before = await _profile(c, scope)
        changed = {
            detail: values
            for detail, values in columns.items()
            if any(getattr(scope.chapter, name) != value for name, value in values.items())
        }
        await _change(c, scope, changed, now)
        if changed:
            await changes.log(c, scope.guild_id, "chapter.edit", now, caller.user_id, chapter_id=chapter_id, fields=changed)
        today = (await _scope(c, caller, chapter_id)).today(now)
        told = {detail: value for detail, value in answers.items() if before.facts.get(detail) != Fact(value, today)}
        for detail, value in told.items():
            key = STANDING[detail]
            await facts.confirm(c, scope.guild_id, chapter_id=chapter_id, key=key, value=value, day=today, now=now, by=caller.user_id)
        (history,) = await summaries.refresh(c, scope.guild_id, [chapter_id], now, scope.organisation.policy)
        again = [detail for detail in told if detail in before.facts and before.facts[detail].value == told[detail]]
        return Edited(
            before=before,
            after=await _profile(c, await _scope(c, caller, chapter_id)),
            changed=_in_order([*changed, *(detail for detail in told if detail not in again)]),
            confirmed=_in_order(again),
            same=_in_order([detail for detail in (*columns, *answers) if detail not in changed and detail not in told]),
            next_period=next(owed.upcoming(history.facts(now).owed), None),
        )


def _in_order(details: Sequence[Detail]) -> tuple[Detail, ...]:
    return tuple(detail for detail in Detail if detail in details)


async def _change(c: Connection, scope: Scope, changed: Mapping[Detail, Mapping[str, Any]], now: datetime) -> None:
    """Stores the changed columns. What is owed by the zone and rhythm before is noted first, so that no verdict on the past moves."""
    guild_id, chapter_id = scope.guild_id, scope.chapter.id
    values = {name: value for columns in changed.values() for name, value in columns.items()}
    zone = values.pop("timezone", None)
    if zone is not None or Detail.RHYTHM in changed:
        await periods.come_due(c, guild_id, chapter_id, now)
    if zone is not None:
        await chapters.change(c, guild_id, chapter_id, timezone=zone)
        await periods.come_due(c, guild_id, chapter_id, now)
    if Detail.RHYTHM in changed:
        moved = await chapters.find(c, guild_id, chapter_id)
        await stale.links_altogether(c, guild_id)
        values["rhythm_since"] = Month.of(calendar.today(now, (moved or scope.chapter).zone))
    if values:
        await chapters.change(c, guild_id, chapter_id, **values)
    if values.get("discreet"):
        await covers.owe(c, guild_id, chapter_id, now)
