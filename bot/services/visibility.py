"""How far a chapter lets itself be seen: less at once, more a day later; and what is taken away when it hides."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain import rights
from bot.domain.chapters import Chapter, Visibility, visible_from
from bot.domain.errands import PROMPTS, Facts
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access, evaluations
from bot.services.access import Scope
from bot.services.facilitation import bring_up_to_date, readers_of
from bot.services.proposals import show_again
from db import changes, chapters, checkins, handovers, outbox, proposals, stale, summaries, traces
from db.store import Connection, Store
from db.traces import Sent

ASKED = (*PROMPTS, "partner", "gathering", "rest", "claim")
"""What is sent to a chapter and may stand in a channel that others read."""


class Outcome(StrEnum):
    """What choosing came to."""

    CHOSEN = "chosen"
    WAITS = "waits"
    AS_IT_WAS = "as_it_was"


@dataclass(frozen=True, slots=True)
class Seen:
    """A chapter as it can be seen now, with what waits; `posts` are being deleted, `unposted` reports are published without a post."""

    chapter: Chapter
    outcome: Outcome
    posts: int
    unposted: int
    reports_channel: int | None


async def look(store: Store, caller: Caller, chapter_id: int) -> Seen:
    """How far a chapter is seen now, and how many posts would go if it hid."""
    async with store.read() as c:
        scope = await _choosing(c, caller, chapter_id)
        there = await traces.posts(c, scope.guild_id, chapter_id)
        return await _seen(c, scope, Outcome.AS_IT_WAS, posts=len(there))


async def choose(store: Store, caller: Caller, chapter: str | int | None, level: str, now: datetime) -> Seen:
    """Lets less be seen at once, more in 24 hours; a second choice takes the place of the first."""
    if level not in set(Visibility):
        raise Refusal(text("Choose who may see the chapter: everybody, this server, or its own people."))
    wanted = Visibility(level)
    async with store.write() as c:
        scope = await _choosing(c, caller, chapter)
        present, since = scope.chapter, visible_from(scope.chapter.visibility, wanted, now)
        if wanted is present.visibility:
            return await _stay(c, scope, now)
        if present.loosens_to is wanted:
            return await _seen(c, scope, Outcome.AS_IT_WAS)
        if since > now:
            await _store(c, scope, present.visibility, wanted, since, now)
            await changes.log(c, scope.guild_id, "visibility.wait", now, caller.user_id, chapter_id=present.id, fields=("visibility",))
            return await _seen(c, scope, Outcome.WAITS)
        await _store(c, scope, wanted, None, None, now)
        await changes.log(c, scope.guild_id, "visibility.choose", now, caller.user_id, chapter_id=present.id, fields=("visibility",))
        gone = await _hide(c, scope, now) if wanted is Visibility.HIDDEN else 0
        return await _seen(c, scope, Outcome.CHOSEN, posts=gone)


async def keep(store: Store, caller: Caller, chapter_id: int, now: datetime) -> Seen:
    """Takes back what waits; without anything that waits nothing changes."""
    async with store.write() as c:
        return await _stay(c, await _choosing(c, caller, chapter_id), now)


async def _choosing(c: Connection, caller: Caller, chapter: str | int | None) -> Scope:
    if isinstance(chapter, int):
        scope = await access.pressed(c, caller, chapter)
    else:
        scope = await access.named(c, caller, chapter, own=True)
    scope.require(Action.CHOOSE_VISIBILITY)
    return scope


async def _stay(c: Connection, scope: Scope, now: datetime) -> Seen:
    guild_id, chapter = scope.guild_id, scope.chapter
    if chapter.loosens_to is not None:
        await _store(c, scope, chapter.visibility, None, None, now)
        by = scope.caller.user_id
        await changes.log(c, guild_id, "visibility.keep", now, by, chapter_id=chapter.id, fields=("visibility",))
    again = await traces.try_again(c, guild_id, chapter.id, now) if chapter.hidden else 0
    return await _seen(c, scope, Outcome.AS_IT_WAS, posts=again)


async def _store(
    c: Connection, scope: Scope, visibility: Visibility, loosens_to: Visibility | None, at: datetime | None, now: datetime
) -> None:
    waits = {"loosens_to": loosens_to and loosens_to.value, "loosens_at": at}
    await chapters.change(c, scope.guild_id, scope.chapter.id, visibility=visibility.value, **waits)
    await stale.where_few(c, scope.guild_id, now)
    await summaries.refresh(c, scope.guild_id, [scope.chapter.id], now, scope.organisation.policy)


async def _seen(c: Connection, scope: Scope, outcome: Outcome, *, posts: int = 0) -> Seen:
    chapter = await chapters.find(c, scope.guild_id, scope.chapter.id)
    unposted = await traces.unposted(c, scope.guild_id, scope.chapter.id)
    return Seen(chapter or scope.chapter, outcome, posts, unposted, scope.organisation.reports_channel)


async def take_hold(c: Connection, chapter: Chapter, facts: Facts, now: datetime) -> None:
    """Lets a chosen visibility that lets more be seen take hold once its day is over."""
    if chapter.loosens_to is None or not facts.loosens(now):
        return
    values = {"visibility": chapter.loosens_to.value, "loosens_to": None, "loosens_at": None}
    await chapters.change(c, chapter.guild_id, chapter.id, **values)
    await stale.where_few(c, chapter.guild_id, now)
    await changes.log(c, chapter.guild_id, "visibility.loosen", now, None, chapter_id=chapter.id, fields=("visibility",))
    await _refresh_card(c, chapter, facts, now)
    for proposal_id in await proposals.spoken_to_by(c, chapter.guild_id, chapter.id):
        await show_again(c, chapter.guild_id, proposal_id, now)


# Hiding


async def _hide(c: Connection, scope: Scope, now: datetime) -> int:
    """Owes the deletion of all posts, and of every other message that others may read the chapter's name in; says how many posts."""
    guild_id, chapter_id = scope.guild_id, scope.chapter.id
    posts = await traces.posts(c, guild_id, chapter_id)
    for post in posts:
        await owe_removal(c, guild_id, chapter_id, post.channel_id, post.message_id, now, post=True)
    await traces.forget_posts(c, guild_id, chapter_id)
    await _withdraw_cards(c, scope, now)
    told = await traces.asked_of_others(c, guild_id, chapter_id) + await _told_in_person(c, scope)
    for each in told:
        await owe_removal(c, guild_id, chapter_id, each.channel_id, each.message_id, now, direct=True)
    await traces.forget(c, guild_id, (each.errand_id for each in told))
    await evaluations.show_again(c, guild_id, now)
    for proposal_id in await proposals.spoken_to_by(c, guild_id, chapter_id):
        await show_again(c, guild_id, proposal_id, now, "hidden")
    because = f"hidden:{chapter_id}:{int(now.timestamp() * 1000)}"
    readers = {None, *scope.facilitators, *await readers_of(c, guild_id, scope.facilitators, now)}
    await bring_up_to_date(c, scope.organisation, readers, because, now)
    return len(posts)


