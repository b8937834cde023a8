"""What the pages say is there: commands with their options, the program's own commands, pictures, and places that are linked to."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from discord import app_commands
from typer.core import TyperGroup

from bot import cli, rights_page
from bot.client import ChapterBot
from db.store import Store

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def page(request: pytest.FixtureRequest) -> Path:
    """One page of what people read."""
    assert isinstance(request.param, Path)
    return request.param


# Commands in Discord


@pytest.fixture
async def options(store: Store) -> dict[str, set[str]]:
    """The options of every command, and of every group none, by name."""
    bot = ChapterBot(store, shard_count=1)
    await bot.add_cogs()
    return {
        each.qualified_name: {option.display_name for option in each.parameters} if isinstance(each, app_commands.Command) else set()
        for each in bot.tree.walk_commands()
    }


def wrong(named: str, options: dict[str, set[str]]) -> Iterator[str]:
    """What is not there of a command that a page names, such as `chapter edit rhythm:2`."""
    command, *given = re.split(r"\s(?=[a-z_]+:)", named)
    if command not in options:
        yield f"/{command}"
    yield from (f"/{command} {each}" for each in given if each.partition(":")[0] not in options.get(command, set()))


def spoken(words: str) -> list[str]:
    """What stands between backticks and begins like a command: a path has a second slash in its first word."""
    return [each for each in re.findall(r"(?<!`)`/([a-z][^`\n]*)`(?!`)", words) if "/" not in each.split()[0]]


async def test_every_command_and_option_that_a_page_names_exists(page: Path, options: dict[str, set[str]]) -> None:
    assert [each for named in spoken(page.read_text("utf-8")) for each in wrong(named, options)] == []


async def test_a_command_or_option_that_is_not_there_would_be_found(options: dict[str, set[str]]) -> None:
    said = "`/progress share:True`, `/progres`, `/chapter stats`, `/checkin people:7 mood:good`; `/etc/hosts`"
    found = [each for named in spoken(said) for each in wrong(named, options)]
    assert found == ["/progres", "/chapter stats", "/checkin mood:good"]


# The program's own commands


def called(words: str) -> Iterator[list[str]]:
    """Each call of the program that a page shows, word by word, also where it goes on in the next line."""
    for call in re.findall(r"python -m bot((?: [^`\n]*)?)", words.replace("\\\n", " ")):
        yield call.split()


def missing(words: Sequence[str], command: Any) -> Iterator[str]:
    """The words of a call that name neither a command nor an option of it."""
    for number, word in enumerate(words):
        if word.startswith("--"):
            known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
            if word.partition("=")[0] not in known:
                yield word
        elif isinstance(command, TyperGroup):
            if word not in command.commands:
                yield word
            else:
                yield from missing(words[number + 1 :], command.commands[word])
            return


def test_every_call_of_the_program_that_a_page_shows_can_be_made(page: Path) -> None:
    program = typer.main.get_command(cli.app)
    assert [word for call in called(page.read_text("utf-8")) for word in missing(call, program)] == []


def test_a_call_that_cannot_be_made_would_be_found() -> None:
    program = typer.main.get_command(cli.app)
    said = "`python -m bot rum`, `python -m bot --version`\n.venv/bin/python -m bot import chapters a.csv \\\n  --guild 7 --dry\n"
    assert [word for call in called(said) for word in missing(call, program)] == ["rum", "--dry"]


# Pictures and links


def links(page: Path) -> Iterator[Path]:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            yield (page.parent / target.partition("#")[0]).resolve() if not target.startswith("#") else page


def test_every_picture_and_page_that_a_page_points_to_is_there(page: Path) -> None:
    assert [str(target) for target in links(page) if not target.exists()] == []


def test_every_heading_that_a_page_points_to_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s:]*#[^)\s]+)\)", page.read_text("utf-8")):
        file, _, anchor = target.partition("#")
        headings = re.findall(r"^#+ (.+)$", ((page.parent / file) if file else page).read_text("utf-8"), re.MULTILINE)
        assert anchor in [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings], target


def test_every_picture_is_shown_on_some_page() -> None:
    shown = {target for each in PAGES for target in links(each)}
    assert [picture.name for picture in sorted(IMAGES.iterdir()) if picture.resolve() not in shown] == []


# The page that is made from the table of rights


async def test_the_page_of_who_may_do_what_is_what_the_table_says() -> None:
    assert rights_page.PAGE.read_text("utf-8") == rights_page.page(*await rights_page.ways()), "run python -m bot.rights_page"
