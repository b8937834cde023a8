"""Gatherings of a branch: recorded by coordinators, and counted once its chapters have confirmed them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain import calendar, checkins, rights
from bot.domain.chapters import Chapter, Visibility, fold
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Listing, counted, text
from bot.services import access, branches, covers
from bot.services.access import NEAREST, Scope
from bot.services.spelling import matching
from db import branches as stored_branches
from db import changes, chapters, gatherings, organisations, outbox, stale
from db.chapters import Branch
from db.gatherings import Gathering, Recorded
from db.measures import CONFIRMED
from db.names import NOBODY
from db.organisations import Organisation
from db.store import Connection, Store

MOST = 100
OPTION_LENGTH = 100
OFFERED = 25


@dataclass(frozen=True, slots=True)
class Question:
    """What a chapter is asked about a gathering, or has answered to it."""

    gathering_id: int
    chapter_id: int
    chapter: str
    language: str
    gathering: Gathering
    discreet: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """A gathering as somebody wrote it: its branch, day and chapters word for word."""

    branch: str
    day: str | None
    chapters: str
    people: int | None = None
    delegates: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A gathering as it is stored now; `asks` are the chapters that are asked because of what was just sent, `again` if nothing changed."""

    gathering: Recorded
    asks: tuple[str, ...] = ()
    again: bool = False


async def record(store: Store, caller: Caller, entered: Entered, form_key: str, now: datetime) -> Record:
    """Stores a gathering once for each form, and asks its chapters; sent again for the same branch and day it adds what is new."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        guild_id = organisation.guild_id
        same = await gatherings.of_form(c, guild_id, form_key)
        if same is not None:
            return Record(await _recorded(c, guild_id, same), again=True)
        branch = await branches.meant(c, guild_id, entered.branch)
        day = _check(organisation, entered, now)
        named = await _named(c, branch, entered.chapters)
        there = await gatherings.of_day(c, guild_id, branch.id, day)
        known = None if there is None else await _recorded(c, guild_id, there)
        new = [chapter for chapter in named if known is None or chapter.id not in {each.chapter_id for each in known.asked}]
        if len(new) + (0 if known is None else len(known.asked)) < CONFIRMED:
            raise Refusal(text("Name at least {n} chapters that took part: a gathering counts once {n} have confirmed it.", n=CONFIRMED))
        numbers = {field: value for field in ("people", "delegates") if (value := getattr(entered, field)) is not None}
        before = {"people": known and known.people, "delegates": known and known.delegates}
        _check_numbers(**before | numbers)
        changed = {field: value for field, value in numbers.items() if value != before.get(field)}
        if known is not None and not new and not changed:
            return Record(known, again=True)
        if known is None:
            people, delegates = entered.people, entered.delegates
            made = await gatherings.add(c, guild_id, branch.id, day, [], people, delegates, now, caller.user_id, form_key)
        else:
            made = known.id
            await gatherings.change(c, guild_id, made, changed)
        fields = (*(() if known else ("day",)), *(("chapters",) if new else ()), *changed)
        await stale.from_day(c, guild_id, day, now)
        await changes.log(c, guild_id, "gathering.record", now, caller.user_id, branch_id=branch.id, fields=fields)
        await _ask(c, guild_id, made, new, now)
        return Record(await _recorded(c, guild_id, made), tuple(chapter.name for chapter in new))


async def _coordinated(c: Connection, caller: Caller) -> Organisation:
    organisation = await access.organisation(c, caller)
    rights.require(Action.RECORD_GATHERING, access.roles_in(organisation, caller))
    return organisation


def _check(organisation: Organisation, entered: Entered, now: datetime) -> date:
    today = calendar.today(now, organisation.zone)
    day = checkins.parse_day(entered.day, today)
    checkins.check_day(day, today, None, organisation.policy)
    if entered.people is not None:
        checkins.check_number(entered.people, text("The number of people"))
    if entered.delegates is not None:
        checkins.check_number(entered.delegates, text("The number of delegates"))
    return day


def _check_numbers(people: int | None, delegates: int | None) -> None:
    checkins.check_part(
        delegates,
        people,
        lambda part, whole: counted(
            "{delegates} delegates, but only {n} person in all. Correct one of the two.",
            "{delegates} delegates, but only {n} people in all. Correct one of the two.",
            whole,
            delegates=part,
        ),
    )


async def _named(c: Connection, branch: Branch, written: str) -> list[Chapter]:
    """The chapters in a list of names separated by commas, each once; refuses one that is unknown, hidden or of another branch."""
    wanted = {fold(name): name.strip() for name in written.split(",") if name.strip()}
    if len(wanted) > MOST:
        raise Refusal(text("At most {most} chapters can be named. Name those that matter most.", most=MOST))
    ids = await chapters.ids_of(c, branch.guild_id, list(wanted))
    there = await chapters.many(c, branch.guild_id, ids.values())
    found = []
    for folded, name in wanted.items():
        chapter = there.get(ids.get(folded, 0))
        if chapter is None or chapter.archived or chapter.visibility is Visibility.HIDDEN:
            names = await stored_branches.chapter_names(c, branch.guild_id, [branch.id])
            if not names:
                raise Refusal(text("{branch} has no chapters that can be named yet.", branch=branch.name))
            near = matching(name[:60], names, NEAREST)
            if not near:
                raise Refusal(text("There is no chapter “{name}” here. /chapter list shows those that are.", name=name[:60]))
            raise Refusal(text("There is no chapter “{name}”. Did you mean {near}?", name=name[:60], near=Listing(tuple(near), "or")))
        if chapter.branch_id != branch.id:
            raise Refusal(
                text("{chapter} is not a chapter of {branch}. Name only chapters of that branch.", chapter=chapter.name, branch=branch.name)
            )
        found.append(chapter)
    return found


async def _ask(c: Connection, guild_id: int, gathering_id: int, asked: Sequence[Chapter], now: datetime) -> None:
    await gatherings.ask(c, guild_id, gathering_id, [chapter.id for chapter in asked])
    for chapter in asked:
        key = f"gathering:{gathering_id}:{chapter.id}"
        await outbox.put(c, guild_id, "gathering", key, now, now, chapter_id=chapter.id, gathering_id=gathering_id)


async def _recorded(c: Connection, guild_id: int, gathering_id: int) -> Recorded:
    """The gathering as it is stored now; refuses one that was withdrawn."""
    found = await gatherings.recorded(c, guild_id, gathering_id)
    if found is None:
        raise Refusal(_GONE)
    return found


async def look(store: Store, caller: Caller, gathering_id: int) -> Record:
    """A gathering as it stands now, for coordinators."""
    async with store.read() as c:
        organisation = await _coordinated(c, caller)
        return Record(await _recorded(c, organisation.guild_id, gathering_id))


async def withdraw(store: Store, caller: Caller, gathering_id: int, now: datetime) -> Recorded:
    """Withdraws a gathering that was recorded by mistake; one that counts by now stays."""
    async with store.write() as c:
        organisation = await _coordinated(c, caller)
        found = await _recorded(c, organisation.guild_id, gathering_id)
        if found.counts:
            raise Refusal(
                text(
                    "This gathering counts already, because {n} of its chapters have confirmed it. It can no longer be withdrawn.",
                    n=CONFIRMED,
                )
            )
        await gatherings.withdraw(c, organisation.guild_id, gathering_id, now)
        await stale.from_day(c, organisation.guild_id, found.day, now)
        await changes.log(c, organisation.guild_id, "gathering.withdraw", now, caller.user_id, branch_id=found.branch_id, fields=("day",))
        return found


async def suggestions(store: Store, caller: Caller, branch: str | None, typed: str) -> list[str]:
    """The names typed so far and one more of the branch's chapters, or of any while no branch is chosen, while the whole fits an option."""
    *before, last = typed.split(",")
    kept = [name.strip() for name in before if name.strip()]
    async with store.read() as c:
        guild_id = (await access.organisation(c, caller)).guild_id
        taken = {fold(name) for name in kept}
        if branch:
            meant = await branches.meant(c, guild_id, branch)
            found = matching(last, await stored_branches.chapter_names(c, guild_id, [meant.id]), OFFERED + len(taken))
        else:
            found = await access.called_like(c, guild_id, NOBODY, last, OFFERED + len(taken))
    lists = [", ".join([*kept, name]) for name in found if fold(name) not in taken]
    return [each for each in lists if len(each) <= OPTION_LENGTH][:OFFERED]


