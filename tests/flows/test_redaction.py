"""Taking a text out of a published report."""

from datetime import UTC, datetime

from simcord.results import InteractionResult
from sqlalchemy import select

from db.tables import change, report_part, report_version
from tests.flows.rig import Server


async def published(server: Server) -> InteractionResult:
    """London's October, published, corrected and published again; then what Ana reads of it."""
    await server.advance_to(datetime(2026, 11, 1, 9, 5, tzinfo=UTC))
    form = await server.press(server.ana, server.last(server.london), "In words")
    await server.fill(server.ana, form, hard="Rita is ill", help="A printer", private_note="Call me")
    await server.press(server.ana, server.last(server.london), "Publish")
    card = await server.press(server.ana, server.last(server.london), "Correct")
    await server.fill(server.ana, await server.press(server.ana, card, "In words"), hard="Rita is still ill")
    await server.press(server.ana, card, "Publish")
    return await server.slash(server.ana, "reports read")


def on_disk(server: Server, words: bytes) -> bool:
    """Whether the database's files hold these words, wherever in them."""
    return any(words in file.read_bytes() for file in server.database.parent.glob(f"{server.database.name}*"))


async def test_a_redacted_text_is_gone_from_every_version_and_from_the_post(server: Server) -> None:
    read = await published(server)
    assert on_disk(server, b"Rita")
    card = await server.press(server.ana, read, "Redact")
    assert server.choices(card, "Choose a text") == ["What is hard", "Help wanted"]
    asked = await server.choose(server.ana, card, "Choose a text", "What is hard")
    await server.restart()
    said = server.text_of(await server.press(server.ana, asked, "Yes, take it out"))
    assert "“What is hard” is taken out of London's October 2026." in said
    async with server.store.read() as c:
        everything = str([*await c.scalars(select(report_version.c.answers)), *await c.scalars(select(report_part.c.answers))])
        logged = (await c.execute(select(change.c.fields).where(change.c.kind == "report.redact"))).one()
    assert "Rita" not in everything
    assert "Call me" in everything
    assert logged.fields == ["hard"]
    post = server.text_of(server.reports.threads[0].history()[0])
    assert "Rita" not in post
    assert "A printer" in post
    assert on_disk(server, b"A printer")
    assert not on_disk(server, b"Rita"), "a page that was deleted, or the log of what was written, still holds it"


async def test_a_form_opened_before_cannot_bring_it_back_unseen(server: Server) -> None:
    await published(server)
    card = await server.press(server.ben, await server.slash(server.ben, "reports read"), "Correct")
    form = await server.press(server.ben, card, "In words")
    await server.send(server.ana, f"rp.gone:{server.chapters['London']}:2026-10:hard")
    assert "was changed while you wrote" in server.text_of(await server.fill(server.ben, form, changing="Growing"))


async def test_only_its_people_redact_and_only_what_is_there(server: Server) -> None:
    await published(server)
    address = f"rp.gone:{server.chapters['London']}:2026-10:hard"
    assert "Its admins are @Ana and @Ben" in server.text_of(await server.send(server.mo, address))
    assert "no longer works" in server.text_of(await server.send(server.ana, address.replace("hard", "private_note")))
    assert "has not published its report for September" in server.text_of(await server.send(server.ana, address.replace("-10", "-09")))
    assert "Redact" not in server.buttons(await server.slash(server.mo, "reports read"))
