"""One interaction with one person: what was pressed or typed, who by, and how they are answered."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import discord
from discord import app_commands

from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Text, text
from bot.locales import pick
from bot.locales import say as _say
from bot.services.pictures import Pictures
from bot.services.public import Address
from cogs.cards.pictures import Drawing
from cogs.handled import Handled, note_answer, note_arrival
from cogs.layout import Attachment, Card, Form, Picture, Typed, files, mark_of, to_modal, to_view, unmarked, with_picture
from cogs.shapes import read
from db.store import Store

T = TypeVar("T")

AGAIN = "again"
FOR_ALL = "for all"
OLD_BUTTON = text("This button no longer works. Type /help to find what you were looking for.")


class Host(Protocol):
    """What the cogs need of the program that loads them."""

    store: Store
    pictures: Pictures
    handlers: "dict[str, Handler]"
    observe: Callable[[Handled], None]
    turns: asyncio.Semaphore
    address: Address | None

    @property
    def tree(self) -> app_commands.CommandTree[Any]:
        """The commands."""

    def wake(self) -> None:
        """Something may have become due: look at the outbox now."""


@dataclass(frozen=True, slots=True)
class Handler:
    """Where an address leads and what is done there: `form` builds the form anew when what was typed could not be taken."""

    run: Callable[..., Awaitable[None]]
    types: tuple[type, ...]
    action: Action
    form: Callable[..., Awaitable[Form]] | None = None


class Request:
    """One interaction: reads what came, answers in the asker's language, and only to them."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self.interaction = interaction
        self.host = cast(Host, interaction.client)
        self.store = self.host.store
        self.now: datetime = interaction.created_at
        self.locale = pick(str(interaction.locale))
        self.caller = _caller(interaction)
        note_arrival(interaction)
        # Kept with the interaction: whoever answers it waits until somebody else's answer is on its way, and then sees that it is.
        self._one_at_a_time: asyncio.Lock = interaction.extras.setdefault("one_at_a_time", asyncio.Lock())

    @property
    def form_key(self) -> str:
        """What makes a form that this interaction opens the same form however often it is sent."""
        return str(self.interaction.id)

    @property
    def _data(self) -> dict[str, Any]:
        return cast(dict[str, Any], self.interaction.data or {})

    @property
    def address(self) -> str:
        """Where what was pressed, chosen or sent leads."""
        return unmarked(str(self._data.get("custom_id", "")))

    @property
    def message_id(self) -> int | None:
        """The message whose button was pressed, or whose form was sent."""
        return None if self.interaction.message is None else self.interaction.message.id

    @property
    def on_public_card(self) -> bool:
        """Whether what was pressed stands in a message that others see as well."""
        message = self.interaction.message
        return message is not None and not message.flags.ephemeral

    @property
    def values(self) -> list[str]:
        """What was chosen in a select."""
        return list(self._data.get("values", ()))

    def chosen(self, kind: type[T]) -> T:
        """What was chosen in a select of one, an id or a month; refuses where there is none."""
        try:
            return cast(T, read(self.values[0], kind))
        except (IndexError, ValueError):
            raise Refusal(OLD_BUTTON) from None

    def chosen_many(self, kind: type[T]) -> list[T]:
        """What was chosen in a select of several; refuses what is no id or month."""
        try:
            return [cast(T, read(value, kind)) for value in self.values]
        except ValueError:
            raise Refusal(OLD_BUTTON) from None

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What was answered in a form, as Discord sends it."""
        return [row["component"] for row in self._data.get("components", ()) if row.get("component")]

    @property
    def typed(self) -> Typed:
        """What was answered in a form, by the name of the question."""
        return {each["custom_id"]: each.get("values", each.get("value")) for each in self.answers if "custom_id" in each}

    def field(self, name: str) -> str:
        """One answer of a form as words; empty if it was left empty."""
        answer = self.typed.get(name)
        return answer if isinstance(answer, str) else (answer or [""])[0]

    def person(self, name: str) -> int:
        """Who was chosen in a form; refuses where nobody was."""
        try:
            return int(read(self.field(name), int))
        except ValueError:
            raise Refusal(text("Choose a person.")) from None

    def chosen_roles(self, user_id: int) -> frozenset[int]:
        """The roles of a member who was chosen in a select or form, as Discord sent them along."""
        member = self._data.get("resolved", {}).get("members", {}).get(str(user_id), {})
        return frozenset(int(role) for role in member.get("roles", ()))

    def chose_a_bot(self, user_id: int) -> bool:
        """Whether who was chosen in a select or form is no person."""
        return bool(self._data.get("resolved", {}).get("users", {}).get(str(user_id), {}).get("bot"))

    def say(self, sentence: Text) -> str:
        """The sentence in the asker's language."""
        return _say(sentence, self.locale)

    async def answer(self, shown: Card, *, public: bool = False) -> None:
        """Answers with a card that only the asker sees, unless it is meant for all."""
        view, sent = to_view(shown, self.locale), files(shown, self.locale)
        nobody = discord.AllowedMentions.none()
        async with self._one_at_a_time:
            if self.interaction.response.is_done():
                await self.interaction.followup.send(view=view, files=sent, ephemeral=not public, allowed_mentions=nobody)
            else:
                await self.interaction.response.send_message(view=view, files=sent, ephemeral=not public, allowed_mentions=nobody)
            note_answer(self.interaction)

    async def with_picture(self, shown: Card, drawing: Drawing | None) -> Card:
        """The card with its picture, if that can be had in time: the words wait for it two seconds at the most."""
        if drawing is None:
            return shown
        content = await self.host.pictures.of(drawing.picture)
        return shown if content is None else with_picture(shown, Picture(drawing.name, content, drawing.words))

    async def attach(self, name: str, content: bytes) -> None:
        """Hands the asker alone a file, after the answer."""
        await self.interaction.followup.send(file=discord.File(BytesIO(content), name), ephemeral=True)

    async def replace(self, shown: Card, locale: str | None = None) -> None:
        """Puts a card in the place of the one whose button was pressed, or answers with it where there is none."""
        message = self.interaction.message
        # What was sent unasked stays recognisable, whatever it says by now.
        view = to_view(shown, locale or self.locale, marker=None if message is None else mark_of(message.components))
        if message is None and not self.interaction.response.is_done():
            await self.answer(shown)
            return
        nobody, sent = discord.AllowedMentions.none(), self._attachments(shown)
        async with self._one_at_a_time:
            if self.interaction.response.is_done():
                await self.interaction.edit_original_response(view=view, attachments=sent, allowed_mentions=nobody)
            else:
                await self.interaction.response.edit_message(view=view, attachments=sent, allowed_mentions=nobody)
            note_answer(self.interaction)

    def _attachments(self, shown: Card) -> Any:
        """The pictures of a card that takes another's place; what that one had goes, unless the card names it."""
        message, pictures = self.interaction.message, files(shown, self.locale)
        had = message is not None and bool(message.attachments)
        keeps = any(isinstance(block, Attachment) for block in shown.blocks)
        return pictures if pictures or (had and not keeps) else discord.utils.MISSING

    async def hand_over(self, shown: Card, file: Path) -> None:
        """Answers what was put off with a card and a file that it names, which only the asker sees."""
        view = to_view(shown, self.locale)
        async with self._one_at_a_time:
            with file.open("rb") as opened:
                sent = discord.File(opened, filename=file.name)
                await self.interaction.edit_original_response(
                    view=view, attachments=[sent], allowed_mentions=discord.AllowedMentions.none()
                )
            note_answer(self.interaction)

    @property
    def largest_file(self) -> int:
        """How many bytes a file may have that is sent in answer."""
        return self.interaction.filesize_limit

    async def update(self, shown: Card, language: str, cover: Card | None) -> None:
        """Brings the pressed card up to date; where others see it a `cover` takes its place, and only the asker is shown the card."""
        if not self.on_public_card:
            await self.replace(shown)
        elif cover is None:
            await self.replace(shown, language)
        else:
            await self.replace(cover, language)
            await self.answer(shown)

    async def open(self, form: Form) -> None:
        """Opens a form; nothing slow may come before it."""
        async with self._one_at_a_time:
            if self.interaction.response.is_done():
                raise Refusal(text("This took a moment too long to open the form. Please try it again."))
            await self.interaction.response.send_modal(to_modal(form, self.locale))
            note_answer(self.interaction)

    def is_for_all(self) -> None:
        """What follows is an answer that everybody here may see, even if it is late: from now on no refusal may come."""
        self.interaction.extras[FOR_ALL] = True

    async def defer(self, *, replacing: bool = False) -> None:
        """Tells Discord that the answer takes longer than three seconds may be."""
        async with self._one_at_a_time:
            if not self.interaction.response.is_done():
                await self.interaction.response.defer(ephemeral=FOR_ALL not in self.interaction.extras, thinking=not replacing)
            note_answer(self.interaction)

    @property
    def asked(self) -> str:
        """What was asked for, by a name that the program gave it: nobody can make up further ones."""
        if self.interaction.command is not None:
            return self.interaction.command.qualified_name
        action = self.address.partition(":")[0]
        return action if action == AGAIN or action in self.host.handlers else "unknown"

    async def put_off(self) -> None:
        """Keeps the interaction open when its answer is late, on the card that was pressed or in the place of the answer to come."""
        with suppress(discord.HTTPException):
            await self.defer(replacing=self.interaction.message is not None)


def _caller(interaction: discord.Interaction[Any]) -> Caller:
    person, guild = interaction.user, interaction.guild
    roles = frozenset(role.id for role in person.roles) if isinstance(person, discord.Member) else frozenset()
    return Caller(
        user_id=person.id,
        guild_id=interaction.guild_id,
        role_ids=roles,
        server_role_ids=frozenset(role.id for role in guild.roles) if guild else frozenset(),
        manages_server=interaction.guild_id is not None and interaction.permissions.manage_guild,
    )
