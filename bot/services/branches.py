"""Branches: which one is meant, adding and changing them, and their list for all members."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain import calendar, rights
from bot.domain.chapters import check_name, fold
from bot.domain.policy import Policy
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Listing, text
from bot.services import access, adding, facts, places
from bot.services.access import NEAREST
from bot.services.facts import Key
from bot.services.spelling import matching, nearest
from db import branches as stored
from db import changes, chapters
from db import facts as stored_facts
from db.branches import Counted, Held
from db.chapters import Branch
from db.facts import Fact
from db.organisations import Organisation
from db.store import Connection, Store

PAGE = 10


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody wrote of a branch, word for word; None is not given."""

    name: str | None = None
    currency: str | None = None
    money: str | None = None
    dues: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A branch that was just stored, and what its country is called."""

    branch: Branch
    country: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A branch as it stands after a change and stood before it; standing facts with the day on which they were confirmed."""

    before: Branch
    after: Branch
    facts_before: dict[Key, Fact]
    facts: dict[Key, Fact]

    def confirmed(self, key: Key) -> bool:
        """Whether this fact was said now, or said again."""
        return self.facts.get(key) != self.facts_before.get(key)


@dataclass(frozen=True, slots=True)
class Entry:
    """One branch in the list: how many chapters, its newest gathering that counts, and the newest that waits for confirmations."""

    branch: Branch
    country: str
    chapters: int
    gathered_on: date | None
    waiting: Held | None


@dataclass(frozen=True, slots=True)
class BranchPage:
    """A page of the list of branches, from 0 on."""

    entries: tuple[Entry, ...]
    page: int
    pages: int
    total: int
    may_change: bool


async def meant(c: Connection, guild_id: int, wanted: str | int) -> Branch:
    """The branch of this name, else of this country, or of this id; refuses what is none of them, and names the nearest."""
    there = await chapters.branches(c, guild_id)
    if isinstance(wanted, int):
        country, found = None, next((branch for branch in there if branch.id == wanted), None)
    else:
        country = await asyncio.to_thread(places.country_named, wanted)
        found = next((branch for branch in there if fold(branch.name) == fold(wanted)), None)
        found = found or next((branch for branch in there if branch.country == country), None)
    if found is not None:
        return found
    if not there:
        raise Refusal(text("There are no branches here yet. A coordinator can add one with /branch add."))
    name = str(wanted)[:60]
    near = matching(name, (branch.name for branch in there), NEAREST)
    if not near:
        raise Refusal(text("There is no branch “{name}” here. /branch list shows those that are.", name=name))
    raise Refusal(text("There is no branch “{name}” here. Did you mean {near}?", name=name, near=Listing(tuple(near), "or")))


async def add(store: Store, caller: Caller, country: str, given: Given, now: datetime) -> Added:
    """Adds the branch of a country, called like it and paying with its currency unless it is said otherwise."""
    async with store.read() as c:
        organisation = await _coordinated(c, caller)
    code = await asyncio.to_thread(adding.country_meant, country, organisation.language)
    today = calendar.today(now, organisation.zone)
    currency = places.currency(code, today) if given.currency is None else _currency(given.currency, organisation, today)
    async with store.write() as c:
        there = await chapters.branches(c, organisation.guild_id)
        known = next((branch for branch in there if branch.country == code), None)
        if known is not None:
            raise Refusal(text("This country has a branch already: {branch}. Change it with /branch edit.", branch=known.name))
        name = _free_name(given.name, there) if given.name is not None else _called_like(code, organisation, there)
        made = await chapters.add_branch(c, organisation.guild_id, code, name, currency)
        fields = ("country", "name", "currency")
        await changes.log(c, organisation.guild_id, "branch.add", now, caller.user_id, branch_id=made, fields=fields)
    return Added(Branch(made, organisation.guild_id, code, name, currency), places.country_name(code, organisation.language))


