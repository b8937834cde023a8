"""Somebody's own words, made harmless: they can neither disorder a line nor become markup or a mention."""

import re

from bot.domain.writing import line

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")

_MARKS = re.compile(r"[\\*_~`|<\[\]]")
# What only the beginning of a line turns into a heading, quote, list or rule.
_FIRST = re.compile(r"\d+(?=[.)](?:\s|$))|(?=[#>+=-])")
_MENTION = re.compile(r"@(?=everyone|here|[!&]?\d|$)")
_ADDRESS = re.compile(r"(https?://[^\s<>]*[^\s<>.,:;!?\"'*~|`\\\[\]])")
# Discord takes all up to the next space or < for a part of an address, the mark that makes < harmless too.
_RUNS_INTO = re.compile(r"(?i)(https?://[^\s<]*)(?=\\<)")
_IN_ADDRESS = str.maketrans({mark: f"%{ord(mark):02X}" for mark in "*~|`\\[]"})


def isolated(shown: str) -> str:
    """The line, kept apart from its surroundings if any of it is read from right to left."""
    return f"\u2068{shown}\u2069" if not shown.isascii() and _RIGHT_TO_LEFT.search(shown) else shown


def lines(written: str) -> list[str]:
    """The words line by line, with at most one empty line in a row and none at the ends."""
    kept: list[str] = []
    for each in map(line, written.splitlines()):
        if each or (kept and kept[-1]):
            kept.append(each)
    return kept[:-1] if kept and not kept[-1] else kept


def escaped(one_line: str) -> str:
    """The line as Discord shows it letter for letter: no markup, no mention; addresses stay links."""
    if "://" not in one_line:
        shown = _escaped(one_line)
    else:
        pieces = _ADDRESS.split(one_line)
        pieces[::2] = map(_escaped, pieces[::2])
        pieces[1::2] = (_MENTION.sub("%40", address.translate(_IN_ADDRESS)) for address in pieces[1::2])
        shown = _RUNS_INTO.sub(r"\1 ", "".join(pieces))
    first = _FIRST.match(shown)
    return f"{first[0]}\\{shown[first.end() :]}" if first else shown


def _escaped(words: str) -> str:
    marked = _MARKS.sub(r"\\\g<0>", words)
    return _MENTION.sub("@\u200b", marked) if "@" in marked else marked
