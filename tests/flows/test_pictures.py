"""Pictures as people meet them: with the words, saying the same in words, and never in the way of an answer."""

import pytest

from bot.services import goals, pictures
from bot.services.pictures import Pictures
from tests.charts import samples
from tests.flows.rig import ADDED, Server, Shown

GALLERY = 12


def pictured(server: Server, shown: Shown) -> tuple[str, str] | None:
    """The file of an answer's one picture and what it says of itself in words; None for words alone."""
    galleries = {part["id"]: part for part in server.parts(shown) if part["type"] == GALLERY}
    attached = server.message(shown).attachments
    assert len(galleries) == len(attached) <= 1
    if not galleries:
        return None
    ((item,),) = [part["items"] for part in galleries.values()]
    assert item["media"]["url"] == attached[0].url
    return attached[0].filename, item["description"]


async def test_progress_and_a_chapters_status_come_with_a_picture_and_where_none_can_be_drawn_in_words_alone(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with server.store.write() as c:
        await goals.create_first_goals(c, server.guild.id, ADDED.date(), ADDED, server.cora.id)
    await server.slash(server.cora, "goal record", goal="members", value=460)
    assert pictured(server, await server.slash(server.mo, "progress")) is None, "this program does not draw"

    server.bot.pictures = Pictures()
    await server.bot.pictures.of(samples.ACTIVITY, patience=60)
    monkeypatch.setattr(pictures, "PATIENCE", 60)
    board = await server.slash(server.mo, "progress", share=True)
    assert not board.ephemeral
    name, words = pictured(server, board) or ("", "")
    assert name == "goals.png"
    assert "Members: 460 of 5,000, due 1 October 2028." in words
    assert "Functioning chapters: not known yet, the goal is 100, due 1 October 2028." in words

    mine = await server.slash(server.mo, "progress")
    one = await server.choose(server.mo, mine, "One goal", "Functioning chapters")
    assert pictured(server, one) == ("goal.png", "Functioning chapters: not known yet, the goal is 100, due 1 October 2028.")
    back = await server.press(server.mo, one, "All goals")
    assert pictured(server, back) == (name, words)

    assert pictured(server, await server.slash(server.ana, "chapter status")) is None, "there is nothing to be seen yet"
    await server.slash(server.ana, "checkin", kind="meeting", people=12)
    assert pictured(server, await server.slash(server.mo, "chapter status")) == (
        "activity.png",
        "Activity month by month. Meeting: 1 in Oct 2026.",
    )

    now = pictured(server, await server.slash(server.mo, "progress"))
    assert now is not None
    assert now != (name, words), "a meeting changed a figure"
    monkeypatch.setattr(pictures, "MODULE", "bot.nothing_of_this_name")
    await server.bot.pictures.close()
    assert pictured(server, await server.slash(server.mo, "progress")) == now, "what was drawn is kept"
    await server.slash(server.cora, "goal record", goal="members", value=461)
    alone = await server.slash(server.mo, "progress")
    assert pictured(server, alone) is None
    assert "**Members**: 461 of 5,000" in server.text_of(alone)
    await server.bot.pictures.close()
