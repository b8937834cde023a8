"""A published report is put right: the newest counts, the first day stays, the post says so, and the private note stays private."""

from datetime import UTC, date, datetime

import pytest
from simcord.results import InteractionResult
from sqlalchemy import select

from bot.domain.chapters import Dues
from bot.services.facts import Key, confirm
from db import facts, organisations
from db.tables import change, report, report_part, report_version
from tests.flows.rig import Server

FIRST_OF_NOVEMBER = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)
LATER = datetime(2026, 12, 12, 15, 0, tzinfo=UTC)


@pytest.fixture
async def out(server: Server) -> Server:
    """A server in which Ana has published London's October."""
    await server.advance_to(FIRST_OF_NOVEMBER)
    at = f"{server.chapters['London']}:2026-10"
    await server.send(server.ana, f"rp.save:{at}:people:0:1", members="40", met="14")
    await server.send(server.ana, f"rp.save:{at}:words:0:2", hard="Rita is ill", dues=Dues.DECLINED, private_note="Call me")
    await server.send(server.ana, f"rp.pub:{at}")
    return server


async def corrected(server: Server, **people: str) -> InteractionResult:
    """Ben puts the numbers right and publishes them."""
    card = await server.press(server.ben, await server.slash(server.ben, "reports read", month="2026-10"), "Correct")
    card = await server.fill(server.ben, await server.press(server.ben, card, "People"), **people)
    return await server.press(server.ben, card, "Publish")


def post(server: Server) -> str:
    (thread,) = [each for each in server.reports.threads if each.name == "London · October 2026"]
    return server.text_of(thread.history()[0])


async def logged(server: Server, kind: str) -> list[list[str]]:
    async with server.store.read() as c:
        return list(await c.scalars(select(change.c.fields).where(change.c.kind == kind).order_by(change.c.id)))


async def test_a_correction_weeks_later_by_another_admin_counts_and_the_first_day_and_author_stay(out: Server) -> None:
    await out.advance_to(LATER)
    thanks = out.text_of(await corrected(out, members="42"))
    assert "The correction of London's October 2026 is published. → [read it](" in thanks
    assert "by @Ana · comments welcome below" in post(out)
    assert "Edited by @Ben <12 December 2026 15:00>" in post(out)
    read = out.text_of(await out.slash(out.mo, "reports read", month="2026-10"))
    assert "42 members" in read
    assert "by @Ana, <1 November 2026>" in read
    assert "Edited by @Ben <12 December 2026 15:00>" in read
    assert "Last report: October 2026, published <1 November 2026>" in out.text_of(await out.slash(out.mo, "chapter status"))
    assert "Published by @Ana <1 November 2026>" in out.text_of(out.messages(out.london)[0])
    async with out.store.read() as c:
        stored = (await c.execute(select(report.c.first_published_on, report.c.members).where(report.c.version == 2))).one()
    assert (stored.first_published_on, stored.members) == (date(2026, 11, 1), 42)


async def test_earlier_versions_are_kept_and_the_log_names_what_changed(out: Server) -> None:
    await corrected(out, members="42")
    async with out.store.read() as c:
        versions = list(await c.scalars(select(report_version.c.answers).order_by(report_version.c.version)))
    assert [answers["people"]["members"] for answers in versions] == [40, 42]
    assert await logged(out, "report.correct") == [["members"]]


async def test_two_admins_who_correct_the_same_part_are_shown_both(out: Server) -> None:
    card = await out.press(out.ben, await out.slash(out.ben, "reports read"), "Correct")
    bens, anas = await out.press(out.ben, card, "People"), await out.press(out.ana, out.last(out.london), "Correct")
    anas = await out.fill(out.ana, await out.press(out.ana, anas, "People"), members="41")
    both = await out.fill(out.ben, bens, members="43")
    assert "@Ana saved: 41 members" in out.text_of(both)
    assert "40 members" in post(out), "nothing shows before Publish"
    taken = await out.press(out.ben, both, "Take mine")
    await out.press(out.ben, taken, "Publish")
    assert "43 members" in post(out)


async def test_publishing_a_correction_twice_makes_one_version(out: Server) -> None:
    await corrected(out, members="42")
    again = await out.send(out.ana, f"rp.pub:{out.chapters['London']}:2026-10")
    assert "is published" in out.text_of(again)
    async with out.store.read() as c:
        assert len(list(await c.scalars(select(report_version.c.version)))) == 2
    assert "Edited by @Ben" in post(out)


