"""Joint check-ins: which chapters may be named as partners, asking them, and what they answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.chapters import Chapter, Visibility, fold
from bot.domain.checkins import CheckIn, PartnerState
from bot.domain.functioning import Verdict
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Listing, Text, text
from bot.services import access, covers, standing
from bot.services.access import Scope
from bot.services.near import nearest
from db import changes, chapters, checkins, evidence, outbox, stale, summaries
from db.checkins import Partner, Stored
from db.names import NOBODY
from db.organisations import Organisation
from db.store import Connection, Store

MOST = 25
OPTION_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """A chapter that can be named as a partner."""

    chapter_id: int
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What a chapter is asked about a joint check-in, and what it has answered so far."""

    organisation: Organisation
    chapter: Chapter
    checkin_id: int
    recorder: str
    entry: CheckIn
    state: PartnerState


@dataclass(frozen=True, slots=True)
class Answered:
    """What a chapter answered, and how it stands with that."""

    question: Question
    verdict: Verdict


async def question(c: Connection, organisation: Organisation, chapter: Chapter, checkin_id: int) -> Question | None:
    """What a chapter is to be asked; None once it has answered, or there is nothing to ask any more."""
    found = await _question(c, organisation, chapter, checkin_id)
    return found[0] if found is not None and found[0].state is PartnerState.ASKED else None


async def asked(store: Store, caller: Caller, checkin_id: int, chapter_id: int) -> Question:
    """The question as it stands, answered or not, for those who may answer it."""
    async with store.read() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.ANSWER_PARTNER)
        return (await _still_asked(c, scope, checkin_id))[0]


async def answer(store: Store, caller: Caller, checkin_id: int, chapter_id: int, took_part: bool, now: datetime) -> Answered:
    """Stores what a chapter says of its part in a joint check-in; it may change its mind."""
    async with store.write() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.ANSWER_PARTNER)
        question, stored = await _still_asked(c, scope, checkin_id)
        state = PartnerState.CONFIRMED if took_part else PartnerState.DECLINED
        verdict = None
        if await checkins.answer_partner(c, scope.guild_id, checkin_id, chapter_id, state, now, caller.user_id):
            verdict = await _count(c, scope, stored, state, now)
            await covers.settle(c, scope, "partner", now, checkin_id=checkin_id)
        verdict = verdict or await standing.verdict(c, scope.organisation, scope.chapter, now)
        return Answered(replace(question, state=state), verdict)


async def _still_asked(c: Connection, scope: Scope, checkin_id: int) -> tuple[Question, Stored]:
    found = await _question(c, scope.organisation, scope.chapter, checkin_id)
    if found is None:
        raise Refusal(text("This is not asked any more, because the check-in was changed or withdrawn. It does not count for you."))
    return found


async def _count(c: Connection, scope: Scope, stored: Stored, state: PartnerState, now: datetime) -> Verdict:
    policy = scope.organisation.policy
    await evidence.of_checkin(c, stored, await checkins.partners_of(c, scope.guild_id, stored.id))
    await stale.from_day(c, scope.guild_id, stored.entry.day, now)
    verb = "partner.confirm" if state is PartnerState.CONFIRMED else "partner.decline"
    await changes.log(c, scope.guild_id, verb, now, scope.caller.user_id, chapter_id=scope.chapter.id)
    (history,) = await summaries.refresh(c, scope.guild_id, [scope.chapter.id], now, scope.organisation.policy)
    return standing.judged(history, policy, now)


async def suggestions(store: Store, caller: Caller, typed: str, _now: datetime) -> list[str]:
    """The names typed so far and one more, while the whole fits an option."""
    *before, last = typed.split(",")
    kept = [name.strip() for name in before if name.strip()]
    async with store.read() as c:
        organisation = await access.organisation(c, caller)
        mine = await chapters.of_admin(c, organisation.guild_id, caller.user_id)
        taken = {fold(name) for name in kept} | ({fold(mine[0].name)} if len(mine) == 1 else set())
        found = await access.called_like(c, organisation.guild_id, NOBODY, last, MOST + len(taken))
    lists = [", ".join([*kept, name]) for name in found if fold(name) not in taken]
    return [each for each in lists if len(each) <= OPTION_LENGTH][:MOST]


