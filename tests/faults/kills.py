"""kill -9 again and again, under everything that people do and that falls due, and what was lost or doubled by it: nothing may be."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.calendar import Month
from tests.faults.acts import Acts
from tests.faults.ledger import Count, Ledger, faults_of
from tests.faults.people import Unanswered, text_of
from tests.faults.plans import LONGEST, Assassin, draw
from tests.faults.rig import CHAPTERS, LEASE, ZONE, Rig, new_rig

LONDON = ZoneInfo(ZONE)
FIRST = date(2026, 11, 1)
PROMPT, FIRST_NUDGE, SECOND_NUDGE = 1, 5, 9
OVERDUE_FROM = date(2026, 11, 11)
MONDAY = 0
PAUSES = (1, 20, 75, 75, 75, 240, 240)
"""Seconds between a death and the next start: the claim still holds, or has run out, or Discord has forgotten the nonce too."""
KINDS = ("check-ins", "report parts", "publications", "posts", "prompts", "first nudges", "second nudges", "digests")


@dataclass
class Outcome:
    """What was tried, what was counted, and what was wrong."""

    tried: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in KINDS})
    faults: list[str] = field(default_factory=list)
    checked: int = 0

    @property
    def lost(self) -> list[str]:
        """Everything that is missing."""
        return [f"{kind}: {each}" for kind, count in self.counts.items() for each in count.lost]

    @property
    def doubled(self) -> list[str]:
        """Everything that is there twice."""
        return [f"{kind}: {each}" for kind, count in self.counts.items() for each in count.doubled]


def stops() -> Iterator[date]:
    """The days on which something falls due at nine."""
    day = FIRST
    while True:
        if day.day in (PROMPT, FIRST_NUDGE, SECOND_NUDGE) or _brings_digests(day):
            yield day
        day += timedelta(days=1)


def _brings_digests(day: date) -> bool:
    """York and Bath never answer: from when October is overdue somebody is told so each Monday."""
    return day.weekday() == MONDAY and day >= OVERDUE_FROM


async def kill_again_and_again(
    folder: Path, seed: int, kills: int, a_stop: int, told: Callable[[int], None] = lambda done: None
) -> Outcome:
    """So many deaths: one in ten at the first start, the others `a_stop` at each day on which something falls due."""
    outcome, chance = Outcome(), random.Random(seed)
    async with new_rig(folder) as rig:
        run = Run(rig, chance, outcome, told)
        for _ in range(max(1, kills // 10)):
            await run.die_at_the_first_start()
        await rig.start()
        await rig.set_up()
        await rig.settle()
        for day in stops():
            left = kills - sum(outcome.tried.values())
            if left <= 0:
                break
            await run.live_through(day, min(a_stop, left))
        await rig.child.stop()
        for kind, count in run.acts.ledger.compare(rig.child.database).items():
            outcome.counts[kind] = count
        rig.child.start("check", "--deep")
        if await rig.child.end(60) != 0:
            outcome.faults.append(f"check --deep: {rig.child.log.read_text()[-1000:]}")
        outcome.faults += rig.discord.api.breaches
        run.count_posts()
    return outcome


@dataclass
class Run:
    """One organisation and its bot's many lives."""

    rig: Rig
    chance: random.Random
    outcome: Outcome
    told: Callable[[int], None]
    acts: Acts = field(init=False)

    def __post_init__(self) -> None:
        """People act with a chance of their own, so that what they do does not depend on how a life ended."""
        self.acts = Acts(self.rig, Ledger(), random.Random(self.chance.random()))

    async def die_at_the_first_start(self) -> None:
        """Killed between its first breath and its first tick, on no database yet; the next start finds its way."""
        for file in self.rig.child.folder.glob("chapterhouse.db*"):
            file.unlink()
        self.rig.child.start()
        await asyncio.sleep(self.chance.uniform(0, 1.0))
        await self._bury("at the first start")
        await self.rig.start()
        self.rig.child.kill()
        await self.rig.child.end()

    async def live_through(self, day: date, deaths: int) -> None:
        """A day on which something falls due: some lives are cut short, the last one does what is left."""
        nine = datetime(day.year, day.month, day.day, 9, 0, 5, tzinfo=LONDON)
        open_before, before = self._open(day), self._seen()
        self.acts.begin(day)
        alive_meanwhile = self.chance.random() < 0.5
        if not alive_meanwhile:
            self.rig.child.kill()
            await self.rig.child.end()
        self.rig.clock.move_to(nine)
        for _ in range(deaths):
            sent = sum(self._seen().values()) - sum(before.values())
            await self._live_and_die(due=sent < self._wanted(day, open_before))
            self.rig.clock.move(timedelta(seconds=self.chance.choice(PAUSES)))
        self.rig.clock.move(LEASE)
        await self.rig.start()
        await self.acts.finish()
        await self.rig.settle()
        self._count(day, before, open_before)
        self._put_old_posts_away()

    async def _live_and_die(self, *, due: bool) -> None:
        plan = draw(self.chance, due=due)
        assassin = Assassin(self.rig, plan)
        self.acts.hurried = plan.request == "a forum post"
        try:
            if not self.rig.child.alive:
                await self.rig.start()
            people = asyncio.create_task(self.acts.go_on(assassin.somebody_acts))
            try:
                async with asyncio.timeout(LONGEST):
                    await self.rig.child.ended.wait()
            except TimeoutError:
                assassin.give_up()
            await self.rig.child.end()
            self.rig.discord.forsake()
            await people
        except Unanswered:
            # It died before it heard anybody.
            await self.rig.child.end()
        finally:
            assassin.leave()
        await self._bury(assassin.name)

    async def _bury(self, name: str) -> None:
        """The process is dead: what it left behind is looked at."""
        self.rig.child.kill()
        await self.rig.child.end()
        self.rig.discord.forsake()
        self.outcome.tried[name] += 1
        if self.rig.child.database.exists():
            self.outcome.checked += 1
            found = await faults_of(self.rig.child.database, self.rig.clock.now(), self.acts.ledger)
            self.outcome.faults += [f"death {sum(self.outcome.tried.values())}, {name}: {each}" for each in found]
        self.told(sum(self.outcome.tried.values()))

    # What is to be seen

    def _seen(self) -> dict[str, int]:
        """How many messages there are, by place or person."""
        places = ("london", "leeds", "hull", "kent", "bath", "facilitators")
        there = {name: len(self.rig.seen(name)) for name in places}
        return there | {name: len(self.rig.seen(person)) for name, person in self.rig.people.items()}

    def _wanted(self, day: date, open_before: set[str]) -> int:
        """How many messages are to be sent today, if nobody answers meanwhile."""
        prompts = len(CHAPTERS) if day.day == PROMPT else 0
        first = len(open_before) if day.day == FIRST_NUDGE else 0
        second = sum(len(CHAPTERS[name][1]) for name in open_before) if day.day == SECOND_NUDGE else 0
        return prompts + first + second + (2 if _brings_digests(day) else 0)

    def _open(self, day: date) -> set[str]:
        """The chapters whose last month is neither published nor skipped."""
        month = Month.of(day).plus(-1)
        closed = self.rig.rows(
            "SELECT chapter_id FROM report WHERE period = ? AND (first_published_at IS NOT NULL OR skipped_at IS NOT NULL)", month.index
        )
        return {name for name, chapter_id in self.rig.chapters.items() if (chapter_id,) not in closed}

    def _count(self, day: date, before: dict[str, int], open_before: set[str]) -> None:
        """What was to be sent today is there once, wherever it was to be sent, and nothing else is."""
        new = {name: count - before[name] for name, count in self._seen().items()}
        counts, open_after = self.outcome.counts, self._open(day)
        for name, (place, admins) in CHAPTERS.items():
            least, most = int(name in open_after), int(name in open_before)
            if day.day == PROMPT:
                counts["prompts"].meet(f"{name} {day}", new.pop(place or admins[0]), 1)
            if day.day == FIRST_NUDGE:
                there = sum(new.pop(admin) for admin in admins)
                counts["first nudges"].meet(f"{name} {day}", there, least, most)
            if day.day == SECOND_NUDGE:
                for admin in admins:
                    counts["second nudges"].meet(f"{admin} {day}", new.pop(admin), least, most)
        wanted = int(_brings_digests(day))
        for name in ("facilitators", "fay"):
            counts["digests"].meet(f"{name} {day}", new.pop(name), wanted)
        for name, there in new.items():
            if there:
                self.outcome.faults.append(f"{day}: {there} messages that nobody should get, for {name}: {self._last(name)[:200]}")

    def _last(self, name: str) -> str:
        return text_of(self.rig.seen(self.rig.people.get(name, name))[-1])

    def _put_old_posts_away(self) -> None:
        """Discord archives posts after some quiet days."""
        for thread in self.rig.discord.world.threads(self.rig.places["reports"]):
            if self.chance.random() < 0.5:
                self.rig.discord.world.archive(int(thread["id"]))

    def count_posts(self) -> None:
        """Each published report has one post, and no other has."""
        names = {chapter_id: name for name, chapter_id in self.rig.chapters.items()}
        posts = Counter(each["name"] for each in self.rig.discord.world.threads(self.rig.places["reports"]))
        out = self.rig.rows("SELECT chapter_id, period FROM report WHERE first_published_at IS NOT NULL")
        for chapter_id, period in out:
            title = f"{names[chapter_id]} · {Month.at(period).first:%B %Y}"
            self.outcome.counts["posts"].meet(title, posts.pop(title, 0), 1)
        self.outcome.faults += [f"a post of what was not published: {title}" for title in posts]
