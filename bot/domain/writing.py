"""Somebody's own words as letters alone: without marks that nobody sees, and none that could turn a line round."""

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


def line(written: str) -> str:
    """The words on one line, without control characters and marks that nobody sees, and with towers of accents cut."""
    if not written.isascii():
        written = _TOWER.sub(r"\1", _JOINERS.sub(r"\1", _INVISIBLE.sub(r"\1", written)))
    elif not written.isprintable():
        written = _INVISIBLE.sub("", written)
    return " ".join(written.split())


def said(written: str | None) -> str:
    """The words as they were written, without outer space; nothing if there is nothing in them that can be seen."""
    tidy = (written or "").strip()
    return tidy if line(tidy) else ""
