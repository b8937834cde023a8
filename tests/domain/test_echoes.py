"""Echoes: when two chapters tell of the same difficulty, and when what one wrote may be quoted."""

import pytest

from bot.domain.chapters import Visibility
from bot.domain.echoes import alike, content, may_be_quoted, passages, telling


def test_a_text_is_compared_sentence_by_sentence() -> None:
    assert passages("Our room is small. Few come!\n\nWho can help?\n") == ["Our room is small.", "Few come!", "Who can help?"]
    assert passages("部屋が小さい。 人が少ない。") == ["部屋が小さい。", "人が少ない。"]
    assert passages(" \n ") == []


def test_words_are_compared_without_case_accents_and_short_ones() -> None:
    assert content("Nous n'avons PAS de salle à nous, Élodie 2026!") == {"nous", "avons", "salle", "elodie"}
    assert content("🙂🙂 @everyone **of** us") == {"everyone"}


@pytest.mark.parametrize(
    ("holders", "chapters", "tells"),
    [(1, 2, True), (3, 3, True), (4, 4, False), (4, 11, False), (4, 12, True), (66, 200, True), (67, 200, False)],
)
def test_a_word_tells_something_while_few_chapters_use_it(holders: int, chapters: int, tells: bool) -> None:
    assert telling(holders, chapters) is tells


ROOM, RENT = {"room", "small"}, {"rent", "high"}


def test_two_passages_are_alike_by_words_that_are_telling_much_of_both_and_spelt_alike() -> None:
    assert alike(ROOM, ROOM | {"since", "year"}, {"room"}, 85)
    assert not alike(ROOM, RENT, ROOM | RENT, 100)
    assert not alike({"room"}, {"room"}, {"room"}, 100), "one word may be chance"
    assert not alike(ROOM, ROOM, {"rent"}, 100), "this is how people talk"
    assert not alike(ROOM, ROOM | {"since", "year", "drives"}, ROOM, 100), "a small part of a long passage"
    assert not alike(ROOM, ROOM, ROOM, 84), "too different as a whole"


@pytest.mark.parametrize("visibility", Visibility)
@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("may_share", [False, True])
@pytest.mark.parametrize("published", [False, True])
def test_only_what_is_published_shared_and_seen_is_quoted(published: bool, may_share: bool, archived: bool, visibility: Visibility) -> None:
    quoted = may_be_quoted(published=published, may_share=may_share, visibility=visibility, archived=archived)
    assert quoted is (published and may_share and not archived and visibility is not Visibility.HIDDEN)
