"""Hostile words inside each sentence of the program: read by Discord's rules, our own words stand as they would around any others."""

import re
from string import Formatter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.text import Text, Value, Words
from bot.locales import plain, say
from bot.locales.extract import template
from tests.hostile.markdown import live_mentions, structure
from tests.hostile.words import hostile

SENTENCES = sorted(
    {each for message in template() for each in (message.id if isinstance(message.id, tuple) else (message.id,)) if "{" in each}
)
TURNS = re.compile("[\u202a-\u202e\u2066\u2067\u200e\u200f\u061c]")


def names(sentence: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(sentence) if name is not None]


def filled(sentence: str, value: Value) -> Text:
    return Text(sentence, dict.fromkeys(names(sentence), value))


@settings(max_examples=200)
@given(st.sampled_from(SENTENCES), hostile, st.booleans())
@example(sentence="{name}", written="https://example.org/a|</setup:123456789012345678>", several_lines=False)
@example(sentence="{name}", written="http://</setup:123456789012345678>", several_lines=False)
def test_nobodys_words_change_how_a_sentence_of_ours_is_read(sentence: str, written: str, several_lines: bool) -> None:
    value: Value = Words(written) if several_lines else written
    shown, harmless = say(filled(sentence, value), "en"), say(filled(sentence, "x"), "en")
    assert live_mentions(shown) == []
    assert structure(shown) == structure(harmless)
    assert not TURNS.search(shown)


@settings(max_examples=200)
@given(st.sampled_from(SENTENCES), hostile)
def test_every_word_of_ours_is_still_there(sentence: str, written: str) -> None:
    for shown in (say(filled(sentence, written), "en"), plain(filled(sentence, written), "en")):
        ours = [literal for literal, _, _, _ in Formatter().parse(sentence)]
        at = 0
        for literal in ours:
            at = shown.index(literal, at) + len(literal)
        assert shown.count("\u2068") == shown.count("\u2069")


@settings(max_examples=200)
@given(st.sampled_from(SENTENCES), hostile, st.sampled_from([45, 80, 100, 150]))
def test_a_label_holds_no_mark_that_turns_it_round_and_no_line_break(sentence: str, written: str, limit: int) -> None:
    shown = plain(filled(sentence, written), "en", limit=limit)
    assert len(shown) <= limit
    assert not TURNS.search(shown)
    assert "\n" not in shown or "\n" in sentence


def test_the_reader_of_markup_would_see_what_is_not_escaped() -> None:
    raw = "**a** @everyone <@424242424242424242> [a](https://evil.example) ||b||\n# c\n> d\n```\ne\n```"
    assert live_mentions(raw) == ["@everyone", "<@424242424242424242>"]
    kinds = structure(raw)
    assert {"strong", "mention", "link", "spoiler", "heading", "quote", "fence"} <= set(kinds)
    assert live_mentions("`@everyone` \\<@424242424242424242> @\u200beveryone") == []
