"""Which of the twelve questions are asked: what is left out is gone from card, form and post, and what was published stays."""

import pytest

from db import policies
from tests.flows.rig import Server

PERIOD = "2026-10"


async def ask(server: Server, *questions: str) -> None:
    async with server.store.write() as c:
        await policies.put(c, server.guild.id, "questions", list(questions), server.now, None)


@pytest.fixture
async def november(server: Server) -> Server:
    await server.advance(days=14)
    return server


async def part(server: Server, name: str, **typed: str) -> None:
    form = await server.send(server.ana, f"rp.part:{server.chapters['London']}:{PERIOD}:{name}")
    await server.fill(server.ana, form, **typed)


async def test_a_part_of_which_nothing_is_asked_is_not_there(november: Server) -> None:
    server = november
    await ask(server, "members", "changing")
    card = await server.send(server.ana, f"rp.card:{server.chapters['London']}:{PERIOD}")
    assert "Activity" not in server.buttons(card)
    assert "May be shared: off" not in server.buttons(card)
    shown = server.text_of(card)
    assert "Open: People, In words" in shown
    assert "private note" not in shown
    form = await server.send(server.ana, f"rp.part:{server.chapters['London']}:{PERIOD}:words")
    assert set(server.offered(form)) == {"changing"}
    old_button = await server.send(server.ana, f"rp.part:{server.chapters['London']}:{PERIOD}:activity")
    assert "Nothing is asked in this part any more." in server.text_of(old_button)


async def test_what_a_draft_said_to_a_question_that_is_not_asked_any_more_is_not_published(november: Server) -> None:
    server = november
    await part(server, "people", members="40", met="12")
    await ask(server, "met", "help")
    london = server.chapters["London"]
    assert "40 members" not in server.text_of(await server.send(server.ana, f"rp.pre:{london}:{PERIOD}"))
    await server.send(server.ana, f"rp.pub:{london}:{PERIOD}")
    read = server.text_of(await server.send(server.mo, f"rp.read:{london}:{PERIOD}"))
    assert "12 met face to face" in read
    assert "40 members" not in read


async def test_what_was_published_before_stays_and_a_correction_does_not_lose_it(november: Server) -> None:
    server, london = november, november.chapters["London"]
    await part(server, "people", members="40", met="12")
    await server.send(server.ana, f"rp.pub:{london}:{PERIOD}")
    await ask(server, "met", "help")
    assert "40 members" in server.text_of(await server.send(server.mo, f"rp.read:{london}:{PERIOD}"))
    await part(server, "people", met="13")
    await server.send(server.ana, f"rp.pub:{london}:{PERIOD}")
    read = server.text_of(await server.send(server.mo, f"rp.read:{london}:{PERIOD}"))
    assert "40 members · 13 met face to face" in read


async def test_a_form_that_was_open_when_a_question_was_dropped_stores_the_others(november: Server) -> None:
    server, london = november, november.chapters["London"]
    form = await server.send(server.ana, f"rp.part:{london}:{PERIOD}:people")
    await ask(server, "met", "help")
    await server.fill(server.ana, form, members="40", met="12")
    await server.send(server.ana, f"rp.pub:{london}:{PERIOD}")
    read = server.text_of(await server.send(server.mo, f"rp.read:{london}:{PERIOD}"))
    assert "12 met face to face" in read
    assert "40 members" not in read


@pytest.mark.parametrize("questions", [("members",), ("kinds",), ("help",), ("tried", "worked"), ("met", "private_note", "dues")])
async def test_a_report_can_be_made_whatever_is_asked(november: Server, questions: tuple[str, ...]) -> None:
    server, london = november, november.chapters["London"]
    await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-21", people=12)
    await ask(server, *questions)
    card = await server.send(server.ana, f"rp.card:{london}:{PERIOD}")
    typed = {"members": "9", "met": "8", "tried": "2", "worked": "1", "help": "A room.", "kinds": ["meeting"], "private_note": "quiet"}
    for name, label in (("people", "People"), ("activity", "Activity"), ("words", "In words")):
        if label in server.buttons(card):
            form = await server.send(server.ana, f"rp.part:{london}:{PERIOD}:{name}")
            await server.fill(server.ana, form, **{each: typed[each] for each in server.offered(form) if each in typed})
    done = server.text_of(await server.send(server.ana, f"rp.pub:{london}:{PERIOD}"))
    assert "Thank you." in done
    assert "Quiet" not in server.text_of(await server.send(server.mo, f"rp.read:{london}:{PERIOD}"))
