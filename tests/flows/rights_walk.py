"""The rig of the walk through every command, button, select and form as everybody.

For every way in, every person and every place the outcome is computed from bot.domain.rights and from what the way in declares. A refusal
has the table's own words, is seen by nobody else, and leaves every table as it was, but for what was typed, which is kept for its author.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from discord import InteractionType
from simcord.actors import MemberActor, _dispatch_actor_interaction
from simcord.builders import ChannelHandle, GuildHandle
from simcord.results import InteractionResult
from sqlalchemy import select

from bot.domain import rights
from bot.domain.chapters import State
from bot.domain.refusal import Refusal
from bot.domain.rights import STORED, Action, Caller, Role
from bot.domain.text import Text, text
from bot.locales import plain
from bot.services import absences, handovers
from bot.services.handovers import Candidate
from cogs import ui
from db import chapters, intakes, organisations, pending, people, summaries
from db.tables import absence, checkin, gathering, handover, proposal
from tests import asked
from tests.flows.entrances import NAMING, OTHERS, commands, forged, names
from tests.flows.rig import BUTTON, COMPONENT, MODAL_SUBMIT, TEXT_INPUT, Server
from tests.flows.snapshot import Snapshot

NOT_HERE = text("This chapter is not in this server any more. Type /chapter list to see those that are.")
NOT_SET_UP = text("Chapterhouse is not set up here yet. Somebody who may manage this server can type /setup.")
NO_OFFER, NO_QUESTION = text("This offer is no longer open. Nothing changed."), text("This question is no longer open. Nothing changed.")
NO_GATHERING = text("This gathering is not recorded any more.")
UNKNOWN = re.compile("There is no (archived )?chapter “London”|No chapter is archived here")
ARCHIVED = text("{chapter} is archived. A coordinator can restore it with /chapter restore.", chapter="London")

BEFORE_SET_UP = {"/setup", "/help", "he.home", "he.topic"}
"""What answers in a server that nobody has set up."""
ASKED = {"absence_id": NO_QUESTION, "handover_id": NO_OFFER}
"""What only one person was asked, and what is said where it is not known."""
KEPT = {"pending"}
"""Where what somebody typed waits for them alone after a refusal."""

PUBLISHED = {"rp.read", "rp.edit", "rp.red", "rp.which", "rp.gone", "rp.echo"}
"""What is pressed for September, which is published; the others are for October, which is asked for."""
CHOSEN: dict[str, str] = {
    "fa.open": "chapter_id",
    "he.own": "chapter_id",
    "ch.pick": "chapter_id",
    "ci.pick": "checkin_id",
    "ci.with": "other_id",
    "br.open": "branch_id",
    "pg.goal": "goal_id",
    "as.chosen": "chosen_chapter",
    "gp.pick": "proposal_id",
    "gp.for": "chapter_id",
    "su.role": "role_id",
    "su.room": "channel_id",
    "su.tell": "channel_id",
}
SAID = {
    "gp.cut": "0",
    "gh.cut": "1",
    "po.pick": "meeting",
    "po.group": "report",
    "rp.pick": "2026-09",
    "rp.fill": "2026-10",
    "rp.which": "hard",
    "he.topic": "checkins",
    "su.pick": "zone",
    "su.speak": "en",
}
"""What is chosen in a select: the row of that name, or these words."""
TYPED = {
    "ci.form": {"kind": "outreach", "day": "2026-11-02", "people": "7"},
    "ci.save": {"kind": "meeting", "day": "2026-10-19", "people": "8"},
    "rp.save": {"members": "11", "met": "6"},
    "rp.skipped": {"reason": "Holidays"},
    "co.save": {"women": "7", "men": "8", "another": "0", "rather_not_say": "0", "when": "2026-11-02|show_of_hands"},
    "co.dated": {"day": "2026-11-02", "way": "show_of_hands"},
    "gp.obj": {"reason": "Too fast."},
    "gp.new": {"target": "7", "deadline": "2029-06-30", "why": "Less."},
    "gp.send": {"target": "120", "deadline": "2029-06-30", "why": "More."},
    "fa.give": {"person": "gil", "note": "They meet on Sundays."},
    "du.pass": {"note": "The form is half done."},
    "su.found": {"kind": "roles", "prefix": "Lon"},
    "su.zoned": {"zone": "Europe/Paris"},
}
"""What is typed into each form."""

BEGUN = ("ci.mine", "rp.mine", "co.dated", "ci.any", "po.yes", "po.no", "as.begin", "as.page", "su.adopt", "gp.post", "gp.drop")
"""What goes on with something that somebody began."""

IN_EARNEST: dict[str, dict[str, Any]] = {
    "chapter admins remove": {"user": "ana"},
    "goal add": {"metric": "gender_balance", "target": 40},
}
"""What a command needs so that it does something here."""


FURTHER: dict[str, dict[str, Any]] = {"export": {"what": "goals"}}
"""With what a command does the second thing that it declares; the others do it with a person."""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person, where they are, and what they are to London."""

    name: str
    actor: MemberActor
    holds: frozenset[Role]
    left: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A way in: a command with options, or an address; `about` is what it leads to."""

    name: str
    does: Action
    about: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def is_command(self) -> bool:
        return self.name.startswith("/")


@dataclass(slots=True)
class Tally:
    """What was tried and what came of it."""

    tried: int = 0
    refused: int = 0
    allowed: int = 0
    wrong: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    ways: set[str] = field(default_factory=set)


OF_ANY = frozenset({Action.PROPOSE, Action.SPEAK_FOR, Action.REDACT_PROPOSAL})
"""What the admins of whichever chapter may, each for their own."""


def _admin_of_another(way: Way, who: Someone) -> Someone:
    """What is taken out, or spoken for, are one's own chapters: Lea's is Leeds, Eve's is Paris in another server."""
    own = way.name == "/export" or way.does in OF_ANY
    return replace(who, holds=who.holds | {Role.ADMIN}) if own and who.name in ("lea", "eve") else who


