"""A clock that leaps, repeats itself and comes to odd days, under the real bot: scenarios, each judged by what people saw."""

import asyncio
import os
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain import errands
from bot.domain.policy import Policy
from tests.faults.discord.trouble import Point, Trouble, calls, lost
from tests.faults.discord.world import EPHEMERAL, Json
from tests.faults.people import text_of
from tests.faults.rig import CHAPTERS, PATIENCE, ZONE, Rig

AN_HOUR = timedelta(hours=1)
A_MOMENT = timedelta(seconds=5)
OPENS, CLOSES = 8, 21
SAID = {
    "prompt": re.compile(r"^<@!?\d+>, how was (?P<what>\w+ \d{4} in .+)\?", re.MULTILINE),
    "first nudge": re.compile(r"^A reminder: (?P<what>.+)'s report", re.MULTILINE),
    "second nudge": re.compile(r"^(?P<what>\w+ \d{4}) is due on .*Two minutes", re.MULTILINE),
    "digest": re.compile(r"^This week, of (?P<what>.+)", re.MULTILINE),
}
ADMINS = sum(len(admins) for _, admins in CHAPTERS.values())


@dataclass(frozen=True)
class Seen:
    """Something that the bot said unasked: of which kind, about what, where and when."""

    kind: str
    what: str
    where: int
    at: datetime


class Diary:
    """All prompts, nudges and digests that people are sent, as they read when they came: they change with what is done about them."""

    def __init__(self, rig: Rig) -> None:
        self._all: list[Seen] = []
        self._write, rig.discord.world.write = rig.discord.world.write, self._note  # type: ignore[method-assign]

    def since(self, moment: datetime) -> list[Seen]:
        """What came from this moment on."""
        return [each for each in self._all if each.at >= moment]

    def _note(self, channel: Json, body: Json, *more: Any, **further: Any) -> Json:
        message = self._write(channel, body, *more, **further)
        words = re.sub(r"^#+ ", "", text_of(message), flags=re.MULTILINE)
        kind, found = next(((kind, match) for kind, said in SAID.items() if (match := said.search(words))), (None, None))
        if kind is not None and found is not None and not message["flags"] & EPHEMERAL:
            self._all.append(Seen(kind, found["what"], int(channel["id"]), datetime.fromisoformat(message["timestamp"])))
        return message


def days(seen: list[Seen], kind: str, zone: str = ZONE) -> list[tuple[date, int]]:
    """On which days something of this kind was sent, and how often."""
    of_kind = [each.at.astimezone(ZoneInfo(zone)).date() for each in seen if each.kind == kind]
    return [(day, of_kind.count(day)) for day in dict.fromkeys(of_kind)]


def judge(seen: list[Seen], zone: str = ZONE) -> None:
    """Nothing came twice (a digest comes once a day, all else once for ever), and nothing outside sending hours."""
    told = [(each.kind, each.what, each.where, each.at.date() if each.kind == "digest" else None) for each in seen]
    assert len(told) == len(set(told)), f"doubled: {sorted(each for each in told if told.count(each) > 1)}"
    late = [each for each in seen if not OPENS <= each.at.astimezone(ZoneInfo(zone)).hour < CLOSES]
    assert late == []


async def live_until(rig: Rig, moment: datetime, zones: Sequence[str] = (ZONE,)) -> None:
    """Lets the time pass, from each moment at which something is to be sent to the next; digests go by these zones."""
    while (following := _next_due(rig, zones) or moment) < moment:
        rig.clock.move_to(following + A_MOMENT)
        await rig.settle()
    await leap_to(rig, moment)


async def leap_to(rig: Rig, moment: datetime) -> None:
    """Puts the clock forward to a moment, if it is not there yet, and lets the bot do what has become due."""
    if rig.clock.now() < moment:
        rig.clock.move_to(moment)
    await rig.settle()


def _next_due(rig: Rig, zones: Sequence[str]) -> datetime | None:
    now = rig.clock.now()
    sql = "SELECT min(at) FROM (SELECT due_at AS at FROM outbox WHERE state = 'waiting' UNION ALL SELECT next_at FROM summary) WHERE at > ?"
    ((found,),) = rig.rows(sql, int(now.timestamp() * 1000))
    digests = [errands.next_digest(now, Policy(), ZoneInfo(zone)) for zone in zones]
    return min([*digests, *([] if found is None else [datetime.fromtimestamp(found / 1000, UTC)])], default=None)


def at(written: str, zone: str = ZONE) -> datetime:
    """A moment as the clocks of a zone show it."""
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


