"""What is near a chapter, as people meet it."""

from typing import Any

import pytest

from bot.domain.chapters import Visibility
from db import chapters
from tests.flows.rig import Server

PLACES: dict[str, dict[str, Any]] = {
    "Paris": {"latitude": 48.9, "longitude": 2.4, "timezone": "Europe/Paris", "languages": ["fr", "en"]},
    "New York": {"latitude": 40.7, "longitude": -74.0, "timezone": "America/New_York", "languages": ["en"]},
    "Delhi": {"latitude": 28.6, "longitude": 77.2, "timezone": "Asia/Kolkata", "languages": []},
    "Brent": {"latitude": 51.5, "longitude": -0.1, "timezone": "Europe/London", "languages": []},
    "Nowhere": {},
}


async def add_places(server: Server) -> None:
    for name, values in PLACES.items():
        await server.add_chapter(name, **values)


async def test_the_nearest_chapters_are_shown_with_distance_time_and_languages(server: Server) -> None:
    await add_places(server)
    answer = await server.slash(server.mo, "chapter near")
    assert answer.ephemeral
    assert server.text_of(answer).splitlines()[:7] == [
        "### Near London",
        "**Brent** · less than 10 km, Europe/London: same time",
        "**Leeds** · about 250 km, Europe/London: same time",
        "**Paris** · about 350 km, Europe/Paris: 1 hour ahead, français and English",
        "**New York** · about 5,600 km, America/New\\_York: 5 hours behind, English",
        "**Delhi** · about 6,700 km, Asia/Kolkata: 4 h 30 min ahead",
        "-# As the crow flies, from places known to about 10 km.",
    ]
    assert server.choices(answer, "Status of one of them") == ["Brent", "Leeds", "Paris", "New York", "Delhi"]


async def test_one_of_them_is_looked_at_after_a_restart(server: Server) -> None:
    await add_places(server)
    answer = await server.slash(server.mo, "chapter near", chapter="london")
    await server.restart()
    chosen = await server.choose(server.mo, answer, "Status of one of them", "Paris")
    assert chosen.ephemeral
    assert "Paris · new" in server.text_of(chosen)
    assert "London · new" in server.text_of(await server.press(server.mo, answer, "Status of London"))


async def test_a_status_names_the_three_nearest_and_leads_to_the_others(server: Server) -> None:
    await add_places(server)
    status = await server.slash(server.mo, "chapter status", chapter="London")
    assert "Nearest: Brent (less than 10 km), Leeds (about 250 km), Paris (about 350 km)" in server.text_of(status)
    await server.restart()
    assert "### Near London" in server.text_of(await server.press(server.mo, status, "Near London"))
    past = await server.slash(server.mo, "chapter status", chapter="London", as_of="2026-10-05")
    assert "Nearest" not in server.text_of(past)


async def test_a_chapter_without_coordinates_says_who_can_add_them(server: Server) -> None:
    await server.add_chapter("Nowhere", server.ana)
    told = server.text_of(await server.slash(server.mo, "chapter near", chapter="Nowhere"))
    assert "Where Nowhere is, is not known yet" in told
    assert "Its admins and coordinators can add its coordinates with /chapter edit." in told
    assert "You can add its coordinates: /chapter edit" in server.text_of(await server.slash(server.ana, "chapter near", chapter="Nowhere"))
    assert "Nearest" not in server.text_of(await server.slash(server.mo, "chapter status", chapter="Nowhere"))


async def test_a_chapter_alone_says_so(server: Server) -> None:
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["Leeds"], latitude=None, longitude=None)
    assert "No other chapter has coordinates yet." in server.text_of(await server.slash(server.mo, "chapter near", chapter="London"))


async def test_a_hidden_chapter_is_near_to_its_own_people_only(server: Server) -> None:
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["Leeds"], visibility=Visibility.HIDDEN.value)
    for command in ("chapter near", "chapter status"):
        assert "Leeds" not in server.text_of(await server.slash(server.mo, command, chapter="London"))
        assert "Leeds" in server.text_of(await server.slash(server.lea, command, chapter="London"))
    pressed = await server.send(server.mo, f"ch.near:{server.chapters['Leeds']}")
    assert server.text_of(pressed).startswith("This chapter is not in this server any more.")
    unknown = server.text_of(await server.slash(server.cora, "chapter near", chapter="Leeds"))
    assert unknown == "There is no chapter “Leeds” here. /chapter list shows those that are."


async def test_a_stranger_sees_nothing_of_it(server: Server) -> None:
    assert "not set up here" in server.text_of(await server.slash(server.eve, "chapter near", chapter="London"))
    pressed = server.text_of(await server.send(server.eve, f"ch.near:{server.chapters['London']}"))
    assert "London" not in pressed


@pytest.mark.parametrize("address", ["ch.near:999999999", "ch.near:x", "ch.pick"])
async def test_a_forged_button_is_answered_in_a_sentence(server: Server, address: str) -> None:
    said = server.text_of(await server.send(server.mo, address))
    assert said.startswith(("This chapter is not in this server", "This button no longer works"))
