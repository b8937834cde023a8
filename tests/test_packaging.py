"""What somebody gets who installs the wheel: everything that the program needs, and nothing of this checkout."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).parent / "uv"
NO_INDEX = re.compile("error sending request|dns error|failed to fetch|could not connect|timed out|network", re.IGNORECASE)
MIGRATE = """
import asyncio
from db.store import Store

async def migrate():
    await (await Store.open("sqlite+aiosqlite:///chapterhouse.db")).close()

asyncio.run(migrate())
"""


def uv(*arguments: str, cwd: Path = ROOT) -> str:
    """What uv prints; a package index that cannot be reached skips the test, or fails it if CHAPTERHOUSE_REQUIRE_INDEX=1."""
    done = subprocess.run([UV, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode and NO_INDEX.search(done.stderr) and os.environ.get("CHAPTERHOUSE_REQUIRE_INDEX") != "1":
        pytest.skip("The package index cannot be reached.")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--quiet", "--wheel", "--out-dir", str(folder))
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_program_and_no_other(wheel: Path) -> None:
    ours = {
        str(file.relative_to(ROOT))
        for folder in ("bot", "cogs", "db")
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name and not name.endswith("/")}
    assert packed == ours


def test_the_wheel_runs_in_an_empty_environment_outside_the_tree(wheel: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked.txt"
    locked.write_text(uv("export", "--quiet", "--frozen", "--no-dev", "--no-hashes", "--no-emit-project"))
    python = tmp_path / "environment" / "bin" / "python"
    uv("venv", "--quiet", "--python", sys.executable, str(tmp_path / "environment"), cwd=tmp_path)
    uv("pip", "install", "--quiet", "--python", str(python), "--constraint", str(locked), str(wheel), cwd=tmp_path)

    def there(*command: str) -> subprocess.CompletedProcess[str]:
        clean = {"PATH": "", "NO_COLOR": "1"}
        return subprocess.run(
            [python.parent / command[0], *command[1:]], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
        )

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert there("chapterhouse", "--version").stdout == f"chapterhouse {version}\n"
    assert there("python", "-c", MIGRATE).stderr == ""
    checked = there("chapterhouse", "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert f"The database {tmp_path}/chapterhouse.db is sound" in checked.stdout
    without_extra = there("chapterhouse", "demo")
    assert (without_extra.returncode, without_extra.stderr) == (
        1,
        "The demo needs what its extra brings: install chapterhouse[demo].\n",
    )


def test_the_lock_file_names_no_place_that_only_one_machine_knows() -> None:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    elsewhere = [package for package in packages if package["name"] != "chapterhouse"]
    assert len({package["source"]["registry"] for package in elsewhere}) == 1
    files = [file["url"] for package in elsewhere for file in [*package.get("wheels", []), package.get("sdist")] if file]
    assert len({url.split("/")[2] for url in files if url.startswith("https://")}) == 1


def test_make_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets
    shown = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in shown.splitlines()} == {*targets[1].split()} - {"help", ".venv"}
