"""The rig itself: one that let everything through would prove nothing about the bot."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.locales.pseudo import everywhere
from tests.flows.rig import BEGINS, Server


async def test_time_stops_where_something_is_due_and_goes_on_from_there(server: Server) -> None:
    assert abs(server.now - BEGINS) < timedelta(minutes=1)
    end = datetime(2026, 11, 3, 20, tzinfo=UTC)
    await server.advance_to(end)
    assert abs(server.now - end) < timedelta(minutes=1)
    prompted = server.last(server.london).created_at
    assert datetime(2026, 11, 1, 9, tzinfo=UTC) <= prompted < datetime(2026, 11, 1, 9, 5, tzinfo=UTC)


async def test_an_unknown_button_is_answered_before_and_after_a_restart(server: Server) -> None:
    before = await server.send(server.ana, "no.such:1")
    await server.restart()
    after = await server.send(server.ana, "no.such:1")
    assert server.text_of(before) == server.text_of(after)
    assert "no longer works" in server.text_of(after)
    assert before.ephemeral
    assert after.ephemeral


async def test_a_sentence_that_is_in_no_catalogue_is_found(server: Server) -> None:
    answer = await server.send(server.ana, "no.such:1")
    with pytest.raises(AssertionError, match="not from a catalogue"):
        server.assert_translated(answer)
    with everywhere():
        server.assert_translated(await server.send(server.ana, "no.such:1"))


async def test_storage_trouble_is_said_plainly_with_a_reference_and_gives_back_what_was_typed(server: Server) -> None:
    server.expect_trouble()
    form = await server.send(server.ana, f"ci.new:{server.chapters['London']}")
    await server.store.close()
    answer = await server.fill(server.ana, form, people="12", note="We grew vegetables")
    assert answer.ephemeral
    shown = server.text_of(answer)
    assert re.search(r"This could not be stored just now.* the reference [A-Z2-9]{5}\.", shown)
    assert "We grew vegetables" in shown
    assert "12" in shown
    assert "Error" not in shown
