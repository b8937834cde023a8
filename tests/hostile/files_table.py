"""Every hostile file, what the program answers, and what that takes: the long form of the tests, and a part of `make fuzz`.

`python -m tests.hostile.files_table` prints it alone, for the files whose names hold the words that are given, if any are.
"""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

from db.store import Store
from tests.hostile.files_harms import HARMS, Harm
from tests.hostile.files_run import MOST_MEGABYTES, MOST_SECONDS, Ran, an_import, program


def answers(folder: Path, harms: dict[str, Harm]) -> dict[str, Ran]:
    """What the program says to each of these files; each has a folder and a database of its own."""
    database = folder / "empty.db"
    asyncio.run(_made(database))
    runs = []
    for number, harm in enumerate(harms.values()):
        place = folder / str(number)
        place.mkdir()
        (place / "config.toml").touch()
        copy(database, place / "chapterhouse.db")
        harm.make(place / harm.file)
        runs.append([*an_import(place / harm.file), "--config", str(place / "config.toml")])
    return dict(zip(harms, program(folder, runs), strict=True))


async def _made(database: Path) -> None:
    await (await Store.open(f"sqlite+aiosqlite:///{database}")).close()


def faults(harm: Harm, ran: Ran) -> list[str]:
    """What is not as it should be in an answer."""
    found = {
        "not the answer": not ran.said.startswith(harm.answer),
        "a traceback": "Traceback" in ran.said or ran.status not in {0, 1, 2},
        "too long an answer": len(ran.said) > 5000,
        "raw signs": not ran.said.replace("\n", "").isprintable(),
        "too slow": ran.seconds > MOST_SECONDS,
        "too much memory": ran.megabytes > MOST_MEGABYTES,
    }
    return [what for what, wrong in found.items() if wrong]


def tried(only: Sequence[str] = ()) -> Iterator[tuple[str, Ran, list[str]]]:
    """Each file by name, one after the other: what was answered, and what of that is wrong."""
    for name, harm in HARMS.items():
        if only and not any(each in name for each in only):
            continue
        with TemporaryDirectory() as folder:
            ran = answers(Path(folder), {name: harm})[name]
        yield name, ran, faults(harm, ran)


def table(only: Sequence[str] = ()) -> bool:
    """Prints the table, line by line; whether every answer is right."""
    sound = True
    sys.stdout.write("| Input | Answer | Seconds | Peak MB | Wrong |\n| --- | --- | ---: | ---: | --- |\n")
    for name, ran, found in tried(only):
        sound = sound and not found
        first = ran.said.partition("\n")[0][:90]
        sys.stdout.write(f"| {name} | {first} | {ran.seconds:.1f} | {ran.megabytes:.0f} | {', '.join(found)} |\n")
        sys.stdout.flush()
    return sound


if __name__ == "__main__":
    sys.exit(not table(sys.argv[1:]))
