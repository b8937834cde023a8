"""Check-ins as people meet them: what is answered, what is refused, and what outlives a restart."""

import pytest

from bot.locales.pseudo import everywhere
from db import checkins
from tests.flows.rig import Server


async def test_a_checkin_is_stored_and_says_what_it_changed(server: Server) -> None:
    answer = await server.slash(server.ana, "checkin", kind="meeting", people=14, format="in_person", note="On growing vegetables")
    assert answer.ephemeral
    shown = server.text_of(answer)
    print(shown)
