"""The rig itself: a walk that proves nothing would let every other walk through."""

from datetime import timedelta

from tests.flows.rig import BEGINS, Server


async def test_the_server_begins_at_a_known_moment_and_lets_time_pass(server: Server) -> None:
    assert abs(server.now - BEGINS) < timedelta(minutes=1)
    await server.advance(days=2)
    assert abs(server.now - BEGINS - timedelta(days=2)) < timedelta(minutes=5)


async def test_an_unknown_button_is_answered_before_and_after_a_restart(server: Server) -> None:
    before = await server.send(server.ana, "no.such:1")
    await server.restart()
    after = await server.send(server.ana, "no.such:1")
    assert server.text_of(before) == server.text_of(after)
    assert "no longer works" in server.text_of(after)
    assert before.ephemeral
    assert after.ephemeral
