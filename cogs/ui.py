"""One interaction with one person: what was pressed or typed, who by, and the one place where an error becomes an answer."""

import asyncio
import functools
import inspect
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar, cast

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Text, Words, text
from bot.locales import pick
from bot.locales import say as _say
from bot.services import drafts
from cogs.handled import Handled, Outcome, note_answer, note_arrival, report
from cogs.in_time import in_time
from cogs.layout import CHOICES, Button, Card, Form, Line, Row, Small, Tone, Typed, address, card, to_modal, to_view, unmarked
from cogs.shapes import cleaned, read, well_formed
from db.store import Store

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

AGAIN = "again"
ECHO_LIMIT = 3000
CHOICE_LIMIT = 100
SOON_TYPED_AGAIN = 32
_REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# Unknown interaction, unknown webhook, answered already: the last where Discord delivers an interaction twice.
_ANSWERED_OR_OVER = frozenset({10062, 10015, 40060})


class Host(Protocol):
    """What the cogs need of the program that loads them."""

    store: Store
    handlers: "dict[str, Handler]"
    observe: Callable[[Handled], None]

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
            raise Refusal(_OLD_BUTTON) from None

    def chosen_many(self, kind: type[T]) -> list[T]:
        """What was chosen in a select of several; refuses what is no id or month."""
        try:
            return [cast(T, read(value, kind)) for value in self.values]
        except ValueError:
            raise Refusal(_OLD_BUTTON) from None

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
        view = to_view(shown, self.locale)
        async with self._one_at_a_time:
            if self.interaction.response.is_done():
                await self.interaction.followup.send(view=view, ephemeral=not public, allowed_mentions=discord.AllowedMentions.none())
            else:
                response = self.interaction.response
                await response.send_message(view=view, ephemeral=not public, allowed_mentions=discord.AllowedMentions.none())
            note_answer(self.interaction)

    async def replace(self, shown: Card, locale: str | None = None) -> None:
        """Puts a card in the place of the one whose button was pressed, or answers with it where there is none."""
        view = to_view(shown, locale or self.locale)
        if self.interaction.message is None and not self.interaction.response.is_done():
            await self.answer(shown)
            return
        async with self._one_at_a_time:
            if self.interaction.response.is_done():
                await self.interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())
            else:
                await self.interaction.response.edit_message(view=view, allowed_mentions=discord.AllowedMentions.none())
            note_answer(self.interaction)

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

    async def defer(self, *, replacing: bool = False) -> None:
        """Tells Discord that the answer takes longer than three seconds may be."""
        async with self._one_at_a_time:
            if not self.interaction.response.is_done():
                await self.interaction.response.defer(ephemeral=True, thinking=not replacing)
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


async def choices(
    interaction: discord.Interaction[Any], suggest: Callable[[Store, Caller, str, datetime], Awaitable[list[str]]], typed: str
) -> list[app_commands.Choice[str]]:
    """What Discord offers while an option is being typed; nothing where it cannot be found out, because typing goes on all the same."""
    request = Request(interaction)
    try:
        found = await suggest(request.store, request.caller, typed, request.now)
    except Refusal:
        found = []
    except Exception as error:  # noqa: BLE001 - typing goes on all the same
        _report(request, Outcome.FAILED, error)
        return []
    _report(request, Outcome.ANSWERED)
    return [app_commands.Choice(name=each, value=each) for each in found if len(each) <= CHOICE_LIMIT][:CHOICES]


Callback: TypeAlias = Callable[P, Coroutine[Any, Any, None]]


def answered(*does: Action) -> Callable[[Callback[P]], Callback[P]]:
    """A slash command whose every failure is answered, and what it does: whether the asker may is checked by the service, on fresh rows."""

    def mark(callback: Callback[P]) -> Callback[P]:
        @functools.wraps(callback)
        async def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
            interaction = next(each for each in args if isinstance(each, discord.Interaction))
            await _answered(Request(interaction), callback(*args, **kwargs))

        wrapper.__does__ = does  # type: ignore[attr-defined]
        return wrapper

    return mark


def does(command: app_commands.Command[Any, ..., Any]) -> tuple[Action, ...]:
    """What a slash command does, first what it does as a rule."""
    return cast(tuple[Action, ...], getattr(command.callback, "__does__"))  # noqa: B009 - mypy knows no such attribute


async def _answered(request: Request, answering: Awaitable[None]) -> None:
    with in_time(request.put_off):
        try:
            await answering
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the person gets an answer
            await explain(request, error)
        else:
            _report(request, Outcome.ANSWERED)
    request.host.wake()


def _report(request: Request, outcome: Outcome, error: BaseException | None = None, reference: str | None = None) -> None:
    report(request.interaction, request.asked, outcome, request.host.observe, error, reference)


def on_offer(host: Host) -> list[tuple[str, tuple[Action, ...]]]:
    """Every slash command by name, with what it does."""
    known = (each for each in host.tree.walk_commands() if isinstance(each, app_commands.Command))
    return sorted((each.qualified_name, does(each)) for each in known)