async def named(c: Connection, scope: Scope, written: str) -> list[int]:
    """The chapters in a list of names separated by commas; refuses one that is unknown, hidden, or the recording chapter itself."""
    wanted = [name.strip() for name in written.split(",") if name.strip()]
    if not wanted:
        return []
    may_name_others(scope)
    there = await checkins.partners_called(c, scope.guild_id, map(fold, wanted))
    found: list[int] = []
    for name in wanted:
        chapter_id = there.get(fold(name))
        if chapter_id is None:
            near = await access.called_like(c, scope.guild_id, NOBODY, name, access.NEAREST + 1)
            raise Refusal(_unknown(name, [other for other in near if other != scope.chapter.name][: access.NEAREST]))
        if chapter_id == scope.chapter.id:
            raise Refusal(text("{chapter} is the chapter that checks in. Name only the others.", chapter=scope.chapter.name))
        if chapter_id not in found:
            found.append(chapter_id)
    if len(found) > MOST:
        raise Refusal(text("At most {most} chapters can be named. Name those that matter most.", most=MOST))
    return found


def may_name_others(scope: Scope) -> None:
    """Refuses a hidden chapter, because whoever it names would learn of it."""
    if scope.chapter.visibility is Visibility.HIDDEN:
        raise Refusal(
            text("{chapter} is hidden, so it is not named to other chapters. Record this without them.", chapter=scope.chapter.name)
        )


def _unknown(name: str, near: Sequence[str]) -> Text:
    if not near:
        return text("There is no other chapter “{name}” here. /chapter list shows those that are.", name=name[:60])
    return text("There is no chapter “{name}”. Did you mean {near}?", name=name[:60], near=Listing(tuple(near), "or"))


async def choices(c: Connection, scope: Scope, partners: Sequence[Partner]) -> tuple[Choice, ...]:
    """The present partners, then the nearest chapters; one that said it took no part is not offered to be asked again."""
    if scope.chapter.visibility is Visibility.HIDDEN:
        return ()
    present = [Choice(each.chapter_id, each.name, chosen=True) for each in partners if each.named]
    known = {each.chapter_id for each in partners}
    wanted = MOST + len(known)
    near = {each.id: each.name for each in await nearest(c, scope.chapter, NOBODY, wanted)}
    if len(near) < wanted:
        # Those without a place come last, by name.
        near |= dict(await checkins.others_by_name(c, scope.guild_id, scope.chapter.id, wanted))
    others = [Choice(chapter_id, name, chosen=False) for chapter_id, name in near.items() if chapter_id not in known]
    return tuple((present + others)[:MOST])


async def ask(c: Connection, scope: Scope, checkin_id: int, version: int, partners: Iterable[int], now: datetime) -> None:
    """Asks these chapters, once for this version, whether they took part."""
    for partner in partners:
        await checkins.ask_partner(c, scope.guild_id, checkin_id, partner, now)
        key = f"partner:{checkin_id}:{partner}:{version}"
        await outbox.put(c, scope.guild_id, "partner", key, now, now, chapter_id=partner, checkin_id=checkin_id)


async def _question(c: Connection, organisation: Organisation, chapter: Chapter, checkin_id: int) -> tuple[Question, Stored] | None:
    """The question and its check-in as they stand now; None if this chapter is not named as a partner, or one of the two is hidden."""
    guild_id = organisation.guild_id
    stored = await checkins.find(c, guild_id, checkin_id)
    if stored is None or stored.withdrawn:
        return None
    recorder = await chapters.find(c, guild_id, stored.chapter_id)
    partner = next((each for each in await checkins.partners_of(c, guild_id, checkin_id) if each.chapter_id == chapter.id), None)
    if partner is None or partner.kept_back or recorder is None or recorder.visibility is Visibility.HIDDEN:
        return None
    return Question(organisation, chapter, checkin_id, recorder.name, stored.entry, partner.state), stored