async def _told_in_person(c: Connection, scope: Scope) -> list[Sent]:
    """Reminders of the chapter, offers to look after it and news of its voice, to people who are none of its own."""
    found = []
    for each in await traces.sent_to(c, scope.guild_id, scope.chapter.id, ("reminder", "handover", "handover_answer", "voice")):
        if each.kind in ("reminder", "voice"):
            reader = each.payload["user_id"]
        else:
            offer = await handovers.find(c, scope.guild_id, each.payload["handover_id"])
            reader = None if offer is None else offer.to_user if each.kind == "handover" else offer.from_user
        if reader is None or not rights.sees_private(reader, scope.admins, scope.facilitators):
            found.append(each)
    return found


async def _withdraw_cards(c: Connection, scope: Scope, now: datetime) -> None:
    """Cards in channels go; the one of the period that is asked for stays there without a word about the chapter."""
    guild_id, chapter_id = scope.guild_id, scope.chapter.id
    policy = scope.organisation.policy
    (history,) = await summaries.read(c, guild_id, [chapter_id], policy)
    facts = history.facts(now)

    def stays(each: Sent) -> bool:
        return each.kind in PROMPTS and each.period == facts.owed.asked_for

    gone = [each for each in await traces.sent_to(c, guild_id, chapter_id, ASKED) if not stays(each)]
    for each in gone:
        await owe_removal(c, guild_id, chapter_id, each.channel_id, each.message_id, now)
    await traces.forget(c, guild_id, (each.errand_id for each in gone if each.channel_id == scope.chapter.channel_id))
    await _refresh_card(c, scope.chapter, facts, now)


async def _refresh_card(c: Connection, chapter: Chapter, facts: Facts, now: datetime) -> None:
    """Brings the card that is asked with up to date: in a channel it speaks openly only of a chapter that may be seen."""
    period = facts.owed.asked_for
    if period is not None:
        key = f"refresh:{chapter.id}:{period}:seen:{int(now.timestamp() * 1000)}"
        await outbox.put(c, chapter.guild_id, "refresh", key, now, now, chapter_id=chapter.id, period=period)


async def hid_meanwhile(c: Connection, guild_id: int, chapter_id: int, sent: Sent, now: datetime) -> bool:
    """Whether a chapter hid while a message that names it was on its way: then the message goes, too, or is covered."""
    chapter = await chapters.find(c, guild_id, chapter_id)
    recorder = None
    if sent.kind == "partner":
        entry = await checkins.find(c, guild_id, sent.payload["checkin_id"])
        recorder = None if entry is None else await chapters.find(c, guild_id, entry.chapter_id)
    if recorder is not None and recorder.hidden:
        await owe_removal(c, guild_id, recorder.id, sent.channel_id, sent.message_id, now, direct=True)
        return True
    if chapter is None or not chapter.hidden:
        return False
    if sent.kind == "report":
        await owe_removal(c, guild_id, chapter_id, sent.channel_id, sent.message_id, now, post=True)
        return True
    if sent.kind in PROMPTS and sent.channel_id == chapter.channel_id:
        key = f"refresh:{chapter_id}:{sent.period}:hidden:{sent.errand_id}"
        await outbox.put(c, guild_id, "refresh", key, now, now, chapter_id=chapter_id, period=sent.period)
        return False
    if sent.kind in ASKED:
        await owe_removal(c, guild_id, chapter_id, sent.channel_id, sent.message_id, now)
    return False


async def owe_removal(
    c: Connection,
    guild_id: int,
    chapter_id: int,
    channel_id: int,
    message_id: int,
    now: datetime,
    *,
    post: bool = False,
    direct: bool = False,
) -> None:
    """Owes the deletion of one message: of a `post` with its thread; in direct messages only if `direct`."""
    key = f"unpost:{channel_id}:{message_id}"
    await outbox.put(
        c,
        guild_id,
        "unpost",
        key,
        now,
        now,
        chapter_id=chapter_id,
        channel_id=channel_id,
        message_id=message_id,
        post=post,
        direct=direct,
    )


async def left(c: Connection, guild_id: int, chapter_id: int) -> list[tuple[int, int]]:
    """Channel and message of what a hidden chapter's posts have left, because the bot may not delete it."""
    return await traces.left(c, guild_id, chapter_id)
