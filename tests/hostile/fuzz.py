"""One world into which hostile interactions are sent, and what became of them."""

import asyncio
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from simcord.actors import MemberActor, _dispatch_actor_interaction
from simcord.results import InteractionResult

from bot.domain.goals import METRICS
from bot.locales import plain
from bot.serve import spare_the_collector
from bot.services import deep
from tests.hostile import payloads
from tests.hostile.payloads import AGAIN, COMMAND, COMPONENT, SENT, TYPING, Known, Payload
from tests.hostile.watch import Watch, inspector
from tests.hostile.words import MARKUP, MENTIONS, SCRIPTS
from tests.hostile.world import MONTH, SINCE, Organisation, two_organisations

OF_FORMS = 3
"""A form holds several questions, so it is sent more often than a button is pressed."""


@dataclass(slots=True)
class Outcome:
    """What was tried, and what came of it."""

    payloads: Counter[str] = field(default_factory=Counter)
    commands: set[str] = field(default_factory=set)
    options: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    suggested: set[str] = field(default_factory=set)
    answered: int = 0
    refused: int = 0
    tracebacks: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    stalls: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    longest: float = 0.0

    def troubles(self) -> list[str]:
        """Everything that should not have been."""
        return [*self.tracebacks, *self.unanswered, *self.stalls, *self.leaks, *self.others]

    def add(self, other: "Outcome") -> None:
        """Takes another world's outcome in."""
        self.payloads += other.payloads
        for name in ("commands", "options", "addresses", "fields", "suggested"):
            getattr(self, name).update(getattr(other, name))
        self.answered += other.answered
        self.refused += other.refused
        for name in ("tracebacks", "unanswered", "stalls", "leaks", "others"):
            getattr(self, name).extend(getattr(other, name))
        self.longest = max(self.longest, other.longest)


