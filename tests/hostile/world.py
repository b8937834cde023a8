"""Two organisations side by side, each with a word of its own in everything that people wrote there: what one is shown must not hold the
other's."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle
from sqlalchemy import select

from bot.domain.rights import Caller
from bot.services import handovers
from bot.services.handovers import Candidate
from cogs.cards.compositions import OTHERWISE
from db import chapters, organisations, people, summaries
from db.tables import metadata
from tests import asked
from tests.flows.beginning import start
from tests.flows.rig import ADDED, ZONE, Server

SINCE = date(2026, 8, 1)
MONTH, OPEN = "2026-09", "2026-08"


@dataclass(slots=True, kw_only=True)
class Organisation:
    """One of the two: its server, its people, what is stored there (row ids by the name that addresses have for them), and its word."""

    word: str
    guild: GuildHandle
    coordinator: MemberActor
    facilitator: MemberActor
    second: MemberActor
    admin: MemberActor
    other_admin: MemberActor
    general: ChannelHandle
    places: list[ChannelHandle]
    roles: dict[str, int]
    north_id: int = 0
    ids: dict[str, list[int]] = field(default_factory=dict)
    form_keys: list[str] = field(default_factory=list)

    @property
    def north(self) -> str:
        """A chapter with everything that can be said of one."""
        return f"{self.word} North"

    @property
    def south(self) -> str:
        """A chapter that was at its side."""
        return f"{self.word} South"

    @property
    def branch(self) -> str:
        """The branch of both."""
        return f"{self.word} Land"

    @property
    def snowflakes(self) -> frozenset[int]:
        """Discord's numbers that only this organisation should see."""
        who = (self.coordinator, self.facilitator, self.second, self.admin, self.other_admin)
        return frozenset({self.guild.id, *self.roles.values(), *(each.id for each in (*self.places, *who))})

    def names(self) -> Iterable[str]:
        """What people type, here or next door, where something is to be named."""
        return map(self.disguised, (self.north, self.south, self.branch, f"{self.word} goal", f"{self.word} City"))

    def disguised(self, written: str) -> str:
        """The words with an accent on this organisation's own: found by it all the same, but never to be taken for what is stored here."""
        return written.replace(self.word, f"{self.word[:2]}\u0301{self.word[2:]}")


async def two_organisations(database: Path) -> tuple[Server, Organisation, Organisation]:
    """The server of the walks with all its people, and the neighbour, set up as well."""
    server = await start(database)
    flo = server.world.create_user("flo", global_name="Flo")
    server.people["flo"] = server.guild.add_member(flo, roles=[server.roles["Facilitators"]])
    here = Organisation(
        word="Aardvark",
        guild=server.guild,
        coordinator=server.cora,
        facilitator=server.fay,
        second=server.flo,
        admin=server.ana,
        other_admin=server.ben,
        general=server.general,
        places=list(server.places.values()),
        roles={name: role.id for name, role in server.roles.items()},
    )
    there = await _neighbour(server)
    for each in (here, there):
        await _populate(server, each)
    await server.run_due()
    for each in (here, there):
        await _object(server, each)
        await _note_ids(server, each)
    return server, here, there


async def _neighbour(server: Server) -> Organisation:
    guild, word = server.elsewhere, "Zyzzyva"
    roles = {name: guild.create_role(f"{word} {name}") for name in ("Coordinators", "Facilitators")}
    general = next(iter(guild.channels.values()))
    places = [guild.create_text_channel(f"{word.lower()}-{name}") for name in ("facilitators", "north")]
    forum = guild.create_forum_channel(f"{word.lower()}-reports")
    for name, role in (("una", "Facilitators"), ("ula", "Facilitators"), ("uma", "Coordinators"), ("ugo", None)):
        user = server.world.create_user(f"{word.lower()}{name}", global_name=f"{word} {name.title()}")
        server.people[name] = guild.add_member(user, roles=[roles[role]] if role else [])
    await server.world.settle()
    async with server.store.write() as c:
        await asked.create(c, guild.id, ADDED, ZONE)
        values = {
            "coordinator_role": roles["Coordinators"].id,
            "facilitator_role": roles["Facilitators"].id,
            "facilitators_channel": places[0].id,
            "reports_channel": forum.id,
            "set_up_at": ADDED,
        }
        await organisations.change(c, guild.id, values)
    return Organisation(
        word=word,
        guild=guild,
        coordinator=server.uma,
        facilitator=server.una,
        second=server.ula,
        admin=server.eve,
        other_admin=server.ugo,
        general=general,
        places=[general, *places, forum],
        roles={name: role.id for name, role in roles.items()},
    )


