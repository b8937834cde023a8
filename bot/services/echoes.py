"""Echoes: who else wrote of what a chapter finds hard, where both let it be shared."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process

from bot.domain import echoes as rules
from bot.domain.calendar import Month
from bot.domain.chapters import Chapter
from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import text
from bot.services import access, duty
from db import chapters, people, reports
from db import echoes as stored_echoes
from db.echoes import Shared
from db.store import Connection, Store

NEWEST = 200
SAME_WORD = 85


@dataclass(frozen=True, slots=True)
class Echo:
    """A passage in which another chapter wrote of the same difficulty."""

    chapter_id: int
    chapter: str
    period: Month
    passage: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A chapter that finds the same hard: what it wrote, and who can be written to."""

    chapter: Chapter
    period: Month
    hard: str
    admins: tuple[int, ...]


async def heard(store: Store, chapter: Chapter, period: Month) -> Echo | None:
    """Who else wrote lately of what this chapter's report finds hard; nobody unless both let it be shared, and nobody when in doubt."""
    async with store.read() as c:
        own = await _quotable(c, chapter, period)
        if own is None:
            return None
        others = await stored_echoes.quotable(c, chapter.guild_id, chapter.id, period.plus(-rules.MONTHS_BACK), NEWEST)
    # Hundreds of long texts take a while: nobody else's answer waits for it.
    return await asyncio.to_thread(nearest, own, others) if others else None


def nearest(own: str, others: Sequence[Shared]) -> Echo | None:
    """The passage most like one of these words' own, the newest of several; None where none is convincingly alike."""
    mine = [rules.content(each) for each in rules.passages(own)]
    texts = [(each, *_texts(each)) for each in others]
    same = _same_words({word for words in mine for word in words}, {word for _, _, words in texts for word in words})
    told = _telling(same, [(each.chapter_id, words) for each, _, words in texts])
    best, found = 0.0, None
    for each, passages, _ in texts:
        for passage, words in passages:
            theirs = {same.get(word, word) for word in words}
            for words_of_mine in (each for each in mine if each & theirs & told):
                likeness = fuzz.token_set_ratio(" ".join(sorted(words_of_mine)), " ".join(sorted(theirs)))
                if likeness > best and rules.alike(words_of_mine, theirs, told, likeness):
                    best, found = likeness, Echo(each.chapter_id, each.chapter, each.period, passage)
    return found


def _texts(each: Shared) -> tuple[list[tuple[str, rules.Words]], set[str]]:
    """The passages in which it says what is hard, and all words of the report: the more is known, the better a rare word is told."""
    passages = [(passage, rules.content(passage)) for passage in rules.passages(each.hard or "")]
    said = {word for written in (each.changing, each.help) for word in rules.content(written or "")}
    return passages, said.union(*(words for _, words in passages))


def _same_words(mine: set[str], theirs: set[str]) -> Mapping[str, str]:
    """For each of their words the one of mine that it is another form of, such as rooms for room."""
    forms = ((word, process.extractOne(word, mine, scorer=fuzz.ratio, score_cutoff=SAME_WORD)) for word in sorted(theirs - mine))
    return {word: word for word in mine & theirs} | {word: form[0] for word, form in forms if form is not None}


def _telling(same: Mapping[str, str], said: Sequence[tuple[int, set[str]]]) -> set[str]:
    by_chapter: dict[int, set[str]] = {}
    for chapter_id, words in said:
        by_chapter.setdefault(chapter_id, set()).update(same[word] for word in words if word in same)
    holders = Counter(word for words in by_chapter.values() for word in words)
    return {word for word, others in holders.items() if rules.telling(others + 1, len(by_chapter) + 1)}


async def meet(
    store: Store, caller: Caller, chapter_id: int, period: Month, other_id: int, other_period: Month, now: datetime
) -> Neighbour:
    """What the other chapter wrote and who its admins are; refuses once either report is not shared any more."""
    async with store.read() as c:
        scope = await access.pressed(c, caller, chapter_id)
        scope.require(Action.FILL_REPORT)
        other = await chapters.find(c, scope.guild_id, other_id)
        hard = None if other is None else await _quotable(c, other, other_period)
        if other is None or hard is None or await _quotable(c, scope.chapter, period) is None:
            raise Refusal(
                text("Reports are quoted only while both chapters share them, and this is no longer so. /reports read still works.")
            )
        admins = await duty.present(c, scope.guild_id, await people.admins(c, scope.guild_id, other_id), now)
    return Neighbour(other, other_period, hard, tuple(admins))


async def _quotable(c: Connection, chapter: Chapter, period: Month) -> str | None:
    stored = await reports.find(c, chapter.guild_id, chapter.id, period)
    published = stored is not None and stored.first_published_at is not None
    if stored is None or not rules.may_be_quoted(
        published=published, may_share=stored.may_share, visibility=chapter.visibility, archived=chapter.archived
    ):
        return None
    content = await reports.published(c, chapter.guild_id, stored.id, stored.version)
    return None if content is None else content.words.hard
