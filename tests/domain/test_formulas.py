"""Words that a spreadsheet would run: harmless in a file, and as they were when it is read again."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.formulas import as_was, defused

PIECES = st.text(alphabet="=+-@\t\r\n '\"`aé＝,;", max_size=8)


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "'=1", '"=1', "' \"=1", "''=1", "＝1", "\n=1"])
def test_what_could_be_a_formula_begins_with_an_apostrophe(words: str) -> None:
    assert defused(words) == f"'{words}"


@pytest.mark.parametrize("words", ["", "London", "a=b", "'quoted' at first", '"So" they said', "1-2", "été"])
def test_other_words_stay_as_they_are(words: str) -> None:
    assert defused(words) == words == as_was(words)


@given(st.text(max_size=20) | PIECES)
@example("'=")
def test_what_was_defused_comes_back_as_it_was(words: str) -> None:
    assert as_was(defused(words)) == words


@given(PIECES)
def test_nothing_that_was_defused_can_be_run(words: str) -> None:
    assert not defused(words).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
