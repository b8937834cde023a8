"""Languages as people name them: in their own language, in English, as the language calls itself, or by code."""

import re
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from bot.domain.chapters import fold
from bot.domain.refusal import Refusal
from bot.domain.text import Listing, text
from bot.services.access import NEAREST
from bot.services.spelling import matching, nearest

MOST = 10
OPTION_LENGTH = 100
# Offered first, where nothing is typed yet.
SPOKEN = (
    *("en", "es", "fr", "de", "pt", "it", "ar", "zh", "hi", "ru", "bn", "ur", "id", "ja", "tr", "ko", "vi", "fa", "sw", "pl", "uk", "nl"),
    *("ro", "el", "cs", "sv", "hu", "he", "th", "da", "fi", "no", "nb", "nn", "ca", "gl", "eu", "bg", "hr", "sr", "bs", "sl", "sk", "lt"),
    *("lv", "et", "sq", "mk", "is", "ga", "cy", "gd", "br", "ta", "te", "ml", "mr", "gu", "pa", "ne", "si", "am", "so", "ha", "yo", "zu"),
)
# What people call a language where the tables that are read here call it something else.
_ALSO = {
    "bengali": "bn",
    "farsi": "fa",
    "mandarin": "zh",
    "castilian": "es",
    "brazilian": "pt_BR",
    "slovene": "sl",
    "sinhalese": "si",
    "uighur": "ug",
    "oriya": "or",
    "bokmal": "nb",
    "nynorsk": "nn",
    "myanmar": "my",
    "cambodian": "km",
    "laotian": "lo",
    "sorani": "ckb",
    "kurmanji": "ku",
    "valencian": "ca",
    "romani": "rom",
    "frisian": "fy",
    "moldovan": "ro",
    "greenlandic": "kl",
    "sami": "se",
}
_NONE_OF_THEM = frozenset({"mul", "und", "zxx", "root"})
_BETWEEN = re.compile(r"[,;/\n]")


def name(code: str, reader: str) -> str:
    """What a language is called in the reader's language, else in English."""
    return _called(reader).get(code) or _called("en").get(code) or code


def meant(written: str, reader: str) -> tuple[str, ...]:
    """The codes of the languages in a list; refuses a word that is none, and names the nearest."""
    words = [word.strip() for word in _BETWEEN.split(written) if word.strip()]
    found = tuple(dict.fromkeys(_code(word, reader) for word in words))
    if len(found) > MOST:
        raise Refusal(text("At most {most} languages can be named. Name those that your meetings are held in.", most=MOST))
    return found


def suggestions(typed: str, reader: str, limit: int = 25) -> list[str]:
    """The languages typed so far and one more, while the whole fits an option."""
    *before, last = typed.split(",")
    kept = [word.strip() for word in before if word.strip()]
    taken, wanted = {fold(word) for word in kept}, fold(last)
    names = [name(code, reader) for code in SPOKEN]
    names += sorted({each for code, each in _called(reader).items() if code not in SPOKEN}, key=fold)
    free = [each for each in names if fold(each) not in taken]
    own = _ALSO.get(wanted) or _own_names().get(wanted)
    found = [name(own, reader)] if own else matching(last[:OPTION_LENGTH], free, limit)
    lists = [", ".join([*kept, each]) for each in found]
    return [each for each in lists if len(each) <= OPTION_LENGTH]


def _code(word: str, reader: str) -> str:
    code = word.replace("-", "_").casefold()
    known = {each.casefold(): each for each in _called("en")}
    wanted = fold(word)
    found = known.get(code) or _folded(reader).get(wanted) or _folded("en").get(wanted) or _ALSO.get(wanted) or _own_names().get(wanted)
    if found is None:
        near = nearest(word[:60], [*_called(reader).values(), *_called("en").values()], NEAREST)
        if not near:
            raise Refusal(
                text("There is no language “{name}”. Write it in English, or as it calls itself, such as Deutsch.", name=word[:60])
            )
        raise Refusal(text("There is no language “{name}”. Did you mean {near}?", name=word[:60], near=Listing(tuple(near), "or")))
    return found


def _locale(code: str) -> Locale:
    try:
        return Locale.parse(code)
    except (ValueError, UnknownLocaleError):
        return Locale("en")


@lru_cache(maxsize=32)
def _called(reader: str) -> Mapping[str, str]:
    """Every language by its code, as the reader's language calls it."""
    return {code: each for code, each in _locale(reader).languages.items() if code not in _NONE_OF_THEM}


@lru_cache(maxsize=32)
def _folded(reader: str) -> Mapping[str, str]:
    # Where two have the same name, the shorter code is the language and the longer one a kind of it.
    return {fold(each): code for code, each in sorted(_called(reader).items(), key=lambda both: -len(both[0]))}


@lru_cache(maxsize=1)
def _own_names() -> Mapping[str, str]:
    return {fold(own): code for code in SPOKEN if (own := _locale(code).languages.get(code))}
