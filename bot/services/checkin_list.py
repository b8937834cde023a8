"""A chapter's check-ins as everybody may look through them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.chapters import Chapter
from bot.domain.checkins import CheckIn, Kind
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access
from bot.services.access import Scope
from db import checkin_pages
from db.checkin_pages import Listed
from db.store import Connection, Store

PAGE = 5
LARGEST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A check-in in one chapter's list.

    `others` are the chapters that took part with it and may be named; `recorder` is the one of them that recorded it, None if it is
    its own. Of what a chapter recorded that may not be named (`kept_back`) only kind and day are told.
    """

    id: int
    entry: CheckIn
    own: bool
    recorder: str | None
    others: tuple[str, ...]
    kept_back: bool


@dataclass(frozen=True, slots=True)
class CheckInPage:
    """A page of a chapter's check-ins, from 0 on, newest first."""

    chapter: Chapter
    kind: Kind | None
    entries: tuple[Entry, ...]
    page: int
    pages: int
    total: int
    may_check_in: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """One of them, and what the asker may do with it."""

    chapter: Chapter
    entry: Entry
    may_correct: bool
    may_answer: bool


async def listed(store: Store, caller: Caller, chapter: str | int | None, kind: Kind | None, page: int) -> CheckInPage:
    """A page of a chapter's check-ins; a page past the end is the last one."""
    async with store.read() as c:
        scope = await _scope(c, caller, chapter)
        total = await checkin_pages.count(c, scope.guild_id, scope.chapter.id, kind)
        pages = max(-(-total // PAGE), 1)
        page = min(page, pages - 1)
        found = await checkin_pages.page(c, scope.guild_id, scope.chapter.id, kind, skip=page * PAGE, limit=PAGE)
        entries = await _entries(c, scope, found)
    return CheckInPage(scope.chapter, kind, entries, page, pages, total, scope.may(Action.CHECK_IN))


async def look(store: Store, caller: Caller, chapter_id: int, checkin_id: int) -> Looked:
    """One check-in of a chapter's list."""
    async with store.read() as c:
        scope = await _scope(c, caller, chapter_id)
        found = await checkin_pages.find(c, scope.guild_id, chapter_id, checkin_id)
        if found is None:
            raise Refusal(text("This check-in is not in the list any more. /checkins shows those that are."))
        (entry,) = await _entries(c, scope, [found])
    return Looked(scope.chapter, entry, entry.own and scope.may(Action.CORRECT_CHECKIN), not entry.own and scope.may(Action.ANSWER_PARTNER))


async def _scope(c: Connection, caller: Caller, chapter: str | int | None) -> Scope:
    scope = await (access.pressed(c, caller, chapter) if isinstance(chapter, int) else access.named(c, caller, chapter))
    scope.require(Action.READ)
    return scope


async def _entries(c: Connection, scope: Scope, found: Sequence[Listed]) -> tuple[Entry, ...]:
    partners = await checkin_pages.partners(c, scope.guild_id, scope.chapter.id, [each.id for each in found])
    return tuple(_entry(each, scope.chapter, partners.get(each.id, ())) for each in found)


def _entry(each: Listed, of: Chapter, partners: tuple[str, ...]) -> Entry:
    if each.recorder_id == of.id:
        return Entry(each.id, each.entry, own=True, recorder=None, others=partners, kept_back=False)
    if each.kept_back:
        bare = CheckIn(each.entry.kind, each.entry.day)
        return Entry(each.id, bare, own=False, recorder=None, others=(), kept_back=True)
    return Entry(each.id, each.entry, own=False, recorder=each.recorder, others=(each.recorder, *partners), kept_back=False)
