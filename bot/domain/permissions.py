"""What the bot asks Discord to be allowed, each permission with its reason: the invite link, /setup and the page in docs come from here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.domain.text import Text, text


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission of Discord's: the bit that stands for it in an invite link, what Discord calls it, and what it is for."""

    bit: int
    called: Text
    why: Text


NEEDED: Mapping[str, Permission] = MappingProxyType(
    {
        "view_channel": Permission(
            10, text("View Channel"), text("to see the channels that you choose at /setup, and the channels of chapters")
        ),
        "send_messages": Permission(
            11,
            text("Send Messages (in a forum: Create Posts)"),
            text("to ask a chapter in its channel, to post reports, and to write to facilitators"),
        ),
        "send_messages_in_threads": Permission(
            38,
            text("Send Messages in Threads"),
            text("to keep a report's post up to date, and to write to a chapter that meets in a thread"),
        ),
        "create_public_threads": Permission(
            35, text("Create Public Threads"), text("to open the thread for comments under a report, where reports stand in a text channel")
        ),
        "read_message_history": Permission(
            16,
            text("Read Message History"),
            text("to recognise its own messages after a crash, so that nothing is sent twice; it reads nobody else's"),
        ),
        "manage_threads": Permission(
            34,
            text("Manage Threads (to delete the posts of a chapter that hides)"),
            text("to delete the posts of a chapter that hides, and to open an archived post of a report again when it is corrected"),
        ),
        "attach_files": Permission(15, text("Attach Files"), text("to post the scoreboard's picture with its words")),
        "pin_messages": Permission(51, text("Pin Messages"), text("to pin the scoreboard, and to unpin the one before it")),
    }
)
"""What the invite link asks for, by the names that Discord's interface gives them."""

IN_SET_UP_ONLY: Mapping[str, Permission] = MappingProxyType(
    {
        "manage_roles": Permission(28, text("Manage Roles"), text("to make the two roles for you at /setup")),
        "manage_channels": Permission(4, text("Manage Channels"), text("to make the two channels for you at /setup, and a forum's tags")),
    }
)
"""What the bot uses at /setup if it happens to have it, and never asks for: everything can be done by hand in two steps."""

SPEAKS = ("view_channel", "send_messages")
WRITES = ("view_channel", "send_messages", "read_message_history")
POSTS = ("view_channel", "send_messages", "send_messages_in_threads", "read_message_history", "manage_threads")
OPENS_THREADS = (*POSTS, "create_public_threads")
PINS = (*WRITES, "attach_files", "pin_messages")


def number(names: Iterable[str] = NEEDED) -> int:
    """The permissions of these names as one number, as an invite link has them."""
    return sum(1 << (NEEDED.get(name) or IN_SET_UP_ONLY[name]).bit for name in names)


def invite(application_id: int | str) -> str:
    """The address at which somebody who manages a server invites the bot: it asks for what is needed, and for nothing else."""
    scopes = "bot+applications.commands"
    return f"https://discord.com/oauth2/authorize?client_id={application_id}&scope={scopes}&permissions={number()}"
