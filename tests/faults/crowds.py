"""Crowds in front of the real bot: how many pressed, how soon each was answered, and what of theirs was lost or doubled."""

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.faults import people, within
from tests.faults.discord.http import LOADING, Interaction
from tests.faults.discord.world import Json
from tests.faults.people import Answer, Person, Unanswered
from tests.faults.rig import BEGINS, CHAPTERS, Rig

DAYS = 360
KINDS = ("meeting", "education", "outreach")
MEETINGS = tuple((chapter, kind, ago) for ago in range(DAYS) for kind in KINDS for chapter in CHAPTERS)
"""What can be checked in without looking like something that is there already."""
SELDOM = 120.0


@dataclass
class Outcome:
    """What came of a crowd: seconds until each was answered, and what was not answered, lost or doubled."""

    name: str
    seconds: list[float] = field(default_factory=list)
    put_off: int = 0
    unanswered: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    pause: float = 0.0
    busy: float = 0.0
    before: int = 0
    after: int = 0

    @property
    def row(self) -> tuple[str, ...]:
        """A row of the printed table, under HEADINGS."""
        parts = quantiles(self.seconds, n=100) if len(self.seconds) > 1 else [*self.seconds] * 99
        times = tuple(f"{each * 1000:.0f}" for each in (parts[49], parts[94], max(self.seconds), self.pause, self.busy))
        ends = (len(self.unanswered), len(self.lost), len(self.doubled))
        memory = f"{self.before / 2**20:.0f} → {self.after / 2**20:.0f}"
        return (self.name, str(len(self.seconds)), str(self.put_off), *map(str, ends), *times, memory)


HEADINGS = (
    "crowd",
    "answered",
    "put off",
    "unanswered",
    "lost",
    "doubled",
    "p50 ms",
    "p95 ms",
    "max ms",
    "pause ms",
    "of it CPU ms",
    "MiB",
)


@contextmanager
def _patience(rig: Rig, seconds: float | None) -> Iterator[None]:
    """Lets Discord and people wait longer than they do, on a machine that has other things to do."""
    kept = rig.discord.api.patience, people.LONG_ENOUGH
    if seconds is not None:
        rig.discord.api.patience = people.LONG_ENOUGH = seconds
    try:
        yield
    finally:
        rig.discord.api.patience, people.LONG_ENOUGH = kept


class Crowd:
    """Runs what people do, and notes when each was answered."""

    def __init__(self, rig: Rig, name: str) -> None:
        self.rig = rig
        self.outcome = Outcome(name)
        self.checked_in: list[int] = []
        ((self.there,),) = rig.rows("SELECT count(*) FROM checkin")

    async def does(self, what: str, doing: Coroutine[Any, Any, Answer]) -> Answer | None:
        """One of them does something, and waits until it is answered for good."""
        began = time.monotonic()
        try:
            answer = await doing
            self.outcome.seconds.append(time.monotonic() - began)
            self.outcome.put_off += answer.done.kind == people.THINKING
            await _finished(answer.done)
        except (Unanswered, TimeoutError):
            self.outcome.unanswered.append(what)
            return None
        return answer

    async def checks_in(self, number: int, who: Person) -> None:
        """A check-in unlike any other: its number is how many people took part."""
        number += self.there
        chapter, kind, ago = MEETINGS[number]
        day = (BEGINS - timedelta(days=ago)).date()
        general = self.rig.places["general"]
        options = {"kind": kind, "chapter": chapter, "date": str(day), "people": number + 1}
        done = await self.does(f"check-in {number}", who.slash("checkin", general, **options))
        if done is not None and "Checked in" in done.text:
            self.checked_in.append(number + 1)
        elif done is not None:
            self.outcome.lost.append(f"check-in {number}: {done.text}")

    def judged(self) -> Outcome:
        """What was told to be stored is stored once; what was not answered, once at the most."""
        stored = Counter(number for (number,) in self.rig.rows("SELECT people FROM checkin"))
        self.outcome.lost += [f"check-in {number - 1}" for number in self.checked_in if not stored[number]]
        self.outcome.doubled += [f"check-in {number - 1}" for number, times in stored.items() if times > 1]
        self.outcome.after = memory(self.rig)
        self.outcome.pause, self.outcome.busy = within.read(self.rig.child.folder)
        return self.outcome

    def begin(self) -> None:
        """From here on pauses and memory count."""
        within.reset(self.rig.child.folder)
        self.outcome.before = memory(self.rig)


