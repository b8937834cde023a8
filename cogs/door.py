"""The door: what Discord delivers is looked at before the program sees it, so that whatever it is finds an answer and no traceback."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, cast

import discord
from discord import AppCommandOptionType as Kind
from discord import app_commands
from discord.app_commands import AppCommandChannel, AppCommandThread

from bot.domain.refusal import Refusal
from bot.domain.text import text
from cogs.request import Request
from cogs.shapes import cleaned
from cogs.ui import explain

log = logging.getLogger(__name__)

_UNFIT = text("This came with something that the command does not take. Type it anew, and choose from what Discord offers.")
_NOTHING: Any = {"id": "0", "name": "", "type": 1}
"""What is left of a command that cannot be read: none that there is."""
_NESTED = (Kind.subcommand.value, Kind.subcommand_group.value)
_PYTHON = {Kind.string: str, Kind.integer: int, Kind.boolean: bool, Kind.attachment: discord.Attachment}


class Door(app_commands.CommandTree[discord.Client]):
    """The commands, each run only with options that it declares."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Lets in what fits its command; whoever sent anything else is told so, or is offered nothing while typing."""
        interaction.data = cleaned(interaction.data)
        try:
            fits = _fits(interaction)
        except Exception as error:  # noqa: BLE001 - discord.py raises whatever a malformed option makes it raise
            log.warning("a command could not be read: %s", type(error).__name__, extra={"interaction": interaction.id})
            interaction.data, fits = _NOTHING, False
        if not fits:
            await _turn_away(interaction)
        return fits

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        """Answers what went wrong before a command began."""
        await explain(Request(interaction), error)


async def _turn_away(interaction: discord.Interaction[Any]) -> None:
    if interaction.type is discord.InteractionType.autocomplete:
        await interaction.response.autocomplete([])
    else:
        await explain(Request(interaction), Refusal(_UNFIT))


def _fits(interaction: discord.Interaction[Any]) -> bool:
    command = interaction.command
    if not isinstance(command, app_commands.Command):
        return False
    options = list(_options(cast(Mapping[str, Any], interaction.data)))
    given = {option["name"]: option for option in options}
    known = {parameter.display_name: parameter for parameter in command.parameters}
    if len(given) < len(options) or given.keys() - known.keys() or any(given[name]["type"] != known[name].type.value for name in given):
        return False
    found = interaction.namespace
    if interaction.type is discord.InteractionType.autocomplete:
        focused = [name for name, option in given.items() if option.get("focused")]
        strings = [option["value"] for option in options if option["type"] == Kind.string.value]
        return len(focused) == 1 and known[focused[0]].autocomplete and all(isinstance(each, str) for each in strings)
    if any(parameter.required and name not in given for name, parameter in known.items()):
        return False
    return all(_takes(known[name], found[name]) for name in given)


def _options(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The options of the command itself, below its groups."""
    options = data.get("options", [])
    while options and options[0].get("type") in _NESTED:
        options = options[0].get("options", [])
    yield from options


def _takes(parameter: app_commands.Parameter, value: Any) -> bool:
    """Whether a command takes this as a value of one of its options; ranges are the rules' own matter."""
    if parameter.choices:
        return any(type(value) is type(choice.value) and value == choice.value for choice in parameter.choices)
    if parameter.type is Kind.channel:
        there = value.resolve() if isinstance(value, AppCommandChannel | AppCommandThread) else None
        return there is not None and there.type in parameter.channel_types
    if parameter.type in (Kind.user, Kind.role):
        return isinstance(value, discord.User | discord.Member | discord.Role)
    return type(value) is _PYTHON[parameter.type]
