"""python -m bot.permissions_page [check]: the page in docs that explains each permission, made from the one table."""

import sys
from pathlib import Path

from bot.domain.permissions import IN_SET_UP_ONLY, NEEDED, Permission, invite, number
from bot.locales import plain

PAGE = Path(__file__).parents[1] / "docs" / "permissions.md"

_BEGINS = """# What the bot may do in Discord, and why

<!-- Made by `python -m bot.permissions_page` from bot/domain/permissions.py: change the table there, not this page. -->

The invite link asks for these permissions and no others. A test compares the table with what the code checks for.

| permission | what for |
| --- | --- |
"""

_NOTES = """
The link, with your application's id in place of `APPLICATION_ID` (`python -m bot check` prints it with the right one):

`{link}`

It needs no privileged intent: it sees neither who is in the server nor what people write.

## If one is missing

- In a channel that you chose at `/setup`, the card there names what is missing and says where to allow it; *Look again* looks again.
- In a chapter's channel the chapter's admins are asked by direct message until the bot may write there again.
- A permission that is **taken away later** is told to the coordinators once, in the facilitators' channel: which one, where, and how
  to give it back. They are told again only if it was given back and taken away once more.

## What it never asks for, and uses only if it has it

| permission | what for | without it |
| --- | --- | --- |
"""

_BY_HAND = {
    "manage_roles": "Make it yourself: server settings, *Roles*, *Create Role*; give it to the right people. Then choose it at `/setup`.",
    "manage_channels": "Make the channel yourself: press *+* beside the channels. Then choose it at `/setup`.",
}


def page() -> str:
    """The whole page."""
    needed = "\n".join(f"| {_called(each)} | {plain(each.why, 'en')} |" for each in NEEDED.values())
    spare = "\n".join(f"| {_called(each)} | {plain(each.why, 'en')} | {_BY_HAND[name]} |" for name, each in IN_SET_UP_ONLY.items())
    ends = f"\n\nSo you can take both away after the set-up. As a number the link's permissions are {number()}.\n"
    return _BEGINS + needed + "\n" + _NOTES.replace("{link}", invite("APPLICATION_ID")) + spare + ends


def _called(permission: Permission) -> str:
    return plain(permission.called, "en")


def _main(arguments: list[str]) -> str | None:
    """What is wrong; None when all is well."""
    if arguments == ["check"]:
        there = PAGE.read_text("utf-8") if PAGE.exists() else ""
        return None if there == page() else "docs/permissions.md is not up to date. Run `python -m bot.permissions_page` and commit it."
    if arguments:
        return "Say `python -m bot.permissions_page` or `python -m bot.permissions_page check`."
    PAGE.write_text(page(), encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
