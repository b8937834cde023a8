"""The report gives something back: what it changed, whose turn is next, and who finds the same thing hard."""

from datetime import UTC, datetime

import pytest
from simcord.actors import MemberActor
from simcord.results import InteractionResult

from bot.domain.chapters import Visibility
from bot.locales.pseudo import everywhere
from db import chapters, people, summaries
from tests.flows.rig import Server

FIRST_OF_NOVEMBER = datetime(2026, 11, 1, 9, 5, tzinfo=UTC)
OURS, THEIRS = "Rooms are hard to find.", "It is hard to find a room in winter. We cook well."


async def publishes(server: Server, person: MemberActor, chapter: str, hard: str, *, shares: bool = True) -> InteractionResult:
    """A chapter's October with what is hard, published; the answer to Publish."""
    at = f"{server.chapters[chapter]}:2026-10"
    await server.send(person, f"rp.save:{at}:words:0:1", hard=hard)
    if shares:
        await server.send(person, f"rp.share:{at}:on")
    return await server.send(person, f"rp.pub:{at}")


@pytest.fixture
async def november(server: Server) -> Server:
    await server.advance_to(FIRST_OF_NOVEMBER)
    return server


async def test_who_finds_the_same_hard_is_named_quoted_and_can_be_written_to(november: Server) -> None:
    server = november
    await publishes(server, server.lea, "Leeds", THEIRS)
    thanks = await publishes(server, server.ana, "London", OURS)
    assert "Leeds finds this hard too: “It is hard to find a room in winter.” Write to its admins?" in server.text_of(thanks)
    await server.restart()
    shown = await server.press(server.ana, thanks, "Admins of Leeds")
    assert shown.ephemeral
    said = server.text_of(shown)
    assert "### Leeds · October 2026" in said
    assert "**What is hard**\nIt is hard to find a room in winter. We cook well." in said
    assert "Its admins: @Lea. Press a name to write to that person." in said
    assert server.notified(shown) == []
    assert "We cook well." in server.text_of(await server.press(server.ana, shown, "Read"))


@pytest.mark.parametrize(("ours", "theirs"), [(False, True), (True, False), (False, False)])
async def test_nobody_is_named_unless_both_let_it_be_shared(november: Server, ours: bool, theirs: bool) -> None:
    await publishes(november, november.lea, "Leeds", THEIRS, shares=theirs)
    thanks = await publishes(november, november.ana, "London", OURS, shares=ours)
    assert "Leeds" not in november.text_of(thanks)
    assert "Admins of Leeds" not in november.buttons(thanks)


@pytest.mark.parametrize("person", ["ana", "lea"])
async def test_once_either_shares_no_more_nothing_is_quoted(november: Server, person: str) -> None:
    server = november
    await publishes(server, server.lea, "Leeds", THEIRS)
    thanks = await publishes(server, server.ana, "London", OURS)
    own = {"ana": "London", "lea": "Leeds"}[person]
    await server.send(server.people[person], f"rp.share:{server.chapters[own]}:2026-10:off")
    said = server.text_of(await server.press(server.ana, thanks, "Admins of Leeds"))
    assert said == "Reports are quoted only while both chapters share them, and this is no longer so. /reports read still works."


@pytest.mark.parametrize("change", [{"visibility": Visibility.HIDDEN.value}, {"archived_at": FIRST_OF_NOVEMBER}])
async def test_a_chapter_that_is_hidden_or_archived_is_not_named_and_no_old_button_names_it(
    november: Server, change: dict[str, object]
) -> None:
    server = november
    await publishes(server, server.lea, "Leeds", THEIRS)
    thanks = await publishes(server, server.ana, "London", OURS)
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["Leeds"], **change)
        await summaries.refresh(c, server.guild.id, [server.chapters["Leeds"]], server.now)
    assert "no longer so" in server.text_of(await server.press(server.ana, thanks, "Admins of Leeds"))
    assert "Leeds" not in server.text_of(await server.send(server.ana, f"rp.pub:{server.chapters['London']}:2026-10"))


