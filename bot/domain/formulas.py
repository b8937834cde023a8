"""Words that a spreadsheet program would take for a formula, made harmless in a file and brought back when it is read again."""

import re

# Behind marks and spaces too: some programs take those off first. The wide forms mean the same in East Asian ones.
_LIVE = re.compile(r"""[\s'"`]*[=+\-@\t\r\n＝＋－＠]|[\s'"`]*[\t\r\n]""")


def defused(words: str) -> str:
    """The words with an apostrophe before them if they could be taken for a formula: spreadsheets show what follows it as text."""
    return f"'{words}" if _LIVE.match(words) else words


def as_was(words: str) -> str:
    """What was defused, as it was."""
    return words[1:] if words.startswith("'") and _LIVE.match(words[1:]) else words
