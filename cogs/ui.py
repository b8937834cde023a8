"""What commands, buttons and forms have in common: where they lead, and the one place where an error becomes an answer."""

import functools
import inspect
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import datetime
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.refusal import Refusal
from bot.domain.rights import Action, Caller
from bot.domain.text import Text, Words, text
from bot.locales import plain
from bot.services import drafts
from cogs.handled import Outcome, report
from cogs.in_time import in_time
from cogs.layout import CHOICES, Button, Card, Line, Row, Small, Tone, Typed, address, card
from cogs.request import AGAIN, OLD_BUTTON, Handler, Host, Request
from cogs.shapes import cleaned, read, well_formed
from db.store import Store

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

ECHO_LIMIT = 3000
CHOICE_LIMIT = 100
SOON_TYPED_AGAIN = 32
_REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# Unknown interaction, unknown webhook, answered already: the last where Discord delivers an interaction twice.
_ANSWERED_OR_OVER = frozenset({10062, 10015, 40060})


Suggest: TypeAlias = Callable[[Store, Caller, str, datetime], Awaitable[list[str] | list[tuple[Text, str]]]]
"""What suggests answers for an option: the words themselves, or what they are called and the value that stands for it."""


async def choices(interaction: discord.Interaction[Any], suggest: Suggest, typed: str) -> list[app_commands.Choice[str]]:
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
    named = [(each, each) if isinstance(each, str) else (plain(each[0], request.locale, limit=CHOICE_LIMIT), each[1]) for each in found]
    return [app_commands.Choice(name=name, value=value) for name, value in named if max(len(name), len(value)) <= CHOICE_LIMIT][:CHOICES]


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
            async with request.host.turns:
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
        raise Refusal(OLD_BUTTON)
    action, *parts = request.address.split(":")
    if action == AGAIN:
        await _open_again(request, parts)
    else:
        handler, arguments = _resolve(request.host, action, parts)
        await handler.run(request, *arguments)


def _resolve(host: Host, action: str, parts: list[str]) -> tuple[Handler, list[Any]]:
    handler = host.handlers.get(action)
    if handler is None or len(parts) != len(handler.types):
        raise Refusal(OLD_BUTTON)
    try:
        return handler, [read(part, kind) for part, kind in zip(parts, handler.types, strict=True)]
    except ValueError:
        raise Refusal(OLD_BUTTON) from None


async def _open_again(request: Request, parts: list[str]) -> None:
    if len(parts) != 1:
        raise Refusal(OLD_BUTTON)
    kept = await drafts.kept(request.store, request.caller, parts[0], request.now)
    action, *parts = kept.address.split(":")
    handler, arguments = _resolve(request.host, action, parts)
    if handler.form is None:
        raise Refusal(OLD_BUTTON)
    form = await handler.form(request, *arguments)
    await request.open(form.filled(kept.typed))


async def explain(request: Request, error: BaseException) -> None:
    """Turns what went wrong into an answer: a rule's own words, or an apology with a reference; what was typed is never lost."""
    if isinstance(error, discord.HTTPException) and error.code in _ANSWERED_OR_OVER:
        return _report(request, Outcome.LATE)
    if isinstance(error, Refusal):
        told = await _tell(request, await _refusal(request, error.reason))
        return _report(request, Outcome.REFUSED if told else Outcome.LATE)
    if _is_unanswered(error):
        await _tell(request, card(Line(_UNSURE), *_echo(request)))
        return _report(request, Outcome.LOST)
    reference = new_reference()
    await _tell(request, _apology(request, reference))
    return _report(request, Outcome.FAILED, error, reference)


_UNSURE = text("Discord had trouble just now. It may be done already: look before you do it again.")


def _is_unanswered(error: BaseException) -> bool:
    """Whether it was Discord that failed, when all was done and the answer on its way."""
    return isinstance(error, discord.DiscordServerError | aiohttp.ClientError | TimeoutError)


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
