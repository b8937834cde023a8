"""Discreet chapters: what stands where others may read it says only that a form is waiting, and is kept so."""

from datetime import datetime

from bot.domain.errands import PROMPTS, QUESTIONS
from bot.services.access import Scope
from db import outbox
from db.outbox import Errand
from db.store import Connection


async def owe(c: Connection, guild_id: int, chapter_id: int, now: datetime) -> None:
    """Owes a new face to every message that asks this chapter something, the newest first."""
    asked = await outbox.sent_messages(c, guild_id, chapter_id, PROMPTS)
    for period in sorted({each.period for each in asked if each.period is not None}, reverse=True):
        key = f"refresh:{chapter_id}:{period}:discreet:{_at(now)}"
        await outbox.put(c, guild_id, "refresh", key, now, now, chapter_id=chapter_id, period=period)
    for question in reversed(await outbox.sent_messages(c, guild_id, chapter_id, QUESTIONS)):
        await _owe_question(c, question, now, done=False)


async def settle(c: Connection, scope: Scope, kind: str, now: datetime, **about: int) -> None:
    """Owes the messages that asked a discreet chapter this the news that nothing is waiting there, once it was answered in private."""
    if not scope.chapter.discreet:
        return
    for question in await outbox.sent_messages(c, scope.guild_id, scope.chapter.id, [kind]):
        if about.items() <= question.payload.items():
            await _owe_question(c, question, now, done=True)


async def _owe_question(c: Connection, question: Errand, now: datetime, *, done: bool) -> None:
    key = f"cover:{question.id}:{_at(now)}"
    await outbox.put(c, question.guild_id, "cover", key, now, now, chapter_id=question.chapter_id, errand_id=question.id, done=done)


def _at(now: datetime) -> int:
    return int(now.timestamp() * 1000)
