"""A chapter's reports as people look through them."""

from datetime import UTC, datetime

import pytest

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.reports import People, Report
from bot.domain.rights import Caller
from bot.services import report_list
from db import chapters, reports, summaries
from db.reports import Past
from tests.conftest import Statements
from tests.flows.rig import Server
from tests.flows.test_reports import prompted, published

READ, FILL = "Read one of them", "Fill one in after all"


async def many(server: Server, number: int) -> None:
    """So many reports of London, published month after month up to September."""
    london, at = server.chapters["London"], datetime(2026, 10, 1, 9, tzinfo=UTC)
    months = [Month(2026, 9).plus(-n) for n in range(number)]
    answers = [Past(london, month, at, at.date(), server.ana.id, Report(people=People(40, 14)), {}) for month in months]
    async with server.store.write() as c:
        await reports.add_many(c, server.guild.id, {london: months}, answers)
        await summaries.refresh(c, server.guild.id, [london], server.now)


async def test_all_can_look_through_a_chapters_reports_and_read_one_after_a_restart(server: Server) -> None:
    await published(server)
    answer = await server.slash(server.mo, "reports list")
    assert answer.ephemeral
    said = server.text_of(answer)
    (post,) = server.reports.threads
    assert "### Reports of London" in said
    assert "**October 2026** · published" in said
    assert f"https://discord.com/channels/{server.guild.id}/{post.id}/" in said
    assert server.buttons(answer) == []
    await server.restart()
    reading = await server.choose(server.mo, answer, READ, "October 2026")
    assert reading.ephemeral
    assert "40 members · 14 met face to face" in server.text_of(reading)


async def test_what_was_skipped_or_missed_is_shown_without_its_reason_and_can_be_filled_in_by_admins(server: Server) -> None:
    await prompted(server)
    form = await server.press(server.ana, server.last(server.london), "Skip")
    await server.fill(server.ana, form, reason="Between two rooms")
    await server.advance_to(datetime(2027, 1, 1, 9, 5, tzinfo=UTC))
    answer = await server.slash(server.mo, "reports list", chapter="London")
    assert server.text_of(answer).splitlines() == [
        "### Reports of London",
        "**November 2026** · not answered",
        "**October 2026** · skipped",
    ]
    own = await server.slash(server.ana, "reports list")
    assert server.choices(own, FILL) == ["November 2026", "October 2026"]
    await server.restart()
    card = await server.choose(server.ana, own, FILL, "November 2026")
    assert "this month is no longer asked for, but you can still publish it" in server.text_of(card)
    assert "Fill it in after all" in server.text_of(await server.choose(server.ana, own, FILL, "October 2026"))
    assert "How was December 2026 in London?" in server.text_of(await server.press(server.ana, own, "Report"))


async def test_a_report_that_is_begun_but_superseded_is_missed_and_one_still_asked_for_is_not_listed(server: Server) -> None:
    await prompted(server)
    await server.fill(server.ana, await server.press(server.ana, server.last(server.london), "People"), members="40")
    assert "There is none yet." in server.text_of(await server.slash(server.mo, "reports list"))
    await server.advance_to(datetime(2026, 12, 1, 9, 5, tzinfo=UTC))
    assert "**October 2026** · not answered" in server.text_of(await server.slash(server.mo, "reports list"))


async def test_ten_stand_on_a_page_and_the_pages_outlive_a_restart(server: Server) -> None:
    await many(server, 23)
    answer = await server.slash(server.mo, "reports list")
    assert "Page 1 of 3, newest first." in server.text_of(answer)
    assert server.choices(answer, READ)[0] == "September 2026"
    assert len(server.choices(answer, READ)) == 10
    await server.restart()
    older = await server.press(server.mo, answer, "Older")
    assert server.choices(older, READ)[0] == "November 2025"
    assert server.buttons(older) == ["Newer", "Older"]
    last = await server.send(server.mo, f"rp.list:{server.chapters['London']}:99999999")
    assert "Page 3 of 3" in server.text_of(last)


async def test_an_empty_list_says_the_next_step(server: Server) -> None:
    assert "Its admins are asked once a month" in server.text_of(await server.slash(server.mo, "reports list", chapter="Leeds"))
    own = await server.slash(server.ana, "reports list")
    assert "The button Report opens the newest one" in server.text_of(own)
    assert server.buttons(own) == ["Report"]


async def test_a_status_leads_to_the_reports(server: Server) -> None:
    await published(server)
    status = await server.slash(server.mo, "chapter status")
    await server.restart()
    assert "### Reports of London" in server.text_of(await server.press(server.mo, status, "Reports"))


async def test_a_hidden_chapters_reports_are_for_its_own_people_only(server: Server) -> None:
    await many(server, 11)
    answer = await server.slash(server.mo, "reports list")
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["London"], visibility=Visibility.HIDDEN.value)
    gone = "This chapter is not in this server any more."
    assert server.text_of(await server.press(server.mo, answer, "Older")).startswith(gone)
    assert server.text_of(await server.choose(server.mo, answer, READ, "August 2026")).startswith(gone)
    assert "There is no chapter “London” here." in server.text_of(await server.slash(server.cora, "reports list", chapter="London"))
    assert "Page 1 of 2" in server.text_of(await server.slash(server.ana, "reports list"))


async def test_what_cannot_be_shown_is_refused(server: Server) -> None:
    await many(server, 1)
    london = server.chapters["London"]
    assert "Did you mean London?" in server.text_of(await server.slash(server.mo, "reports list", chapter="Lundon"))
    assert "not set up here" in server.text_of(await server.slash(server.eve, "reports list", chapter="London"))
    assert "London" not in server.text_of(await server.send(server.eve, f"rp.list:{london}:0"))
    assert "no longer works" in server.text_of(await server.send(server.mo, f"rp.pick:{london}"))
    assert "no longer works" in server.text_of(await server.send(server.ana, f"rp.fill:{london}"))
    with pytest.raises(report_list.access.Refusal, match="In direct messages only"):
        await report_list.listed(server.store, Caller(server.mo.id, None), london, 0, server.now)


async def test_a_page_is_a_few_indexed_reads(server: Server, statements: Statements) -> None:
    await many(server, 60)
    statements.clear()
    await server.slash(server.mo, "reports list", chapter="London")
    assert len(statements) <= 12
    assert not [line for plan in await statements.plans(server.store) for line in plan.splitlines() if line.startswith("SCAN report")]
