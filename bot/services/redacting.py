"""Redacting a published report: one text is taken out of every version and of the post."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.calendar import Month
from bot.domain.chapters import Chapter
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access, evaluations
from bot.services.access import Scope
from db import changes, outbox, pending, reports, summaries
from db.reports import Stored
from db.store import Connection, Store


class Redactable(StrEnum):
    """The texts of a report that all can read."""

    CHANGING = "changing"
    HARD = "hard"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Redaction:
    """A published report, and the texts that any of its versions still holds."""

    chapter: Chapter
    period: Month
    texts: tuple[Redactable, ...]


async def look(store: Store, caller: Caller, chapter_id: int, period: Month) -> Redaction:
    """The texts that can be taken out; refuses who may not, and a report without any."""
    async with store.read() as c:
        scope, stored = await _published(c, caller, chapter_id, period)
        found = await _redaction(c, scope, stored)
    if not found.texts:
        raise Refusal(text("There is no text in {chapter}'s {period} to take out.", chapter=scope.chapter.name, period=period))
    return found


async def redact(store: Store, caller: Caller, chapter_id: int, period: Month, which: Redactable, now: datetime, *, form: str) -> Redaction:
    """Takes a text out of every version, of what is saved and of the post; a second time changes nothing.

    `form` is where the address of the form begins that these texts are written in: what is kept of it for its authors goes as well.
    """
    async with store.write() as c:
        scope, stored = await _published(c, caller, chapter_id, period)
        await pending.drop_sent_to(c, scope.guild_id, form)
        if await reports.redact(c, stored, which):
            await changes.log(c, scope.guild_id, "report.redact", now, caller.user_id, chapter_id=chapter_id, fields=[which])
            await evaluations.show_again(c, scope.guild_id, now)
            await summaries.refresh(c, scope.guild_id, [chapter_id], now, scope.organisation.policy)
            key = f"{stored.id}:redact:{which}:{int(now.timestamp() * 1000)}"
            # A post may be on its way that nobody has noted yet; what was never posted is not posted for this.
            await outbox.put(c, scope.guild_id, "report", f"report:{key}", now, now, chapter_id=chapter_id, period=period, edits=True)
            if stored.post_message_id is None:
                await outbox.put(c, scope.guild_id, "refresh", f"refresh:{key}", now, now, chapter_id=chapter_id, period=period)
        left = await _redaction(c, scope, stored)
    await store.empty_log()
    return left


async def _published(c: Connection, caller: Caller, chapter_id: int, period: Month) -> tuple[Scope, Stored]:
    scope = await access.pressed(c, caller, chapter_id)
    scope.require(Action.REDACT_REPORT)
    stored = await reports.find(c, scope.guild_id, chapter_id, period)
    if stored is None or stored.first_published_at is None:
        raise Refusal(text("{chapter} has not published its report for {period}.", chapter=scope.chapter.name, period=period))
    return scope, stored


async def _redaction(c: Connection, scope: Scope, stored: Stored) -> Redaction:
    held = await reports.texts_of_versions(c, stored)
    return Redaction(scope.chapter, stored.period, tuple(each for each in Redactable if each in held))