async def _populate(server: Server, org: Organisation) -> None:
    """Lets the people of an organisation write their word into everything that takes words."""
    word = org.word
    async with server.store.write() as c:
        branch = await chapters.add_branch(c, org.guild.id, "FR", org.branch)
        home = {"timezone": ZONE, "branch_id": branch, "added_on": SINCE, "city": f"{word} City", "latitude": 48.9, "longitude": 2.3}
        for name, admin in ((org.north, org.admin), (org.south, org.other_admin)):
            made = await chapters.add(c, org.guild.id, server.now, org.coordinator.id, name=name, **home)
            await people.add_admin(c, org.guild.id, made, admin.id, server.now)
            await chapters.change(c, org.guild.id, made, duty_user_id=admin.id)
            await summaries.refresh(c, org.guild.id, [made], server.now)
            org.ids.setdefault("chapter_id", []).append(made)
    north, south = org.ids["chapter_id"]
    org.north_id = north
    slash, send, fill = server.slash, server.send, server.fill
    await slash(org.coordinator, "goal add", metric="delegates", target=5, name=f"{word} goal")
    shown = await slash(org.coordinator, "goal propose", metric="members", target=50, deadline="2029-06-30", why=f"{word} why")
    await server.press(org.coordinator, shown, "Post it")
    await slash(org.admin, "checkin", kind="meeting", people=12, note=f"{word} note", with_chapters=org.south, chapter=org.north)
    await fill(org.admin, await send(org.admin, f"rp.part:{north}:{MONTH}:people"), members="40", met="12")
    said = {name: f"{word} {name}" for name in ("changing", "hard", "help", "private_note")}
    await fill(org.admin, await send(org.admin, f"rp.part:{north}:{MONTH}:words"), **said)
    await send(org.admin, f"rp.share:{north}:{MONTH}:on")
    await send(org.admin, f"rp.pub:{north}:{MONTH}")
    await fill(org.admin, await send(org.admin, f"rp.part:{north}:{OPEN}:words"), **said)
    await fill(org.other_admin, await send(org.other_admin, f"rp.skip:{south}:{MONTH}"), reason=f"{word} reason")
    await slash(org.coordinator, "branch gathering", branch=org.branch, date="2026-10-15", chapters=f"{org.north}, {org.south}")
    await slash(org.facilitator, "facilitate claim", chapter=org.north)
    caller = Caller(org.facilitator.id, org.guild.id, frozenset({org.roles["Facilitators"]}))
    to = Candidate(org.second.id, frozenset({org.roles["Facilitators"]}), is_bot=False)
    await handovers.offer(server.store, caller, north, to, server.now)
    await slash(org.facilitator, "facilitate absent", until="2026-10-24", stand_in=org.second)
    kept = await fill(
        org.admin, await send(org.admin, f"co.open:{north}:gender"), women="6", men="2", another="1", rather_not_say="0", when=OTHERWISE
    )
    dated = await server.press(org.admin, kept, "When and how")
    await fill(org.admin, dated, day="2026-10-19", words=f"{word} hands")
    await fill(org.admin, await send(org.admin, f"ci.new:{north}"), day=f"{word} day", note=f"{word} draft")


async def _object(server: Server, org: Organisation) -> None:
    """The admin's chapter objects, with a reason that holds the word."""
    async with server.store.read() as c:
        about = await c.scalar(select(metadata.tables["proposal"].c.id).where(metadata.tables["proposal"].c.guild_id == org.guild.id))
    await server.send(org.admin, f"gp.obj:{about}:1:{org.north_id}", reason=f"{org.word} objection")


async def _note_ids(server: Server, org: Organisation) -> None:
    async with server.store.read() as c:
        for table in metadata.sorted_tables:
            if "guild_id" in table.c and "id" in table.c:
                found = await c.scalars(select(table.c.id).where(table.c.guild_id == org.guild.id).order_by(table.c.id))
                org.ids[f"{table.name}_id"] = list(found)
        form_keys = await c.scalars(
            select(metadata.tables["pending"].c.form_key).where(metadata.tables["pending"].c.guild_id == org.guild.id)
        )
        org.form_keys = list(form_keys)
    org.ids["version"] = [1]
    org.ids["revision_id"] = org.ids["goal_revision_id"]
    org.ids["about"] = [0, *org.ids["chapter_id"]]
    org.ids["other_id"] = org.ids["chapter_id"]
    org.ids["user_id"] = [org.admin.id, org.other_admin.id, org.facilitator.id, org.coordinator.id]
