"""What people do in the benchmark, each act measured by its last interaction."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from bot.domain.goals import Metric
from db import changes, goals
from tests.bench.history import OPEN
from tests.bench.rig import Rig

BARE, CONTROL, BARE_TYPING = "bare command", "control (20 ms slower)", "bare autocomplete"
KINDS = ("meeting", "social", "project")
DAYS = 390
CHAPTER = "Town 1"
AS_OF = "2026-06-30"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody waits for.

    `against` is the bare act that it is compared with, `read` whether it only reads; `limit` is the longest that it may take at p95, in
    milliseconds, where that is not said as a difference from bare.
    """

    run: Callable[[], Awaitable[Any]]
    against: str = BARE
    read: bool = False
    limit: int | None = None


async def acts(bench: Rig) -> dict[str, Act]:
    """Every act by its name in the table, the bare ones first."""

    def slash(command: str, **options: object) -> Callable[[], Awaitable[Any]]:
        return lambda: bench.admin.slash(bench.place, command, **options)

    def typing(command: str, option: str, typed: Iterator[str], **filled: str) -> Callable[[], Awaitable[Any]]:
        return lambda: bench.admin.autocomplete(bench.place, command, option, next(typed), **filled)

    return {
        BARE: Act(slash("bare")),
        CONTROL: Act(slash("control")),
        "/progress": Act(slash("progress"), read=True),
        "/progress after a change": Act(_after_a_change(bench, slash("progress")), read=True),
        "/progress, a new picture": Act(_progress_anew(bench), limit=1500),
        "/progress as_of after a change": Act(_after_a_change(bench, slash("progress", as_of=AS_OF))),
        "/chapter status": Act(slash("chapter status", chapter=CHAPTER), read=True),
        "/chapter list": Act(slash("chapter list"), read=True),
        "/chapter near": Act(slash("chapter near", chapter=CHAPTER), read=True),
        "/checkins": Act(slash("checkins", chapter=CHAPTER), read=True),
        "/reports list": Act(slash("reports list", chapter=CHAPTER)),
        "/checkin": Act(_check_in(bench)),
        "open a report": Act(slash("report", month=str(OPEN), chapter=CHAPTER)),
        "save a report part": Act(await _save(bench)),
        "publish a report": Act(_publish(bench)),
        BARE_TYPING: Act(typing("bare", "word", _words())),
        "a chapter is typed": Act(typing("chapter status", "chapter", _words()), BARE_TYPING),
        "a chapter is misspelt": Act(typing("chapter status", "chapter", _misspelt()), BARE_TYPING),
        "what no chapter is like is typed": Act(typing("chapter status", "chapter", _unlike()), BARE_TYPING),
        "a partner is typed": Act(
            typing("checkin", "with_chapters", (f"Town 7, {word}" for word in _words()), kind="meeting"), BARE_TYPING
        ),
    }


def _words() -> Iterator[str]:
    return (word for n in count(1) for word in ("t", f"town {n}", f"{n}"))


def _misspelt() -> Iterator[str]:
    return (f"twon {n}" for n in count(1))


def _unlike() -> Iterator[str]:
    return (f"xqzzw{n}" for n in count(1))


def _progress_anew(bench: Rig) -> Callable[[], Awaitable[None]]:
    serial = count(1)

    async def progress() -> None:
        async with bench.store.write() as c:
            goal_id = next(each.id for each in await goals.in_force(c, bench.guild.id) if each.metric == Metric.MEMBERS)
            await goals.add_figure(c, bench.guild.id, goal_id, bench.world.now().date(), next(serial), bench.world.now(), None)
        await bench.admin.slash(bench.place, "progress")

    return progress


def _after_a_change(bench: Rig, act: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
    async def changed() -> None:
        async with bench.store.write() as c:
            await changes.log(c, bench.guild.id, "setup.change", bench.world.now(), None)
        await act()

    return changed


def _check_in(bench: Rig) -> Callable[[], Awaitable[None]]:
    day, serial = bench.world.now().date(), count()

    async def check_in() -> None:
        n = next(serial)
        on, kind = day - timedelta(days=n % DAYS), KINDS[n // DAYS % len(KINDS)]
        await bench.admin.slash(bench.place, "checkin", kind=kind, date=str(on), people=12, chapter=CHAPTER)

    return check_in


async def _save(bench: Rig) -> Callable[[], Awaitable[None]]:
    card, serial = await bench.admin.slash(bench.place, "report", month=str(OPEN), chapter=CHAPTER), count()

    async def save() -> None:
        opened = await bench.admin.click(card.response, label="People")
        await bench.admin.submit_modal(opened, {"members": str(40 + next(serial) % 50), "met": "12"})

    return save


def _publish(bench: Rig) -> Callable[[], Awaitable[None]]:
    chapters = count(2)

    async def publish() -> None:
        card = await bench.admin.slash(bench.place, "report", month=str(OPEN), chapter=f"Town {next(chapters)}")
        opened = await bench.admin.click(card.response, label="People")
        await bench.admin.submit_modal(opened, {"members": "40", "met": "12"})
        await bench.admin.click(card.response, label="Publish")

    return publish
