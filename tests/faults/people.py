"""People in front of a small Discord: what they type, press and fill in, and what they are shown."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from discord import Permissions

from tests.faults.discord import Discord
from tests.faults.discord.http import Interaction
from tests.faults.discord.world import BOT, DM, Json, Server

PING, COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 1, 2, 3, 4, 5
MESSAGE, THINKING, LATER, UPDATE, CHOICES, FORM = 4, 5, 6, 7, 8, 9
SUBCOMMAND, GROUP, USER, CHANNEL, ROLE, BUTTON = 1, 2, 6, 7, 8, 2
SELECTS = frozenset({3, 5, 6, 7, 8})
LONG_ENOUGH = 5.0
"""Seconds in which there must be an answer, or the word that it takes longer."""
WORTH_WAITING = 60.0
"""Seconds in which what takes longer must be there."""


class Unanswered(Exception):
    """Discord told them: the application did not respond."""


@dataclass
class Answer:
    """What somebody was answered with, as they see it now."""

    done: Interaction

    @property
    def form(self) -> Json:
        """The form that opened."""
        assert self.done.form is not None, f"no form was opened: {self.text}"
        return self.done.form

    @property
    def message(self) -> Json:
        """The newest message that they were shown."""
        found = self.done.later[-1] if self.done.later else self.done.original
        assert found is not None, "nothing was shown"
        return found

    @property
    def text(self) -> str:
        """All its words."""
        shown = self.done.form if self.done.form is not None else self.message
        return text_of(shown)


@dataclass(eq=False)
class Person:
    """Somebody in a server."""

    discord: Discord
    server: Server
    id: int
    manages: bool = False
    locale: str = "en-GB"

    async def slash(self, command: str, in_: int, /, **options: Any) -> Answer:
        """Types a command ("chapter add") in a channel; people, channels and roles are given by their ids."""
        return await self._send(COMMAND, self.command(command, **options), in_)

    async def type(self, command: str, in_: int, option: str, typed: str) -> list[str]:
        """Types into an option that offers something; what it offers."""
        data = self.command(command, **{option: typed})
        inner = data
        while inner["options"][0]["type"] in (SUBCOMMAND, GROUP):
            inner = inner["options"][0]
        inner["options"][0]["focused"] = True
        done = (await self._send(AUTOCOMPLETE, data, in_)).done
        return [each["value"] for each in done.choices]

    async def press(self, shown: Answer | Json, label: str) -> Answer:
        """Presses the one button whose label holds these words."""
        message = shown.message if isinstance(shown, Answer) else shown
        button = the_button(message, label)
        return await self.send_component(message, button["custom_id"])

    async def send_component(self, message: Json, custom_id: str, values: list[str] | None = None) -> Answer:
        """Presses or chooses, whatever stands in the message."""
        data: Json = {"custom_id": custom_id, "component_type": BUTTON} | ({"component_type": 3, "values": values} if values else {})
        return await self._send(COMPONENT, data, int(message["channel_id"]), message)

    async def fill(self, form: Answer, **typed: Any) -> Answer:
        """Sends an open form; what is not given stays as the form offered it. The same form can be sent again."""
        if form.done.form is None:
            raise Unanswered(f"instead of a form: {form.text}")
        fields = [each["component"] for each in form.form["components"]]
        rows = [{"type": 18, "id": n, "component": _filled(each, typed.get(each["custom_id"]))} for n, each in enumerate(fields)]
        message_id, channel_id = form.done.message_id, form.done.channel_id
        message = None if message_id is None else self.discord.world.messages.get(channel_id, {}).get(message_id)
        return await self._send(SUBMIT, {"custom_id": form.form["custom_id"], "components": rows}, channel_id, message)

    def command(self, words: str, **options: Any) -> Json:
        """A command's data as Discord sends it, by what the bot told Discord of its commands."""
        name, *inner = words.split()
        known = next((each for each in self.discord.world.commands if each["name"] == name), None)
        if known is None:
            raise Unanswered(f"/{name} is not known here")
        path, resolved = [known], Json()
        for each in inner:
            path.append(next(option for option in path[-1]["options"] if option["name"] == each))
        types = {option["name"]: option["type"] for option in path[-1].get("options", ())}
        given = [{"name": key, "type": types[key], "value": self._value(types[key], value, resolved)} for key, value in options.items()]
        for each in reversed(path[1:]):
            given = [{"name": each["name"], "type": each["type"], "options": given}]
        return {"id": known["id"], "name": name, "type": 1, "options": given, "resolved": resolved}

    def _value(self, kind: int, value: Any, resolved: Json) -> Any:
        world = self.discord.world
        if kind == USER:
            member = self.server.members.get(value)
            resolved.setdefault("users", {})[str(value)] = world.users[value]
            if member is not None:
                shown = {name: each for name, each in member.items() if name != "user"} | {"permissions": "0"}
                resolved.setdefault("members", {})[str(value)] = shown
        elif kind == CHANNEL:
            channel = world.channels[value]
            resolved.setdefault("channels", {})[str(value)] = {**channel, "permissions": "0"}
        elif kind == ROLE:
            resolved.setdefault("roles", {})[str(value)] = self.server.roles[value]
        else:
            return value
        return str(value)

    async def _send(self, kind: int, data: Json, channel_id: int, message: Json | None = None) -> Answer:
        done = self._begin(kind, data, channel_id, message)
        try:
            async with asyncio.timeout(LONG_ENOUGH):
                await done.answered.wait()
            async with asyncio.timeout(WORTH_WAITING):
                await done.settled.wait()
        except TimeoutError:
            raise Unanswered(f"{data.get('name') or data.get('custom_id')}, with {done.kind}") from None
        if done.abandoned:
            raise Unanswered(f"{data.get('name') or data.get('custom_id')}: the bot is dead")
        return Answer(done)

    def _begin(self, kind: int, data: Json, channel_id: int, message: Json | None) -> Interaction:
        world, api = self.discord.world, self.discord.api
        if not (self.discord.gateway.ready.is_set() or self.discord.gateway.interrupted):
            raise Unanswered("the bot is not there")
        done = Interaction(world.snowflake(), channel_id, None if message is None else int(message["id"]), world.clock())
        api.interactions[done.token] = done
        channel = world.channels[channel_id]
        told: Json = {"id": str(done.id), "application_id": BOT["id"], "type": kind, "data": data, "token": done.token, "version": 1}
        told |= {"channel_id": str(channel_id), "channel": channel, "locale": self.locale, "entitlements": [], "app_permissions": "0"}
        told |= {"attachment_size_limit": 10**7, "authorizing_integration_owners": {"0": str(self.server.id)}}
        if message is not None:
            told["message"] = message
        if channel["type"] == DM:
            told |= {"user": world.users[self.id], "context": 1}
        else:
            permissions = str(Permissions(manage_guild=self.manages, view_channel=True, send_messages=True).value)
            member = {**self.server.members[self.id], "permissions": permissions}
            told |= {"member": member, "guild_id": str(self.server.id), "guild_locale": "en-GB", "context": 0}
            told["guild"] = {"id": str(self.server.id), "locale": "en-GB", "features": []}
        self.discord.gateway.tell("INTERACTION_CREATE", told)
        return done