async def edit(store: Store, caller: Caller, branch: str, given: Given, now: datetime) -> Edited:
    """Changes what is given; a standing fact given again is confirmed again, once a day; without anything given it only shows."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        guild_id, today = organisation.guild_id, calendar.today(now, organisation.zone)
        before = await meant(c, guild_id, branch)
        values: dict[str, str] = {}
        if given.name is not None:
            others = [each for each in await chapters.branches(c, guild_id) if each.id != before.id]
            values["name"] = _free_name(given.name, others)
        if given.currency is not None:
            values["currency"] = _currency(given.currency, organisation, today)
        values = {field: value for field, value in values.items() if value != getattr(before, field)}
        if values:
            await stored.change(c, guild_id, before.id, values)
            await changes.log(c, guild_id, "branch.edit", now, caller.user_id, branch_id=before.id, fields=values)
        said_before = await _facts(c, before)
        for key, value in ((Key.MONEY, given.money), (Key.DUES, given.dues)):
            if value is not None and said_before.get(key) != Fact(value, today):
                await _confirm(c, before, key, value, today, now, caller.user_id)
        after = await meant(c, guild_id, before.id)
        return Edited(before, after, said_before, await _facts(c, after))


async def _coordinated(c: Connection, caller: Caller) -> Organisation:
    organisation = await access.organisation(c, caller)
    rights.require(Action.CHANGE_BRANCHES, access.roles_in(organisation, caller))
    return organisation


async def _facts(c: Connection, branch: Branch) -> dict[Key, Fact]:
    found = {key: await stored_facts.newest(c, branch.guild_id, key, branch_id=branch.id) for key in (Key.MONEY, Key.DUES)}
    return {key: fact for key, fact in found.items() if fact is not None}


async def _confirm(c: Connection, branch: Branch, key: Key, value: str, today: date, now: datetime, by: int) -> None:
    try:
        await facts.confirm(c, branch.guild_id, branch_id=branch.id, key=key, value=value, day=today, now=now, by=by)
    except ValueError:
        raise Refusal(text("Choose one of the answers that are offered.")) from None


def _free_name(written: str, there: Sequence[Branch]) -> str:
    name = check_name(written, text("The branch's name"))
    taken = next((branch for branch in there if fold(branch.name) == fold(name)), None)
    if taken is not None:
        raise Refusal(text("There is a branch {branch} already. Choose another name.", branch=taken.name))
    return name


def _called_like(country: str, organisation: Organisation, there: Sequence[Branch]) -> str:
    name = places.country_name(country, organisation.language)
    return f"{name} ({country})" if fold(name) in {fold(branch.name) for branch in there} else name


def _currency(written: str, organisation: Organisation, today: date) -> str:
    found = places.currency_meant(written, organisation.language, today)
    if found is None:
        near, name = nearest(written[:60], places.currencies_like("", organisation.language, today, 300), NEAREST), written.strip()[:60]
        if not near:
            raise Refusal(text("There is no currency “{name}”. Write its three letters, such as BRL.", name=name))
        raise Refusal(text("There is no currency “{name}”. Did you mean {near}?", name=name, near=Listing(tuple(near), "or")))
    return found


async def listed(store: Store, caller: Caller, page: int) -> BranchPage:
    """A page of the branches by name; a page past the end is the last one."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        guild_id = organisation.guild_id
        policy = organisation.policy
        there = sorted(await chapters.branches(c, guild_id), key=lambda branch: fold(branch.name))
        pages = max(-(-len(there) // PAGE), 1)
        at = min(page, pages - 1)
        shown = there[at * PAGE : (at + 1) * PAGE]
        ids = [branch.id for branch in shown]
        counted = await stored.counted(c, guild_id, caller.user_id, ids)
        held = await stored.held(c, guild_id, caller.user_id, ids)
    entries = tuple(_entry(branch, organisation.language, counted.get(branch.id), held, policy) for branch in shown)
    return BranchPage(entries, at, pages, len(there), rights.may(Action.CHANGE_BRANCHES, access.roles_in(organisation, caller)))


def _entry(branch: Branch, language: str, counted: Counted | None, held: Sequence[Held], policy: Policy) -> Entry:
    theirs = [each for each in held if each.branch_id == branch.id]
    gathered_on = next((each.day for each in theirs if each.counts), None)
    return Entry(
        branch=branch,
        country=places.country_name(branch.country, language),
        chapters=_shown(counted, policy),
        gathered_on=gathered_on,
        waiting=next((each for each in theirs if not each.counts and (gathered_on is None or each.day > gathered_on)), None),
    )


def _shown(counted: Counted | None, policy: Policy) -> int:
    """How many chapters somebody is told of: hidden ones only in a sum over at least three."""
    if counted is None:
        return 0
    return counted.whole if counted.whole >= policy.sum_chapters else counted.seen


async def currencies(store: Store, caller: Caller, typed: str, now: datetime) -> list[str]:
    """Currencies, for an option that is being typed."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
    return places.currencies_like(typed, organisation.language, calendar.today(now, organisation.zone), 25)


async def new_countries(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
    """Countries that have no branch yet, for an option that is being typed."""
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        there = await chapters.branches(c, organisation.guild_id)
    taken = {places.country_name(branch.country, organisation.language) for branch in there}
    return [name for name in places.countries_like(typed, organisation.language, 300) if name not in taken][:25]
