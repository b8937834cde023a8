"""Organisations that are made up month by month, each chapter for itself: what is true of them, and what their reports let be known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import exp
from random import Random

from bot.domain.calendar import Month
from bot.domain.trend import Link

BEGINS = Month(2020, 1)
MONTHS = 48
KNOWN_FOR = 12
"""So many months an answer counts, as by the default policy."""


@dataclass(frozen=True, slots=True)
class Way:
    """How an organisation goes: growth a month in percent of its members, chapters that begin and end a month in percent, who answers."""

    growth: float
    begins: float = 0.0
    ends: float = 0.0
    answers: Callable[[int], float] = lambda _: 0.85


WAYS: Mapping[str, Way] = {
    "growing": Way(2.0),
    "growing, with new chapters": Way(1.5, begins=1.0),
    "growing fast": Way(5.0),
    "growing and reporting better": Way(2.0, answers=lambda month: min(0.5 + month / 90, 0.95)),
    "flat": Way(0.0),
    "shrinking": Way(-1.0),
    "reporting better, not growing": Way(0.0, answers=lambda month: min(0.3 + month / 60, 0.95)),
    "losing chapters": Way(0.5, ends=2.0),
}


@dataclass(slots=True)
class Chapter:
    """One chapter: its members month by month since it began, and what it answered; gone from a month on."""

    began: int
    lean: float
    reports: float
    members: list[int]
    answered: list[int | None]
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Organisation:
    """What is known of an organisation after each month's reports: the sum of newest answers, and the growth like for like."""

    sums: list[int]
    links: list[Link]


def simulated(way: Way, seed: int) -> Organisation:
    """An organisation that goes this way for four years; the same seed makes the same one.

    Chapters differ in size, in how fast they grow and in how reliably they answer. In a month about as many people come and go by chance as
    the square root of a chapter's size, and a chapter that begins has twelve members.
    """
    chance = Random(seed)
    chapters = [_chapter(chance, way, 0, round(8 * exp(chance.gauss(0.8, 0.6)))) for _ in range(chance.randint(20, 60))]
    sums, links = [], []
    for month in range(MONTHS):
        for each in chapters:
            _live(chance, each, way, month)
        if month:
            begun = sum(chance.random() < way.begins / 100 for each in chapters if not each.gone)
            chapters += [_chapter(chance, way, month, 12) for _ in range(begun)]
            links.append(_link(chapters, month))
        sums.append(sum(_newest(each, month) for each in chapters if not each.gone))
    return Organisation(sums, links)


def _chapter(chance: Random, way: Way, month: int, size: int) -> Chapter:
    made = Chapter(month, chance.gauss(0, 1.0), min(chance.gauss(0, 0.1), 0.1), [size], [None])
    made.answered[0] = size if chance.random() < way.answers(month) + made.reports else None
    return made


def _live(chance: Random, chapter: Chapter, way: Way, month: int) -> None:
    if chapter.gone or month <= chapter.began:
        return
    if chance.random() < way.ends / 100:
        chapter.gone = True
        return
    size = chapter.members[-1]
    grown = size * (1 + (way.growth + chapter.lean) / 100) + chance.gauss(0, 0.5 * max(size, 1) ** 0.5)
    chapter.members.append(max(round(grown), 2))
    answers = chance.random() < way.answers(month) + chapter.reports
    chapter.answered.append(chapter.members[-1] if answers else None)


def _answer(chapter: Chapter, month: int) -> int | None:
    place = month - chapter.began
    return chapter.answered[place] if 0 <= place < len(chapter.answered) else None


def _newest(chapter: Chapter, month: int) -> int:
    answers = (_answer(chapter, earlier) for earlier in range(month, max(month - KNOWN_FOR, -1), -1))
    return next((answer for answer in answers if answer is not None), 0)


def _link(chapters: list[Chapter], month: int) -> Link:
    both = [(before, after) for each in chapters if (before := _answer(each, month - 1)) and (after := _answer(each, month))]
    return Link(BEGINS.plus(month), sum(before for before, _ in both), sum(after for _, after in both), len(both))
