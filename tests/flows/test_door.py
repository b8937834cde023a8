"""What Discord would never deliver is turned away at the door, in a sentence, and nothing of it is stored."""

from typing import Any

import pytest
from simcord.actors import _dispatch_actor_interaction
from simcord.results import InteractionResult

from db import chapters
from tests.flows.rig import Server

UNFIT = "This came with something that the command does not take."
OLD = "This button no longer works."
COMMAND, COMPONENT, TYPING, SENT = 2, 3, 4, 5


async def deliver(server: Server, kind: int, data: dict[str, Any], who: str = "ana") -> InteractionResult:
    """Delivers a raw interaction; it is answered in any case."""
    result = await _dispatch_actor_interaction(getattr(server, who), kind, server.general, data)
    assert result.acknowledged
    return result


def option(kind: int, name: str, value: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "value": value}


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("checkin", []),
        ("checkin", [option(3, "kind", "party")]),
        ("checkin", [option(3, "kind", None)]),
        ("checkin", [option(3, "kind", "meeting"), option(4, "people", True)]),
        ("checkin", [option(3, "kind", "meeting"), option(4, "people", 1.5)]),
        ("checkin", [option(3, "kind", "meeting"), option(3, "people", "12")]),
        ("checkin", [option(3, "kind", "meeting"), option(3, "kind", "social")]),
        ("checkin", [option(3, "kind", "meeting"), option(3, "surplus", "x")]),
        ("checkin", [option(3, "kind", "meeting"), {"type": 3}]),
        ("overdue", [option(3, "scope", "nobody")]),
        ("setup", [option(8, "coordinator_role", "1")]),
        ("setup", [option(7, "reports_channel", "somewhere")]),
        ("chapter", []),
        ("nothing", []),
    ],
)
async def test_a_command_with_what_it_does_not_take_is_refused_in_a_sentence(
    server: Server, command: str, options: list[dict[str, Any]]
) -> None:
    shown = await deliver(server, COMMAND, {"id": "1", "name": command, "type": 1, "options": options})
    assert UNFIT in server.text_of(shown)
    assert server.message(shown).flags.ephemeral


async def test_a_channel_that_is_not_there_is_refused_in_a_sentence(server: Server) -> None:
    gone = {"id": "999", "type": 0, "name": "gone", "permissions": "0", "parent_id": None}
    options, resolved = [option(7, "facilitators_channel", "999")], {"channels": {"999": gone}}
    data = {"id": "1", "name": "setup", "type": 1, "options": options, "resolved": resolved}
    assert UNFIT in server.text_of(await deliver(server, COMMAND, data, "cora"))


async def test_somebody_who_is_not_described_is_refused_in_a_sentence(server: Server) -> None:
    options = [{"type": 2, "name": "admins", "options": [{"type": 1, "name": "add", "options": [option(6, "user", "999")]}]}]
    assert UNFIT in server.text_of(await deliver(server, COMMAND, {"id": "1", "name": "chapter", "type": 1, "options": options}))


@pytest.mark.parametrize(
    "options",
    [[], [option(3, "chapter", "x")], [option(3, "chapter", 7) | {"focused": True}], [option(3, "kind", "m") | {"focused": True}]],
)
async def test_to_what_cannot_be_typed_nothing_is_offered(server: Server, options: list[dict[str, Any]]) -> None:
    shown = await deliver(server, TYPING, {"id": "1", "name": "checkin", "type": 1, "options": options})
    assert shown.autocomplete_choices == []


@pytest.mark.parametrize("number", ["١", "²", "+1", "01", " 1", "1_0", "-1", "9" * 19, "9" * 80, "", "1:1"])
async def test_a_number_is_read_only_as_the_program_writes_it(server: Server, number: str) -> None:
    shown = await deliver(server, COMPONENT, {"custom_id": f"ch.status:{number}", "component_type": 2})
    assert OLD in server.text_of(shown)


@pytest.mark.parametrize("values", [["1"] * 1000, [1], [None], "1", ["١"], ["one"], []])
async def test_a_choice_that_was_never_offered_does_nothing(server: Server, values: Any) -> None:
    for address in ("ch.pick", "fa.open", "he.own"):
        shown = await deliver(server, COMPONENT, {"custom_id": address, "component_type": 3, "values": values})
        assert OLD in server.text_of(shown), address


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"type": 1, "components": [{"type": 4, "custom_id": "kind", "value": "meeting"}]}],
        [{"type": 18, "component": {"type": 4, "value": "meeting"}}],
        [{"type": 18, "component": {"type": 4, "custom_id": "people", "value": 12}}],
        [{"type": 18, "component": {"type": 4, "custom_id": "people", "value": "1"}}] * 2,
    ],
)
async def test_a_form_of_another_shape_is_not_stored(server: Server, rows: list[dict[str, Any]]) -> None:
    address = f"ci.form:{server.chapters['London']}:7"
    assert OLD in server.text_of(await deliver(server, SENT, {"custom_id": address, "components": rows}))
    assert "nothing" in server.text_of(await server.slash(server.ana, "checkins", chapter="London")).casefold()


async def test_open_again_with_more_than_its_key_does_nothing(server: Server) -> None:
    assert OLD in server.text_of(await server.send(server.ana, "again:1:2"))


async def test_half_a_letter_and_nul_are_left_out_of_what_is_stored(server: Server) -> None:
    options = [option(3, "kind", "meeting"), option(3, "note", "so\ud800 it\x00 was"), option(3, "chapter", "London")]
    shown = await deliver(server, COMMAND, {"id": "1", "name": "checkin", "type": 1, "options": options})
    assert "so it was" in server.text_of(shown)


async def test_two_chapters_cannot_be_told_apart_by_marks_that_nobody_sees(server: Server) -> None:
    refused = await server.slash(server.cora, "chapter add", name="Lon\u200bdon")
    assert "There is a chapter London already." in server.text_of(refused)
    async with server.store.read() as c:
        assert await chapters.by_name(c, server.guild.id, "Lon\u200bdon") is None
