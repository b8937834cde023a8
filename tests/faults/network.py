"""What the network and Discord do to a running bot: one trouble each, at the hour at which the prompts go out, and what came of it.

All seconds are real ones, but for the ten minutes' outage: there the bot's clock passes ten minutes in some seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.discord.trouble import Act, Point, Trouble, cut, error, lost, slow, too_many
from tests.faults.ledger import Count, Ledger, faults_of
from tests.faults.people import text_of
from tests.faults.rig import PATIENCE, Rig, new_rig

NINE = datetime(2026, 11, 1, 9, 0, 5, tzinfo=UTC)
MESSAGES, DIRECT, POSTS, ANSWERS, EDITS = (
    ("POST", r"/channels/\d+/messages"),
    ("POST", r"/users/@me/channels"),
    ("POST", r"/channels/\d+/threads"),
    ("POST", r"/interactions/.*"),
    ("PATCH", r"/channels/\d+/messages/\d+"),
)
EACH_ITS_OWN = {"london": 1, "leeds": 1, "bath": 1, "yan": 1, "ana": 0, "ben": 0, "lea": 0, "bea": 0}
"""Where the four prompts go."""
LONDON_BY_MESSAGE = EACH_ITS_OWN | {"london": 0, "ana": 1}

Deed = Callable[[Rig], Awaitable[None]]


async def nothing(_: Rig) -> None:
    """Nothing happens."""


@dataclass(frozen=True)
class Row:
    """A trouble: what is done `before` nine, `at` nine, a little `after`, and `then` before Leeds publishes; where the prompts end up."""

    before: Deed = nothing
    at: Deed = nothing
    after: Deed = nothing
    then: Deed = nothing
    prompts: Mapping[str, int] = field(default_factory=lambda: EACH_ITS_OWN)
    in_short: bool = False


@dataclass
class Result:
    """What was lost or doubled by one trouble, and whatever else is wrong."""

    prompts: Count = field(default_factory=Count)
    posts: Count = field(default_factory=Count)
    entries: Count = field(default_factory=Count)
    faults: list[str] = field(default_factory=list)


def troubled(request: tuple[str, str], act: Act, point: Point = Point.ARRIVED, times: int | None = 1) -> Deed:
    """Something is wrong with the next requests of a kind."""

    async def begin(rig: Rig) -> None:
        rig.discord.api.troubles.append(Trouble(*request, act, point, times=times))

    return begin


async def drop(rig: Rig) -> None:
    await rig.discord.gateway.drop()


async def drop_for_good(rig: Rig) -> None:
    await rig.discord.gateway.drop(resumable=False)


async def ask_to_reconnect(rig: Rig) -> None:
    await rig.discord.gateway.ask_to_reconnect()


async def invalidate(rig: Rig) -> None:
    await rig.discord.gateway.invalidate(resumable=False)


async def invalidate_resumably(rig: Rig) -> None:
    await rig.discord.gateway.invalidate(resumable=True)


async def go_down(rig: Rig) -> None:
    await rig.discord.go_down()


async def ten_minutes_later(rig: Rig) -> None:
    for _ in range(10):
        rig.clock.move(timedelta(minutes=1))
        await asyncio.sleep(0.2)
    rig.discord.come_back()


async def yan_takes_no_messages(rig: Rig) -> None:
    rig.discord.world.refuse_direct.add(rig.people["yan"].id)


def forbidden(code: int) -> Deed:
    """The bot may not write in London's channel."""

    async def forbid(rig: Rig) -> None:
        rig.discord.world.forbidden[rig.places["london"]] = code

    return forbid


async def delete_the_channel(rig: Rig) -> None:
    rig.discord.world.delete_channel(rig.places["london"], told=False)


async def delete_the_roles(rig: Rig) -> None:
    for role in rig.roles.values():
        rig.discord.world.delete_role(rig.server, role)


async def delete_the_prompt(rig: Rig) -> None:
    rig.discord.world.messages[rig.places["leeds"]].clear()


async def leave(rig: Rig) -> None:
    rig.discord.world.leave(rig.server)


async def join_ten_minutes_later(rig: Rig) -> None:
    await ten_minutes_later(rig)
    rig.discord.world.join(rig.server)


async def an_outage_at_the_start(rig: Rig) -> None:
    rig.server.away = True
    await rig.child.stop()
    await rig.start()


async def the_server_is_there_again(rig: Rig) -> None:
    rig.discord.world.join(rig.server)