class Fuzz:
    """A world of its own: `with Fuzz(folder) as fuzz`, then one kind of interaction after another."""

    def __init__(self, database: Path) -> None:
        self.outcome = Outcome()
        self.watch = Watch()
        self._runner = asyncio.Runner()
        self._database = database
        self._watching = self.watch.watching()
        self._typed: dict[int, set[str]] = defaultdict(set)
        self._guilds: dict[int, int] = {}

    def __enter__(self) -> "Fuzz":
        self._runner.__enter__()
        self._watching.__enter__()
        self.server, self.here, self.there = self._do(two_organisations(self._database))
        self.known = self._do(self._know())
        self._cursor = self.server.world.error_cursor
        self.server.world.backend.subscribers.append(self._remember)
        spare_the_collector()
        self.server.world.backend.http_requests.clear()
        self.watch.errors.clear()
        self.watch.stalls.clear()
        self.watch.longest = 0.0
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._watching.__exit__(None, None, None)
        self._runner.close()

    def _do(self, work: Any) -> Any:
        async def as_discord() -> Any:
            return await work

        return self._runner.run(as_discord())

    # What is known before

    async def _know(self) -> Known:
        server = self.server
        offers: dict[tuple[str, str], list[str]] = {}
        known = Known(server.bot, self.here, self.there, offers, self.watch.forms)
        for leaf, option in known.typed():
            offers[leaf.qualified_name, option] = await server.suggest(server.cora, leaf.qualified_name, option)
        north, checkin = self.here.north_id, self.here.ids["checkin_id"][0]
        proposal, goal = self.here.ids["proposal_id"][0], self.here.ids["goal_id"][0]
        for person, address in (
            (server.ana, f"ci.fix:{north}:{checkin}"),
            (server.ana, f"rp.part:{north}:2026-08:activity"),
            (server.ana, f"rp.skip:{north}:2026-08"),
            (server.ana, f"gp.amend:{proposal}"),
            (server.cora, f"gp.revise:{goal}"),
            (server.fay, f"fa.hand:{north}"),
            (server.cora, "su.zone"),
            (server.cora, "su.find"),
        ):
            await server.send(person, address)
        several = await server.send(server.ana, f"gp.say:{proposal}:1:object")
        await server.choose(server.ana, several, "Choose a chapter", self.here.north)
        # Only where there is a next admin is there anybody to write a note to.
        await server.slash(server.cora, "chapter admins add", user=server.ben, chapter=self.here.north)
        await server.slash(server.ana, "duty pass", chapter=self.here.north)
        await server.slash(server.cora, "chapter admins remove", user=server.ben, chapter=self.here.north)
        return known

    # What is tried

    def explore(self, strategy: st.SearchStrategy[Payload], examples: int, seeded: int) -> None:
        """Sends so many payloads, the same ones for the same seed."""

        @seed(seeded)
        @settings(
            max_examples=examples,
            phases=(Phase.generate,),
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=False,
        )
        @given(strategy)
        def each(payload: Payload) -> None:
            self._do(self.attempt(payload))

        each()

    def strategies(self) -> Iterator[tuple[str, st.SearchStrategy[Payload]]]:
        """One strategy for each command, each option that offers something, each address, and each face of each form."""
        known = self.known
        for leaf in known.leaves():
            yield f"/{leaf.qualified_name}", payloads.commands(known, leaf)
        for leaf, option in known.typed():
            yield f"/{leaf.qualified_name} {option}…", payloads.typing(known, leaf, option)
        for action in payloads.addresses(known):
            yield action, payloads.presses(known, action)
        yield "unknown", payloads.unknown_presses(known)
        for _, form, face in list(payloads.fields(known)):
            yield f"form {face}", payloads.sendings(known, form, face)

    async def attempt(self, payload: Payload) -> InteractionResult:
        """Sends one payload and looks at everything that comes of it."""
        server = self.server
        member: MemberActor = server.people[payload.who]
        home = self.here if member.guild.id == self.here.guild.id else self.there
        actor: Any = member.user if payload.direct else member
        place = member.user.dm_channel if payload.direct else home.general
        self.watch.doing = f"{payload.name} by {payload.who}{' (direct)' if payload.direct else ''}: {payload.written()[:600]}"
        guild_id = home.guild.id if payload.direct else int(payload.extra.get("guild_id", home.guild.id))
        org = {self.here.guild.id: self.here, self.there.guild.id: self.there}.get(guild_id, home)
        self._typed[org.guild.id].update(re.findall(r"\d{17,20}", payload.written()))
        before = self.watch.refusals
        result = await _dispatch_actor_interaction(actor, payload.type, place, dict(payload.data), extra=_extra(payload))
        self._note(payload)
        self._judge(payload, result, org, refused=self.watch.refusals > before)
        return result

    def _note(self, payload: Payload) -> None:
        done = self.outcome
        done.payloads[{COMMAND: "command", TYPING: "autocomplete", COMPONENT: "click or choice", SENT: "form"}[payload.type]] += 1
        if payload.type == COMMAND:
            done.commands.add(payload.name)
            done.options.update(payload.tried)
        elif payload.type == TYPING:
            done.suggested.add(payload.name)
        elif payload.name in self.server.bot.handlers or payload.name == AGAIN:
            done.addresses.add(payload.name)
        done.fields.update(payload.tried if payload.type == SENT else ())

    def _judge(self, payload: Payload, result: InteractionResult, org: Organisation, *, refused: bool) -> None:
        done, doing, record = self.outcome, self.watch.doing, result._interaction
        shared = payload.type == COMMAND and payload.name == "/progress" and '"share"' in payload.written()
        self._inspect(org, public=payload.direct or shared, own=str(self.server.people[payload.who].id))
        answered = result.acknowledged and not (result.deferred and record.message_id is None and not record.followup_ids)
        if not answered:
            done.unanswered.append(f"unanswered: {doing}")
        errors = [*self.watch.errors, *(repr(each) for each in self.server.world.errors_since(self._cursor))]
        self._cursor = self.server.world.error_cursor
        self.watch.errors.clear()
        done.tracebacks += [f"{doing}\n    {error}" for error in errors]
        self._note_stalls()
        if answered and not errors:
            done.refused += refused
            done.answered += not refused

    def _note_stalls(self) -> None:
        self.outcome.stalls += [f"{1000 * seconds:.0f} ms: {doing}" for doing, seconds in self.watch.stalls]
        self.outcome.longest = max(self.outcome.longest, self.watch.longest)
        self.watch.stalls.clear()

    def _inspect(self, asked: Organisation, *, public: bool, own: str = "") -> None:
        """Looks at all that the bot has sent: answers to whoever asked (whose number is their `own`), and what it posts to either."""
        requests = self.server.world.backend.http_requests
        for sent in requests:
            answer = sent.path.startswith(("/interactions", "/webhooks"))
            org = asked if answer else self._owner(sent.path)
            neighbour = self.there if org is self.here else self.here
            typed = {*self._typed[org.guild.id if org else 0], own}
            for what in inspector(org, neighbour, typed, self.server.bot.handlers, public=public or not answer)(sent):
                kept = self.outcome.leaks if what.startswith("leak") else self.outcome.others
                kept.append(f"{what}: {sent.method} {sent.path[:40]}: {self.watch.doing}")
        requests.clear()
        self.server.world.backend.transcript.clear()

    def _remember(self, event: str, payload: Mapping[str, Any]) -> None:
        """Whose post it was can still be told when the bot has deleted it."""
        if event in ("THREAD_CREATE", "THREAD_DELETE"):
            self._guilds[int(payload["id"])] = int(payload["guild_id"])

    def _owner(self, path: str) -> Organisation | None:
        """Whose channel, thread or direct messages a request is about."""
        named = re.match(r"/channels/(\d+)", path)
        if named is None:
            return None
        backend, number = self.server.world.backend, int(named[1])
        guild_id = self._guilds.get(number) or backend.get_channel(number).guild_id
        if guild_id is None:
            reader = next(user_id for user_id, channel_id in backend.dm_channels.items() if channel_id == number)
            guild_id = next(person.guild.id for person in self.server.people.values() if person.id == reader)
        return self.here if guild_id == self.here.guild.id else self.there

    # What comes after

    async def _write_on_the_walls(self) -> None:
        """Has a chapter of a hostile name, in a branch of such a name, publish hostile words: they are posted where all can see them."""
        server, written = self.server, " ".join(MENTIONS + MARKUP + SCRIPTS)
        for number, piece in enumerate(MENTIONS):
            name = f"{number} {piece} **||`\u202eevil"[:60]
            await server.slash(server.cora, "goal add", metric=METRICS[number % len(METRICS)], target=5, name=name)
            await server.slash(server.cora, "chapter add", name=name, admin=server.mo)
        wall = await server.add_chapter(f"[Wall](https://evil.example) {MENTIONS[0]} \u202e{MENTIONS[4]}"[:60], server.mia, added_on=SINCE)
        words = dict.fromkeys(("changing", "hard", "help"), written[:1000])
        await server.fill(server.mia, await server.send(server.mia, f"rp.part:{wall}:{MONTH}:words"), **words)
        await server.send(server.mia, f"rp.pub:{wall}:{MONTH}")
        await server.slash(server.mia, "checkin", kind="meeting", note=written[:1000], with_chapters="London")

    async def _end(self) -> None:
        """Lets a month pass, so that what was typed is posted as well, and compares what is kept with what was entered."""
        self.watch.doing = "the month after"
        await self.server.world.settle()
        await self._write_on_the_walls()
        await self.server.advance(days=45)
        self._inspect(self.here, public=True)
        self.outcome.tracebacks += [*self.watch.errors, *map(repr, self.server.world.errors_since(self._cursor))]
        found = await deep.compare(self.server.store, self.server.now)
        self.outcome.others += [f"check --deep: {plain(fault, 'en')}" for fault in found.faults]
        await self.server.world.shutdown()
        await self.server.bot.close()
        await self.server.store.close()


def _extra(payload: Payload) -> dict[str, Any]:
    return {} if payload.direct else dict(payload.extra)


def run(seeded: int, examples: int, told: Callable[[str], None]) -> Outcome:
    """One world and everything in it: so many payloads for each command, suggestion and address, and three times as many for each form."""
    with tempfile.TemporaryDirectory(prefix="chapterhouse-fuzz-") as folder:
        with Fuzz(Path(folder) / "fuzz.db") as fuzz:
            for number, (name, strategy) in enumerate(fuzz.strategies()):
                told(name)
                fuzz.explore(strategy, OF_FORMS * examples if name.startswith("form ") else examples, seeded * 10_000 + number)
        return fuzz.outcome
