"""To and from summer time, under the real bot: an organisation in each of five zones, and a day on which its clocks jump or repeat."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from tests.faults.people import Person
from tests.faults.rig import Rig, agree
from tests.faults.times import CLOSES, OPENS, Diary, Seen, at, leap_to, live_until

Told = tuple[str, str]
PROMPT, REMINDER, SECOND_NUDGE, DIGEST = "prompt", "first nudge", "second nudge", "digest"
"""What somebody asked to be reminded of reads like the first nudge."""
Deed = Callable[[], Awaitable[None]]
SHORTLY = timedelta(minutes=10)
"""A check-in so long before a change and another so long after it: where an hour comes twice, both lie in it."""
ZONES = {
    "London": "Europe/London",
    "New York": "America/New_York",
    "Santiago": "America/Santiago",
    "Lord Howe": "Australia/Lord_Howe",
    "Cairo": "Africa/Cairo",
}
HOURS = {"Lord Howe": OPENS, "Cairo": CLOSES - 1}
"""Who is asked at another hour than nine: the first and the last at which anything may be sent."""


@dataclass(frozen=True)
class Change:
    """When the clocks of a place change, the days they show before and after it, and what its people are then sent at which hour."""

    place: str
    at: datetime
    days: tuple[str, str]
    sent: Sequence[Told]

    @property
    def eve(self) -> date:
        """The day before the first day of the new time."""
        return (self.at + timedelta(hours=2)).astimezone(ZoneInfo(ZONES[self.place])).date() - timedelta(days=1)

    @property
    def begins(self) -> datetime:
        """When somebody asks to be reminded on the next day."""
        return at(f"{self.eve}T12:00", ZONES[self.place])

    @property
    def ends(self) -> datetime:
        """When the last of it has been sent, and a time in which it could be sent again."""
        _, last = self.sent[-1]
        return at(f"{self.eve.year}-{last.replace(' ', 'T')}:00", ZONES[self.place]) + timedelta(hours=2)


@dataclass(frozen=True)
class Season:
    """Changes in the order in which they come; when each place has added its chapter, and when the clock leaps to save time."""

    added: Mapping[str, datetime]
    leaps: Sequence[datetime]
    changes: Sequence[Change]

    @property
    def begins(self) -> datetime:
        """When the first chapter is added."""
        return min(self.added.values())


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def _added(late: Sequence[str], early: str, later: str) -> dict[str, datetime]:
    return {place: _moment(later if place in late else early) for place in ZONES}


IN_2026 = Season(
    _added(("London", "New York", "Cairo"), "2026-07-31T10:00", "2026-08-31T10:00"),
    [_moment(each) for each in ("2026-08-31T10:00", "2026-09-30T10:00", "2026-10-23T10:00")],
    [
        Change(
            "Santiago",
            _moment("2026-09-06T04:00"),
            ("2026-09-05", "2026-09-06"),
            [(REMINDER, "09-05 09"), (REMINDER, "09-06 09"), (SECOND_NUDGE, "09-09 09")],
        ),
        Change(
            "Lord Howe",
            _moment("2026-10-03T15:30"),
            ("2026-10-04", "2026-10-04"),
            [(REMINDER, "10-04 09"), (REMINDER, "10-05 08"), (DIGEST, "10-05 09")],
        ),
        Change("London", _moment("2026-10-25T01:00"), ("2026-10-25", "2026-10-25"), [(REMINDER, "10-25 09"), (DIGEST, "10-26 09")]),
        Change(
            "Cairo",
            _moment("2026-10-29T21:00"),
            ("2026-10-29", "2026-10-29"),
            [(REMINDER, "10-30 09"), (PROMPT, "11-01 20"), (DIGEST, "11-02 09")],
        ),
        # The day is the first of a month: instead of being reminded of the old one, people are asked about the new one.
        Change("New York", _moment("2026-11-01T06:00"), ("2026-11-01", "2026-11-01"), [(PROMPT, "11-01 09"), (DIGEST, "11-02 09")]),
    ],
)
IN_2027 = Season(
    _added(("Cairo",), "2027-01-31T10:00", "2027-02-28T10:00"),
    [_moment(each) for each in ("2027-02-28T10:00", "2027-03-12T10:00", "2027-03-26T10:00", "2027-04-28T10:00")],
    [
        Change("New York", _moment("2027-03-14T07:00"), ("2027-03-14", "2027-03-14"), [(REMINDER, "03-14 09"), (DIGEST, "03-15 09")]),
        Change("London", _moment("2027-03-28T01:00"), ("2027-03-28", "2027-03-28"), [(REMINDER, "03-28 09"), (DIGEST, "03-29 09")]),
        Change(
            "Lord Howe",
            _moment("2027-04-03T15:00"),
            ("2027-04-04", "2027-04-04"),
            [(REMINDER, "04-04 09"), (REMINDER, "04-05 08"), (DIGEST, "04-05 09")],
        ),
        Change(
            "Santiago",
            _moment("2027-04-04T03:00"),
            ("2027-04-03", "2027-04-03"),
            [(REMINDER, "04-04 09"), (DIGEST, "04-05 09"), (REMINDER, "04-05 09")],
        ),
        Change(
            "Cairo",
            _moment("2027-04-29T22:00"),
            ("2027-04-29", "2027-04-30"),
            [(REMINDER, "04-30 09"), (PROMPT, "05-01 20"), (DIGEST, "05-03 09")],
        ),
    ],
)


@dataclass(frozen=True)
class Place:
    """An organisation of one chapter: its admin, the one who does everything else, and its channel."""

    name: str
    rig: Rig
    head: Person
    admin: Person
    channel: int

    @property
    def zone(self) -> ZoneInfo:
        """Its own, and its chapter's."""
        return ZoneInfo(ZONES[self.name])

    async def set_up(self) -> None:
        """Sets it up as its people would, by commands."""
        coordinators, facilitators = list(self.head.server.roles)[1:]
        choices = {"coordinator_role": coordinators, "facilitator_role": facilitators, "timezone": self.zone.key}
        await self.head.slash("setup", self.channel, **choices)
        await self.head.slash("chapter add", self.channel, name=self.name, timezone=self.zone.key, channel=self.channel)
        await agree(self.head, self.channel)
        await self.head.slash("chapter admins add", self.channel, user=self.admin.id, chapter=self.name)
        await self.head.slash("facilitate claim", self.channel, chapter=self.name)
        if self.name in HOURS:
            await self.head.slash("chapter edit", self.channel, chapter=self.name, prompt_hour=HOURS[self.name])

    async def put_off(self, told: str) -> None:
        """Its admin asks to be reminded on the next day, and is told these words."""
        put_off = await self.admin.press(self.rig.discord.world.visible(self.channel)[-1], "Remind me tomorrow")
        assert told in put_off.text, put_off.text

    async def check_in(self, day: str, kind: str) -> None:
        """Its admin checks in for today, which is this day."""
        told = (await self.admin.slash("checkin", self.channel, chapter=self.name, kind=kind, people=12)).text
        shown = date.fromisoformat(day)
        assert "Checked in" in told, told
        assert f"{shown.day} {shown:%B %Y}" in told, told

    def sent(self, seen: Sequence[Seen]) -> list[tuple[str, datetime]]:
        """What came to its people, and what their clocks showed."""
        direct = self.rig.discord.world.direct
        places = {self.channel, direct(self.head.id), direct(self.admin.id)}
        return [(each.kind, each.at.astimezone(self.zone)) for each in seen if each.where in places]


