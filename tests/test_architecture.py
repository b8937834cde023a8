"""The house and its one direction: what may know what."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "cogs", "db")


def sources(folder: str) -> Iterator[Path]:
    return (ROOT / folder).rglob("*.py")


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_every_contract_of_the_layers_is_kept() -> None:
    configure()
    assert lint_imports(str(ROOT / "pyproject.toml"), cache_dir=None, no_logo=True)


def test_the_rules_import_nothing_but_the_standard_library_and_each_other() -> None:
    foreign = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in sources("bot/domain")
        for name in imported(file)
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("bot.domain")
    }
    assert not foreign


def test_no_package_file_runs_anything() -> None:
    """`bot/__init__.py` stays empty, so that importing a part of the program never imports the rest."""
    assert (ROOT / "bot/__init__.py").read_text() == ""


def test_no_file_wants_to_be_two() -> None:
    files = [file for folder in PACKAGES for file in sources(folder) if "versions" not in file.parts and file.name != "tables.py"]
    assert not {str(file.relative_to(ROOT)) for file in files if len(file.read_text().splitlines()) > 450}


def test_the_command_line_answers_without_loading_the_program() -> None:
    at_the_top = {
        name.partition(".")[0]
        for node in ast.parse((ROOT / "bot/cli.py").read_text()).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }
    assert at_the_top <= {*sys.stdlib_module_names, "typer", "bot"}
