"""The sample organisation on a simulated Discord: its server, its people, and what the bot has said there in the last weeks."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, UserHandle
from simcord.env import Env

from bot.client import ChapterBot
from bot.delivery import planner
from bot.demo import deciding, history
from bot.demo.history import Sample, Seat
from bot.demo.past import POLICY, shown_since
from bot.demo.towns import CHANNELS, GLASGOW, HOME, LONDON, PEOPLE
from bot.demo.world import Viewer, as_bot
from bot.domain import errands, publicly
from bot.domain.chapters import fold
from bot.domain.text import Text, text
from bot.services import scoreboards
from db import changes, organisations, public
from db.store import Store

Tab = tuple[str, Text, ChannelHandle | UserHandle, tuple[Viewer, ...]]

NAME = "The sample organisation"
ROLES = {"Coordinators": ("Cora",), "Facilitators": ("Fay", "Gil"), "London": ("Ana", "Ben", "Mo")}


@dataclass(frozen=True, slots=True)
class Server:
    """The simulated server: its channels and people by their names, and the ids that the bot knows them by."""

    places: dict[str, ChannelHandle]
    people: dict[str, MemberActor]
    seat: Seat

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """Who looks at what in the demo."""
        ana, mo, fay, cora = (self.people[name] for name in ("Ana", "Mo", "Fay", "Cora"))
        return (
            ("ana", text("Ana, admin, in #london"), self.places["london"], (ana,)),
            ("mo", text("Mo, member, in #general"), self.places["general"], (mo,)),
            ("fay", text("Fay, facilitator, direct messages"), fay.user, (fay,)),
            ("reports", text("The published reports"), self.places["reports"], (mo,)),
            ("cora", text("Cora, coordinator, in #facilitators"), self.places["facilitators"], (cora,)),
            ("ana-direct", text("Ana, direct messages"), ana.user, (ana,)),
        )


def begins(now: datetime) -> datetime:
    """When the server's clock has to start for a demo that is shown from `now` on."""
    return shown_since(now)


async def build(world: Env, bot: ChapterBot, now: datetime) -> Server:
    """Founds the organisation, lets the bot say in its time what it has said since `begins`, and leaves the clock at `now`."""
    server = _server(world)
    sample = await history.found(bot.store, server.seat, now)
    for moment in sorted(set(_moments(sample))):
        await _until(world, moment)
        await _live(bot, sample, moment)
        await as_bot(world, bot.sender.send_due(moment))
    await history.keep_values(bot.store, sample)
    await _until(world, now)
    await scoreboards.post(bot.store, server.seat.caller("Cora"), server.seat.channels["general"], (), now)
    await as_bot(world, bot.sender.send_due(now))
    await deciding.propose(bot.store, server.seat, now)
    await as_bot(world, bot.sender.send_due(now))
    return server


async def open_page(store: Store, guild_id: int, now: datetime) -> str:
    """Switches the organisation's public page on, as Cora would with /scoreboard public on; gives its address's last part."""
    slug = publicly.slug_of(NAME)
    async with store.write() as c:
        await public.switch(c, guild_id, slug, NAME, now)
        await changes.log(c, guild_id, "page.open", now, None)
    return slug


def _server(world: Env) -> Server:
    guild = world.create_guild(NAME)
    roles = {name: guild.create_role(name) for name in ROLES}
    people = {}
    for name in PEOPLE:
        held = [roles[role] for role, members in ROLES.items() if name in members]
        people[name] = guild.add_member(world.create_user(fold(name), global_name=name), roles=held)
    places = {name: guild.create_text_channel(name) for name in ("general", "facilitators", *CHANNELS)}
    places["reports"] = guild.create_forum_channel("reports")
    seat = Seat(
        guild_id=guild.id,
        roles={name: role.id for name, role in roles.items()},
        channels={name: place.id for name, place in places.items()},
        people={name: person.id for name, person in people.items()},
    )
    return Server(places, people, seat)


async def _until(world: Env, moment: datetime) -> None:
    await world.advance_time(max(0, math.ceil((moment - world.now()).total_seconds())))


def _moments(sample: Sample) -> Iterator[datetime]:
    """When the bot had something to say: to ask London, to publish, to ask a partner chapter, and to write the digest."""
    since, london = shown_since(sample.now), sample.pasts[LONDON]
    yield from (answer.at for past in sample.pasts.values() for answer in past.answers if answer.at >= since)
    yield from (london.asked_at(month) for month in london.owed if since <= london.asked_at(month) <= sample.now)
    yield sample.pasts[GLASGOW].entries[-1].at
    yield errands.newest_digest(sample.now, POLICY, HOME)[1]


async def _live(bot: ChapterBot, sample: Sample, moment: datetime) -> None:
    london = sample.pasts[LONDON]
    for month in london.owed:
        if london.asked_at(month) == moment:
            await history.ask(bot.store, sample, month, moment)
    if sample.last.at == moment:
        await history.publish(bot.store, sample, sample.last)
    if moment == errands.newest_digest(sample.now, POLICY, HOME)[1]:
        async with bot.store.read() as c:
            organisation = await organisations.find(c, sample.seat.guild_id)
        assert organisation is not None
        await planner.plan_digest(bot.store, organisation, POLICY, moment)
