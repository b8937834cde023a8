"""Echoes: two chapters that find the same thing hard, known by words that few others use; silent when in doubt."""

import re
from collections.abc import Set
from typing import NewType

from bot.domain.chapters import Visibility, fold

MONTHS_BACK = 6
SHORTEST_WORD = 4
FEW_CHAPTERS = 3
ONE_CHAPTER_IN = 3
SHARED_WORDS = 2
SHARED_PART = 2
LIKENESS = 85

Words = NewType("Words", frozenset[str])
"""The words of a passage that can say what it is about."""

_END = re.compile(r"(?<=[.!?…;。！？])\s+|\s*\n\s*")
_WORD = re.compile(r"[^\W\d_]+")


def passages(written: str) -> list[str]:
    """A text sentence by sentence, so that one difficulty among several can be compared and quoted alone."""
    return [each.strip() for each in _END.split(written) if each.strip()]


def content(passage: str) -> Words:
    """Its words of four letters or more, without case and accents: shorter ones say little in most languages."""
    return Words(frozenset(word for word in _WORD.findall(fold(passage)) if len(word) >= SHORTEST_WORD))


def telling(holders: int, chapters: int) -> bool:
    """A word that few chapters use says what a text is about; one that many use is how people talk, in whichever language."""
    return holders <= max(FEW_CHAPTERS, chapters // ONE_CHAPTER_IN)


def alike(mine: Set[str], theirs: Set[str], told: Set[str], likeness: float) -> bool:
    """Two passages tell of the same: two words in both, one of them telling, half of the longer one, and spelt alike (0 to 100)."""
    shared = mine & theirs
    much = len(shared) >= SHARED_WORDS and len(shared) * SHARED_PART >= max(len(mine), len(theirs))
    return much and bool(shared & told) and likeness >= LIKENESS


def may_be_quoted(*, published: bool, may_share: bool, visibility: Visibility, archived: bool) -> bool:
    """What is hard is quoted to others only from a published report of a chapter that lets it be shared and lets itself be seen."""
    return published and may_share and not archived and visibility is not Visibility.HIDDEN
