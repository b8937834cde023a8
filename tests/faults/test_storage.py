"""The file and its disk fail under the real bot: what those who pressed, and those who look after it, see; and that nothing is lost."""

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from tests.faults import steps
from tests.faults.child import Child
from tests.faults.discord.trouble import Point, Trouble, calls
from tests.faults.discord.world import Json
from tests.faults.disk import Limit, SmallDisk, mounted, without_privileges
from tests.faults.people import Unanswered, text_of
from tests.faults.rig import Rig

PROMPTS = datetime(2026, 11, 1, 9, 0, 5, tzinfo=UTC)
SECOND_NUDGES = datetime(2026, 11, 9, 12, tzinfo=UTC)
NOTE = "We met at the library and talked for a long time about the winter market."
EPHEMERAL = 1 << 6


async def logged(child: Child, words: str, times: int = 1) -> str:
    """What the child has printed, once these words are in it so often."""
    async with asyncio.timeout(30):
        while (printed := child.log.read_text()).count(words) < times:
            await asyncio.sleep(0.02)
    return printed


def everything_posted(rig: Rig) -> list[Json]:
    """All messages but the answers that one person alone sees."""
    return [each for each in rig.discord.world.all_messages() if not each["flags"] & EPHEMERAL]


async def posted(rig: Rig, words: str) -> None:
    """Waits until a message with these words is there."""
    async with asyncio.timeout(30):
        while not any(words in text_of(each) for each in everything_posted(rig)):
            await asyncio.sleep(0.02)


async def outcome(child: Child, *arguments: str) -> tuple[int | None, str]:
    """The exit status of a life that ends by itself, and what it printed: never a traceback."""
    before = len(child.log.read_text()) if child.log.exists() else 0
    child.start(*arguments)
    status = await child.end(60)
    printed = child.log.read_text()[before:]
    assert "Traceback" not in printed
    return status, printed


def beside(rig: Rig) -> Child:
    """A second program on the same database."""
    folder = rig.child.folder / "beside"
    folder.mkdir()
    (folder / "chapterhouse.db").symlink_to(rig.child.database)
    return Child(folder, rig.discord.address, rig.discord.gateway.address, rig.child.clock_file)


def entries(rig: Rig) -> tuple[int, ...]:
    """How much is stored."""
    return rig.rows("SELECT (SELECT count(*) FROM checkin), (SELECT count(*) FROM report_part), (SELECT count(*) FROM change)")[0]


def contents(file: Path) -> list[str]:
    """Everything that is in the file, as SQL."""
    with closing(sqlite3.connect(file)) as database:
        return list(database.iterdump())


# A full disk


@pytest.fixture(params=["full", "refusing"])
def disk(rig: Rig, request: pytest.FixtureRequest) -> Iterator[SmallDisk | Limit]:
    """What the database stands on: a disk that has no room left, or one that takes no more."""
    if request.param == "refusing":
        yield Limit(rig.child)
        return
    place = rig.child.folder / "disk"
    with mounted(place) as there:
        if not there:
            pytest.skip("this account may mount nothing")
        yield SmallDisk(place, rig.child)
        rig.child.kill()


