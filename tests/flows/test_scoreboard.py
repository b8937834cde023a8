"""The scoreboard as people meet it: one message that keeps itself up to date, wherever it stands and whatever becomes of it."""

import re
from typing import Any

import discord
import pytest

from bot.services import goals
from tests.flows.rig import ADDED, Server
from tests.flows.test_delivery_faults import fails, heals


@pytest.fixture
async def town(server: Server) -> Server:
    """The server with the five goals that a set-up makes."""
    async with server.store.write() as c:
        await goals.create_first_goals(c, server.guild.id, ADDED.date(), ADDED, server.cora.id)
    return server


def boards(server: Server, place: Any) -> list[discord.Message]:
    """The scoreboards in a channel, oldest first."""
    return [each for each in server.messages(place) if "keeps itself up to date" in server.text_of(each)]


def pinned(server: Server, message: discord.Message) -> bool:
    return server.world.backend.get_message(message.channel.id, message.id).pinned


def edits(server: Server) -> int:
    changed = [each for each in server.world.http_requests if each.method == "PATCH" and "/messages/" in each.path]
    return len([each for each in changed if "webhooks" not in each.path])


async def test_it_is_edited_when_a_figure_changes_and_every_ten_minutes_at_most(town: Server) -> None:
    answer = await town.slash(town.cora, "scoreboard post", channel=town.general)
    assert answer.ephemeral
    assert "The scoreboard is posted in" in town.text_of(answer)
    (board,) = boards(town, town.general)
    assert pinned(town, board)
    assert "**Members**: not known yet" in town.text_of(board)

    await town.advance(minutes=30)
    assert edits(town) == 0, "no figure changed"
    await town.slash(town.cora, "goal record", goal="members", value=460)
    await town.run_due()
    await town.restart()
    await town.advance(minutes=10)
    await town.run_due()
    (board,) = boards(town, town.general)
    assert "**Members**: 460 of 5,000" in town.text_of(board)
    assert edits(town) == 1
    await town.slash(town.cora, "goal record", goal="members", value=461)
    await town.run_due()
    assert edits(town) == 1, "ten minutes have not passed"
    await town.advance(minutes=10)
    assert edits(town) == 2
    before = town.text_of(board)
    await town.advance(days=20)
    await town.run_due()
    (board,) = boards(town, town.general)
    (needed,) = set(re.findall(r"Needed: [\d.]+ more a month", town.text_of(await town.slash(town.mo, "progress", goal="members"))))
    assert needed in town.text_of(board)
    assert needed not in before
    asked = await town.press(town.mo, board, "What counts")
    assert asked.ephemeral


@pytest.mark.parametrize("fault", ["deleted", "too old"])
async def test_where_it_is_gone_or_too_old_to_be_changed_it_is_posted_anew_and_the_old_one_unpinned(town: Server, fault: str) -> None:
    await town.slash(town.cora, "scoreboard post")
    (old,) = boards(town, town.general)
    if fault == "deleted":
        town.world.backend.delete_message(old.channel.id, old.id)
    else:
        fails(town, "PATCH", f"/channels/{old.channel.id}/messages/{old.id}", 400, 30046)
    await town.slash(town.cora, "goal record", goal="members", value=460)
    await town.advance(minutes=20)
    heals(town)
    new = boards(town, town.general)[-1]
    assert new.id != old.id
    assert "**Members**: 460 of 5,000" in town.text_of(new)
    assert pinned(town, new)
    assert fault == "deleted" or not pinned(town, old)
    await town.slash(town.cora, "goal record", goal="members", value=461)
    await town.advance(minutes=20)
    assert boards(town, town.general)[-1].id == new.id


async def test_what_discord_could_not_pin_for_an_hour_is_pinned_when_it_next_changes(town: Server) -> None:
    fails(town, "PUT", f"/channels/{town.general.id}/*pins/*", 503, 0)
    await town.slash(town.cora, "scoreboard post")
    await town.run_due()
    heals(town)
    (board,) = boards(town, town.general)
    assert not pinned(town, board)
    await town.slash(town.cora, "goal record", goal="members", value=460)
    await town.advance(minutes=20)
    assert boards(town, town.general) == [board]
    assert pinned(town, board)


async def test_it_moves_and_is_taken_down_by_coordinators_alone(town: Server) -> None:
    refused = await town.slash(town.mo, "scoreboard post")
    assert refused.ephemeral
    assert "Only coordinators can do this." in town.text_of(refused)
    await town.slash(town.cora, "scoreboard post")
    answer = await town.slash(town.cora, "scoreboard post", channel=town.facilitators)
    assert "The scoreboard moves to" in town.text_of(answer)
    assert (len(boards(town, town.general)), len(boards(town, town.facilitators))) == (0, 1)
    again = await town.slash(town.cora, "scoreboard post", channel=town.facilitators)
    assert "already" in town.text_of(again)
    assert len(boards(town, town.facilitators)) == 1
    await town.restart()
    assert "Only coordinators can do this." in town.text_of(await town.send(town.ana, "sb.stop"))
    assert "is taken down" in town.text_of(await town.press(town.cora, answer, "Take it down"))
    assert boards(town, town.facilitators) == []
    assert "There is no scoreboard" in town.text_of(await town.send(town.cora, "sb.stop"))
    await town.advance(minutes=20)
    assert boards(town, town.facilitators) == []
    log = town.text_of(await town.slash(town.mo, "log"))
    assert "had the scoreboard posted" in log
    assert "had the scoreboard taken down" in log


async def test_what_the_bot_may_not_do_there_is_said_with_how_to_allow_it_and_a_lost_channel_once(town: Server) -> None:
    for name, lacks, said in (
        ("closed", "send_messages", "may not “Send Messages (in a forum: Create Posts)”, so nothing can be posted there"),
        ("loose", "pin_messages", "may not “Pin Messages”, so it is not pinned. Allow it in the channel's settings"),
        ("bare", "attach_files", "may not “Attach Files”, so the words stand there alone"),
    ):
        denied = {town.guild.default_role: discord.PermissionOverwrite(**{lacks: False})}
        town.places[name] = town.guild.create_text_channel(name, overwrites=denied)
        answer = await town.slash(town.cora, "scoreboard post", channel=town.places[name])
        assert said in town.text_of(answer)
    assert (len(boards(town, town.closed)), len(boards(town, town.loose)), len(boards(town, town.bare))) == (0, 0, 1)

    fails(town, "PATCH", f"/channels/{town.bare.id}/messages/*", 404, 10003)
    fails(town, "POST", f"/channels/{town.bare.id}/messages", 404, 10003)
    await town.slash(town.cora, "goal record", goal="members", value=460)
    await town.advance(minutes=20)
    await town.advance(days=3)
    heals(town)
    told = [town.text_of(each) for each in town.messages(town.facilitators)]
    assert len([each for each in told if "the scoreboard" in each]) == 1
    await town.slash(town.cora, "scoreboard post", channel=town.general)
    assert len(boards(town, town.general)) == 1
