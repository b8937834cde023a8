"""What people read: sentences rendered from the catalogues in this folder, in each reader's language."""

from datetime import UTC, tzinfo
from functools import lru_cache

from bot.domain.text import Text
from bot.locales import pseudo
from bot.locales.page import COMPACT, ON_DISCORD, PLAIN, Page
from bot.locales.voice import SOURCE, catalogues, load

__all__ = ["SOURCE", "catalogues", "pick", "plain", "say", "speaks"]


def say(text: Text, locale: str, *, compact: bool = False) -> str:
    """The sentence as a Discord message shows it, with every value escaped or marked up by its kind; `compact` escapes less."""
    spoken = pseudo.instead_of(locale)
    return (_compact(spoken) if compact else _on_discord(spoken)).write(text)


def plain(text: Text, locale: str, *, zone: tzinfo = UTC, limit: int | None = None) -> str:
    """The sentence where markup means nothing (titles, labels, choices, the terminal), cut to `limit` characters if it is longer."""
    shown = _plain(pseudo.instead_of(locale)).at(zone).write(text)
    return shown if limit is None or len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


@lru_cache(maxsize=256)
def pick(wanted: str | None) -> str:
    """The catalogue nearest to a locale as Discord names it ("pt-BR", "es-419"), English if none is near."""
    there = catalogues()
    code = (wanted or SOURCE).replace("-", "_")
    language = code.partition("_")[0]
    akin = [each for each in there if each.partition("_")[0] == language]
    return next((each for each in (code, language) if each in there), akin[0] if akin else SOURCE)


def speaks(locale: str) -> bool:
    """Whether who reads in this language is spoken to in another one than that of the code."""
    spoken = pseudo.instead_of(locale)
    return spoken == pseudo.CODE or pick(spoken) != SOURCE


@lru_cache(maxsize=256)
def _on_discord(locale: str) -> Page:
    if locale == pseudo.CODE:
        return pseudo.page(ON_DISCORD)
    code = pick(locale)
    return Page(load(code), ON_DISCORD) if code == locale else _on_discord(code)


@lru_cache(maxsize=256)
def _compact(locale: str) -> Page:
    if locale == pseudo.CODE:
        return pseudo.page(COMPACT)
    return Page(_on_discord(locale).voice, COMPACT)


@lru_cache(maxsize=256)
def _plain(locale: str) -> Page:
    if locale == pseudo.CODE:
        return pseudo.page(PLAIN)
    return Page(_on_discord(locale).voice, PLAIN)
