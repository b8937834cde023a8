"""Towns by their names: the largest of a name, the one in a country, and nothing made up."""

import pytest

from bot.services.places import zones
from bot.services.towns import _lines, named


@pytest.mark.parametrize(
    ("written", "country", "where"),
    [
        ("London", None, ("London", "GB", "51.5", "-0.1", "Europe/London")),
        ("london", "CA", ("London", "CA", "43.0", "-81.2", "America/Toronto")),
        ("sao paulo", None, ("São Paulo", "BR", "-23.5", "-46.6", "America/Sao_Paulo")),
        ("Ann Arbor, MI", "US", ("Ann Arbor", "US", "42.3", "-83.7", "America/Detroit")),
        ("New York", None, ("New York City", "US", "40.7", "-74.0", "America/New_York")),
    ],
)
def test_a_town_is_found_by_its_name(written: str, country: str | None, where: tuple[str, ...]) -> None:
    town = named(written, country)[0]
    assert (town.name, town.country, town.latitude, town.longitude, town.zone) == where


@pytest.mark.parametrize(
    ("written", "country"), [("Nowhereville", None), ("", None), ("|", None), ("London", "JP"), ("\n", None), (",", None)]
)
def test_what_is_no_town_is_not_made_up(written: str, country: str | None) -> None:
    assert named(written, country) == ()


def test_every_town_is_found_among_those_of_its_name_the_largest_first() -> None:
    by_name: dict[str, list[str]] = {}
    for line in _lines().strip().split("\n"):
        by_name.setdefault(line.partition("|")[0], []).append(line)
    assert list(by_name) == sorted(by_name)
    for name in (*list(by_name)[:20], *list(by_name)[-20:], "london", "springfield"):
        expected = [line.split("|")[1:] for line in by_name[name]]
        assert [[town.name, town.country, town.latitude, town.longitude, town.zone] for town in named(name)] == expected


def test_every_town_has_a_zone_that_there_is() -> None:
    there = set(zones().values())
    assert {line.rsplit("|", 1)[1] for line in _lines().strip().split("\n")} - there <= {"America/Coyhaique"}
