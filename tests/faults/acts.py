"""What the admins of some chapters do all the time: check in, fill in the report, publish it, correct it; and what they are told."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from bot.domain.calendar import Month
from tests.faults.discord.world import Json
from tests.faults.ledger import Ledger
from tests.faults.people import Answer, Unanswered, parts
from tests.faults.rig import CHAPTERS, Rig

BUSY = ("London", "Leeds", "Hull", "Kent")
"""The chapters whose admins act; the others never answer, so that digests are owed."""
KINDS = ("meeting", "education", "outreach", "campaign", "social", "project")
SENT_AGAIN = 20
OCTOBER = Month(2026, 10)


@dataclass
class Acts:
    """The admins of the busy chapters, who write down what they did and what they were told."""

    rig: Rig
    ledger: Ledger
    chance: random.Random
    month: Month = OCTOBER
    publishing: dict[str, bool] = field(default_factory=dict)
    unsent: list[tuple[str, str, Answer]] = field(default_factory=list)
    """Forms that were sent and not answered: who, the note in it, the form. They are sent once more."""
    written: int = 0
    hurried: bool = False
    """Whether who publishes today does it at once."""

    def begin(self, day: date) -> None:
        """A new day; some chapters publish on it."""
        self.month = Month.of(day).plus(-1)
        self.publishing = {name: self.chance.random() < 0.5 for name in BUSY}

    async def go_on(self, about_to: Callable[[], None] = lambda: None) -> None:
        """All of them act at the same time, until the bot is dead."""
        await asyncio.gather(*(self._go_on(chapter, admin, about_to) for chapter in BUSY for admin in CHAPTERS[chapter][1]))

    async def finish(self) -> None:
        """What was not answered is sent again, until it is."""
        tries = list[str]()
        while self.unsent:
            try:
                await self._send_again()
            except Unanswered as why:
                tries.append(str(why))
                assert len(tries) < SENT_AGAIN, f"nobody answers: {tries}"
                await asyncio.sleep(0.1)

    async def _go_on(self, chapter: str, admin: str, about_to: Callable[[], None]) -> None:
        while self.rig.child.alive:
            try:
                about_to()
                await self._act(chapter, admin)
            except Unanswered:
                await asyncio.sleep(0.02)

    async def _act(self, chapter: str, admin: str) -> None:
        kind = self.chance.random()
        if self.hurried and self.publishing[chapter] and kind < 0.6:
            kind = 1.0
        if self.unsent and kind < 0.3:
            await self._send_again()
        elif kind < 0.5:
            await self._check_in_by_form(chapter, admin)
        elif kind < 0.6:
            await self._check_in(chapter, admin)
        elif kind < 0.85 or not self.publishing[chapter]:
            await self._fill_in(chapter, admin)
        else:
            await self._publish(chapter, admin)

    def _note(self) -> str:
        self.written += 1
        return f"Note {self.written}"

    async def _check_in(self, chapter: str, admin: str) -> None:
        note = self._note()
        self.ledger.notes[note] = False
        answer = await self.rig.check_in(admin, chapter, kind=self.chance.choice(KINDS), people=self.chance.randrange(2, 40), note=note)
        await self._stored(admin, note, answer)

    async def _check_in_by_form(self, chapter: str, admin: str) -> None:
        form = await self.rig.people[admin].press(self._message_with(chapter, "ci.new"), "Check in")
        if form.done.form is None:
            raise Unanswered(f"instead of a form: {form.text}")
        note = self._note()
        self.ledger.notes[note] = False
        try:
            answer = await self._fill(admin, form, note)
        except Unanswered:
            self.unsent.append((admin, note, form))
            raise
        await self._stored(admin, note, answer)

    async def _send_again(self) -> None:
        admin, note, form = self.unsent.pop()
        try:
            answer = await self._fill(admin, form, note)
        except Unanswered:
            self.unsent.append((admin, note, form))
            raise
        await self._stored(admin, note, answer)

    async def _fill(self, admin: str, form: Answer, note: str) -> Answer:
        number = int(note.split()[1])
        entered = {"kind": KINDS[number % len(KINDS)], "people": 2 + number % 40}
        return await self.rig.people[admin].fill(form, note=note, **entered)

    async def _stored(self, admin: str, note: str, answer: Answer) -> None:
        if "has one of that kind on that day already" in answer.text:
            answer = await self.rig.people[admin].press(answer, "Store it anyway")
        if note in answer.text and "Nothing was lost" not in answer.text:
            self.ledger.notes[note] = True

    async def _fill_in(self, chapter: str, admin: str) -> None:
        card = await self._card(chapter, admin)
        form = await self.rig.people[admin].press(card, "People")
        members = self.chance.randrange(20, 999)
        entries = self.ledger.members.setdefault((self.rig.chapters[chapter], self.month), [])
        entries.append((members, False))
        at = len(entries) - 1
        answer = await self.rig.people[admin].fill(form, members=members, met="")
        if f"{members} members" in answer.text and "was changed while you wrote" not in answer.text:
            entries[at] = (members, True)

    async def _publish(self, chapter: str, admin: str) -> None:
        card = await self._card(chapter, admin)
        at = (self.rig.chapters[chapter], self.month)
        self.ledger.published.setdefault(at, False)
        answer = await self.rig.people[admin].press(card, "Publish")
        if "is published" in answer.text:
            self.ledger.published[at] = True

    async def _card(self, chapter: str, admin: str) -> Answer | Json:
        """The report's card of this month in the chapter's channel, or (once it is published) the one that corrects it."""
        at = f"{self.rig.chapters[chapter]}:{self.month}"
        try:
            return self._message_with(chapter, f"rp.part:{at}")
        except Unanswered:
            return await self.rig.people[admin].press(self._message_with(chapter, f"rp.edit:{at}"), "Correct")

    def _message_with(self, chapter: str, address: str) -> Json:
        """The newest message in the chapter's channel with a button that leads there."""
        place = CHAPTERS[chapter][0] or ""
        for message in reversed(self.rig.seen(place)):
            if any(str(part.get("custom_id", "")).startswith(address) for part in parts(message)):
                return message
        raise Unanswered(f"nothing leads to {address} in {place}")
