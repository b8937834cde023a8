"""What coordinators are told when the care for the database fails: once, in words, with whom to ask."""

from datetime import timedelta

from bot.services import upkeep
from bot.services.upkeep import BACKUP, FAILED
from tests.flows.rig import Server


async def test_coordinators_are_told_once_that_backups_fail_until_one_succeeds(server: Server) -> None:
    for hours in range(3):
        await upkeep.note_failed(server.store, BACKUP, FAILED, server.now + timedelta(hours=hours))
    await server.restart()
    await server.run_due()
    told = server.last(server.facilitators)
    assert len(server.messages(server.facilitators)) == 1
    assert server.notified(told) == ["Coordinators"]
    assert "Since <20 October 2026> the nightly backup of everything that is entered here could not be made." in server.text_of(told)
    assert "Ask whoever runs the bot to look at it" in server.text_of(told)
    shown = await server.slash(server.cora, "setup")
    assert "the nightly backup of everything that is entered here could not be made" in server.text_of(shown)
    await server.advance(hours=4)
    await upkeep.note_done(server.store, BACKUP, server.now)
    assert "backup" not in server.text_of(await server.slash(server.cora, "setup"))
    await upkeep.note_failed(server.store, BACKUP, FAILED, server.now + timedelta(hours=1))
    await server.run_due()
    assert len(server.messages(server.facilitators)) == 1
    await server.advance(hours=2)
    assert len(server.messages(server.facilitators)) == 2


async def test_what_goes_well_by_now_is_not_told_any_more(server: Server) -> None:
    await upkeep.note_failed(server.store, BACKUP, FAILED, server.now)
    await upkeep.note_done(server.store, BACKUP, server.now)
    await server.run_due()
    assert server.messages(server.facilitators) == []


async def test_differences_are_told_to_the_server_that_has_them(server: Server) -> None:
    await upkeep.note_differs(server.store, {server.guild.id: 2, server.elsewhere.id: 9}, server.now)
    await server.run_due()
    said = server.text_of(server.last(server.facilitators))
    assert "The weekly look at all figures found 2 that are not what was entered." in said
