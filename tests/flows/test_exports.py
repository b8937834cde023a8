"""/export as people meet it: a file that only the asker sees, with their own data in it, made by a process beside the bot."""

import asyncio
import csv
import json
import sys
import time
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from bot.domain.exports import Format, What
from bot.domain.rights import Caller
from bot.services.exports import asking, restoring
from cogs.request import Request
from db.tables import change
from tests.flows.rig import Server


async def file_of(server: Server, who: str, what: str, written: str = "json") -> tuple[str, bytes, str]:
    """The name, the bytes and the words of an answer that only the asker sees."""
    shown = await server.slash(server.people[who], "export", what=what, format=written)
    message = server.message(shown)
    assert shown.ephemeral, "only the asker may see it"
    (attached,) = message.attachments
    return attached.filename, await attached.read(), server.text_of(shown)


async def rows(server: Server, who: str, what: str) -> list[dict[str, object]]:
    return list(json.loads((await file_of(server, who, what))[1])["rows"])


async def lines(server: Server) -> list[tuple[int | None, str, int | None]]:
    async with server.store.read() as c:
        found = await c.execute(select(change).where(change.c.kind.startswith("export.")).order_by(change.c.id))
        return [(row.made_by, row.kind, row.chapter_id) for row in found]


async def test_a_coordinator_gets_every_chapter_as_a_file_and_the_log_says_so(server: Server) -> None:
    name, written, said = await file_of(server, "cora", "chapters", "csv")
    assert name == f"chapters-{server.now:%Y-%m-%d}.csv"
    assert {row["name"] for row in csv.DictReader(StringIO(written.decode("utf-8-sig")))} == set(server.chapters)
    assert "rows" in said
    assert await lines(server) == [(server.cora.id, "export.chapters", None)]
    assert "took the list of chapters out" in server.text_of(await server.slash(server.mo, "log"))


async def test_an_admin_gets_their_own_chapter_and_no_other(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="meeting", people=7, note="=1+1")
    await server.slash(server.lea, "checkin", kind="meeting", people=9)
    own = await rows(server, "ana", "checkins")
    assert [(row["chapter"], row["people"], row["note"]) for row in own] == [("London", 7, "=1+1")]
    assert {row["chapter"] for row in await rows(server, "cora", "checkins")} == {"London", "Leeds"}
    assert (server.ana.id, "export.checkins", server.chapters["London"]) in await lines(server)


async def test_members_get_no_file_and_admins_none_of_the_whole_organisation(server: Server) -> None:
    for who, what in (("mo", "chapters"), ("ana", "goals"), ("ana", "values"), ("ana", "archive")):
        shown = await server.slash(server.people[who], "export", what=what, format="csv")
        assert shown.ephemeral
        assert server.message(shown).attachments == []
        assert "Only" in server.text_of(shown)
        assert "can do this" in server.text_of(shown)
    assert await lines(server) == []


async def test_a_hidden_chapter_and_private_notes_are_in_their_own_admins_files_alone(server: Server) -> None:
    month = "2026-09"
    london = server.chapters["London"]
    form = await server.send(server.ana, f"rp.part:{london}:{month}:words")
    await server.fill(server.ana, form, hard="Our room is small.", private_note="We are afraid.")
    await server.send(server.ana, f"rp.pub:{london}:{month}")
    assert [row["private_note"] for row in await rows(server, "ana", "reports")] == ["We are afraid."]
    assert [row["private_note"] for row in await rows(server, "cora", "reports")] == [None]
    await server.slash(server.ana, "chapter visibility", level="hidden")
    assert await rows(server, "cora", "reports") == []
    assert [row["chapter"] for row in await rows(server, "ana", "reports")] == ["London"]
    for what in ("chapters", "checkins", "log"):
        assert "London" not in str(await rows(server, "cora", what)).replace("Europe/London", "")


async def test_the_archive_that_coordinators_get_says_what_is_not_in_it_and_can_be_restored(server: Server) -> None:
    await server.slash(server.ana, "chapter visibility", level="hidden")
    name, written, said = await file_of(server, "cora", "archive")
    assert name.endswith(".zip")
    assert "Not in it: hidden chapters, private notes" in said
    with ZipFile(BytesIO(written)) as opened:
        manifest = json.loads(opened.read("manifest.json"))
        everything = b"".join(opened.read(each) for each in opened.namelist())
    assert manifest["complete"] is False
    assert "hidden chapters" in manifest["left_out"]
    assert b'"London"' not in everything
    file = server.database.with_name("archive.zip")
    file.write_bytes(written)
    restored = await restoring.restore(server.store, 2**50, file, server.now)
    assert restored.chapters == len(server.chapters) - 1
    assert (await lines(server))[0] == (server.cora.id, "export.archive", None)


async def test_a_file_that_is_too_large_to_be_sent_names_the_command_that_makes_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Request, "largest_file", 10)
    shown = await server.slash(server.cora, "export", what="log", format="xlsx")
    assert f"export log --guild {server.guild.id} --format xlsx" in server.text_of(shown)
    assert server.message(shown).attachments == []
    assert await lines(server) == []


async def test_a_second_export_of_a_server_waits_for_the_first(server: Server) -> None:
    cog = server.bot.get_cog("Exports")
    assert cog is not None
    with cog.busy.at_work(server.guild.id):
        shown = await server.slash(server.cora, "export", what="goals", format="csv")
        assert "Another export is being made" in server.text_of(shown)
    assert (await file_of(server, "cora", "goals"))[0].startswith("goals-")


async def test_a_process_that_fails_is_an_apology_with_a_reference_and_leaves_no_line(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.expect_trouble()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    shown = await server.slash(server.cora, "export", what="goals", format="csv")
    assert "did not work just now" in server.text_of(shown)
    assert await lines(server) == []


async def test_the_bot_goes_on_answering_while_a_file_is_made(server: Server) -> None:
    caller = Caller(server.cora.id, server.guild.id, frozenset({server.roles["Coordinators"].id}), frozenset())
    order = await asking.order(server.store, caller, What.ARCHIVE, Format.CSV, server.now)
    heard: list[tuple[int, int]] = []

    async def told(done: int, total: int) -> None:
        heard.append((done, total))

    async def longest_pause() -> float:
        longest, before = 0.0, time.perf_counter()
        while not done.is_set():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, before = max(longest, now - before), now
        return longest

    done = asyncio.Event()
    watching = asyncio.create_task(longest_pause())
    made = await asking.make(server.store, order, server.database.with_name("x.zip"), 10**8, told)
    done.set()
    assert made.rows > 0
    assert await watching < 0.5, "nothing of it may be worked out here"
