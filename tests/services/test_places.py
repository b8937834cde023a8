"""Where a chapter is, from what people write of it."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from bot.services import places


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("UK", "GB"),
        ("uk", "GB"),
        ("The UK", "GB"),
        ("Great Britain", "GB"),
        ("England", "GB"),
        ("Scotland", "GB"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("TURKIYE", "TR"),
        ("Russia", "RU"),
        ("Россия", "RU"),
        ("Kosovo", "XK"),
        ("XK", "XK"),
        ("Czechia", "CZ"),
        ("Czech Republic", "CZ"),
        ("Deutschland", "DE"),
        ("  germany ", "DE"),
        ("DEU", "DE"),
        ("de", "DE"),
        ("España", "ES"),
        ("Holland", "NL"),
        ("The Netherlands", "NL"),
        ("South Korea", "KR"),
        ("Ivory Coast", "CI"),
        ("Côte d'Ivoire", "CI"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Guinea Ecuatorial", "GQ"),
        ("République dominicaine", "DO"),
        ("Dominica", "DM"),
        ("中国", "CN"),
        ("Georgia", "GE"),
    ],
)
def test_a_country_is_known_as_people_write_it(written: str, country: str) -> None:
    assert places.country_named(written) == country


@pytest.mark.parametrize("written", ["", "  ", "Atlantis", "United", "Republic", "South America", "EU", "ZZ", "Austrlia", "x" * 5000])
def test_what_is_no_country_is_not_taken_for_one(written: str) -> None:
    assert places.country_named(written) is None


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt", "tr", "ru", "ar", "zh"])
def test_each_country_is_known_by_its_name_in_many_languages(language: str) -> None:
    codes = {places.country_named(code) for code in Locale("en").territories if len(code) == 2 and code.isalpha()} - {None}
    unread = {name for code, name in Locale(language).territories.items() if code in codes and places.country_named(name) != code}
    assert len(codes) == 250
    assert unread == set()


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [(51.5, -0.1, "Europe/London"), (40.7, -74.0, "America/New_York"), (-23.5, -46.6, "America/Sao_Paulo"), (35.7, 139.7, "Asia/Tokyo")],
)
def test_coordinates_have_the_zone_of_their_place(latitude: float, longitude: float, zone: str) -> None:
    assert places.zone_at(latitude, longitude) == zone


def test_every_place_on_earth_has_a_zone_that_can_be_used() -> None:
    for latitude in range(-90, 91, 9):
        for longitude in range(-180, 181, 9):
            zone = places.zone_at(latitude, longitude)
            assert zone is not None, (latitude, longitude)
            ZoneInfo(zone)


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Europe/London", "Europe/London"),
        ("europe/london", "Europe/London"),
        ("America/New York", "America/New_York"),
        ("utc", "UTC"),
        ("London", "Europe/London"),
        ("São Paulo", "America/Sao_Paulo"),
        ("Indianapolis", None),  # there are two
        ("Europe/Lundon", None),
        ("localtime", None),
        ("../../etc/passwd", None),
        ("", None),
    ],
)
def test_a_zone_is_read_in_any_case_or_by_its_city_and_nothing_else_is_one(written: str, zone: str | None) -> None:
    assert places.zone_named(written) == zone


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/London", "GB"),
        ("America/New_York", "US"),
        ("US/Eastern", "US"),
        ("Asia/Calcutta", "IN"),
        ("Europe/Kiev", "UA"),
        ("UTC", None),
        ("Etc/GMT+3", None),
    ],
)
def test_a_zone_belongs_to_a_country_or_to_none(zone: str, country: str | None) -> None:
    assert places.country_of_zone(zone) == country


def test_nearly_every_zone_of_a_continent_has_its_country() -> None:
    of_continents = [
        zone for zone in places.zones().values() if zone.partition("/")[0] in {"Africa", "America", "Asia", "Australia", "Europe"}
    ]
    assert [zone for zone in of_continents if places.country_of_zone(zone) is None] == []


def test_zones_are_offered_by_their_city_first() -> None:
    assert places.zones_like("lon", 2) == ["Arctic/Longyearbyen", "Europe/London"]
    assert len(places.zones_like("", 25)) == 25


def test_a_branch_is_called_as_its_organisation_speaks() -> None:
    assert places.country_name("DE", "en") == "Germany"
    assert places.country_name("DE", "de") == "Deutschland"
    assert places.country_name("DE", "xx-nonsense") == "Germany"


@pytest.mark.parametrize("language", ["en", "de", "fr", "pt"])
def test_no_country_has_a_name_that_a_branch_may_not_have(language: str) -> None:
    for country in Locale("en").territories:
        name = places.country_name(country, language)
        assert 0 < len(name) <= 60
        assert "," not in name


def test_a_country_pays_with_its_own_money_of_that_day() -> None:
    assert places.currency("GB", date(2026, 11, 22)) == "GBP"
    assert places.currency("HR", date(2015, 1, 1)) == "HRK"
    assert places.currency("HR", date(2026, 11, 22)) == "EUR"
    assert places.currency("AQ", date(2026, 11, 22)) is None
