"""Discord's markup as its clients read it: what is code, what is a mention, what is bold, and which words are left."""

import re
from collections.abc import Iterator

from tests.hostile.words import BAIT_CHANNEL, BAIT_PERSON, BAIT_ROLE

_BAIT = re.compile(f"{BAIT_PERSON}|{BAIT_ROLE}|{BAIT_CHANNEL}|everyone|here")
_RULES = (
    ("fence", r"```(?:[a-z0-9_+\-.#]+?\n)?\n*[^\n][\s\S]*?\n*```"),
    ("code", r"(?P<ticks>`+)(?:[\s\S]*?[^`])(?P=ticks)(?!`)"),
    ("escape", r"\\[^0-9A-Za-z\s]"),
    ("mention", r"<@[!&]?\d+>|<#\d+>|<id:\w+>|</[^>\n]{1,100}:\d+>|@everyone|@here"),
    ("moment", r"<t:-?\d{1,17}(?::[tTdDfFRsS])?>"),
    ("emoji", r"<a?:\w{2,32}:\d{15,21}>"),
    ("link", r"\[(?:[^\[\]]|\[[^\[\]]*\])+\]\(\s*<?https?://[^\s)]+(?:\s+[\"'(][^\n]*[\"')])?\s*\)"),
    ("address", r"<https?://[^\s>]+>|https?://(?:(?!\*\*|\|\||~~)[^\s<])+(?<![.,:;\"')\]])"),
    ("heading", r"(?m:^(?:-#|#{1,3})[ \t]+(?=\S))"),
    ("quote", r"(?m:^>(?:>>)? )"),
    ("list", r"(?m:^[ \t]*(?:[-*+]|\d{1,10}\.)[ \t]+(?=\S))"),
    ("strong", r"\*\*(?=[\s\S]+?\*\*)|\*\*"),
    ("under", r"__"),
    ("strike", r"~~"),
    ("spoiler", r"\|\|"),
    ("slant", r"\*|(?<!\w)_|_(?!\w)"),
)
_TOKEN = re.compile("|".join(f"(?P<{name}>{rule})" for name, rule in _RULES))


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """The marks of a text in reading order, each with its kind; what lies inside code is none."""
    for found in _TOKEN.finditer(text):
        kind = next(name for name, _ in _RULES if found[name] is not None)
        yield kind, found[0]


def live_mentions(text: str) -> list[str]:
    """What in a text would mention everybody, or one of those that only hostile words name."""
    return [written for kind, written in tokens(text) if kind == "mention" and _BAIT.search(written)]


def structure(text: str) -> list[str]:
    """The kinds of the marks that are no escapes and no bare addresses."""
    return [kind for kind, _ in tokens(text) if kind not in ("escape", "address")]
