"""What the people of many chapters do in a month, by a fixed seed: through the small Discord, as they would."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.faults.discord.world import Json
from tests.faults.people import Answer, Person, Unanswered, parts
from tests.faults.rig import Rig, agree

ZONES = ("Europe/London", "Europe/Lisbon", "America/New_York", "America/Sao_Paulo", "Asia/Tokyo")
AT_ONCE = 6
KINDS = ("meeting", "meeting", "meeting", "education", "social", "project", "outreach")
RADIO, SELECT = 21, 3
UNSURE = "Discord had trouble just now"
SEARCHED = 12
"""So many of a place's newest messages are looked through for the one with a button."""


@dataclass(eq=False)
class Chapter:
    """One chapter: how lively it is (a share of what could be done), and who looks after it."""

    name: str
    admin: Person
    place: int | None
    liveliness: float
    members: int
    asked: set[int] = field(default_factory=set)


@dataclass
class Life:
    """Everybody in an organisation, and how often they did what."""

    rig: Rig
    dice: Random
    chapters: list[Chapter] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def people(self, many: int) -> None:
        """Lets the people of so many chapters into the server, and makes a channel for every other one."""
        world, server = self.rig.discord.world, self.rig.server
        for n in range(many):
            user_id = world.add_user(f"admin{n}")
            world.add_member(server, user_id)
            place = world.add_channel(server, f"town-{n}") if n % 2 else None
            lively = (0.95, 0.9, 0.8, 0.5, 0.15)[self.dice.randrange(5)]
            self.chapters.append(Chapter(f"Town {n}", Person(self.rig.discord, server, user_id), place, lively, self.dice.randint(8, 60)))

    async def begin(self, ready: Callable[[int], None]) -> None:
        """Sets the organisation up with its goals and chapters, by commands."""
        rig, general, cora = self.rig, self.rig.places["general"], self.rig.people["cora"]
        choices = {"coordinator_role": rig.roles["Coordinators"], "facilitator_role": rig.roles["Facilitators"], "timezone": "UTC"}
        choices |= {"facilitators_channel": rig.places["facilitators"], "reports_channel": rig.places["reports"]}
        await rig.people["mia"].slash("setup", general, **choices)
        for metric, target in (("active_members", 4000), ("reporting_chapters", 150), ("delegates", 60), ("checkins:meeting", 9000)):
            await cora.slash("goal add", general, metric=metric, target=target)
        for n, each in enumerate(self.chapters):
            options: Json = {"name": each.name, "timezone": ZONES[n % len(ZONES)], "admin": each.admin.id}
            await cora.slash("chapter add", general, **options | ({"channel": each.place} if each.place else {}))
            ready(n + 1)
        await agree(cora, general)

    async def day(self, today: date, share: float) -> None:
        """What is done on a day by so large a share of all chapters: check-ins, reports, facts, counts, rests, and what others ask."""
        acts: list[Awaitable[None]] = []
        for each in self.chapters:
            if self.dice.random() > share * each.liveliness:
                continue
            acts.append(self._act(self._check_in, each, today))
            if today.day <= 11 and self.dice.random() < 0.6:
                acts.append(self._act(self._report, each, today))
            if self.dice.random() < 0.02:
                acts.append(self._act(self._fact, each, today))
            if self.dice.random() < 0.04:
                acts.append(self._act(self._count, each, today))
            if self.dice.random() < 0.004:
                acts.append(self._act(self._rest, each, today))
        acts.append(self._act(self._partners, self.dice.choice(self.chapters), today))
        acts += [self._act(self._ask, self.dice.choice(self.chapters), today, words) for words in ("progress", "chapter list", "overdue")]
        await self._some_at_once(acts)

    async def _some_at_once(self, acts: Iterable[Awaitable[None]]) -> None:
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(act: Awaitable[None]) -> None:
            async with turn:
                await act

        await asyncio.gather(*map(one, acts))

    async def _act(self, act: Callable[..., Awaitable[None]], *given: Any) -> None:
        try:
            await act(*given)
            self.done[act.__name__.strip("_")] += 1
        except Unanswered:
            # Discord's answer was lost on purpose, or the bot was: they see that, and do something else.
            self.done["unanswered"] += 1

    async def _check_in(self, chapter: Chapter, today: date) -> None:
        day = today - timedelta(days=self.dice.randint(1, 4))
        entered: Json = {"kind": self.dice.choice(KINDS), "date": str(day), "chapter": chapter.name}
        if self.dice.random() < 0.8:
            entered["people"] = self.dice.randint(1, 30)
        if self.dice.random() < 0.4:
            entered["education"] = self.dice.random() < 0.8
        if self.dice.random() < 0.08:
            entered["with_chapters"] = self.dice.choice([each.name for each in self.chapters if each is not chapter])
        shown = await self._slash(chapter, "checkin", entered)
        if _button(shown.message, "Store it anyway"):
            shown = await self._press(chapter, shown, "Store it anyway")
        if self.dice.random() < 0.04:
            await self._press(chapter, shown, "Withdraw")
        elif self.dice.random() < 0.05:
            form = await self._press(chapter, shown, "Correct")
            await chapter.admin.fill(form, people=str(self.dice.randint(2, 40)))

    async def _report(self, chapter: Chapter, today: date) -> None:
        card = await self._card(chapter)
        if card is None:
            return
        chapter.members = max(3, chapter.members + self.dice.randint(-2, 3))
        form = await self._press(chapter, card, "People")
        await chapter.admin.fill(form, members=str(chapter.members), met=str(self.dice.randint(1, chapter.members)))
        if self.dice.random() < 0.2:
            form = await self._press(chapter, card, "Activity")
            await chapter.admin.fill(form, meetings=str(self.dice.randint(6, 9)), tried="2", worked="1")
        if self.dice.random() < 0.2:
            form = await self._press(chapter, card, "In words")
            await chapter.admin.fill(form, changing="More people come since we meet on Saturdays.")
        await self._press(chapter, card, "Publish")

    async def _card(self, chapter: Chapter) -> Json | None:
        """The period's card where it was posted, or a private one; None where nothing is asked any more."""
        if chapter.place is not None:
            for message in reversed(self.rig.discord.world.visible(chapter.place)[-SEARCHED:]):
                if _button(message, "People") and int(message["id"]) not in chapter.asked:
                    chapter.asked.add(int(message["id"]))
                    return message
        shown = (await self._slash(chapter, "report", {"chapter": chapter.name})).message
        return shown if _button(shown, "Publish") else None

    async def _fact(self, chapter: Chapter, today: date) -> None:
        said = self.dice.choice([{"delegate": "yes"}, {"delegate": "no"}, {"money": "cash_box", "dues": "collecting"}, {"dues": "agreed"}])
        await self._slash(chapter, "chapter edit", {"chapter": chapter.name, **said})

    async def _count(self, chapter: Chapter, today: date) -> None:
        form = await self._slash(chapter, "chapter composition", {"chapter": chapter.name})
        asked = [each["component"] for each in form.form["components"]]
        when = next(each for each in asked if each["type"] in (RADIO, SELECT))
        chosen = when["options"][0]["value"]
        women = self.dice.randint(0, chapter.members)
        cells = {"women": women, "men": chapter.members - women, "another": 1, "rather_not_say": 0}
        names = {each["custom_id"] for each in asked}
        typed = {name: str(people) for name, people in cells.items() if name in names}
        await chapter.admin.fill(form, **typed, **{when["custom_id"]: chosen if when["type"] == RADIO else [chosen]})

    async def _rest(self, chapter: Chapter, today: date) -> None:
        await self._slash(chapter, "chapter rest", {"chapter": chapter.name, "until": str(today + timedelta(days=40))})

    async def _partners(self, chapter: Chapter, today: date) -> None:
        """Somebody answers the newest question about a joint check-in."""
        place = chapter.place or self.rig.discord.world.direct(chapter.admin.id)
        for message in reversed(self.rig.discord.world.visible(place)[-SEARCHED:]):
            if _button(message, "Yes, we took part"):
                await self._press(chapter, message, "Yes, we took part")
                return

    async def _ask(self, chapter: Chapter, today: date, words: str) -> None:
        asks = self.rig.people["fay"] if words == "overdue" else chapter.admin
        await asks.slash(words, self.rig.places["general"])

    async def _slash(self, chapter: Chapter, words: str, options: Json) -> Answer:
        return _sure(await chapter.admin.slash(words, chapter.place or self.rig.places["general"], **options))

    async def _press(self, chapter: Chapter, shown: Answer | Json, label: str) -> Answer:
        return _sure(await chapter.admin.press(shown, label))


def _sure(answer: Answer) -> Answer:
    """What was asked for; Unanswered where Discord lost it and they were told to look first."""
    if answer.done.form is None and UNSURE in answer.text:
        raise Unanswered(UNSURE)
    return answer


def _button(message: Json, label: str) -> bool:
    return any(label in (each.get("label") or "") and not each.get("disabled") for each in parts(message))