# Asleep


def suspend(rig: Rig) -> None:
    """The machine falls asleep."""
    _signal(rig, signal.SIGSTOP)


async def wake_up(rig: Rig, moment: datetime) -> None:
    """The machine wakes at this moment; Discord has long given up its connection, and knows nothing of it any more."""
    gateway = rig.discord.gateway
    rig.clock.move_to(moment)
    gateway.ready.clear()
    for session in gateway.sessions.values():
        if session.socket is not None:
            session.socket._req.transport.abort()  # type: ignore[union-attr]
    gateway.sessions.clear()
    _signal(rig, signal.SIGCONT)
    await gateway.ready.wait()


def _signal(rig: Rig, what: signal.Signals) -> None:
    assert rig.child.process is not None
    assert rig.child.process.pid is not None
    os.kill(rig.child.process.pid, what)


async def asleep_across_a_months_end(rig: Rig) -> list[Seen]:
    """From a Saturday evening to a Tuesday night: a digest and a month's end lie between, and nobody is to be woken."""
    diary = Diary(rig)
    await rig.set_up()
    await rig.check_in("ana", "London", people=12)
    await leap_to(rig, at("2026-11-28T20:00"))
    since = rig.clock.now()
    suspend(rig)
    await wake_up(rig, at("2026-12-01T22:30"))
    assert "12 people took part" in (await rig.check_in("ana", "London", people=12)).text
    await rig.settle()
    assert diary.since(since) == []
    await live_until(rig, at("2026-12-09T10:00"))
    seen = diary.since(since)
    judge(seen)
    assert days(seen, "prompt") == [(date(2026, 12, 2), len(CHAPTERS))]
    assert days(seen, "first nudge") == [(date(2026, 12, 5), len(CHAPTERS))]
    assert days(seen, "second nudge") == [(date(2026, 12, 9), ADMINS)]
    assert days(seen, "digest") == [(date(2026, 12, 2), 2), (date(2026, 12, 7), 2)]
    assert rig.rows("SELECT count(*) FROM checkin") == [(2,)]
    return seen


async def asleep_in_the_middle_of_the_prompts(rig: Rig) -> list[Seen]:
    """Discord has carried out the second prompt, and the bot sleeps before it hears of that."""
    diary = Diary(rig)
    await rig.set_up()
    asleep = asyncio.Event()

    def fall_asleep() -> None:
        suspend(rig)
        asleep.set()

    since = at("2026-12-01T09:00")
    await leap_to(rig, since - AN_HOUR)
    path = r"/channels/\d+/messages"
    rig.discord.api.troubles += [
        Trouble("POST", path, calls(fall_asleep), Point.CARRIED_OUT, first=2),
        Trouble("POST", path, lost, Point.CARRIED_OUT, first=2),
    ]
    rig.clock.move_to(since + A_MOMENT)
    await asyncio.wait_for(asleep.wait(), PATIENCE)
    await wake_up(rig, at("2026-12-04T10:00"))
    assert "12 people took part" in (await rig.check_in("ana", "London", people=12)).text
    await live_until(rig, at("2026-12-09T10:00"))
    seen = diary.since(since)
    judge(seen)
    assert sum(count for _, count in days(seen, "prompt")) == len(CHAPTERS)
    # Who was asked on the first has a reminder on the fifth that was still of use; those asked on the fourth were asked just before.
    assert sum(count for _, count in days(seen, "first nudge")) <= 2
    assert days(seen, "second nudge") == [(date(2026, 12, 9), ADMINS)]
    return seen


# Set back


