"""A made-up language: what stays readable English in it never went through a catalogue."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bot.locales.page import Page, Show
from bot.locales.voice import SOURCE, Voice, load, locale_of

CODE = "en_XA"
_in_force: list[str] = []

_KEPT = re.compile(r"(\{\w+\}|\{\{|\}\}|<[@#:/at][^>\s]*>|`[^`]*`|(?<!\S)/[a-z]+|https?://\S+)")
_LINE_MARKS = re.compile(r"(?:(?:-# |#{1,3} |>{1,3} |- )*)")
_NO_WORDS = re.compile(r"<[@#:/at][^>\s]*>|https?://[^\s)]+|`[^`]*`|(?<!\S)/[\w-]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_VOWELS = dict(zip("aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ", strict=True))
_LETTERS = str.maketrans(
    {vowel: accented * 2 for vowel, accented in _VOWELS.items()}
    | dict(zip("cdghjklnrstwzCDGHJKLNRSTWZ", "çđğĥĵķļñŕšŧŵžÇĐĞĤĴĶĻÑŔŠŦŴŽ", strict=True))
)


def accented(written: str) -> str:
    """A sentence of the template in the made-up language: about a third longer, in ⟦brackets⟧, its placeholders and markup kept."""
    marks = _LINE_MARKS.match(written)
    start = marks.end() if marks else 0
    pieces = _KEPT.split(written[start:])
    body = "".join(piece if odd % 2 else piece.translate(_LETTERS) for odd, piece in enumerate(pieces))
    return f"{written[:start]}⟦{body}⟧"


def page(shows: Mapping[type, Show]) -> Page:
    """The made-up language on such a page; somebody's own words stand in ⟨…⟩ there."""
    source = load(SOURCE)
    sentences = {msgid: tuple(map(accented, forms)) for msgid, forms in source.sentences.items()}
    own = {kind: _marked(shows[kind]) for kind in shows if kind.__name__ in ("str", "Words")}
    return Page(Voice(CODE, locale_of(SOURCE), sentences, source.form), {**shows, **own})


def _marked(show: Show) -> Show:
    return lambda value, page: f"⟨{show(value, page)}⟩"


def instead_of(locale: str) -> str:
    """The locale itself or, inside `everywhere()`, the made-up language."""
    return _in_force[-1] if _in_force else locale


@contextmanager
def everywhere() -> Iterator[None]:
    """Inside, every reader reads the made-up language, whatever their locale: for tests that walk through the bot."""
    _in_force.append(CODE)
    try:
        yield
    finally:
        _in_force.pop()


def untranslated(shown: str) -> list[str]:
    """The words of what was shown that did not come from a catalogue, in the order in which they stand.

    Use it in a test that walks through the bot:

        with everywhere():
            answer = …                      # whatever the bot shows: a message's text, a label, a description
        assert untranslated(answer) == []
        assert set(own_words(answer)) <= {"London", "Ana"}

    What `say` or `plain` rendered stands in ⟦…⟧ and counts as translated; markup, mentions, addresses, figures and /commands are
    no words. Names that a page shows bare (the label of a select's option, a choice) are words: compare with the names of the test's
    own data. A hard-coded word that is handed to a sentence as a value stands inside the brackets: `own_words` tells.
    """
    bare, depth = [], 0
    for piece in re.split("([⟦⟧])", shown):
        if piece in ("⟦", "⟧"):
            depth = max(0, depth + (1 if piece == "⟦" else -1))
        elif depth == 0:
            bare.append(_NO_WORDS.sub(" ", piece))
    return _WORD.findall(" ".join(bare))


def own_words(shown: str) -> list[str]:
    """The values that were shown as somebody's own words, as they were written: all of them should be data, none of them ours."""
    return [re.sub("\\\\(?=[^\\w\\s])|[\u2068\u2069\u200b]", "", found) for found in re.findall("⟨([^⟨⟩]*)⟩?", shown)]