async def test_a_full_disk_gives_back_the_words_and_afterwards_all_is_made_up_for(rig: Rig, disk: SmallDisk | Limit) -> None:
    await rig.start()
    await rig.set_up()
    await rig.settle()
    # Discord has taken the first prompt when there is no room left to write that down.
    rig.discord.api.troubles.append(Trouble("POST", r"/channels/\d+/messages", calls(disk.fill), Point.CARRIED_OUT))
    rig.clock.move_to(PROMPTS)
    await logged(rig.child, disk.says)
    assert sum(text_of(each).count("how was October") for each in rig.discord.world.all_messages()) == 1
    disk.empty()
    await rig.settle()
    await logged(rig.child, "the database can be written again")
    form = await rig.people["ana"].press(rig.seen("london")[0], "In words")
    before = entries(rig)

    disk.fill()
    told = await rig.people["ana"].fill(form, changing=NOTE)
    reference = re.search(r"This could not be stored just now\. Nothing was lost.* the reference ([A-Z2-9]{5})\.", told.text)
    assert reference
    assert NOTE in told.text
    lines = [line for line in (await logged(rig.child, reference[1])).splitlines() if reference[1] in line]
    assert len(lines) == 1
    assert lines[0].endswith(disk.says)
    assert NOTE in (await rig.check_in("ana", "London", people=12, note=NOTE)).text
    assert "London" in (await rig.people["ana"].slash("chapter status", rig.places["general"], chapter="London")).text
    assert entries(rig) == before
    rig.clock.move_to(SECOND_NUDGES)
    await logged(rig.child, disk.says, 4)
    if isinstance(disk, SmallDisk):
        status, printed = await outcome(beside(rig), "check")
        assert (status, disk.says in printed) == (1, True)

    disk.empty()
    form = await rig.people["ana"].press(rig.seen("london")[0], "In words")
    await rig.people["ana"].fill(form, changing=NOTE)
    assert "published" in (await rig.people["ana"].press(rig.seen("london")[0], "Publish")).text
    await rig.settle()
    assert entries(rig)[:2] == (before[0], before[1] + 1)
    # The alarm is not in the outbox: that nothing is due there does not say that it has spoken.
    await posted(rig, "What is entered is stored again")
    recorded = {message_id for (message_id,) in rig.rows("SELECT message_id FROM outbox WHERE message_id IS NOT NULL")}
    public = everything_posted(rig)
    # What coordinators are told meanwhile, and once it is over, is all that nobody could write down.
    alarms = [text_of(each).splitlines()[0] for each in public if int(each["id"]) not in recorded]
    assert alarms == ["### Nothing can be stored at the moment", "What is entered is stored again, and what is due goes out now."]
    assert recorded < {int(each["id"]) for each in public}
    # Whether London was still reminded depends on who was first once there was room: the bot, or Ana with her report.
    sent = (
        "SELECT kind, count(*) FROM outbox WHERE message_id IS NOT NULL AND kind != 'digest' AND (kind, chapter_id) != ('second_nudge', ?)"
    )
    assert rig.rows(f"{sent} GROUP BY kind ORDER BY kind", rig.chapters["London"]) == [
        ("claim", 1),
        ("prompt", 6),
        ("report", 1),
        ("second_nudge", 5),
    ]
    assert [each["name"] for each in rig.discord.world.threads(rig.places["reports"])] == ["London · October 2026"]
    assert rig.rows("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'dropped')") == [(0,)]
    assert rig.rows("PRAGMA integrity_check") == [("ok",)]
    assert "Traceback" not in rig.child.log.read_text()
    assert await rig.child.stop() == 0


@pytest.mark.parametrize("disk", ["full"], indirect=True)
async def test_a_disk_that_is_full_at_the_start_is_one_sentence(rig: Rig, disk: SmallDisk) -> None:
    # No room for the file itself; then none for the lock; then for the lock, but not for what SQLite shares beside the file.
    for room in (0, 0, 5 * 4096):
        disk.fill(room)
        status, printed = await outcome(rig.child, "run")
        assert (status, printed.count("\n")) == (1, 1)
        assert printed.endswith(f"{disk.says}\n")
        disk.empty()
        await rig.start()
        assert await rig.child.stop() == 0
    assert rig.rows("PRAGMA integrity_check") == [("ok",)]


# A file that is not there any more, or not ours


@pytest.mark.parametrize("gone", ["deleted", "replaced", "its log deleted", "its folder removed"])
async def test_a_database_that_is_taken_away_ends_the_bot_with_one_sentence(rig: Rig, gone: str) -> None:
    place = rig.child.folder / "data"
    place.mkdir()
    rig.child.database.symlink_to(place / "chapterhouse.db")
    await rig.start()
    await rig.people["mia"].slash("setup", rig.places["general"], timezone="Europe/London")
    match gone:
        case "deleted":
            (place / "chapterhouse.db").rename(place / "away.db")
        case "replaced":
            shutil.copy(place / "chapterhouse.db", place / "copy.db")
            (place / "copy.db").rename(place / "chapterhouse.db")
        case "its log deleted":
            (place / "chapterhouse.db-wal").unlink()
        case _:
            shutil.rmtree(place)
    assert await rig.child.end() == 1
    printed = rig.child.log.read_text()
    assert "Traceback" not in printed
    assert printed.count("was deleted, moved or replaced while the bot was running. The bot stops") == 1
    assert printed.splitlines()[-1].endswith("Put back the files or your latest backup, then start again.")
    if gone == "deleted":
        (place / "away.db").rename(place / "chapterhouse.db")
    if gone in ("deleted", "its log deleted"):
        await rig.start()
        assert rig.rows("SELECT count(*) FROM organisation") == [(1,)]


