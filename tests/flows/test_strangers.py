"""Whoever has no business with a chapter learns nothing of it, whatever they press."""

import inspect
from enum import StrEnum

import pytest
from simcord.results import InteractionResult

from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from cogs.layout import address
from db import chapters
from tests.flows.rig import Server


async def pressed_everything(server: Server, who: str) -> list[tuple[str, InteractionResult]]:
    """What somebody is answered to every button that concerns London."""
    answers = []
    for action, handler in server.bot.handlers.items():
        names = list(inspect.signature(handler.run).parameters)
        if "chapter_id" in names:
            parts = [_plausible(kind, name, server.chapters["London"]) for kind, name in zip(handler.types, names[1:], strict=True)]
            answers.append((action, await server.send(getattr(server, who), address(action, *parts))))
    return answers


def _plausible(kind: type, name: str, chapter_id: int) -> object:
    if name == "chapter_id":
        return chapter_id
    if kind is Month:
        return Month(2026, 9)
    if name == "month":
        return "2026-09"
    if kind is int:
        return 1
    return next(iter(kind)) if issubclass(kind, StrEnum) else "x"


# These look first at what the asker wrote or chose, and there is nothing.
NOTHING_WRITTEN = {"cc.off", "ci.mine", "ci.pick", "rp.mine", "rp.pick", "rp.fill", "rp.skipped", "fa.give", "co.dated"}
FOR_ALL = {"ci.page", "rp.all", "rp.list", "rp.read"}


@pytest.mark.parametrize("who", ["eve", "cora", "mo"])
async def test_a_hidden_chapter_is_named_by_no_button(server: Server, who: str) -> None:
    async with server.store.write() as c:
        await chapters.change(c, server.guild.id, server.chapters["London"], visibility=Visibility.HIDDEN.value)
    answers = await pressed_everything(server, who)
    assert len(answers) > 20
    for action, shown in answers:
        assert "London" not in server.text_of(shown), action
        assert server.message(shown).flags.ephemeral, action


async def test_no_button_of_another_servers_chapter_does_anything(server: Server) -> None:
    said = {action: server.text_of(shown) for action, shown in await pressed_everything(server, "eve")}
    assert [action for action, words in said.items() if "London" in words] == []
    assert {action for action, words in said.items() if "not in this server any more" not in words} <= NOTHING_WRITTEN


async def test_a_former_admins_old_buttons_do_nothing_and_say_who_may(server: Server) -> None:
    await server.slash(server.ana, "chapter admins remove", user=server.ben, chapter="London")
    said = {action: server.text_of(shown) for action, shown in await pressed_everything(server, "ben")}
    silent = {action for action, words in said.items() if action[:2] in ("ci", "rp") and "@Ana" not in words}
    assert silent <= NOTHING_WRITTEN | FOR_ALL


async def test_who_may_not_skip_is_told_before_writing_why(server: Server) -> None:
    for person in (server.mo, server.cora):
        refused = await server.send(person, f"rp.skip:{server.chapters['London']}:2026-09")
        assert "Only London's admins can publish its report" in server.text_of(refused)
