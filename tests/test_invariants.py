"""What holds of the whole program: every command, every button, every card."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands, ui

from bot.client import ChapterBot
from bot.delivery.writers import WRITERS
from bot.domain.calendar import Month
from bot.domain.reports import TEXT_LENGTH
from bot.domain.rights import TABLE, Action
from bot.domain.text import Words, text
from bot.locales.extract import template
from cogs.layout import ADDRESS_LIMIT, TEXT_LIMIT, Card, Line, Title, address, card, to_view
from cogs.request import Handler
from db.store import Store

ROOT = Path(__file__).parents[1]
LARGEST_ID, LARGEST_ROW = 2**63 - 1, 10**12
DESCRIPTION_LIMIT = 100


@pytest.fixture
async def program(store: Store) -> ChapterBot:
    """The bot with all its commands and buttons, not logged in anywhere."""
    bot = ChapterBot(store, shard_count=1)
    await bot.add_cogs()
    return bot


def commands(program: ChapterBot) -> Iterator[app_commands.Command[Any, ..., Any]]:
    for each in program.tree.walk_commands():
        if isinstance(each, app_commands.Command):
            yield each


# Commands


async def test_every_command_option_and_choice_is_described_from_the_catalogue(program: ChapterBot) -> None:
    known = {message.id for message in template() if isinstance(message.id, str)}
    said: dict[str, app_commands.locale_str | None] = {}
    for each in program.tree.walk_commands():
        said[each.qualified_name] = each._locale_description
    for command in commands(program):
        for option in command.parameters:
            said[f"{command.qualified_name} {option.display_name}"] = option.locale_description
            for choice in option.choices:
                said[f"{command.qualified_name} {option.display_name}={choice.value}"] = choice._locale_name
    unsaid = [what for what, sentence in said.items() if sentence is None or sentence.message not in known]
    assert unsaid == []
    assert [what for what, sentence in said.items() if sentence and len(sentence.message) > DESCRIPTION_LIMIT] == []


async def test_every_choice_begins_with_a_capital_letter(program: ChapterBot) -> None:
    offered = [choice.name for command in commands(program) for option in command.parameters for choice in option.choices]
    assert offered
    assert [name for name in offered if name[:1] != name[:1].upper()] == []


async def test_commands_are_for_servers_only(program: ChapterBot) -> None:
    assert [each.name for each in program.tree.get_commands() if not getattr(each, "guild_only", False)] == []


async def test_every_command_of_the_readme_exists_and_every_command_is_in_it(program: ChapterBot) -> None:
    table = re.search(r"## Commands\n(.+?)\n## ", (ROOT / "README.md").read_text(), re.DOTALL)
    assert table is not None
    assert set(re.findall(r"`/([a-z ]+)`", table[1])) == {each.qualified_name for each in commands(program)}


async def test_every_command_that_a_sentence_names_exists(program: ChapterBot) -> None:
    there = {each.qualified_name for each in commands(program)} | {each.name for each in program.tree.get_commands()}
    for message in template():
        for sentence in message.id if isinstance(message.id, tuple) else (message.id,):
            for named in re.findall(r"(?<![\w/])/([a-z]+(?: [a-z]+){0,2})", sentence):
                words = named.split()
                assert any(" ".join(words[:n]) in there for n in range(1, len(words) + 1)), sentence


# Buttons


def written_addresses() -> Iterator[tuple[str, int | None]]:
    """Every address that stands in the code: its action, and of how many parts (None where a tuple is spread into it)."""
    for file in (ROOT / "cogs").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "address":
                action, *parts = node.args
                if isinstance(action, ast.Constant):
                    spread = any(isinstance(part, ast.Starred) for part in parts)
                    yield action.value, None if spread else len(parts)


async def test_every_address_leads_to_a_handler_that_reads_as_many_parts(program: ChapterBot) -> None:
    written = set(written_addresses())
    assert {action for action, _ in written} == set(program.handlers)
    assert [(action, parts) for action, parts in written if parts not in (None, len(program.handlers[action].types))] == []


def largest(kind: type, name: str) -> object:
    if kind is int:
        return LARGEST_ID if name == "user_id" else LARGEST_ROW
    if kind is Month:
        return Month(2026, 12)
    if inspect.isclass(kind) and issubclass(kind, str) and kind is not str:
        return max(kind, key=len)  # type: ignore[call-overload]
    return str(LARGEST_ID) if name == "form_key" else "not known"


async def test_every_address_fits_discord_with_the_largest_numbers_in_it(program: ChapterBot) -> None:
    for action, handler in program.handlers.items():
        names = list(inspect.signature(handler.run).parameters)[1:]
        parts = [largest(kind, name) for kind, name in zip(handler.types, names, strict=True)]
        assert len(address(action, *parts)) <= ADDRESS_LIMIT


async def test_every_form_can_be_opened_again_with_what_its_address_says(program: ChapterBot) -> None:
    for action, handler in forms(program.handlers):
        assert handler.form is not None, action
        assert len(inspect.signature(handler.form).parameters) == len(handler.types) + 1, action


def forms(handlers: dict[str, Handler]) -> Iterator[tuple[str, Handler]]:
    """The addresses that forms are sent to."""
    for file in (ROOT / "cogs").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Form":
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "address":
                        assert isinstance(inner.args[0], ast.Constant)
                        yield inner.args[0].value, handlers[inner.args[0].value]


def written_labels() -> Iterator[str]:
    """What stands in the code as the words of a button or of a choice in a select."""
    for file in (ROOT / "cogs").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Button", "LinkButton", "Option"):
                for said in ast.walk(node.args[0]):
                    if isinstance(said, ast.Call) and isinstance(said.func, ast.Name) and said.func.id in ("text", "counted"):
                        yield from (each.value for each in said.args if isinstance(each, ast.Constant) and isinstance(each.value, str))


def test_every_button_and_every_choice_in_a_select_begins_with_a_capital_letter() -> None:
    labels = set(written_labels())
    assert "Publish" in labels
    assert [label for label in labels if not (label[0] == "{" or label[0].isupper())] == []


# Cards


def test_longer_words_that_escaping_would_double_are_shown_whole() -> None:
    heavy = ("*_~|`" * TEXT_LENGTH)[: TEXT_LENGTH - 5]
    lines = [Line(text("**{title}**\n{words}", title="What is hard", words=Words(f"{heavy}end {n}"))) for n in range(4)]
    shown = texts(card(Title(text("{name}", name="*" * 60)), *lines))
    assert len(shown) <= TEXT_LIMIT
    assert [f"end {n}\n```" in shown for n in range(4)] == [True] * 4
    assert shown.count("`") == 4 * 6


def test_words_that_fit_are_escaped_and_not_put_into_blocks() -> None:
    assert texts(card(Line(text("{words}", words=Words("*a*"))))) == r"\*a\*"


def texts(shown: Card) -> str:
    return "".join(each.content for each in to_view(shown, "en").walk_children() if isinstance(each, ui.TextDisplay))


# The rest


def test_every_action_says_who_may() -> None:
    assert set(TABLE) == set(Action)


def test_every_kind_of_message_that_is_put_into_the_outbox_has_a_writer() -> None:
    put = set()
    for folder in ("bot", "db"):
        for file in (ROOT / folder).rglob("*.py"):
            put |= set(re.findall(r'outbox\.put\(\s*c,\s*[\w.]+,\s*"(\w+)"', file.read_text()))
    assert put <= set(WRITERS)
    assert put
