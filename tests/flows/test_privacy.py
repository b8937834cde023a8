"""What is stored about somebody is shown to them alone, and gone when they erase it: from rows, files, posts, and from what waits."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from simcord.backend import serializers
from simcord.results import InteractionResult
from sqlalchemy import func, select

from bot.domain.refusal import Refusal
from bot.domain.rights import Caller
from bot.services import privacy
from cogs.cards.privacy import WORDS
from db import forgetting, organisations, people, persons
from db.tables import outbox
from tests.flows.rig import Server

ASK = "Yes, erase it"


async def named(server: Server, user_id: int) -> list[str]:
    """The columns in which a person of this server stands."""
    async with server.store.read() as c:
        counts = {str(column): await c.scalar(select(func.count()).where(column == user_id)) for _, column in persons.COLUMNS}
    return [name for name, count in counts.items() if count]


async def active(server: Server) -> None:
    """Ana checks in and publishes London's report; Fay looks after London and offers it a rest."""
    await server.slash(server.ana, "checkin", kind="meeting", people=14, note="Bread and roses")
    part = await server.send(server.ana, f"rp.part:{server.chapters['London']}:2026-09:people")
    await server.fill(server.ana, part, members="40", met="12")
    await server.send(server.ana, f"rp.pub:{server.chapters['London']}:2026-09")
    await server.slash(server.fay, "facilitate claim", chapter="London")
    await server.run_due()


async def erased(server: Server, who: str) -> InteractionResult:
    person = server.people[who]
    done = await server.press(person, await server.slash(person, "privacy erase"), ASK)
    await server.run_due()
    return done


def files(server: Server, user_id: int) -> list[str]:
    """The database's files in which a person's number stands, as SQLite writes it or in letters."""
    wanted, folder = (user_id.to_bytes(8, "big"), str(user_id).encode()), Path(server.database).parent
    return [file.name for file in sorted(folder.glob("chapterhouse.db*")) if any(each in file.read_bytes() for each in wanted)]


async def test_everybody_sees_all_that_is_stored_about_them_in_words_and_as_a_file(server: Server) -> None:
    await active(server)
    answer = await server.slash(server.ana, "privacy show")
    assert answer.ephemeral
    assert answer.response is not None
    said = server.text_of(answer.response)
    for line in (
        "You are admin of 1 chapter.",
        "1 check-in that you entered.",
        "1 report that you published or skipped.",
        "in the open log.",
    ):
        assert line in said
    (handed,) = answer.followups
    assert handed.ephemeral
    assert [file.filename for file in handed.attachments] == ["what-is-stored-about-me.json"]
    shown = await privacy.show(server.store, Caller(server.ana.id, server.guild.id), server.now)
    assert shown.file is not None
    tables = json.loads(shown.file)["tables"]
    assert {name: len(rows) for name, rows in tables.items()} == dict(shown.counts)
    assert tables["checkin"][0]["note"] == "Bread and roses"
    assert str(server.fay.id) not in shown.file.decode()


async def test_whoever_is_in_no_row_is_told_so(server: Server) -> None:
    assert "Nothing is stored about you here." in server.text_of(await server.slash(server.mo, "privacy show"))
    assert "It is erased" in server.text_of(await erased(server, "mo"))


async def test_erasing_asks_first_and_keeping_changes_nothing(server: Server) -> None:
    await active(server)
    before = await named(server, server.ana.id)
    asked = await server.slash(server.ana, "privacy erase")
    assert "You stop being admin of 1 chapter; the others there are told" in server.text_of(asked)
    assert "Nothing changed." in server.text_of(await server.press(server.ana, asked, "Keep it"))
    assert await named(server, server.ana.id) == before


