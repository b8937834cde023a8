"""/scoreboard public in Discord: who may, what the answer says, and that nothing waits for a configuration that is not there."""

from bot.services.public import Address
from db import organisations
from tests.flows.rig import Server


async def test_coordinators_switch_the_page_and_are_told_what_is_public_and_what_never(server: Server) -> None:
    refused = await server.slash(server.mo, "scoreboard public on")
    assert refused.ephemeral
    assert "Only coordinators can do this" in server.text_of(refused)
    shown = await server.slash(server.cora, "scoreboard public on")
    text = server.text_of(shown)
    assert shown.ephemeral
    for said in ("The public page is on", "**Public**", "**Never**", "private notes", "set web.enabled and web.public_url", "/o/"):
        assert said in text, said
    async with server.store.read() as c:
        organisation = await organisations.find(c, server.guild.id)
    assert organisation is not None
    assert (organisation.public_since, organisation.public_name) == (server.now, server.guild.name)
    await server.restart()
    server.bot.address = Address("https://goals.example.org", everywhere=True)
    again = server.text_of(await server.slash(server.cora, "scoreboard public on"))
    assert "on, as it was" in again
    assert f"https://goals.example.org/o/{organisation.slug}" in again.replace("\\", "")
    assert "switched the public page on" in server.text_of(await server.slash(server.mo, "log", kind="page"))
    off = server.text_of(await server.slash(server.cora, "scoreboard public off"))
    assert "Nobody can read it from now on." in off
    assert "There is no public page, as before" in server.text_of(await server.slash(server.cora, "scoreboard public off"))
