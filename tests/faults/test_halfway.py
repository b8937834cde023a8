"""kill -9 in the middle of what takes many statements: an import and an erasure are whole or not at all, a policy change finds its end."""

import sqlite3
from contextlib import closing, suppress
from functools import partial

from tests.faults import halfway
from tests.faults.ledger import Ledger, faults_of
from tests.faults.people import Person, Unanswered
from tests.faults.rig import A_TICK, Rig

MANY = 60
"""More than one batch of chapters, and with two check-ins each more than one batch of rows."""


async def bring_in(rig: Rig, kind: str, lines: list[str]) -> int | None:
    """Imports a file by the command line; its exit status."""
    file = rig.child.folder / f"{kind}.csv"
    file.write_text("\n".join(lines))
    rig.child.start("import", kind, str(file), "--guild", str(rig.server.id))
    return await rig.child.end(60)


async def bring_in_chapters(rig: Rig, admin: Person) -> None:
    """Stores an organisation of many chapters with one admin."""
    assert await bring_in(rig, "chapters", ["name,admins", *(f"Chapter {n},{admin.id}" for n in range(MANY))]) == 0


def doom(rig: Rig, begins: str, nth: int) -> None:
    """Each life to come dies behind the n-th statement that begins so, once it is armed."""
    rig.child.prepare = partial(halfway.prepare, begins, nth)


def arm(rig: Rig) -> None:
    """From now on statements count."""
    (rig.child.folder / halfway.ARMED).touch()


async def dies(rig: Rig) -> None:
    """Waits until it is dead; what it leaves is sound, and the lives to come are spared."""
    assert await rig.child.end() == -9
    rig.discord.forsake()
    rig.child.prepare = None
    assert await is_sound(rig)


async def is_sound(rig: Rig) -> bool:
    """Whether neither SQLite nor the deep check finds a fault."""
    return await faults_of(rig.child.database, rig.clock.now(), Ledger()) == []


def named(rig: Rig, person: Person) -> int:
    """How many rows name somebody."""
    with closing(sqlite3.connect(f"file:{rig.child.database}?mode=ro", uri=True)) as database:
        return sum(str(person.id) in line for line in database.iterdump())


async def test_an_import_that_is_killed_between_two_batches_has_stored_nothing(rig: Rig) -> None:
    await bring_in_chapters(rig, rig.people["ana"])
    meetings = ["chapter,date,kind", *(f"Chapter {n},2026-09-{day},meeting" for n in range(MANY) for day in (12, 19))]
    doom(rig, "INSERT INTO intake_row", 1)
    arm(rig)
    assert await bring_in(rig, "checkins", meetings) == -9
    await dies(rig)
    assert rig.rows("SELECT (SELECT count(*) FROM checkin), (SELECT count(*) FROM evidence)") == [(0, 0)]
    assert await bring_in(rig, "checkins", meetings) == 0
    assert rig.rows("SELECT count(*) FROM checkin") == [(2 * MANY,)]
    assert await is_sound(rig)


async def test_a_policy_change_that_is_killed_half_way_through_the_chapters_finds_its_end(rig: Rig) -> None:
    await bring_in_chapters(rig, rig.people["ana"])
    assert await bring_in(rig, "checkins", ["chapter,date,kind", *(f"Chapter {n},2026-09-12,meeting" for n in range(MANY))]) == 0
    doom(rig, "INSERT INTO summary", 55)
    await rig.start()
    await rig.settle()
    mia = rig.people["mia"]
    shown = await mia.slash("policy set", rig.places["general"], key="together_kinds", value="social")
    arm(rig)
    await mia.press(shown, "Confirm")
    rig.clock.move(A_TICK)
    await dies(rig)
    come_together = "SELECT count(together_on) FROM summary"
    assert 0 < rig.rows(come_together)[0][0] < MANY
    await rig.start()
    await rig.settle()
    assert rig.rows(come_together) == [(0,)]
    assert await is_sound(rig)


async def test_an_erasure_that_is_killed_half_way_has_not_begun_and_can_be_done_again(rig: Rig) -> None:
    ana, general = rig.people["ana"], rig.places["general"]
    await bring_in_chapters(rig, ana)
    doom(rig, "UPDATE", 4)
    await rig.start()
    await rig.check_in("ana", "Chapter 7", people=12)
    await rig.settle()
    shown = await ana.press(await ana.slash("privacy show", general), "Erase it")
    before = named(rig, ana)
    arm(rig)
    with suppress(Unanswered):
        await ana.press(shown, "Yes, erase it")
    await dies(rig)
    assert named(rig, ana) == before > MANY
    await rig.start()
    await ana.press(shown, "Yes, erase it")
    assert named(rig, ana) == 0
    assert await is_sound(rig)