async def _finished(done: Interaction) -> None:
    async with asyncio.timeout(people.LONG_ENOUGH):
        while done.original is not None and done.original["flags"] & LOADING:
            await asyncio.sleep(0.005)


def memory(rig: Rig) -> int:
    """Bytes that the child holds in memory."""
    assert rig.child.process is not None
    pages = Path(f"/proc/{rig.child.process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in pages.splitlines() if line.startswith("VmRSS"))


def newcomers(rig: Rig, count: int) -> list[Person]:
    """People who may check in for every chapter."""
    world = rig.discord.world
    made = []
    for number in range(count):
        user_id = world.add_user(f"person{number}")
        world.add_member(rig.server, user_id, rig.roles["Coordinators"])
        made.append(Person(rig.discord, rig.server, user_id))
    return made


async def all_at_once(rig: Rig, count: int, patience: float | None = None) -> Outcome:
    """So many people check in at the same moment."""
    crowd = Crowd(rig, f"{count} people at once")
    there = newcomers(rig, count)
    with _patience(rig, patience):
        crowd.begin()
        await asyncio.gather(*(crowd.checks_in(number, who) for number, who in enumerate(there)))
    return crowd.judged()


async def second_by_second(rig: Rig, a_second: int, seconds: int, patience: float | None = None) -> Outcome:
    """So many interactions a second, a quarter of them entries, whether those before are answered or not."""
    crowd = Crowd(rig, f"{a_second} a second for {seconds} s")
    there, general = newcomers(rig, 100), rig.places["general"]
    chapters = tuple(CHAPTERS)
    doing: list[asyncio.Task[Any]] = []
    with _patience(rig, patience):
        crowd.begin()
        began = time.monotonic()
        for number in range(a_second * seconds):
            who, chapter = there[number % len(there)], chapters[number // 4 % len(chapters)]
            match number % 4:
                case 0:
                    act: Coroutine[Any, Any, Any] = crowd.checks_in(number // 4, who)
                case 1:
                    act = crowd.does("status", who.slash("chapter status", general, chapter=chapter))
                case 2:
                    act = crowd.does("check-ins", who.slash("checkins", general, chapter=chapter))
                case _:
                    act = crowd.does("list", who.slash("chapter list", general))
            doing.append(asyncio.create_task(act))
            await asyncio.sleep(max(0.0, began + (number + 1) / a_second - time.monotonic()))
        await asyncio.gather(*doing)
    return crowd.judged()


async def the_same_part_twice(rig: Rig) -> tuple[Answer, Answer]:
    """Two admins have the same form open, and send it off in the same moment; London has been asked."""
    ana, ben = rig.people["ana"], rig.people["ben"]
    prompt = rig.seen("london")[-1]
    forms = [await who.press(prompt, "People") for who in (ana, ben)]
    first, second = await asyncio.gather(ana.fill(forms[0], members="41", met="11"), ben.fill(forms[1], members="42", met="12"))
    return first, second


@contextmanager
def everything_twice(rig: Rig) -> Iterator[None]:
    """Discord delivers every interaction twice."""
    gateway = rig.discord.gateway
    once = gateway.tell

    def twice(event: str, data: Json) -> None:
        once(event, data)
        if event == "INTERACTION_CREATE":
            once(event, data)

    gateway.tell = twice  # type: ignore[method-assign]
    try:
        yield
    finally:
        gateway.tell = once  # type: ignore[method-assign]
