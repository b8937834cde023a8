"""Everybody goes every way in, everywhere: what they may, what they are told, and what became of the database agree with the one table."""

import sys
from collections.abc import AsyncIterator

import pytest

from bot.domain.rights import STORED, TABLE, Action, Role
from cogs import ui
from cogs.request import Request
from tests.flows.entrances import commands
from tests.flows.rig import Server
from tests.flows.rights_walk import CHOSEN, SAID, TYPED, Someone, Walk, Way

FEW = {"mo", "ana", "fil", "sam", "cora"}
"""One of each kind, where the place matters more than the person."""


@pytest.fixture
async def walk(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Walk]:
    """The walk; what the one place where an error becomes an answer is given is noted on its way there."""
    refusals: list[BaseException] = []
    explain = ui.explain

    async def noting(request: Request, error: BaseException) -> None:
        refusals.append(error)
        await explain(request, error)

    monkeypatch.setattr(ui, "explain", noting)
    walk = Walk(server, refusals)
    await walk.build()
    yield walk
    tally = walk.tally
    counts = f"tried {tally.tried}, refused {tally.refused}, allowed {tally.allowed}, wrong {len(tally.wrong)}, ways in {len(tally.ways)}"
    sys.stdout.write("\n".join(["", counts, *tally.wrong, ""]))


def few(everybody: list[Someone]) -> list[Someone]:
    return [each for each in everybody if each.name in FEW]


def of_a_chapter(way: Way) -> bool:
    return way.about in ("chapter", "handover_id")


async def test_in_their_server_everybody_may_what_the_table_says(walk: Walk) -> None:
    await walk.walk(walk.everybody(), "server")
    assert walk.tally.wrong == []
    never = {f"{way.name} {way.does}" for way in walk.ways()} - set(walk.tally.done)
    assert never == set(), "whoever may was refused for another reason: give this way in what it needs"


async def test_in_direct_messages_and_after_a_restart_only_what_is_stored_gives_a_right(walk: Walk) -> None:
    await walk.learn_commands()
    await walk.server.restart()
    await walk.walk(walk.writing_directly(), "direct", only=lambda way: way.about != "organisation" and not way.is_command)
    await walk.walk(few(walk.writing_directly()), "direct", only=lambda way: way.about == "organisation" or way.is_command)
    assert walk.tally.wrong == []
    stored = {
        f"{way.name} {way.does}"
        for way in walk.ways()
        if way.about != "organisation" and not way.is_command and TABLE[way.does].roles & STORED
    }
    assert stored - set(walk.tally.done) == set()


@pytest.mark.parametrize("state", ["archived", "hidden"])
async def test_of_an_archived_or_hidden_chapter_whoever_may_not_learns_nothing_and_changes_nothing(walk: Walk, state: str) -> None:
    await walk.learn_commands()
    await (walk.archive() if state == "archived" else walk.hide())
    await walk.walk(few(walk.everybody()), "server", state, only=of_a_chapter)
    await walk.walk(few(walk.writing_directly()), "direct", state, only=lambda way: of_a_chapter(way) and not way.is_command)
    assert walk.tally.wrong == []


async def test_in_another_server_nobody_learns_that_a_chapter_is_somewhere_else(walk: Walk) -> None:
    everything = frozenset({Role.MEMBER, Role.COORDINATOR, Role.FACILITATOR})
    eve, cole = (Someone(name, walk.server.people[name], held) for name, held in (("eve", frozenset({Role.MEMBER})), ("cole", everything)))
    await walk.walk([eve, cole], "elsewhere")
    assert walk.tally.wrong == []


async def test_in_a_server_that_nobody_has_set_up_only_help_and_the_set_up_answer(walk: Walk) -> None:
    await walk.walk([Someone("nan", walk.server.people["nan"], frozenset({Role.MEMBER}))], "nowhere")
    assert walk.tally.wrong == []


async def test_every_command_address_select_and_form_is_walked(walk: Walk) -> None:
    ways = list(walk.ways())
    assert {way.name for way in ways} == {f"/{name}" for name, _ in commands(walk.server)} | set(walk.server.bot.handlers)
    assert {way.does for way in ways} | {Action.SEE_PRIVATE} == set(Action)
    forms = {action for action, handler in walk.server.bot.handlers.items() if handler.form is not None}
    assert forms <= set(TYPED)
    assert set(CHOSEN) | set(SAID) | set(TYPED) <= set(walk.server.bot.handlers)


async def test_no_command_is_kept_from_anybody_by_discord(walk: Walk) -> None:
    kept = [each.qualified_name for each in walk.server.bot.tree.get_commands() if getattr(each, "default_permissions", None) is not None]
    assert kept == [], "the roles that may are the organisation's own: Discord's permissions know nothing of them"


async def test_the_walk_would_see_a_check_that_is_missing(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.access.rights.require", lambda *_args, **_named: None)
    mo = [each for each in walk.everybody() if each.name == "mo"]
    await walk.walk(mo, "server", only=lambda way: way.does in (Action.PUBLISH_REPORT, Action.ADD_CHAPTER))
    assert len(walk.tally.wrong) == walk.tally.tried > 4