async def test_an_admin_who_erases_themselves_is_in_no_row_and_no_file_after_a_restart_too(server: Server) -> None:
    await active(server)
    assert files(server, server.ana.id) != []
    asked = await server.slash(server.ana, "privacy erase")
    await server.restart()
    done = server.text_of(await server.press(server.ana, asked, ASK))
    assert "You are no admin or facilitator of 1 chapter any more." in done
    await server.run_due()
    assert await named(server, server.ana.id) == []
    await server.store.empty_log()
    assert files(server, server.ana.id) == []
    assert "Somebody whose name was taken out checked in for London" in server.text_of(await server.slash(server.mo, "log"))
    assert "@Ana" not in server.text_of(await server.slash(server.ben, "reports read", chapter="London"))


async def test_the_others_are_told_that_somebody_went_and_duty_passes_on(server: Server) -> None:
    await active(server)
    await erased(server, "ana")
    told = [server.text_of(message) for message in server.messages(server.london)]
    assert sum("An admin of London has erased what was stored about them" in each for each in told) == 1
    assert "@Ben" in server.text_of(await server.slash(server.mo, "chapter admins list", chapter="London"))
    await erased(server, "fay")
    told = [server.text_of(message) for message in server.messages(server.london)]
    assert sum("A facilitator of London has erased what was stored about them" in each for each in told) == 1


async def test_what_waits_for_them_is_not_sent(server: Server) -> None:
    await server.advance(days=12)
    await server.send(server.ana, f"rp.later:{server.chapters['London']}:2026-10:3")
    async with server.store.read() as c:
        waiting = select(func.count()).where(outbox.c.user_id == server.ana.id, outbox.c.state == "waiting")
        assert await c.scalar(waiting) == 1
    before = len(server.messages(server.ana))
    await erased(server, "ana")
    await server.advance(days=5)
    assert len(server.messages(server.ana)) == before


async def test_another_server_keeps_what_it_has_of_them(server: Server) -> None:
    async with server.store.write() as c:
        await organisations.create(c, server.elsewhere.id, server.now)
        await people.set_unreachable(c, server.elsewhere.id, server.ana.id, "refused", server.now)
    await erased(server, "ana")
    assert await named(server, server.ana.id) == ["unreachable.user_id"]


async def test_nobody_presses_erase_in_a_direct_message(server: Server) -> None:
    await active(server)
    with pytest.raises(Refusal):
        await privacy.erase(server.store, Caller(server.ana.id, None), server.now)
    assert await named(server, server.ana.id) != []


async def removed_at(server: Server) -> datetime | None:
    async with server.store.read() as c:
        (known,) = [each for each in await forgetting.known(c) if each.guild_id == server.guild.id]
    return known.removed_at


async def test_a_server_that_throws_the_bot_out_is_forgotten_after_30_days(server: Server) -> None:
    gone = {"id": str(server.guild.id)}
    server.world.backend.emit("GUILD_DELETE", gone)
    await server.world.settle()
    assert await removed_at(server) is not None
    await server.advance(days=29)
    assert await removed_at(server) is not None
    await server.advance(days=2)
    async with server.store.read() as c:
        assert set((await forgetting.rows_of(c, server.guild.id)).values()) == {0}


async def test_an_outage_of_a_server_is_no_farewell_and_coming_back_keeps_everything(server: Server) -> None:
    server.world.backend.emit("GUILD_DELETE", {"id": str(server.guild.id), "unavailable": True})
    await server.world.settle()
    assert await removed_at(server) is None
    server.world.backend.emit("GUILD_DELETE", {"id": str(server.guild.id)})
    await server.world.settle()
    assert await removed_at(server) is not None
    backend = server.world.backend
    backend.emit("GUILD_CREATE", serializers.guild_create_payload(backend, backend.get_guild(server.guild.id)))
    await server.world.settle()
    assert await removed_at(server) is None


def test_every_table_that_names_people_has_words_for_them() -> None:
    assert set(WORDS) == {table.name for table, _ in persons.COLUMNS}


@pytest.mark.parametrize("who", ["mo", "ana"])
async def test_erasing_twice_is_no_fault(server: Server, who: str) -> None:
    await erased(server, who)
    assert "It is erased" in server.text_of(await erased(server, who))
