"""An organisation that grows day by day: what the tests of goals, compositions, gatherings and rests share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update

from bot.domain.calendar import Month
from bot.domain.chapters import State, Visibility
from bot.domain.goals import Goal, Measured
from bot.domain.privacy import GENDER, GENDERS
from bot.domain.reports import Part, People
from bot.domain.rights import Caller
from bot.locales import say
from bot.services import checkins, compositions, facts, gatherings, goals, partners, reports
from bot.services.boards import Board
from bot.services.checkins import Entered
from bot.services.facts import Key
from cogs.layout import Card, Line, Row, Small, Title
from db import chapters, organisations, people, stale, summaries
from db import goals as stored_goals
from db.store import Store
from db.tables import chapter as chapter_table
from db.tables import organisation
from tests import asked

GUILD = 1
ADMIN, CORA, MO = 20, 12, 13
COORDINATORS = 91
FOUNDED = date(2025, 1, 1)

admin = Caller(ADMIN, GUILD)
cora = Caller(CORA, GUILD, frozenset({COORDINATORS}), frozenset({COORDINATORS}))
mo = Caller(MO, GUILD)


def noon(day: date) -> datetime:
    """Midday of a day, UTC."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def told(shown: Card) -> str:
    """All that a card says, in English."""
    pieces = [say(block.text, "en") for block in shown.blocks if isinstance(block, Title | Line | Small)]
    pieces += [say(button.label, "en") for block in shown.blocks if isinstance(block, Row) for button in block.buttons]
    return "\n".join(pieces)