ROWS: dict[str, Row] = {
    "gateway dropped, resumed": Row(at=drop, in_short=True),
    "gateway dropped, not resumed": Row(at=drop_for_good),
    "asked to reconnect (op 7)": Row(at=ask_to_reconnect),
    "session invalid, resumable (op 9)": Row(at=invalidate_resumably),
    "session invalid (op 9)": Row(at=invalidate),
    "Discord down for 10 minutes": Row(at=go_down, after=ten_minutes_later, in_short=True),
    "500, once": Row(at=troubled(MESSAGES, error(500))),
    "502, once": Row(at=troubled(MESSAGES, error(502))),
    "500, until discord.py gives up": Row(at=troubled(MESSAGES, error(500), times=5)),
    "429 on a route": Row(at=troubled(MESSAGES, too_many(0.5))),
    "429 everywhere": Row(at=troubled(MESSAGES, too_many(0.5, everywhere=True)), in_short=True),
    "answers after 2.9 s": Row(at=troubled(MESSAGES, slow(2.9))),
    "answers after 10 s": Row(at=troubled(MESSAGES, slow(10))),
    "an answer cut in its middle": Row(at=troubled(MESSAGES, cut, Point.CARRIED_OUT), in_short=True),
    "a message whose answer is lost": Row(at=troubled(MESSAGES, lost, Point.CARRIED_OUT)),
    "a message that is lost": Row(at=troubled(MESSAGES, lost)),
    "a forum post whose answer is lost": Row(at=troubled(POSTS, lost, Point.CARRIED_OUT), in_short=True),
    "a message that is sent and answered with 502": Row(at=troubled(MESSAGES, error(502), Point.CARRIED_OUT)),
    "a forum post that is made and answered with 502": Row(at=troubled(POSTS, error(502), Point.CARRIED_OUT), in_short=True),
    "an edit whose answer is lost": Row(at=troubled(EDITS, lost, Point.CARRIED_OUT)),
    "a person takes no direct messages (50007)": Row(before=yan_takes_no_messages, prompts=EACH_ITS_OWN | {"yan": 0}),
    "not allowed to write (50013)": Row(before=forbidden(50013), prompts=LONDON_BY_MESSAGE, in_short=True),
    "not allowed to see (50001)": Row(before=forbidden(50001), prompts=LONDON_BY_MESSAGE),
    "a channel is gone (10003)": Row(before=delete_the_channel, prompts=LONDON_BY_MESSAGE | {"london": 0}),
    "a message is gone (10008)": Row(then=delete_the_prompt, prompts=EACH_ITS_OWN | {"leeds": 0}),
    "the roles are gone": Row(before=delete_the_roles),
    "the server is left, and joined again": Row(before=leave, after=join_ten_minutes_later),
    "a server unavailable at the start": Row(before=an_outage_at_the_start, after=the_server_is_there_again),
}


async def suffer(folder: Path, row: Row) -> Result:
    """One organisation through one trouble: a check-in before, during and after it, the prompts, a report and its post."""
    result, ledger = Result(), Ledger()
    async with new_rig(folder) as rig:
        await rig.start()
        await rig.set_up()
        await _check_in(rig, ledger)
        await row.before(rig)
        rig.clock.move_to(NINE)
        await row.at(rig)
        await asyncio.sleep(0.5)
        await row.after(rig)
        await _connected(rig)
        await rig.settle(60)
        await _check_in(rig, ledger)
        await _publish(rig, row.then)
        await rig.settle(60)
        for name, wanted in row.prompts.items():
            result.prompts.meet(name, _prompts(rig, name), wanted)
        result.posts.meet("Leeds", len(rig.discord.world.threads(rig.places["reports"])), 1)
        if await rig.child.stop() != 0:
            result.faults.append("the bot did not stop in order")
        result.faults += await faults_of(rig.child.database, rig.clock.now(), ledger)
        result.entries = ledger.compare(rig.child.database)["check-ins"]
        result.faults += rig.discord.api.breaches
        # discord.py tells of each lost connection; what the program itself takes for an error is one.
        lines = [line.split() for line in rig.child.log.read_text().splitlines()]
        result.faults += [" ".join(words) for words in lines if words[2:3] == ["error"] and not words[3].startswith("discord.")]
    return result


def _prompts(rig: Rig, name: str) -> int:
    """How many prompts are to be seen in a place or by a person; one that is answered says who published."""
    if name in rig.places and rig.places[name] not in rig.discord.world.channels:
        return 0
    shown = [text_of(each) for each in rig.seen(rig.people.get(name, name))]
    return sum("how was October 2026" in each or "Published by" in each for each in shown)


async def _connected(rig: Rig) -> None:
    async with asyncio.timeout(PATIENCE):
        await rig.discord.gateway.ready.wait()


async def _check_in(rig: Rig, ledger: Ledger) -> None:
    note = f"Note {len(ledger.notes)}"
    ledger.notes[note] = False
    kind = ("meeting", "education", "outreach")[len(ledger.notes) % 3]
    answer = await rig.check_in("ana", "London", kind=kind, people=12, note=note)
    ledger.notes[note] = note in answer.text


async def _publish(rig: Rig, meanwhile: Deed) -> None:
    """Leeds fills in its report and publishes it from the preview."""
    lea, card = rig.people["lea"], rig.seen("leeds")[0]
    await lea.fill(await lea.press(card, "People"), members=40)
    preview = await lea.press(card, "Preview")
    await meanwhile(rig)
    thanks = await lea.press(preview, "Publish")
    assert "is published" in thanks.text, thanks.text
