"""The real bot on a simulated Discord: one organisation with two chapters, its people, and what they can do there."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import discord
from simcord.actors import MemberActor, _dispatch_actor_interaction
from simcord.builders import ChannelHandle, GuildHandle, RoleHandle
from simcord.components import walk_components
from simcord.env import Env
from simcord.results import InteractionResult, ResponseMessage

from bot.client import ChapterBot
from bot.demo.world import as_bot
from bot.locales.pseudo import own_words, untranslated
from db import chapters, organisations, people, summaries
from db.store import Store
from tests import asked

BEGINS = datetime(2026, 10, 20, 12, tzinfo=UTC)
"""A Tuesday; both chapters were added on the 1st, so October is the first month that is asked for."""
ADDED = datetime(2026, 10, 1, 9, tzinfo=UTC)
ZONE = "Europe/London"
PATIENCE = timedelta(minutes=1)

BUTTON, TEXT_INPUT, MODAL_SUBMIT, COMPONENT = 2, 4, discord.InteractionType.modal_submit, discord.InteractionType.component
SELECTS = frozenset({3, 5, 6, 7, 8})

Shown = InteractionResult | ResponseMessage | discord.Message


@dataclass(slots=True, kw_only=True, eq=False)
class Server:
    """One server, its people and places. What a person does here is answered when the call returns.

    server.ana, .ben (London's admins), .lea (Leeds'), .fay (facilitator), .cora (coordinator), .mo (member with London's role),
    .mia (member with Manage Server), .eve (in another server); server.general, .london, .leeds, .facilitators, .reports (a forum).
    """

    database: Path
    world: Env
    bot: ChapterBot
    store: Store
    guild: GuildHandle
    elsewhere: GuildHandle
    people: dict[str, MemberActor]
    places: dict[str, ChannelHandle]
    roles: dict[str, RoleHandle]
    chapters: dict[str, int] = field(default_factory=dict)
    trouble_expected: bool = False
    delivered: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Notes every interaction that Discord delivers."""
        self.world.backend.subscribers.append(lambda event, payload: event == "INTERACTION_CREATE" and self.delivered.append(payload))

    def __getattr__(self, name: str) -> Any:
        try:
            return self.people[name] if name in self.people else self.places[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def now(self) -> datetime:
        """The present here."""
        return self.world.now()

    def expect_trouble(self) -> None:
        """This test makes the program fail on purpose: errors and lines of the log at ERROR are expected, not forbidden."""
        self.trouble_expected = True

    # What people do

    async def slash(self, actor: MemberActor, command: str, /, *, in_: ChannelHandle | None = None, **options: Any) -> InteractionResult:
        """Types a command (`"chapter status"`) in #general or in another place."""
        place = in_ or (self.general if actor.guild.id == self.guild.id else next(iter(self.elsewhere.channels.values())))
        return _answered(await actor.slash(place, command, **options), f"/{command}")

    async def suggest(self, actor: MemberActor, command: str, option: str, typed: str = "", **filled: Any) -> list[str]:
        """What autocomplete offers while an option is being typed, as it would be sent."""
        place = self.general if actor.guild.id == self.guild.id else next(iter(self.elsewhere.channels.values()))
        return [choice["value"] for choice in await actor.autocomplete(place, command, option, typed, **filled)]

    async def press(self, actor: MemberActor, shown: Shown, label: str) -> InteractionResult:
        """Presses the one button whose label holds these words, in a server or in direct messages."""
        message = self.message(shown)
        button = self.button(message, label)
        who = actor if self._in_server(message) else actor.user
        return _answered(await who.click(message, custom_id=button["custom_id"]), label)

    async def choose(self, actor: MemberActor, shown: Shown, placeholder: str, *chosen: Any) -> InteractionResult:
        """Chooses in the one select whose placeholder holds these words, by an option's label or value, or by handing people over."""
        message = self.message(shown)
        menu = _only([c for c in self.parts(message) if c["type"] in SELECTS and _holds(c.get("placeholder"), placeholder)], placeholder)
        options = {option["label"]: option["value"] for option in menu.get("options", ())}
        values = [options.get(each, each) if isinstance(each, str) else each for each in chosen]
        who = actor if self._in_server(message) else actor.user
        return _answered(await who.select(message, values, custom_id=menu["custom_id"]), placeholder)

    async def fill(self, actor: MemberActor, form: InteractionResult, **answers: Any) -> InteractionResult:
        """Sends an open form; what is not given stays as the form offered it."""
        sent = {name: value for name, value in self.offered(form).items() if value}
        sent |= answers
        who = actor if form._interaction.guild_id is not None else actor.user
        return _answered(await who.submit_modal(form, sent), "a form")

    async def send(self, actor: MemberActor, address: str, *, in_: ChannelHandle | None = None, **typed: str) -> InteractionResult:
        """Sends a bare payload for this custom_id, as a client that checks nothing would: a form if anything is typed, else a click."""
        if typed:
            rows = [
                {"type": 18, "id": 2 * n, "component": {"type": TEXT_INPUT, "id": 2 * n + 1, "custom_id": name, "value": value}}
                for n, (name, value) in enumerate(typed.items())
            ]
            data: dict[str, Any] = {"custom_id": address, "components": rows}
        else:
            data = {"custom_id": address, "component_type": BUTTON}
        kind = MODAL_SUBMIT.value if typed else COMPONENT.value
        place = in_ or (self.general if actor.guild.id == self.guild.id else next(iter(self.elsewhere.channels.values())))
        return _answered(await _dispatch_actor_interaction(actor, kind, place, data), address)

    async def deliver_again(self) -> None:
        """Delivers the last interaction once more, as Discord does when a connection is resumed."""
        self.world.backend.emit("INTERACTION_CREATE", self.delivered[-1])
        await self.world.settle()

    # What people see

    def message(self, shown: Shown) -> ResponseMessage | discord.Message:
        """The message that somebody was answered with (the last one), or the message itself."""
        if isinstance(shown, InteractionResult):
            answers = [answer for answer in (shown.response, *shown.followups) if answer is not None]
            assert answers, f"nothing was shown: {shown!r}"
            return answers[-1]
        return shown

    def parts(self, shown: Shown) -> list[dict[str, Any]]:
        """Every component of a message, or of an open form, in reading order."""
        if isinstance(shown, InteractionResult) and shown.modal is not None:
            return list(walk_components(shown.modal["components"]))
        message = self.message(shown)
        channel_id = message.channel_id if isinstance(message, ResponseMessage) else message.channel.id
        return list(walk_components(self.world.backend.get_message(channel_id, message.id).components))

    def text_of(self, shown: Shown) -> str:
        """Every word of a message or an open form, choices too; @Ana, #london and <4 December 2026> stand for Discord's codes."""
        return _FOR_TESTS.sub(self._spelt, "\n".join(self.words(shown)))

    def words(self, shown: Shown) -> list[str]:
        """The same as Discord was sent them, piece by piece."""
        head = [shown.modal["title"]] if isinstance(shown, InteractionResult) and shown.modal else []
        return head + [word for part in self.parts(shown) for word in _words_of(part)]

    def button(self, shown: Shown, label: str) -> dict[str, Any]:
        """The one button whose label holds these words."""
        return _only([part for part in self.parts(shown) if part["type"] == BUTTON and _holds(part.get("label"), label)], label)

    def buttons(self, shown: Shown) -> list[str]:
        """The labels of all buttons that can be pressed."""
        return [part["label"] for part in self.parts(shown) if part["type"] == BUTTON and not part.get("disabled")]

    def choices(self, shown: Shown, placeholder: str) -> list[str]:
        """What the select whose placeholder holds these words offers."""
        menus = [part for part in self.parts(shown) if part["type"] in SELECTS and _holds(part.get("placeholder"), placeholder)]
        return [option["label"] for option in _only(menus, placeholder)["options"]]

    def offered(self, form: InteractionResult) -> dict[str, Any]:
        """What an open form is filled in with, by the names of its questions."""
        assert form.modal is not None, f"no form was opened: {self.text_of(form)}"
        return {part["custom_id"]: _preset(part) for part in walk_components(form.modal["components"]) if "custom_id" in part}

    def last(self, where: ChannelHandle | MemberActor) -> discord.Message:
        """The newest message that all can see in a channel, or in somebody's direct messages."""
        seen = self.messages(where)
        assert seen, f"nothing was posted in {where!r}"
        return seen[-1]

    def messages(self, where: ChannelHandle | MemberActor) -> list[discord.Message]:
        """The messages that all can see in a channel, or somebody's direct messages, oldest first."""
        channel = where.user.dm_channel if isinstance(where, MemberActor) else where
        return [message for message in channel.history() if not message.flags.ephemeral]

    def notified(self, shown: Shown) -> list[str]:
        """The names of the people and roles that a message notifies."""
        message = self.message(shown)
        channel_id = message.channel_id if isinstance(message, ResponseMessage) else message.channel.id
        sent = self.world.backend.get_message(channel_id, message.id)
        people = [person.user.global_name or "" for person in self.people.values() if person.id in sent.ping_user_ids]
        return people + [role.name for role in self.roles.values() if role.id in sent.ping_role_ids] + ["everyone"] * sent.mention_everyone

    def assert_translated(self, shown: Shown, *names: str) -> None:
        """Inside `pseudo.everywhere()`: every word came from a catalogue, but for the chapters', the people's and these `names`."""
        own = {*names, *self.chapters, *(person.user.global_name for person in self.people.values())}
        known = {word for name in own for word in re.findall(r"\w+", name)}
        bare = [word for piece in self.words(shown) for word in untranslated(piece) if word not in known]
        assert bare == [], f"not from a catalogue: {bare}"
        strange = [each for piece in self.words(shown) for each in own_words(piece) if each not in own]
        assert strange == [], f"not somebody's own words: {strange}"

    # What happens

    async def restart(self) -> None:
        """Ends the program and starts it anew on the same file, under open messages and open forms."""
        await self.world.settle()
        await self.store.close()
        self.store = await Store.open(f"sqlite+aiosqlite:///{self.database}")
        self.bot = ChapterBot(self.store, clock=self.world.now, shard_count=1)
        await self.world.restart_bot(self.bot)

    async def advance(self, **by: float) -> None:
        """Lets time pass (`days=3`), stopping wherever something is due and doing it."""
        await self.advance_to(self.now + timedelta(**by))

    async def advance_to(self, moment: datetime) -> None:
        """Lets time pass up to a moment, stopping wherever something is due and doing it."""
        step = earliest = self.now
        while step < moment:
            async with self.store.read() as c:
                due = await summaries.next_at(c, earliest)
            step = moment if due is None else min(moment, max(due, earliest))
            await self.world.advance_time(max(0, math.ceil((step - self.now).total_seconds())))
            await self.run_due()
            earliest = self.now + PATIENCE

    async def run_due(self) -> None:
        """Does what is due now, as a tick would."""
        await as_bot(self.world, self.bot.run_due(self.now))

    async def add_chapter(self, name: str, *admins: MemberActor, **values: Any) -> int:
        """A further chapter, added at the moment (`values` are columns of its row)."""
        values = {"added_on": self.now.date(), "timezone": ZONE, "name": name} | values
        async with self.store.write() as c:
            self.chapters[name] = await chapters.add(c, self.guild.id, self.now, self.cora.id, **values)
            for admin in admins:
                await people.add_admin(c, self.guild.id, self.chapters[name], admin.id, self.now)
            if admins:
                await chapters.change(c, self.guild.id, self.chapters[name], duty_user_id=admins[0].id)
            await summaries.refresh(c, self.guild.id, [self.chapters[name]], self.now)
        return self.chapters[name]

    async def set_up(self) -> None:
        """Stores the organisation, London (Ana on duty, then Ben) and Leeds (Lea) as a coordinator would have done on 1 October."""
        async with self.store.write() as c:
            await asked.create(c, self.guild.id, ADDED, ZONE)
            values = {
                "coordinator_role": self.roles["Coordinators"].id,
                "facilitator_role": self.roles["Facilitators"].id,
                "facilitators_channel": self.facilitators.id,
                "reports_channel": self.reports.id,
                "set_up_at": ADDED,
            }
            await organisations.change(c, self.guild.id, values)
        home = {"added_on": ADDED.date(), "latitude": 51.5, "longitude": -0.1, "city": "London"}
        await self.add_chapter("London", self.ana, self.ben, channel_id=self.london.id, role_id=self.roles["London"].id, **home)
        home = {"added_on": ADDED.date(), "latitude": 53.8, "longitude": -1.5, "city": "Leeds"}
        await self.add_chapter("Leeds", self.lea, channel_id=self.leeds.id, **home)

    def _in_server(self, message: ResponseMessage | discord.Message) -> bool:
        channel_id = message.channel_id if isinstance(message, ResponseMessage) else message.channel.id
        return self.world.backend.get_channel(channel_id).guild_id is not None

    def _spelt(self, code: re.Match[str]) -> str:
        kind, number = code["kind"], int(code["id"])
        if kind == "t:":
            local = datetime.fromtimestamp(number, UTC).astimezone(ZoneInfo(ZONE))
            hour = f" {local:%H:%M}" if code["style"] in ("f", "F", "t", "T") else ""
            return f"<{local.day} {local:%B %Y}{hour}>"
        names: dict[str, dict[int, str]] = {
            "@": {person.id: f"@{person.user.global_name}" for person in self.people.values()},
            "#": {place.id: f"#{place.name}" for place in self.places.values()},
            "@&": {role.id: f"@{role.name}" for role in self.roles.values()},
        }
        return names[kind].get(number, code[0])


_FOR_TESTS = re.compile(r"<(?P<kind>t:|@&|@|#)(?P<id>\d+)(?::(?P<style>\w))?>")


def _answered(result: InteractionResult, what: str) -> InteractionResult:
    assert result.acknowledged, f"no answer to {what}"
    return result


def _only(found: list[dict[str, Any]], words: str) -> dict[str, Any]:
    exact = [part for part in found if words in (part.get("label"), part.get("placeholder"))]
    chosen = exact if len(exact) == 1 else found
    assert len(chosen) == 1, f"{len(found)} of them hold {words!r}"
    return chosen[0]


def _holds(shown: str | None, words: str) -> bool:
    return words.casefold() in (shown or "").casefold()


def _words_of(part: dict[str, Any]) -> Iterator[str]:
    for key in ("content", "label", "placeholder", "description"):
        if isinstance(part.get(key), str):
            yield part[key]
    for option in part.get("options") or ():
        yield option["label"]
        if option.get("description"):
            yield option["description"]


def _preset(part: dict[str, Any]) -> Any:
    if part["type"] == TEXT_INPUT:
        return part.get("value") or ""
    chosen = [option["value"] for option in part.get("options") or () if option.get("default")]
    if part["type"] == discord.ComponentType.radio_group.value:
        return chosen[0] if chosen else None
    return chosen
