"""An organisation whose chapters decide together: a chapter for each of its admins, and what tests of proposals and history share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select

from bot.delivery import planner
from bot.domain.calendar import Month
from bot.domain.chapters import Visibility
from bot.domain.goals import Goal
from bot.domain.proposals import Voice
from bot.domain.reports import Part, Words
from bot.domain.rights import Caller
from bot.services import deciding, proposals, proposing, reports, voices
from bot.services.proposals import View
from bot.services.proposing import Asked, Where
from bot.services.voices import Spoken
from db import chapters, people, summaries
from db import goals as stored_goals
from db.tables import change, outbox
from tests.services.growing import GUILD, Growing, cora, noon

NAMES = ("Ayr", "Bath", "Cork", "Deal", "Ely", "Fife", "Goole", "Hull", "Iver", "Jarrow", "Kent", "Leeds")
HERE = Where(500, may_post=True)
OPENED = date(2026, 11, 1)
CLOSES = date(2026, 11, 22)


def of(name: str, more: int = 0) -> Caller:
    """An admin of the chapter of this name; its second one with `more`."""
    return Caller(100 + NAMES.index(name) + 100 * more, GUILD)


@dataclass(slots=True)
class Town(Growing):
    """Twelve chapters with an admin each, and a goal of members."""

    ids: dict[str, int] = field(default_factory=dict)
    forms: int = 0

    async def build(self, names: Sequence[str] = NAMES) -> None:
        """Adds the chapters, then the goal while coordinators still may."""
        await self.set_up()
        await self.adopts("members", OPENED - timedelta(days=100), target=5000)
        for name in names:
            await self.add(name)

    async def add(self, name: str, on: date = OPENED - timedelta(days=100)) -> int:
        """A chapter with its own admin."""
        async with self.store.write() as c:
            made = await chapters.add(c, GUILD, noon(on), None, name=name, timezone="UTC", added_on=on)
            await people.add_admin(c, GUILD, made, of(name).user_id, noon(on))
            await summaries.refresh(c, GUILD, [made], noon(on))
        self.ids[name] = made
        return made

    async def hide(self, *names: str) -> None:
        """Hides chapters."""
        async with self.store.write() as c:
            for name in names:
                await chapters.change(c, GUILD, self.ids[name], visibility=Visibility.HIDDEN.value)

    async def propose(
        self, target: int = 6000, *, metric: str = "members", by: Caller = cora, closes: date | None = None, why: str | None = "We grow."
    ) -> View:
        """A proposal, previewed and confirmed at noon of the first day."""
        self.forms += 1
        form, now = f"proposal {self.forms}", noon(OPENED)
        asked = Asked(why, None if closes is None else str(closes))
        await proposing.propose(self.store, by, metric, target, "2030-01-01", None, asked, HERE, form, now)
        return await proposing.confirm(self.store, by, form, now)

    async def say(
        self, view: View, voice: Voice, *names: str, on: date = OPENED, reason: str | None = None, version: int = 1, more: int = 0
    ) -> Spoken:
        """What these chapters say, one after another."""
        done = None
        for name in names:
            why = reason or ("It is too much." if voice is Voice.OBJECT else None)
            done = await voices.speak(self.store, of(name, more), view.stored.id, version, voice, noon(on), reason=why)
        assert isinstance(done, Spoken)
        return done

    async def close(self, at: datetime) -> None:
        """What the planner does at this moment about proposals."""
        await deciding.close_due(self.store, await self.organisation(), at)

    async def plan(self, at: datetime) -> None:
        """Everything that the planner does at this moment."""
        await planner.plan(self.store, at)

    async def look(self, view: View, on: date, by: Caller = cora) -> View:
        """The proposal as it stands on a day."""
        return (await proposals.look(self.store, by, view.stored.id, noon(on))).view

    async def says_hard(self, name: str, hard: str, *, share: bool) -> None:
        """A report of a chapter that says what is hard, and whether others may quote it."""
        period, now, at = Month(2026, 10), noon(OPENED), self.ids[name]
        await reports.save_part(self.store, of(name), at, period, Part.WORDS, Words(hard=hard), 0, None, now)
        await reports.share(self.store, of(name), at, period, share, None, now)
        await reports.publish(self.store, of(name), at, period, now)

    async def goals(self) -> list[Goal]:
        """The goals in force."""
        async with self.store.read() as c:
            return await stored_goals.in_force(c, GUILD)

    async def logged(self, *kinds: str) -> list[tuple[str, list[str]]]:
        """These lines of the open log."""
        async with self.store.read() as c:
            rows = await c.execute(select(change.c.kind, change.c.fields).where(change.c.kind.in_(kinds)).order_by(change.c.id))
            return [(row.kind, row.fields) for row in rows]

    async def owed(self, kind: str) -> list[dict[str, object]]:
        """What the outbox holds of a kind."""
        async with self.store.read() as c:
            return list(await c.scalars(select(outbox.c.payload).where(outbox.c.kind == kind).order_by(outbox.c.id)))