async def test_a_hidden_chapter_hears_of_nobody(november: Server) -> None:
    server = november
    await publishes(server, server.lea, "Leeds", THEIRS)
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["London"], visibility=Visibility.HIDDEN.value)
    assert "Leeds" not in server.text_of(await publishes(server, server.ana, "London", OURS))


async def test_a_chapter_without_admins_is_not_named_because_nobody_could_be_written_to(november: Server) -> None:
    server = november
    await publishes(server, server.lea, "Leeds", THEIRS)
    async with server.store.write() as c:
        await people.remove_admin(c, server.guild.id, server.chapters["Leeds"], server.lea.id)
        await summaries.refresh(c, server.guild.id, [server.chapters["Leeds"]], server.now)
    assert "Leeds" not in server.text_of(await publishes(server, server.ana, "London", OURS))


async def test_a_text_that_was_taken_out_is_quoted_no_more(november: Server) -> None:
    server = november
    await publishes(server, server.lea, "Leeds", THEIRS)
    thanks = await publishes(server, server.ana, "London", OURS)
    await server.send(server.lea, f"rp.gone:{server.chapters['Leeds']}:2026-10:hard")
    assert "no longer so" in server.text_of(await server.press(server.ana, thanks, "Admins of Leeds"))


async def test_strangers_other_servers_and_forged_buttons_learn_nothing(november: Server) -> None:
    server = november
    await publishes(server, server.lea, "Leeds", THEIRS)
    await publishes(server, server.ana, "London", OURS)
    london, leeds = server.chapters["London"], server.chapters["Leeds"]
    address = f"rp.echo:{london}:2026-10:{leeds}:2026-10"
    for person in (server.mo, server.lea, server.fay, server.eve):
        assert "room" not in server.text_of(await server.send(person, address))
    for forged in (f"rp.echo:{london}:2026-10:999:2026-10", f"rp.echo:{london}:2026-10:{leeds}:2026-09", f"rp.echo:{london}:2026-10"):
        assert "room" not in server.text_of(await server.send(server.ana, forged))


async def test_what_is_quoted_stays_plain_words(november: Server) -> None:
    server = november
    hostile = f"**Rooms** [are](https://e.example) hard to find @everyone <@{server.mo.id}> \u202eabc."
    await publishes(server, server.lea, "Leeds", hostile)
    thanks = await publishes(server, server.ana, "London", "Rooms are hard to find, everyone.")
    words = " ".join(server.words(thanks))
    assert r"“\*\*Rooms\*\* \[are\](https://e.example) hard to find @" + "\u200b" + "everyone" in words
    assert "\u202e" not in words
    assert server.notified(thanks) == []


async def test_a_long_passage_is_quoted_in_part_and_shown_whole_at_the_click(november: Server) -> None:
    server = november
    long = "Rooms that are warm, dry, central, quiet and cheap are hard to find in this town of ours, " * 4
    await publishes(server, server.lea, "Leeds", long.strip())
    thanks = await publishes(server, server.ana, "London", long.strip())
    assert "…” Write to its admins?" in server.text_of(thanks)
    assert long.strip() in server.text_of(await server.press(server.ana, thanks, "Admins of Leeds"))


async def test_thanks_say_until_when_the_chapter_functions_and_whose_turn_is_next(server: Server) -> None:
    await server.slash(server.ana, "checkin", kind="education", people=14)
    await server.advance_to(FIRST_OF_NOVEMBER)
    said = server.text_of(await publishes(server, server.ana, "London", OURS, shares=False))
    assert "London functions until 4 December 2026; a meeting by then carries it on." in said
    assert "Next month it is @Ben's turn." in said


async def test_every_word_of_it_can_be_translated(november: Server) -> None:
    server = november
    with everywhere():
        await publishes(server, server.lea, "Leeds", THEIRS)
        thanks = await publishes(server, server.ana, "London", OURS)
        server.assert_translated(thanks, "It is hard to find a room in winter.")
        server.assert_translated(await server.press(server.ana, thanks, "Leeds"), THEIRS)