def pressed(action: str, does: Action, *, form: str | None = None) -> Callable[[T], T]:
    """Marks a cog's method as where these addresses lead, and what it does there; `form` names the method that builds its form anew."""

    def mark(method: T) -> T:
        method.__address__ = (action, does, form)  # type: ignore[attr-defined]
        return method

    return mark


class ChapterCog(commands.Cog):
    """A group of commands with the buttons and forms that belong to them."""

    def handlers(self) -> Iterator[tuple[str, Handler]]:
        """The addresses that this cog answers."""
        for _, method in inspect.getmembers(self, inspect.ismethod):
            if hasattr(method, "__address__"):
                action, does, form = method.__address__
                annotations = [each.annotation for each in inspect.signature(method).parameters.values()]
                yield action, Handler(method, tuple(annotations[1:]), does, getattr(self, form) if form else None)


async def dispatch(interaction: discord.Interaction[Any]) -> None:
    """Leads a click, a choice or a form to its handler, from its address alone: so all of them outlive restarts."""
    if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
        return
    data = cleaned(interaction.data)
    interaction.data = data if well_formed(data) else None
    request = Request(interaction)
    await _answered(request, _lead(request))


async def _lead(request: Request) -> None:
    if request.interaction.data is None:
        raise Refusal(_OLD_BUTTON)
    action, *parts = request.address.split(":")
    if action == AGAIN:
        await _open_again(request, parts)
    else:
        handler, arguments = _resolve(request.host, action, parts)
        await handler.run(request, *arguments)


def _resolve(host: Host, action: str, parts: list[str]) -> tuple[Handler, list[Any]]:
    handler = host.handlers.get(action)
    if handler is None or len(parts) != len(handler.types):
        raise Refusal(_OLD_BUTTON)
    try:
        return handler, [read(part, kind) for part, kind in zip(parts, handler.types, strict=True)]
    except ValueError:
        raise Refusal(_OLD_BUTTON) from None


_OLD_BUTTON = text("This button no longer works. Type /help to find what you were looking for.")


async def _open_again(request: Request, parts: list[str]) -> None:
    if len(parts) != 1:
        raise Refusal(_OLD_BUTTON)
    kept = await drafts.kept(request.store, request.caller, parts[0], request.now)
    action, *parts = kept.address.split(":")
    handler, arguments = _resolve(request.host, action, parts)
    if handler.form is None:
        raise Refusal(_OLD_BUTTON)
    form = await handler.form(request, *arguments)
    await request.open(form.filled(kept.typed))


async def explain(request: Request, error: BaseException) -> None:
    """Turns what went wrong into an answer: a rule's own words, or an apology with a reference; what was typed is never lost."""
    if isinstance(error, discord.HTTPException) and error.code in _ANSWERED_OR_OVER:
        return _report(request, Outcome.LATE)
    if isinstance(error, Refusal):
        told = await _tell(request, await _refusal(request, error.reason))
        return _report(request, Outcome.REFUSED if told else Outcome.LATE)
    reference = new_reference()
    await _tell(request, _apology(request, reference))
    return _report(request, Outcome.FAILED, error, reference)


async def _tell(request: Request, shown: Card) -> bool:
    try:
        await request.answer(shown)
    except (discord.HTTPException, OSError, aiohttp.ClientError) as unanswered:
        log.warning("could not tell somebody what went wrong", exc_info=unanswered)
        return False
    return True


def new_reference() -> str:
    """What somebody can name an error by, and an operator search the log for."""
    return "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(5))


async def _refusal(request: Request, reason: Text) -> Card:
    if not _has_words(request.typed):
        return card(Line(reason))
    try:
        await drafts.keep(request.store, request.caller, request.form_key, request.address, request.typed, request.now)
    except Exception as error:
        log.error("could not keep what was typed", exc_info=error)
        return card(Line(reason), *_echo(request))
    again = Button(text("Open it again, with what you typed"), address(AGAIN, request.form_key), Tone.PRIMARY)
    return card(Line(reason), Row((again,)))


def _apology(request: Request, reference: str) -> Card:
    typed = any(_own_words(request))
    if typed:
        sentence = text(
            "This could not be stored just now. Nothing was lost: your text is below. "
            "Try again in a minute; if it stays, tell a coordinator the reference {reference}.",
            reference=reference,
        )
    else:
        sentence = text(
            "This did not work just now. Try again in a minute; if it stays, tell a coordinator the reference {reference}.",
            reference=reference,
        )
    return card(Line(sentence), *_echo(request))


def _has_words(typed: Typed) -> bool:
    return any(answer for answer in typed.values())


def _echo(request: Request) -> Iterator[Small | Line]:
    room = ECHO_LIMIT
    for words in _own_words(request):
        if room > 0:
            yield Line(text("{words}", words=Words(words[:room])))
            room -= len(words)


def _own_words(request: Request) -> Iterator[str]:
    """What was written into a form, or at length into a command's options: what is chosen, and a name, is soon there again."""
    for field in request.answers:
        if field.get("type") == discord.ComponentType.text_input.value and field.get("value"):
            yield field["value"]
    for option in vars(request.interaction.namespace).values():
        if isinstance(option, str) and len(option) > SOON_TYPED_AGAIN:
            yield option