async def set_back_an_hour(rig: Rig, *, discord_too: bool) -> list[Seen]:
    """In the first hour of the prompts: an hour comes again on this machine, and on Discord's or not."""
    diary = Diary(rig)
    await rig.set_up()
    cora, general = rig.people["cora"], rig.places["general"]
    await cora.slash("chapter edit", general, chapter="Bath", prompt_hour=8)
    since = at("2026-11-01T08:00")
    await leap_to(rig, at("2026-11-01T07:30"))
    await leap_to(rig, at("2026-11-01T08:40"))
    await rig.check_in("ana", "London", people=11)
    rig.clock.move(-AN_HOUR)
    if not discord_too:
        rig.discord.world.clock = lambda: rig.clock.now() + AN_HOUR
    second = await rig.check_in("ana", "London", people=12)
    await rig.people["ana"].press(second, "Store it anyway")
    await cora.slash("chapter edit", general, chapter="York", prompt_hour=8)
    # What is due in the repeated hour is not kept waiting until the clock has caught up with itself.
    await leap_to(rig, at("2026-11-01T08:00:05"))
    assert rig.clock.now() < at("2026-11-01T08:20")
    # By Discord's clock it was 08:40 when that was entered: what is entered at a moment is not due before it.
    await leap_to(rig, at("2026-11-01T08:45"))
    assert len(rig.seen(rig.people["yan"])) == 1
    listed = (await rig.people["ana"].slash("checkins", general, chapter="London")).text
    assert re.findall(r"1[12]", listed)[-2:] == ["12", "11"], listed
    await live_until(rig, at("2026-11-01T09:01"))
    published = await rig.people["bea"].press(await _filled(rig, "bea", "bath"), "Publish")
    assert "is published" in published.text
    await live_until(rig, at("2026-11-01T11:30"))
    assert [each["name"] for each in rig.discord.world.threads(rig.places["reports"])] == ["Bath · October 2026"]
    await live_until(rig, at("2026-11-09T10:00"))
    seen = diary.since(since)
    judge(seen)
    assert days(seen, "prompt") == [(date(2026, 11, 1), len(CHAPTERS))]
    assert days(seen, "second nudge") == [(date(2026, 11, 9), ADMINS - 1)]
    assert rig.rows("SELECT people FROM checkin ORDER BY id") == [(11,), (12,)]
    assert rig.rows("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'dropped')") == [(0,)]
    return seen


async def _filled(rig: Rig, person: str, place: str) -> Json:
    """A prompt with a first part filled in."""
    prompt = rig.seen(place)[-1]
    form = await rig.people[person].press(prompt, "People")
    await rig.people[person].fill(form, members="40", met="12")
    return rig.seen(place)[-1]


# Odd days


async def the_years_end(rig: Rig) -> list[Seen]:
    """December is asked about on New Year's Day; the week that lies in both years has its digest."""
    diary = Diary(rig)
    await rig.set_up()
    await leap_to(rig, at("2026-12-27T12:00"))
    since = rig.clock.now()
    await live_until(rig, at("2026-12-31T23:40"))
    await rig.check_in("ana", "London", people=11)
    rig.clock.move_to(at("2027-01-01T00:05"))
    await rig.check_in("ana", "London", people=12)
    await live_until(rig, at("2027-01-01T10:00"))
    await rig.people["ana"].press(await _filled(rig, "ana", "london"), "Publish")
    await live_until(rig, at("2027-01-04T10:00"))
    seen = diary.since(since)
    judge(seen)
    assert days(seen, "prompt") == [(date(2027, 1, 1), len(CHAPTERS))]
    assert {each.what.partition(" in ")[0] for each in seen if each.kind == "prompt"} == {"December 2026"}
    assert days(seen, "digest") == [(date(2026, 12, 28), 2), (date(2027, 1, 4), 2)]
    assert rig.rows("SELECT day, people FROM checkin ORDER BY id") == [("2026-12-31", 11), ("2027-01-01", 12)]
    assert [each["name"] for each in rig.discord.world.threads(rig.places["reports"])] == ["London · December 2026"]
    return seen


async def the_29th_of_february(rig: Rig) -> list[Seen]:
    """A day that most years do not have is entered, counted and reported like any other."""
    diary = Diary(rig)
    await rig.set_up()
    await leap_to(rig, at("2028-02-29T20:00"))
    since = rig.clock.now()
    recorded = await rig.check_in("ana", "London", people=11)
    assert "29 February 2028" in recorded.text
    await live_until(rig, at("2028-03-01T10:00"))
    later = await rig.check_in("lea", "Leeds", people=12, date="2028-02-29")
    assert "29 February 2028" in later.text
    never = await rig.check_in("lea", "Leeds", people=12, date="2027-02-29")
    assert "Checked in" not in never.text
    await rig.people["ana"].press(await _filled(rig, "ana", "london"), "Publish")
    await live_until(rig, at("2028-03-02T10:00"))
    seen = diary.since(since)
    judge(seen)
    assert days(seen, "prompt") == [(date(2028, 3, 1), len(CHAPTERS))]
    assert {each.what.partition(" in ")[0] for each in seen if each.kind == "prompt"} == {"February 2028"}
    assert rig.rows("SELECT day, people FROM checkin ORDER BY id") == [("2028-02-29", 11), ("2028-02-29", 12)]
    assert [each["name"] for each in rig.discord.world.threads(rig.places["reports"])] == ["London · February 2028"]
    return seen
