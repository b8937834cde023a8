"""A new chapter: what is written of it is checked, what is missing is filled in, and it is stored; one by one or a whole file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from math import isfinite
from typing import TypeVar

from bot.domain import calendar
from bot.domain.chapters import CITY_LENGTH, NAME_LENGTH, check_length, check_name, fold, rounded
from bot.domain.refusal import Refusal
from bot.domain.text import Listing, Text, text
from bot.domain.writing import line
from bot.services import places, towns
from bot.services.access import NEAREST
from bot.services.spelling import nearest
from bot.services.towns import Town
from db import changes, chapters, people, summaries
from db.organisations import Organisation
from db.store import Connection

T = TypeVar("T")

LARGEST_ID = 2**63 - 1
OLDEST = date(1800, 1, 1)


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody wrote of a new chapter, word for word; an empty text is not given."""

    name: str
    branch: str = ""
    city: str = ""
    latitude: str = ""
    longitude: str = ""
    timezone: str = ""
    founded: str = ""
    channel: str = ""
    admins: str = ""

    def columns(self) -> frozenset[str]:
        """The names of what was given."""
        return frozenset(each.name for each in fields(self) if getattr(self, each.name).strip())


@dataclass(frozen=True, slots=True)
class Ground:
    """What a new chapter of an organisation is filled in from: its zone, its language and its branches' countries, by folded name."""

    timezone: str
    language: str
    branches: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A chapter that can be stored; its branch is that of `country`.

    `town` is where it was taken to be, and `called_so` how many towns its city could be, if it could not be told which.
    """

    name: str
    country: str | None
    city: str | None
    latitude: float | None
    longitude: float | None
    timezone: str
    founded: date | None
    channel_id: int | None
    admins: tuple[int, ...]
    given: frozenset[str]
    town: Town | None = None
    called_so: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """The ids of new chapters, in their order, and id and name of the branches that were made for them."""

    ids: tuple[int, ...]
    branches: Mapping[int, str]


async def ground(c: Connection, organisation: Organisation) -> Ground:
    """What the new chapters of this organisation are filled in from."""
    there = await chapters.branches(c, organisation.guild_id)
    return Ground(organisation.timezone, organisation.language, {fold(branch.name): branch.country for branch in there})


def settle(given: Given, ground: Ground, now: datetime, *, largest: bool = False) -> Newcomer:
    """The chapter that is meant: place as given, else its town's; zone as given, else of the place, else the organisation's; branch as
    given, else its town's country, else the zone's. Of towns with one name what they share is filled in, or the `largest` is taken.
    """
    name = check_name(given.name, text("The chapter's name"))
    city = check_length(line(given.city), CITY_LENGTH, text("The city"))
    country, zone = _country(given.branch, ground), zone_meant(given.timezone) if given.timezone.strip() else None
    written = _coordinates(given.latitude, given.longitude)
    called = () if written else _towns(city, country, zone)
    meant = called[:1] if largest else called
    latitude, longitude = written or _shared((float(town.latitude), float(town.longitude)) for town in meant) or (None, None)
    zone = zone or (places.zone_at(*written) if written else _shared(town.zone for town in meant))
    # Where the organisation is says nothing of which of several towns is meant.
    unclear = bool(meant) and zone is None
    zone = zone or ground.timezone
    return Newcomer(
        name=name,
        country=country or _shared(town.country for town in meant) or (None if unclear else places.country_of_zone(zone)),
        city=city or None,
        latitude=None if latitude is None else rounded(latitude),
        longitude=None if longitude is None else rounded(longitude),
        timezone=zone,
        founded=founding_day(given.founded, calendar.today(now, calendar.zone(zone))),
        channel_id=_channel(given.channel),
        admins=_admins(given.admins),
        given=given.columns(),
        town=meant[0] if meant and latitude is not None else None,
        called_so=len(called) if latitude is None else 0,
    )


async def store(c: Connection, organisation: Organisation, newcomers: Sequence[Newcomer], now: datetime, by: int | None) -> Stored:
    """Stores chapters whose names are free, with all that belongs to them; the first of their admins is on duty."""
    guild_id = organisation.guild_id
    countries = {each.country for each in newcomers if each.country is not None}
    branches, made = await branches_of(c, organisation, countries, now, by)
    rows = [
        {
            "name": each.name,
            "branch_id": None if each.country is None else branches[each.country],
            "city": each.city,
            "latitude": each.latitude,
            "longitude": each.longitude,
            "timezone": each.timezone,
            "founded": each.founded,
            "channel_id": each.channel_id,
            "added_on": calendar.today(now, calendar.zone(each.timezone)),
            "duty_user_id": next(iter(each.admins), None),
        }
        for each in newcomers
    ]
    found = await chapters.add_many(c, guild_id, rows, now, by)
    ids = tuple(found[fold(each.name)] for each in newcomers)
    await people.add_first_admins(c, guild_id, {new: each.admins for new, each in zip(ids, newcomers, strict=True)}, now)
    await changes.log_many(c, guild_id, "chapter.add", now, by, {new: each.given for new, each in zip(ids, newcomers, strict=True)})
    await summaries.refresh(c, guild_id, ids, now)
    return Stored(ids, made)


async def branches_of(
    c: Connection, organisation: Organisation, countries: Iterable[str], now: datetime, by: int | None
) -> tuple[dict[str, int], dict[int, str]]:
    """The branches of these countries, by country, and id and name of those that were made now."""
    there = await chapters.branches(c, organisation.guild_id)
    ids = {branch.country: branch.id for branch in there}
    taken = {fold(branch.name) for branch in there}
    made: dict[int, str] = {}
    for country in sorted(set(countries) - ids.keys()):
        name = places.country_name(country, organisation.language)
        if fold(name) in taken:
            name = f"{name} ({country})"
        currency = places.currency(country, calendar.today(now, organisation.zone))
        ids[country] = await chapters.add_branch(c, organisation.guild_id, country, name, currency)
        await changes.log(c, organisation.guild_id, "branch.add", now, by, branch_id=ids[country], fields=("country", "name", "currency"))
        made[ids[country]] = name
    return ids, made


def _country(written: str, ground: Ground) -> str | None:
    if not written.strip():
        return None
    known = ground.branches.get(fold(written)) if len(written) <= NAME_LENGTH else None
    return known or country_meant(written, ground.language)


def country_meant(written: str, language: str) -> str:
    """The country (ISO 3166 code) that is meant; refuses what is none, and names the nearest in this language."""
    found = places.country_named(written)
    if found is None:
        near, name = nearest(written[:60], places.countries_like("", language, 300), NEAREST), written.strip()[:60]
        if not near:
            raise Refusal(text("There is no country “{name}”. Write its name or its two letters, such as Brazil or BR.", name=name))
        raise Refusal(text("There is no country “{name}”. Did you mean {near}?", name=name, near=Listing(tuple(near), "or")))
    return found


def zone_meant(written: str) -> str:
    """The time zone that is meant; refuses what is none, and names the nearest."""
    found = places.zone_named(written)
    if found is None:
        near, name = nearest(written[:60], places.zones().values(), NEAREST), written.strip()[:60]
        if not near:
            raise Refusal(text("There is no time zone “{name}”. Write one like Europe/London or America/Sao_Paulo.", name=name))
        raise Refusal(text("There is no time zone “{name}”. Did you mean {near}?", name=name, near=Listing(tuple(near), "or")))
    return found


def _towns(city: str, country: str | None, zone: str | None) -> tuple[Town, ...]:
    """The towns that are called so, those in the zone alone if there are any, else those in the zone's country."""
    found = [town for town in towns.named(city, country) if places.zone_named(town.zone)]
    there = None if zone is None else places.country_of_zone(zone)
    return tuple([town for town in found if town.zone == zone] or [town for town in found if town.country == there] or found)