# A file that may not be written


async def test_a_file_made_read_only_is_written_while_the_bot_runs_and_refused_at_the_next_start(rig: Rig) -> None:
    place = rig.child.folder / "data"
    place.mkdir()
    rig.child.database.symlink_to(place / "chapterhouse.db")
    rig.child.prepare = without_privileges
    await rig.start()
    (place / "chapterhouse.db").chmod(0o444)
    place.chmod(0o555)
    await rig.people["mia"].slash("setup", rig.places["general"], timezone="Europe/London")
    assert rig.rows("SELECT count(*) FROM organisation") == [(1,)]
    rig.child.kill()
    await rig.child.end()
    place.joinpath("chapterhouse.db.lock").chmod(0o444)
    for command in ("run", "check"):
        status, printed = await outcome(rig.child, command)
        assert status == 1
        assert "cannot be written. Let this account write the file and its folder." in printed
    place.joinpath("chapterhouse.db.lock").chmod(0o600)
    place.chmod(0o755)
    await rig.start()
    assert rig.rows("SELECT count(*) FROM organisation") == [(1,)]


# A lock of another program


async def test_a_lock_of_another_program_keeps_nobody_without_an_answer(rig: Rig) -> None:
    await rig.start()
    await rig.set_up()
    before = entries(rig)
    other = sqlite3.connect(rig.child.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    late = asyncio.create_task(rig.check_in("ana", "London", people=12, note=NOTE))
    asks = asyncio.create_task(rig.people["ana"].slash("chapter status", rig.places["general"], chapter="London"))
    assert "London" in (await asks).text
    assert not late.done()
    told = (await late).text
    assert re.search(r"could not be stored just now.* the reference [A-Z2-9]{5}\.", told)
    assert NOTE in told
    assert entries(rig) == before
    late = asyncio.create_task(rig.check_in("ana", "London", people=12, note=NOTE))
    while not (newest := list(rig.discord.api.interactions.values())[-1]).answered.is_set() or newest.settled.is_set():
        await asyncio.sleep(0.02)
    other.execute("ROLLBACK")
    other.close()
    assert "Checked in for London" in (await late).text
    assert entries(rig)[0] == before[0] + 1
    printed = rig.child.log.read_text()
    assert "is locked by another program. Close that program, then try again." in printed
    assert "Traceback" not in printed


async def test_a_lock_at_the_start_is_one_sentence(rig: Rig) -> None:
    await rig.start()
    assert await rig.child.stop() == 0
    with closing(sqlite3.connect(rig.child.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        status, printed = await outcome(rig.child, "run")
    assert status == 1
    assert printed.splitlines()[-1].endswith("is locked by another program. Close that program, then try again.")


async def test_a_second_writer_is_told_who_the_first_is_also_after_a_kill(rig: Rig) -> None:
    await rig.start()
    assert rig.child.process is not None
    second = beside(rig)
    (second.folder / "chapters.csv").write_text("name,timezone\nHull,Europe/London\n")
    adding = ("import", "chapters", "chapters.csv", "--guild", str(rig.server.id))
    for arguments in (("run",), adding):
        status, printed = await outcome(second, *arguments)
        assert status == 1
        assert f"is in use by process {rig.child.process.pid} on " in printed
    assert (await outcome(second, *adding, "--dry-run"))[0] == 0
    assert "is sound" in (await outcome(second, "check"))[1]
    rig.child.kill()
    await rig.child.end()
    status, printed = await outcome(second, *adding)
    assert (status, printed.splitlines()[:2]) == (0, ["1 chapter was added.", "New branches: United Kingdom."])


# A damaged page


async def test_a_damaged_page_is_said_and_all_else_goes_on(rig: Rig) -> None:
    await rig.start()
    await rig.set_up()
    for _ in range(3):
        await rig.check_in("ana", "London", people=12, note=NOTE)
    assert await rig.child.stop() == 0
    with closing(sqlite3.connect(rig.child.database)) as database:
        ((page,),) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'checkin'").fetchall()
        ((size,),) = database.execute("PRAGMA page_size").fetchall()
    with rig.child.database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xaa" * size)
    for _ in range(2):
        await rig.start()
        told = await rig.people["ana"].slash("checkins", rig.places["general"], chapter="London")
        assert re.search(r"did not work just now.* the reference [A-Z2-9]{5}\.", told.text)
        assert "London" in (await rig.people["ana"].slash("chapter list", rig.places["general"])).text
        rig.child.kill()
        await rig.child.end()
    printed = rig.child.log.read_text()
    assert "is damaged. Restore your latest backup." in printed
    assert "Traceback" not in printed
    status, printed = await outcome(rig.child, "check")
    assert status == 1
    assert "is damaged. Restore your latest backup." in printed


async def test_an_entry_that_cannot_be_read_keeps_no_other_chapter_waiting(rig: Rig) -> None:
    await rig.start()
    await rig.set_up()
    assert await rig.child.stop() == 0
    with closing(sqlite3.connect(rig.child.database)) as database:
        database.execute("UPDATE chapter SET timezone = 'Mars/Base' WHERE name = 'London'")
        database.commit()
    rig.clock.move_to(PROMPTS)
    await rig.start()
    async with asyncio.timeout(30):
        while not all(map(rig.seen, ("leeds", "bath", rig.people["yan"]))):
            await asyncio.sleep(0.02)
    rig.clock.move_to(SECOND_NUDGES)
    async with asyncio.timeout(30):
        while not rig.seen(rig.people["lea"]):
            await asyncio.sleep(0.02)
    assert rig.seen("london") == []
    said = rig.child.log.read_text().splitlines()
    # Said once on each of the two days at the most, however many ticks there are.
    assert sum("what is due could not be worked through" in line for line in said) in (1, 2)


# Steps that do not come to their end


async def test_a_step_that_fails_half_way_or_is_killed_leaves_all_as_it_was(rig: Rig) -> None:
    await rig.start()
    await rig.set_up()
    await rig.check_in("ana", "London", people=12, note=NOTE)
    assert await rig.child.stop() == 0
    before = contents(rig.child.database)
    folder = rig.child.folder / "later"
    folder.mkdir()
    rig.child.prepare = partial(steps.know, folder)

    steps.write(folder, "raise ZeroDivisionError")
    status, printed = await outcome(rig.child, "run")
    assert status == 1
    assert printed.splitlines()[-1].endswith("could not be brought up to date. Nothing was changed; the version before still works.")
    assert contents(rig.child.database) == before
    assert contents(rig.child.folder / "backups" / "chapterhouse-before-9000.db") == before

    steps.write(folder, "pathlib.Path('half-way').touch(); time.sleep(60)")
    rig.child.start()
    async with asyncio.timeout(30):
        while not (rig.child.folder / "half-way").exists():
            await asyncio.sleep(0.01)
    rig.child.kill()
    await rig.child.end()
    assert contents(rig.child.database) == before

    rig.child.prepare = None
    await rig.start()
    assert "12" in (await rig.people["ana"].slash("checkins", rig.places["general"], chapter="London")).text
    rig.child.kill()
    await rig.child.end()
    rig.child.prepare = partial(steps.know, folder)
    steps.write(folder, "pass")
    await rig.start()
    assert await rig.child.stop() == 0
    rig.child.prepare = None
    status, printed = await outcome(rig.child, "run")
    assert (status, "is newer than this program. Install the newer version" in printed) == (1, True)
    with pytest.raises(Unanswered):
        await rig.start()
