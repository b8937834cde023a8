"""Somebody's own words, made harmless: they can neither disorder a line nor become markup or a mention."""

import re

_INVISIBLE = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e007a]{1,6}\U000e007f)|"  # the flags of England, Scotland and the like are spelt in tag characters: kept
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
# A joiner has a purpose only inside Persian, Indian and similar words and inside emoji sequences.
_JOINED = "\u0600-\u18af\u2190-\u2bff\u3297\u3299\U0001f000-\U0001fbff"
_JOINERS = re.compile(f"(?<=[{_JOINED}\ufe0f])([\u200c\u200d])[\u200c\u200d]*(?=[{_JOINED}])|[\u200c\u200d]")
_ACCENTS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_TOWER = re.compile(f"([{_ACCENTS}]{{4}})[{_ACCENTS}]+")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")

_MARKS = re.compile(r"[\\*_~`|<\[\]]")
# What only the beginning of a line turns into a heading, quote, list or rule.
_FIRST = re.compile(r"\d+(?=[.)](?:\s|$))|(?=[#>+=-])")
_MENTION = re.compile(r"@(?=everyone|here|[!&]?\d|$)")
_ADDRESS = re.compile(r"(https?://[^\s<>]*[^\s<>.,:;!?\"'*~|`\\\[\]])")
_IN_ADDRESS = str.maketrans({mark: f"%{ord(mark):02X}" for mark in "*~|`\\[]"})


def line(written: str) -> str:
    """The words on one line, without control characters, and isolated where their direction could disorder what stands beside them."""
    if not written.isascii():
        written = _TOWER.sub(r"\1", _JOINERS.sub(r"\1", _INVISIBLE.sub(r"\1", written)))
    elif not written.isprintable():
        written = _INVISIBLE.sub("", written)
    return " ".join(written.split())


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
        shown = "".join(pieces)
    first = _FIRST.match(shown)
    return f"{first[0]}\\{shown[first.end() :]}" if first else shown


def _escaped(words: str) -> str:
    marked = _MARKS.sub(r"\\\g<0>", words)
    return _MENTION.sub("@\u200b", marked) if "@" in marked else marked
