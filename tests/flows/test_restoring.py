"""After going back to an old backup nothing is said twice: what went out since is looked for where it would go."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.client import ChapterBot
from bot.services import backups
from bot.services.backups import Plan
from db import restoring
from db.store import Store
from tests.flows.rig import Server

NINE = datetime(2026, 11, 1, 9, tzinfo=UTC)


def backed_up(server: Server, tmp_path: Path) -> Path:
    """A backup of this moment."""
    return backups.make(Plan(server.database, tmp_path / "backups", keep=9), server.now).path


async def go_back(server: Server, copy: Path) -> None:
    """Stops the program, puts the backup in the place of its database, and starts it again."""
    await server.world.settle()
    await server.store.close()
    await restoring.restore(copy, server.database, server.now)
    server.store = await Store.open(f"sqlite+aiosqlite:///{server.database}")
    server.bot = ChapterBot(server.store, clock=server.world.now, shard_count=1)
    await server.world.restart_bot(server.bot)


def heard(server: Server) -> dict[str, int]:
    """How many messages stand in each place."""
    places = {"london": server.london, "leeds": server.leeds, "facilitators": server.facilitators}
    people = {"ana": server.ana, "ben": server.ben, "lea": server.lea, "fay": server.fay}
    return {name: len(server.messages(place)) for name, place in {**places, **people}.items()}


async def test_what_was_planned_and_sent_since_the_backup_is_not_sent_again(server: Server, tmp_path: Path) -> None:
    copy = backed_up(server, tmp_path)
    await server.advance_to(NINE + timedelta(days=16))
    told = heard(server)
    assert told == {"london": 1, "leeds": 1, "facilitators": told["facilitators"], "ana": 2, "ben": 1, "lea": 2, "fay": 0}
    assert told["facilitators"] >= 1
    await go_back(server, copy)
    await server.run_due()
    await server.advance(days=1)
    assert heard(server) == told
    await server.advance_to(datetime(2026, 12, 1, 9, 5, tzinfo=UTC))
    assert heard(server)["london"] == 2


async def test_what_waited_in_the_backup_and_went_out_since_is_not_sent_again_and_its_buttons_work(server: Server, tmp_path: Path) -> None:
    await server.advance_to(NINE + timedelta(minutes=5))
    await server.press(server.ana, server.last(server.london), "Remind me tomorrow")
    copy = backed_up(server, tmp_path)
    await server.advance(days=3)
    told = heard(server)
    assert told["ana"] == 1
    await go_back(server, copy)
    await server.advance(hours=3)
    assert heard(server) == told
    form = await server.press(server.ana, server.last(server.ana), "People")
    await server.fill(server.ana, form, members="30", met="12")
    assert "30" in server.text_of(server.last(server.ana))


async def test_a_message_that_changed_since_it_was_sent_is_recognised_and_says_what_is_so_now(server: Server, tmp_path: Path) -> None:
    copy = backed_up(server, tmp_path)
    await server.advance_to(NINE + timedelta(days=4, minutes=5))
    card, before = server.last(server.ana), server.text_of(server.last(server.london))
    await server.fill(server.ana, await server.press(server.ana, card, "People"), members="40")
    await server.advance(hours=1)
    changed = server.text_of(server.last(server.london))
    assert "40" in changed
    told = heard(server)
    await go_back(server, copy)
    await server.advance(hours=1)
    assert heard(server) == told
    assert server.text_of(server.last(server.london)) == before


async def test_what_people_do_after_it_is_posted(server: Server, tmp_path: Path) -> None:
    copy = backed_up(server, tmp_path)
    await server.advance_to(NINE + timedelta(minutes=5))
    await publish(server)
    assert len(server.reports.threads) == 1
    await go_back(server, copy)
    await server.advance(hours=1)
    await publish(server)
    assert len(server.reports.threads) == 2


async def publish(server: Server) -> None:
    """Fills in and publishes London's report."""
    card = server.last(server.london)
    await server.fill(server.ana, await server.press(server.ana, card, "People"), members="40")
    await server.press(server.ana, card, "Publish")
    await server.advance(hours=1)
