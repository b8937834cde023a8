"""The program itself on hostile files, in a process of its own: what it says, and how much time and memory it takes."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUILD = "118765432109876543"
PATIENCE = 300
MOST_SECONDS, MOST_MEGABYTES = 10, 300
ADDRESSES = 4 * 2**30
# Python's own figure would include what the process held before; Linux counts a peak anew when it is told to.
PROGRAM = """
import contextlib, io, json, os, resource, sys, time, traceback
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
import alembic, discord.utils, pydantic_settings, rich.progress, bot.config, bot.locales, bot.services.imports
from bot.cli import main
for arguments in json.loads(sys.argv[2]):
    if running := os.fork():
        os.waitpid(running, 0)
        continue
    Path("/proc/self/clear_refs").write_text("5")
    sys.argv = ["chapterhouse", *arguments]
    began, status, out, err = time.process_time(), 0, io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
        except BaseException:
            status = 70
            traceback.print_exc()
    seconds = time.process_time() - began
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps([status, out.getvalue(), err.getvalue(), seconds, int(peak.split()[1]) / 1000]), flush=True)
    os._exit(0)
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run of the program ended, in seconds of the processor and megabytes held at most."""

    status: int
    out: str
    err: str
    seconds: float
    megabytes: float

    @property
    def said(self) -> str:
        """What it wrote, faults first."""
        return self.err + self.out


def program(folder: Path, runs: Sequence[Sequence[str]], variables: Mapping[str, str] | None = None) -> list[Ran]:
    """Runs the command line once for each of these arguments, one after the other, in this folder with these variables alone."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(ADDRESSES), json.dumps(runs)],
        cwd=folder,
        env={"PATH": "", "NO_COLOR": "1", "PYTHONPATH": str(ROOT), **(variables or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    return [Ran(*json.loads(line)) for line in ended.stdout.splitlines()]


def an_import(file: Path, *options: str) -> list[str]:
    """The arguments that import a file."""
    return ["import", "chapters", str(file), "--guild", GUILD, *options]