_GONE = text("This gathering is not recorded any more.")


async def question(c: Connection, guild_id: int, chapter_id: int, gathering_id: int) -> Question | None:
    """What a chapter is asked; None if it has answered, or is archived by now."""
    organisation = await organisations.find(c, guild_id)
    chapter = await chapters.find(c, guild_id, chapter_id)
    found = await gatherings.find(c, guild_id, gathering_id, chapter_id)
    if organisation is None or chapter is None or chapter.archived or found is None or found.state != "asked":
        return None
    return Question(gathering_id, chapter_id, chapter.name, organisation.language, found, chapter.discreet)


async def asked(store: Store, caller: Caller, gathering_id: int, chapter_id: int) -> Question:
    """The question as it stands, answered or not, for those who may answer it."""
    async with store.read() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.CONFIRM_GATHERING)
        found = await _found(c, scope, gathering_id)
    return Question(gathering_id, chapter_id, scope.chapter.name, scope.organisation.language, found, scope.chapter.discreet)


async def answer(store: Store, caller: Caller, gathering_id: int, chapter_id: int, now: datetime, *, took_part: bool) -> Question:
    """Stores what one of a chapter's admins says; the same answer again changes nothing, another one takes its place."""
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.CONFIRM_GATHERING)
        before, state = await _found(c, scope, gathering_id), "confirmed" if took_part else "declined"
        if before.state != state:
            await gatherings.answer(c, scope.guild_id, gathering_id, chapter_id, state, now, caller.user_id)
            await stale.from_day(c, scope.guild_id, before.day, now)
            kind = "gathering.confirm" if took_part else "gathering.decline"
            await changes.log(c, scope.guild_id, kind, now, caller.user_id, chapter_id=chapter_id)
            await covers.settle(c, scope, "gathering", now, gathering_id=gathering_id)
        found = await _found(c, scope, gathering_id)
        return Question(gathering_id, chapter_id, scope.chapter.name, scope.organisation.language, found, scope.chapter.discreet)


async def _found(c: Connection, scope: Scope, gathering_id: int) -> Gathering:
    found = await gatherings.find(c, scope.guild_id, gathering_id, scope.chapter.id)
    if found is None:
        raise Refusal(_GONE)
    return found