@dataclass(slots=True)
class Growing:
    """One organisation (zone UTC); one person is admin of every chapter, Cora is coordinator."""

    store: Store
    entries: int = 0

    async def set_up(self, zone: str = "UTC") -> None:
        """Stores the organisation as it was on the first day."""
        async with self.store.write() as c:
            await asked.create(c, GUILD, noon(FOUNDED), zone)
            await organisations.change(c, GUILD, {"coordinator_role": COORDINATORS, "set_up_at": noon(FOUNDED)})

    async def organisation(self) -> organisations.Organisation:
        """The organisation as stored."""
        async with self.store.read() as c:
            found = await organisations.find(c, GUILD)
        assert found is not None
        return found

    async def chapter(self, name: str, added: date = FOUNDED, zone: str = "UTC", branch_id: int | None = None) -> int:
        """A chapter of which nothing is known."""
        async with self.store.write() as c:
            made = await chapters.add(c, GUILD, noon(added), None, name=name, timezone=zone, added_on=added, branch_id=branch_id)
            await people.add_admin(c, GUILD, made, ADMIN, noon(added))
            await summaries.refresh(c, GUILD, [made], noon(added))
        return made

    async def branch(self, country: str) -> int:
        """A branch called like its country."""
        async with self.store.write() as c:
            return await chapters.add_branch(c, GUILD, country, country)

    async def does(self, chapter_id: int, on: date, kind: str = "meeting", *, learns: bool = True, together_with: str | None = None) -> int:
        """A check-in of a day; returns its id."""
        self.entries += 1
        entered = Entered(kind, str(on), 12, "in_person", learns, partners=together_with)
        done = await checkins.record(self.store, admin, chapter_id, entered, f"form {self.entries}", noon(on))
        if not isinstance(done, checkins.Shown):
            done = await checkins.store_anyway(self.store, admin, chapter_id, f"form {self.entries}", noon(on))
        return done.id

    async def gathers(self, branch_id: int, on: date, *names: str, people: int | None = None, at: date | None = None) -> int:
        """A gathering of a branch on a day, recorded then; returns its id."""
        self.entries += 1
        entered = gatherings.Entered(await self.name_of(branch_id), str(on), ", ".join(names), people)
        done = await gatherings.record(self.store, cora, entered, f"form {self.entries}", noon(at or on))
        return done.gathering.id

    async def name_of(self, branch_id: int) -> str:
        """What a branch is called."""
        async with self.store.read() as c:
            return next(branch.name for branch in await chapters.branches(c, GUILD) if branch.id == branch_id)

    async def takes_part(self, checkin_id: int, chapter_id: int, on: date) -> None:
        """A partner's yes."""
        await partners.answer(self.store, admin, checkin_id, chapter_id, True, noon(on))

    async def reports(self, chapter_id: int, period: Month, on: date, members: int | None = 10, met: int | None = None) -> None:
        """A report published on a day."""
        await reports.save_part(self.store, admin, chapter_id, period, Part.PEOPLE, People(members, met), 0, None, noon(on))
        await reports.publish(self.store, admin, chapter_id, period, noon(on))

    async def says(self, key: Key, value: str, on: date, *, chapter_id: int | None = None, branch_id: int | None = None) -> None:
        """A standing fact, confirmed on a day."""
        async with self.store.write() as c:
            await facts.confirm(c, GUILD, chapter_id=chapter_id, branch_id=branch_id, key=key, value=value, day=on, now=noon(on), by=ADMIN)

    async def collects(self, chapter_id: int, on: date) -> None:
        """A bank account, and dues that are collected."""
        await self.says(Key.MONEY, "bank_account", on, chapter_id=chapter_id)
        await self.says(Key.DUES, "collecting", on, chapter_id=chapter_id)

    async def counts(self, chapter_id: int, on: date, *people: int, at: date | None = None) -> None:
        """A composition: women, men, another, rather not say; those left out are nobody."""
        cells: Mapping[str, int] = dict(zip(GENDERS, (*people, 0, 0, 0, 0), strict=False))
        await compositions.record(self.store, admin, chapter_id, GENDER, cells, on, "show of hands", noon(at or on))

    async def becomes(self, chapter_id: int, state: State, on: date, until: date | None = None) -> None:
        """A new state from a day on."""
        async with self.store.write() as c:
            await chapters.set_state(c, GUILD, chapter_id, state, on, until, noon(on), None)
            await summaries.refresh(c, GUILD, [chapter_id], noon(on))

    async def hides(self, chapter_id: int) -> None:
        """Makes a chapter hidden."""
        async with self.store.write() as c:
            await chapters.change(c, GUILD, chapter_id, visibility=Visibility.HIDDEN.value)
            await stale.where_few(c, GUILD, noon(FOUNDED))

    async def adopts(self, metric: str, on: date = FOUNDED, name: str | None = None, target: int = 40) -> Goal:
        """A goal adopted on a day."""
        return await goals.add(self.store, cora, metric, target, "2030-01-01", name, noon(on))

    async def board(self, on: date, as_of: date | None = None) -> Board:
        """Where all goals stand, as asked on a day."""
        return await goals.progress(self.store, mo, noon(on), None if as_of is None else str(as_of))

    async def measure(self, metric: str, on: date, as_of: date | None = None) -> Measured:
        """Where the first goal of a metric stands, as asked on a day."""
        board = await self.board(on, as_of)
        return next(each.measured for each in board.standings if each.goal.metric == metric)

    async def keeps(self, through: date) -> None:
        """Keeps the daily values of all days up to one."""
        while await goals.keep_daily(self.store, await self.organisation(), noon(through + timedelta(days=1))):
            pass

    async def kept(self, goal_id: int, day: date) -> Measured | None:
        """What was kept for a goal and day."""
        async with self.store.read() as c:
            found = await stored_goals.values(c, GUILD, goal_id, [day])
        return found[0][1] if found else None

    async def set_policy(self, key: str, value: object, on: date) -> None:
        """A number of the policy from a day on, with every chapter summed up anew."""
        async with self.store.write() as c:
            await organisations.set_policy(c, GUILD, key, value, noon(on), CORA)
            ids = list(await c.scalars(select(chapter_table.c.id).where(chapter_table.c.guild_id == GUILD)))
            await summaries.refresh(c, GUILD, ids, noon(on))

    async def begins(self, on: date) -> None:
        """Moves the organisation's first day."""
        async with self.store.write() as c:
            await c.execute(update(organisation).where(organisation.c.guild_id == GUILD).values(created_at=noon(on)))