def parts(shown: Json) -> Iterator[Json]:
    """Every component of a message or form, in reading order."""
    for each in (*shown.get("components", ()), *((shown["component"],) if "component" in shown else ())):
        yield each
        yield from parts(each)


def text_of(shown: Json) -> str:
    """Every word of a message or form."""
    words = [shown.get("title"), shown.get("content")]
    for each in parts(shown):
        words += [each.get("content"), each.get("label"), each.get("placeholder"), each.get("description")]
    return "\n".join(word for word in words if word)


def the_button(message: Json, label: str) -> Json:
    """The one button whose label holds these words."""
    found = [each for each in parts(message) if each["type"] == BUTTON and label in (each.get("label") or "")]
    assert len(found) == 1, f"{len(found)} buttons {label!r} in: {text_of(message)}"
    return found[0]


def _filled(question: Json, given: Any) -> Json:
    answer: Json = {"type": question["type"], "id": 0, "custom_id": question["custom_id"]}
    if question["type"] in SELECTS or question["type"] == 22:
        preset = [option["value"] for option in question.get("options", ()) if option.get("default")]
        return answer | {"values": preset if given is None else list(given)}
    if question["type"] == 21:
        preset = next((option["value"] for option in question["options"] if option.get("default")), None)
        return answer | {"value": preset if given is None else given}
    return answer | {"value": str(question.get("value") or "") if given is None else str(given)}