class Walk:
    """London with everything that can be pressed, everybody who may or may not, and other servers."""

    def __init__(self, server: Server, refusals: list[BaseException]) -> None:
        self.server, self._refusals, self.ids = server, refusals, dict[str, Any]()
        self.tally = Tally()
        world, guild = server.world, server.guild
        facilitators = server.roles["Facilitators"]
        for name, held in {"fil": [], "sam": [], "gil": [facilitators], "lee": [], "lou": []}.items():
            server.people[name] = guild.add_member(world.create_user(name, global_name=name.title()), roles=held)
        coordinators, manager = server.elsewhere.create_role("Coordinators"), guild.create_role("Stewards")
        server.roles["elsewhere"] = coordinators
        self.nowhere: GuildHandle = world.create_guild("Nobody's")
        self.nowhere.create_text_channel("anywhere")
        assert manager
        server.people["cole"] = server.elsewhere.add_member(world.create_user("cole", global_name="Cole"), roles=[coordinators])
        server.people["nan"] = self.nowhere.add_member(world.create_user("nan", global_name="Nan"), roles=[])

    # Who

    def everybody(self) -> list[Someone]:
        """Everybody who is in London's server; Ben was its admin."""
        holds = {
            "mo": (),
            "ana": (Role.ADMIN,),
            "ben": (),
            "lea": (),
            "fil": (Role.OWN_FACILITATOR,),
            "fay": (Role.FACILITATOR,),
            "sam": (Role.STAND_IN,),
            "gil": (Role.FACILITATOR, Role.ASKED),
            "cora": (Role.COORDINATOR,),
            "mia": (Role.MANAGER,),
        }
        return [Someone(name, self.server.people[name], frozenset({Role.MEMBER, *held})) for name, held in holds.items()]

    def writing_directly(self) -> list[Someone]:
        """The same and who has left, in direct messages: Lee is stored as an admin still, Lou is nobody."""
        there = [Someone(each.name, each.actor, each.holds & STORED) for each in self.everybody()]
        gone = [("lee", frozenset({Role.ADMIN})), ("lou", frozenset[Role]()), ("eve", frozenset[Role]())]
        return there + [Someone(name, self.server.people[name], held, left=True) for name, held in gone]

    # What there is

    async def build(self) -> None:
        server = self.server
        london, leeds = server.chapters["London"], server.chapters["Leeds"]
        async with server.store.write() as c:
            home = await chapters.add_branch(c, server.guild.id, "GB", "United Kingdom")
            for chapter_id in (london, leeds):
                await chapters.change(c, server.guild.id, chapter_id, branch_id=home)
            await people.add_facilitator(c, server.guild.id, london, server.fil.id, server.now)
        for metric, target in (("members", 100), ("delegates", 5), ("functioning_chapters", 3)):
            await server.slash(server.cora, "goal add", metric=metric, target=target)
        await server.slash(server.ana, "checkin", kind="meeting", date="2026-10-19", people=12, with_chapters="Leeds")
        await server.slash(server.lea, "checkin", kind="meeting", date="2026-10-18", people=12, with_chapters="London")
        await server.slash(server.cora, "branch gathering", branch="United Kingdom", date="2026-10-15", chapters="London, Leeds")
        for who, at, month in ((server.ana, london, "2026-09"), (server.lea, leeds, "2026-09")):
            await server.fill(who, await server.send(who, f"rp.part:{at}:{month}:words"), hard="Our room is small.")
            await server.send(who, f"rp.share:{at}:{month}:on")
            await server.send(who, f"rp.pub:{at}:{month}")
        await self._ask_people(london)
        await self._propose(server)
        await server.advance_to(datetime(2026, 11, 3, 12, tzinfo=UTC))
        form = await server.send(server.ana, f"rp.part:{london}:2026-10:people")
        await server.fill(server.ana, form, members="10", met="5")
        await server.slash(server.cora, "chapter admins add", user=server.lee, chapter="London")
        await server.slash(server.cora, "chapter admins remove", user=server.ben, chapter="London")
        server.guild.remove_member(server.lee)
        server.guild.remove_member(server.lou)
        await self._other_organisation()
        await server.world.settle()
        await self._number(london, leeds, home)

    async def _propose(self, server: Server) -> None:
        """Cora proposes another figure of delegates, and London objects."""
        shown = await server.slash(server.cora, "goal propose", metric="delegates", target=9, deadline="2029-06-30", why="We grow.")
        await server.press(server.cora, shown, "Post it")
        async with server.store.read() as c:
            self.ids["proposal_id"] = await c.scalar(select(proposal.c.id))
        form = await server.send(server.ana, f"gp.say:{self.ids['proposal_id']}:1:object")
        await server.fill(server.ana, form, reason="Too many.")

    async def _ask_people(self, london: int) -> None:
        """Fil offers London to Gil, and Sam stands in for Fil; Fay asks Gil to stand in for her."""
        server, role = self.server, self.server.roles["Facilitators"].id
        fil, sam = Caller(server.fil.id, server.guild.id), Candidate(server.sam.id, frozenset({role}), is_bot=False)
        await handovers.offer(server.store, fil, london, Candidate(server.gil.id, frozenset({role}), is_bot=False), server.now)
        done = await absences.set_away(server.store, fil, "2026-12-24", sam, server.now)
        assert done.absence is not None
        await absences.answer(server.store, Caller(server.sam.id, None), done.absence.id, server.now, frozenset({role}))
        await server.slash(server.fay, "facilitate absent", until="2026-12-24", stand_in=server.gil)

    async def _other_organisation(self) -> None:
        """Eve is admin of Paris in another organisation; Cole is its coordinator and facilitator."""
        server, role = self.server, self.server.roles["elsewhere"].id
        async with server.store.write() as c:
            await asked.create(c, server.elsewhere.id, server.now, "Europe/Paris")
            roles = {"coordinator_role": role, "facilitator_role": role, "set_up_at": server.now}
            await organisations.change(c, server.elsewhere.id, roles)
            paris = await chapters.add(
                c, server.elsewhere.id, server.now, None, name="Paris", timezone="Europe/Paris", added_on=server.now.date()
            )
            await people.add_admin(c, server.elsewhere.id, paris, server.eve.id, server.now)
            await summaries.refresh(c, server.elsewhere.id, [paris], server.now)

    async def _number(self, london: int, leeds: int, home: int) -> None:
        """What the addresses lead to; and a form that each person began, for the buttons that go on with one."""
        server = self.server
        async with server.store.write() as c:
            done = {"state": "done", "log_from": 0, "log_to": 2**40}
            imported = await intakes.add(c, server.guild.id, "checkins", server.now, server.cora.id, **done)
        async with server.store.read() as c:
            ours = select(checkin.c.id).where(checkin.c.chapter_id == london)
            theirs = select(checkin.c.id).where(checkin.c.chapter_id == leeds)
            self.ids |= {
                "intake_id": imported,
                "checkin_id": await c.scalar(ours),
                "partner_id": await c.scalar(theirs),
                "gathering_id": await c.scalar(select(gathering.c.id)),
                "absence_id": await c.scalar(select(absence.c.id).where(absence.c.user_id == server.fay.id)),
                "handover_id": await c.scalar(select(handover.c.id)),
            }
        self.ids |= {"chapter_id": london, "other_id": leeds, "branch_id": home, "goal_id": 1, "user_id": server.ana.id}
        self.ids |= {
            "page": 0,
            "chosen_chapter": london,
            "role_id": server.roles["London"].id,
            "channel_id": server.general.id,
            "room": "reports",
            "detail": "channel",
            "version": 1,
            "about": 0,
            "revision_id": 1,
            "seen": 1,
            "_seen": 1,
            "days": 3,
            "as_of": "",
            "month": "2026-10",
            "answer": "yes",
            "wanted": "on",
            "key": "together_kinds",
            "dimension": "gender",
        }
        async with server.store.write() as c:
            for who in server.people.values():
                rooms = {"server": server.guild.id, "elsewhere": server.elsewhere.id, "nowhere": self.nowhere.id, "direct": None}
                for place, guild_id in rooms.items():
                    for action in BEGUN:
                        entry = self._begun(action, london)
                        # A check-in that waits is kept for the chapter's organisation, a draft for where it was typed.
                        room = server.guild.id if (action, place) == ("ci.any", "direct") else guild_id
                        await pending.keep(c, room, f"{action}-{place}-{who.id}", who.id, entry, server.now)

    def _begun(self, action: str, london: int) -> dict[str, Any]:
        if action in ("po.yes", "po.no"):
            return {"policy": "together_kinds", "value": ["meeting"], "seen": 0}
        if action == "ci.any":
            waits = {"kind": "meeting", "day": "2026-10-19", "people": 3, "format": None, "education": None, "note": None}
            return waits | {"partners": [], "chapter": london}
        if action.startswith("gp."):
            content = {"act": "add", "metric": "reporting_chapters", "name": None, "target": 4, "deadline": "2029-06-30"}
            return {"proposal": content, "goal": None, "why": None, "closes": "2026-12-24", "channel": self.server.general.id}
        if action == "su.adopt":
            return {"adopt": ["roles", "Lon"]}
        if action.startswith("as."):
            return {"pilot": [london]}
        typed = {"ci.mine": TYPED["ci.save"], "rp.mine": TYPED["rp.save"], "co.dated": TYPED["co.save"]}[action]
        return {"address": f"{action}:{london}", "typed": typed}

    async def hide(self) -> None:
        await self.server.slash(self.server.ana, "chapter visibility", level="hidden", chapter="London")

    async def archive(self) -> None:
        async with self.server.store.write() as c:
            guild_id, chapter_id, now = self.server.guild.id, self.ids["chapter_id"], self.server.now
            await chapters.set_state(c, guild_id, chapter_id, State.ARCHIVED, now.date(), None, now, None)
            await summaries.refresh(c, guild_id, [chapter_id], now)

    def ways(self) -> Iterator[Way]:
        """Every way in: each command the way it is declared to be used, and each address."""
        declared = {each.qualified_name: ui.does(each) for each in self.server.bot.tree.walk_commands() if hasattr(each, "callback")}
        for command, options in commands(self.server):
            given = (NAMING[command] if command in NAMING else OTHERS[command][0]) | IN_EARNEST.get(command, {})
            about = "chapter" if "chapter" in options else "organisation"
            for number, does in enumerate(declared[command]):
                more = FURTHER.get(command, {"person": "fil"}) if number else {}
                more = more | ({"chapters": "London, Leeds"} if "chapters" in options else {})
                yield Way(f"/{command}", does, about, given | more | ({"chapter": "London"} if about == "chapter" else {}))
        for action, handler in self.server.bot.handlers.items():
            parts = names(self.server.bot, action)
            asked = next((part for part in parts if part in ASKED), None)
            chapter = "chapter_id" in parts or CHOSEN.get(action) == "chapter_id"
            about = "chapter" if chapter else asked or ("gathering" if "gathering_id" in parts else "organisation")
            yield Way(action, handler.action, about)

    # What is wanted

    def wanted(self, way: Way, who: Someone, place: str, state: str) -> Text | re.Pattern[str] | None:
        """What somebody is told who may not; None for whoever may."""
        if way.options.get("person") == who.name:
            way = replace(way, does=Action.RELEASE)
        if way.name == "he.topic":
            return None
        if way.is_command and place == "direct":
            return rights.ONLY_IN_SERVERS
        if place == "nowhere":
            return self._unfounded(way, who)
        if place == "elsewhere":
            return self._foreign(way, who)
        if way.about == "organisation" or way.about == "gathering":
            if place == "direct":
                return rights.ONLY_IN_SERVERS
            return None if rights.may(way.does, _admin_of_another(way, who).holds) else rights.who_may(way.does)
        if way.about in ASKED:
            return self._asked(way, who, place, state)
        return self._of_london(way, who, place, state)

    def _of_london(self, way: Way, who: Someone, place: str, state: str) -> Text | re.Pattern[str] | None:
        may, inside = rights.may(way.does, who.holds), rights.may(Action.SEE_PRIVATE, who.holds)
        if way.name == "/chapter restore":
            if not may:
                return rights.who_may(way.does)
            return None if state == "archived" or (state == "fresh") else UNKNOWN
        if way.is_command and (state == "archived" or (state == "hidden" and not inside)):
            return UNKNOWN
        if state == "hidden" and not inside:
            return NOT_HERE
        if not may and place == "direct" and not inside:
            return rights.in_direct_messages(way.does)
        if not may:
            return rights.who_may(way.does, "London", (self.server.ana.id, self.server.lee.id))
        return ARCHIVED if state == "archived" and rights.TABLE[way.does].living else None

    def _asked(self, way: Way, who: Someone, place: str, state: str) -> Text | None:
        if way.about == "handover_id" and state == "archived":
            return NO_OFFER
        if rights.may(way.does, who.holds):
            return None
        return rights.who_may(way.does, people=() if place == "direct" else (self.server.gil.id,))

    def _foreign(self, way: Way, who: Someone) -> Text | re.Pattern[str] | None:
        """In another organisation London is not there, whatever somebody is to their own."""
        if way.about in ASKED:
            return ASKED[way.about]
        who = _admin_of_another(way, who)
        if way.about in ("organisation", "gathering") or way.name == "/chapter restore":
            if not rights.may(way.does, who.holds):
                return rights.who_may(way.does)
            return NO_GATHERING if way.about == "gathering" else UNKNOWN if way.about == "chapter" else None
        return UNKNOWN if way.is_command else NOT_HERE

    def _unfounded(self, way: Way, who: Someone) -> Text | None:
        if way.does is Action.SET_UP and not way.name.startswith("as."):
            return rights.who_may(Action.SET_UP)
        if way.name in BEFORE_SET_UP:
            return None
        if way.is_command or way.about in ("organisation", "gathering"):
            return NOT_SET_UP
        return ASKED.get(way.about, NOT_HERE)

    # Walking

    async def go(self, who: Someone, way: Way, place: str) -> InteractionResult:
        if way.is_command:
            return await self._type(who, way, place)
        values = self.ids | {"form_key": f"{way.name}-{place}-{who.actor.id}", "period": "2026-09" if way.name in PUBLISHED else "2026-10"}
        if way.about == "chapter" and way.does is Action.ANSWER_PARTNER:
            values["checkin_id"] = self.ids["partner_id"]
        if way.name == "rp.quiet":
            values["period"] = "2026-08"
        if way.name == "rp.echo":
            values["other_period"] = "2026-09"
        if way.name.startswith("ci.") and way.name not in ("ci.page", "ci.pick"):
            values["seen"] = 1
        data: dict[str, Any] = {"custom_id": forged(self.server.bot, way.name, values), "component_type": BUTTON}
        if way.name in CHOSEN or way.name in SAID:
            chosen = SAID.get(way.name) or str(self.ids[CHOSEN[way.name]])
            data |= {"component_type": 3, "values": [chosen]}
        kind = COMPONENT.value
        if way.name in TYPED:
            kind, data = MODAL_SUBMIT.value, {"custom_id": data["custom_id"], "components": list(self._rows(TYPED[way.name]))}
            data["resolved"] = self._resolved()
        actor, channel = self._at(who, place)
        return await _dispatch_actor_interaction(actor, kind, channel, data)

    def _rows(self, typed: dict[str, str]) -> Iterator[dict[str, Any]]:
        for n, (name, value) in enumerate(typed.items()):
            said = str(self.server.people[value].id) if name == "person" else value
            yield {"type": 18, "id": 2 * n, "component": {"type": TEXT_INPUT, "id": 2 * n + 1, "custom_id": name, "value": said}}

    def _resolved(self) -> dict[str, Any]:
        gil = str(self.server.gil.id)
        return {"members": {gil: {"roles": [str(self.server.roles["Facilitators"].id)]}}, "users": {gil: {"id": gil}}}

    def _at(self, who: Someone, place: str) -> tuple[Any, ChannelHandle]:
        if place == "direct":
            return who.actor.user, who.actor.user.dm_channel
        guild = {"server": self.server.guild, "elsewhere": self.server.elsewhere, "nowhere": self.nowhere}[place]
        return who.actor, self.server.general if place == "server" else next(iter(guild.channels.values()))

    async def _type(self, who: Someone, way: Way, place: str) -> InteractionResult:
        if place == "direct":
            actor, channel = self._at(who, place)
            return await _dispatch_actor_interaction(actor, InteractionType.application_command.value, channel, self.ids[way.name])
        actor, channel = self._at(who, place)
        here = self.server.people if place == "server" else {}
        given = {name: here.get(value, actor) if name in ("user", "person") else value for name, value in way.options.items()}
        return await actor.slash(channel, way.name[1:], **given)

    async def learn_commands(self) -> None:
        """What a client sends for each command, so that it can be sent from where no client offers it."""
        (mo,) = [each for each in self.everybody() if each.name == "mo"]
        for way in self.ways():
            if way.is_command:
                await self._type(mo, way, "server")
                self.ids[way.name] = self.server.delivered[-1]["data"]

    async def walk(self, everybody: Sequence[Someone], place: str, state: str = "fresh", only: Callable[[Way], bool] | None = None) -> None:
        """Everybody goes every way; after each the database is what it was before."""
        snapshot = Snapshot(self.server.database)
        for way in self.ways():
            for who in everybody if only is None or only(way) else ():
                await self._try(way, who, place, state, snapshot)
        snapshot.close()

    async def _try(self, way: Way, who: Someone, place: str, state: str, snapshot: Snapshot) -> None:
        self._refusals.clear()
        shown, wanted, tally = await self.go(who, way, place), self.wanted(way, who, place, state), self.tally
        changed = snapshot.changed()
        where = f"{way.name} ({way.does}) as {who.name}, {place}, {state}"
        tally.tried += 1
        tally.ways.add(f"{way.name} {way.does}")
        said = next((each.reason for each in self._refusals if isinstance(each, Refusal)), None)
        if not shown.acknowledged or any(not isinstance(each, Refusal) for each in self._refusals):
            tally.wrong.append(f"{where}: failed, {self._refusals!r}")
        elif wanted is None:
            self._expect_leave(where, way, said)
        else:
            self._expect_refusal(where, wanted, said, shown, [name for name in changed if name not in KEPT])
        if changed:
            snapshot.restore()

    def _expect_leave(self, where: str, way: Way, said: Text | None) -> None:
        self.tally.allowed += 1
        if said is None:
            self.tally.done[f"{way.name} {way.does}"] += 1
        elif plain(said, "en") in self._who_may():
            self.tally.wrong.append(f"{where}: is refused: {plain(said, 'en')}")

    def _expect_refusal(
        self, where: str, wanted: Text | re.Pattern[str], said: Text | None, shown: InteractionResult, changed: list[str]
    ) -> None:
        self.tally.refused += 1
        heard = None if said is None else plain(said, "en")
        fits = heard is not None and (wanted.match(heard) is not None if isinstance(wanted, re.Pattern) else heard == plain(wanted, "en"))
        if not fits:
            expected = wanted.pattern if isinstance(wanted, re.Pattern) else plain(wanted, "en")
            self.tally.wrong.append(f"{where}: was told {heard!r}, not {expected!r}")
        elif changed:
            self.tally.wrong.append(f"{where}: was refused, and changed {changed}")
        elif not shown.ephemeral:
            self.tally.wrong.append(f"{where}: was refused before everybody's eyes")
        elif _spelt(heard or "", self.server) not in self.server.text_of(shown):
            self.tally.wrong.append(f"{where}: did not see {heard!r}")

    def _who_may(self) -> set[str]:
        """Every sentence that tells somebody that they may not."""
        ours = (self.server.ana.id, self.server.lee.id)
        all_ = [rights.who_may(action, chapter, ours) for action in Action for chapter in ("London", None)]
        all_ += [rights.in_direct_messages(action) for action in Action] + [NOT_HERE, NOT_SET_UP, ARCHIVED]
        return {plain(each, "en") for each in all_}


def _spelt(heard: str, server: Server) -> str:
    """Its people as they are shown."""
    known = {str(person.id): person.user.global_name for person in server.people.values()}
    return re.sub(r"@(\d+)", lambda found: f"@{known.get(found[1], found[1])}", heard)
