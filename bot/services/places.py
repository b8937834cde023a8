"""Where a chapter is, from what people write of it: zones, countries, and what a country is called and pays with."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_territory_currencies
from countryguess import CountryData
from tzfpy import get_tz

from bot.domain.chapters import NAME_LENGTH, fold

# English first: a name that means two countries in two languages is read as English has it.
_LANGUAGES = (
    *(
        "en",
        "es",
        "pt",
        "fr",
        "de",
        "it",
        "nl",
        "sv",
        "nb",
        "da",
        "fi",
        "is",
        "et",
        "lv",
        "lt",
        "pl",
        "cs",
        "sk",
        "hu",
        "ro",
        "bg",
        "el",
        "tr",
    ),
    *("ru", "uk", "sr", "hr", "bs", "sl", "mk", "sq", "ca", "gl", "eu", "ga", "cy", "ar", "he", "fa", "ur", "hi", "bn", "ta", "th", "vi"),
    *("id", "ms", "ko", "ja", "zh", "sw", "am"),
)
_ALSO = {"uk": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "holland": "NL", "america": "US"}
_NO_PLACE = {"Factory", "localtime"}


@lru_cache(maxsize=1)
def zones() -> Mapping[str, str]:
    """Every zone there is, by its name in small letters."""
    return {zone.casefold(): zone for zone in sorted(available_timezones() - _NO_PLACE)}


def zone_named(written: str) -> str | None:
    """The zone that is meant, in any case and with spaces, or the only one that is called by this city; None if there is none."""
    wanted = fold(written).replace(" ", "_")
    return zones().get(wanted) or _by_city().get(wanted)


@lru_cache(maxsize=1)
def _by_city() -> Mapping[str, str]:
    of = Counter(name.rpartition("/")[2] for name in zones())
    return {city: zone for name, zone in zones().items() if of[city := name.rpartition("/")[2]] == 1 and city != name}


def zones_like(typed: str, limit: int) -> list[str]:
    """Zones whose name holds what is typed, those first whose city begins with it."""
    wanted = typed.strip().casefold().replace(" ", "_")
    found = [name for name in zones() if wanted in name]
    found.sort(key=lambda name: (not name.rpartition("/")[2].startswith(wanted), name))
    return [zones()[name] for name in found[:limit]]


def zone_at(latitude: float, longitude: float) -> str | None:
    """The zone at these coordinates."""
    return zone_named(get_tz(longitude, latitude))


@lru_cache(maxsize=1)
def _tables() -> tuple[frozenset[str], Mapping[str, str]]:
    def read(name: str) -> list[list[str]]:
        lines = files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8").splitlines()
        return [line.split("\t") for line in lines if line and not line.startswith("#")]

    of_zone = {zone: country for country, _, zone, *_ in read("zone.tab")}
    # Kosovo has no code in ISO 3166, but one that all use.
    return frozenset(code for code, _ in read("iso3166.tab")) | {"XK"}, of_zone


def country_of_zone(zone: str) -> str | None:
    """The country (ISO 3166 code) whose zone this is; None for zones of no country, such as UTC."""
    codes, of_zone = _tables()
    territories, aliases = get_global("zone_territories"), get_global("zone_aliases")
    for name in (zone, aliases.get(zone, zone)):
        found: str | None = of_zone.get(name) or territories.get(name)
        if found in codes:
            return found
    return None


@lru_cache(maxsize=1024)
def country_named(written: str) -> str | None:
    """The country (ISO 3166 code) that is meant: a code, or its name in one of many languages; None rather than a guess between two."""
    tidy = written.strip()
    if not tidy or len(tidy) > NAME_LENGTH:
        return None
    codes, _ = _tables()
    if len(tidy) == 2 and tidy.upper() in codes:
        return tidy.upper()
    wanted = fold(tidy).removeprefix("the ")
    return (
        _ALSO.get(wanted)
        or _of_three_letters().get(tidy.upper())
        or _names("en").get(wanted)
        or _in_any_language(wanted)
        or _described(tidy)
    )


def _in_any_language(wanted: str) -> str | None:
    return next((found for language in _LANGUAGES if (found := _names(language).get(wanted))), None)


@lru_cache(maxsize=len(_LANGUAGES))
def _names(language: str) -> Mapping[str, str]:
    codes, _ = _tables()
    return {fold(name): code for code, name in Locale(language).territories.items() if code in codes}


@lru_cache(maxsize=1)
def _countries() -> list[Mapping[str, Any]]:
    codes, _ = _tables()
    return [country for country in CountryData().countries if country["iso2"] in codes]


@lru_cache(maxsize=1)
def _of_three_letters() -> Mapping[str, str]:
    return {country["iso3"].upper(): country["iso2"] for country in _countries()}


def _described(written: str) -> str | None:
    # countryguess knows many spellings as patterns; its other way, the likest name, would turn one country into another.
    found = {country["iso2"] for country in _countries() if country["regex"].search(written)}
    return found.pop() if len(found) == 1 else None


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        return Locale("en")


def country_name(country: str, language: str) -> str:
    """What the country is called in this language, in English if that is not known."""
    name: str = _locale(language).territories.get(country) or Locale("en").territories.get(country) or country
    return name.replace(",", "")[:NAME_LENGTH]


def countries_like(typed: str, language: str, limit: int) -> list[str]:
    """Names of countries, in this language, that hold what is typed, those first that begin with it."""
    wanted, codes = fold(typed), _tables()[0]
    named = {fold(name): name for name in (country_name(code, language) for code in codes)}
    found = sorted((folded for folded in named if wanted in folded), key=lambda folded: (not folded.startswith(wanted), folded))
    return [named[folded] for folded in found[:limit]]


def currency(country: str, day: date) -> str | None:
    """What the country pays with on this day."""
    return next(iter(get_territory_currencies(country, day, day)), None)


@lru_cache(maxsize=4)
def _currencies(day: date) -> frozenset[str]:
    countries = get_global("territory_currencies")
    return frozenset(code for country in countries for code in get_territory_currencies(country, day, day))


def _currency_names(language: str, day: date) -> dict[str, str]:
    return {code: _locale(language).currencies.get(code, code) for code in sorted(_currencies(day))}


def currency_meant(written: str, language: str, day: date) -> str | None:
    """The currency (ISO 4217) that is meant of those in use on a day: its code, with its name behind it or without, or its name."""
    tidy = written.strip()
    code, rest = tidy[:3].upper(), tidy[3:]
    if code in _currencies(day) and (not rest or rest.startswith(" (")):
        return code
    for spoken in ("en", language):
        for found, name in _currency_names(spoken, day).items():
            if fold(name) == fold(tidy):
                return found
    return None


def currencies_like(typed: str, language: str, day: date, limit: int) -> list[str]:
    """Currencies in use on a day, each as code and name in this language, that hold what is typed, those first that begin with it."""
    wanted = fold(typed)
    shown = [f"{code} ({name})" for code, name in _currency_names(language, day).items()]
    found = [each for each in shown if wanted in fold(each)]
    found.sort(key=lambda each: (not fold(each).startswith(wanted), each))
    return found[:limit]