def _shared(values: Iterable[T]) -> T | None:
    """What all of them are; None where two differ or there is none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _coordinates(latitude: str, longitude: str) -> tuple[float, float] | None:
    if not latitude.strip() and not longitude.strip():
        return None
    if not latitude.strip() or not longitude.strip():
        raise Refusal(text("Latitude and longitude belong together: give both, or neither."))
    return _degrees(latitude, 90, text("The latitude")), _degrees(longitude, 180, text("The longitude"))


def _degrees(written: str, most: int, what: Text) -> float:
    try:
        found = float(written.strip().replace(",", "."))
    except ValueError:
        found = float("nan")
    if not isfinite(found) or abs(found) > most:
        raise Refusal(text("{what} is a number from {least} to {most}, such as 51.5.", what=what, least=-most, most=most))
    return found


def founding_day(written: str, today: date) -> date | None:
    """The day that is meant, None for an empty text; refuses one that is no date, to come, or very long ago."""
    tidy = written.strip()
    if not tidy:
        return None
    try:
        found = date.fromisoformat(tidy) if len(tidy) == 10 and tidy[7] == "-" else None
    except ValueError:
        found = None
    if found is None:
        raise Refusal(text("The founding date is written as year, month and day: {example}.", example="2024-11-30"))
    if not OLDEST <= found <= today:
        raise Refusal(text("The founding date must be between {oldest} and today.", oldest=OLDEST))
    return found


def _channel(written: str) -> int | None:
    tidy = written.strip()
    return _id(tidy, text("A channel is written as its Discord id: a number, not its name.")) if tidy else None


def _admins(written: str) -> tuple[int, ...]:
    otherwise = text("Admins are written as their Discord ids: numbers, with spaces between them.")
    return tuple(dict.fromkeys(_id(each, otherwise) for each in written.split()))


def _id(written: str, otherwise: Text) -> int:
    digits = written.isascii() and written.isdigit() and len(written) <= len(str(LARGEST_ID))
    if not digits or not 0 < int(written) <= LARGEST_ID:
        raise Refusal(otherwise)
    return int(written)