async def test_a_correction_after_a_text_was_taken_out_does_not_bring_it_back(out: Server) -> None:
    await out.send(out.ana, f"rp.gone:{out.chapters['London']}:2026-10:hard")
    await corrected(out, members="42")
    form = await out.press(out.ben, await out.press(out.ben, await out.slash(out.ben, "reports read"), "Correct"), "In words")
    assert out.offered(form)["hard"] == ""
    assert "42 members" in post(out)
    assert "Rita" not in post(out)


async def test_a_private_note_changed_afterwards_is_stored_and_never_public(out: Server) -> None:
    card = await out.press(out.ana, await out.slash(out.ana, "reports read"), "Correct")
    card = await out.fill(out.ana, await out.press(out.ana, card, "In words"), private_note="SECRET words")
    thanks = await out.press(out.ana, card, "Publish")
    read = await out.slash(out.mo, "reports read")
    assert not any("SECRET" in said for said in (out.text_of(card), out.text_of(thanks), out.text_of(read), post(out)))
    assert "Edited" not in post(out), "what is public did not change"
    async with out.store.read() as c:
        assert "SECRET" not in str(list(await c.scalars(select(report_version.c.answers))))
        assert "SECRET" in str(list(await c.scalars(select(report_part.c.answers))))
    named = [*await logged(out, "report.save"), *await logged(out, "report.publish"), *await logged(out, "report.correct")]
    assert "private_note" not in str(named)


async def test_a_coordinator_neither_sees_nor_changes_the_private_note(out: Server) -> None:
    card = await out.slash(out.cora, "report", month="2026-10", chapter="London")
    card = await out.press(out.cora, card, "Correct")
    assert "Private note: written" in out.text_of(card)
    form = await out.press(out.cora, card, "In words")
    assert "private_note" not in out.offered(form)
    assert "Call me" not in out.text_of(form)
    await out.fill(out.cora, form, changing="We grow")
    await out.send(out.cora, f"rp.save:{out.chapters['London']}:2026-10:words:2:9", private_note="forged")
    mine = await out.press(out.ana, await out.press(out.ana, await out.slash(out.ana, "reports read"), "Correct"), "In words")
    assert out.offered(mine)["private_note"] == "Call me"


async def test_correcting_something_else_does_not_say_again_what_was_said_of_dues(out: Server) -> None:
    await out.advance_to(LATER)
    guild, london = out.guild.id, out.chapters["London"]
    async with out.store.write() as c:
        value, day = Dues.COLLECTING.value, LATER.date()
        await confirm(c, guild, chapter_id=london, key=Key.DUES, value=value, day=day, now=LATER, by=out.ben.id)
    await corrected(out, members="42")
    async with out.store.read() as c:
        known = await facts.newest(c, guild, Key.DUES, chapter_id=london)
    assert known is not None
    assert known.value == Dues.COLLECTING


async def test_a_form_that_does_not_ask_about_dues_leaves_them(out: Server) -> None:
    card = await out.press(out.ana, await out.slash(out.ana, "reports read"), "Correct")
    form = await out.press(out.ana, card, "In words")
    assert "dues" not in out.offered(form)
    card = await out.fill(out.ana, form, changing="We grow")
    assert "Dues: answered" in out.text_of(card)
    await out.press(out.ana, card, "Publish")
    assert await logged(out, "report.correct") == [["changing"]]


async def test_the_post_is_put_right_also_when_no_channel_is_set_any_more(out: Server) -> None:
    async with out.store.write() as c:
        await organisations.change(c, out.guild.id, {"reports_channel": None})
    said = out.text_of(await corrected(out, members="42"))
    assert "No reports channel" not in said
    assert "42 members" in post(out)


async def test_only_the_chapters_own_people_correct_and_only_its_admins_publish(out: Server) -> None:
    at = f"{out.chapters['London']}:2026-10"
    assert "Only London's admins and coordinators" in out.text_of(await out.send(out.mo, f"rp.edit:{at}"))
    assert "Only London's admins can publish its report" in out.text_of(await out.send(out.cora, f"rp.pub:{at}"))
    assert "Correct" not in out.buttons(await out.slash(out.mo, "reports read"))


async def test_putting_off_a_report_stands_in_the_log_once(server: Server) -> None:
    await server.advance_to(FIRST_OF_NOVEMBER)
    for label in ("Remind me in 3 days", "Remind me in 3 days", "Remind me tomorrow"):
        await server.press(server.ana, server.last(server.london), label)
    assert await logged(server, "report.later") == [["later_until"]]