async def nothing() -> None:
    """The clock shows that moment, and nobody does anything."""


def found(rig: Rig, name: str) -> Place:
    """A server that the bot has joined, and nobody has set up."""
    world = rig.discord.world
    server = world.add_server(name)
    roles = [world.add_role(server, role) for role in ("Coordinators", "Facilitators")]
    head, admin = world.add_user("head"), world.add_user("admin")
    world.add_member(server, head, *roles)
    world.add_member(server, admin)
    channel = world.add_channel(server, "all")
    world.join(server)
    return Place(name, rig, Person(rig.discord, server, head, manages=True), Person(rig.discord, server, admin), channel)


async def live_through(rig: Rig, season: Season) -> list[Seen]:
    """All changes of a season, from each moment at which something is due to the next: nothing is lost, doubled, or at a wrong hour."""
    diary = Diary(rig)
    places = {name: found(rig, name) for name in ZONES}
    plan: list[tuple[datetime, Deed]] = [(leap, nothing) for leap in season.leaps]
    plan += [(day, places[name].set_up) for name, day in season.added.items()]
    for change in season.changes:
        place, (before, after) = places[change.place], change.days
        reminded = any(kind == REMINDER for kind, _ in change.sent)
        told = "You will be reminded" if reminded else "is not asked for any more by then"
        plan += [(change.begins, partial(place.put_off, told)), (change.ends, nothing)]
        plan.append((change.at - SHORTLY, partial(place.check_in, before, "meeting")))
        plan.append((change.at + SHORTLY, partial(place.check_in, after, "outreach")))
    for moment, deed in sorted(plan, key=lambda each: each[0]):
        if moment in season.leaps:
            await leap_to(rig, moment)
        else:
            now = rig.clock.now()
            await live_until(rig, moment, [ZONES[each.place] for each in season.changes if each.begins <= moment and now < each.ends])
        await deed()
    for change in season.changes:
        _judge(places[change.place], change, diary.since(season.begins))
    return diary.since(season.begins)


def _judge(place: Place, change: Change, seen: Sequence[Seen]) -> None:
    """In the days around the change exactly this was sent, at these hours; on all other days nothing outside sending hours."""
    sent = place.sent(seen)
    assert [each for each in sent if not OPENS <= each[1].hour < CLOSES] == []
    around = [(kind, f"{moment:%m-%d %H}") for kind, moment in sent if timedelta() <= moment.date() - change.eve < timedelta(days=5)]
    assert sorted(around, key=lambda each: each[::-1]) == list(change.sent), place.name
    stored = place.rig.rows(
        "SELECT day FROM checkin JOIN chapter ON chapter.id = chapter_id WHERE name = ? ORDER BY checkin.id", place.name
    )
    assert [day for (day,) in stored] == list(change.days)
