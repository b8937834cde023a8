"""python -m bot.rights_page [check]: the page in docs that says who may do what, made from the one table and what each way in declares."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot.client import ChapterBot
from bot.domain.rights import STORED, TABLE, Action, Right, Role, called
from bot.domain.text import text
from bot.locales import plain
from cogs import ui
from db.store import Store

PAGE = Path(__file__).parents[1] / "docs" / "who-may-do-what.md"

_BEGINS = """# Who may do what

<!-- Made by `python -m bot.rights_page` from bot/domain/rights.py: change the table there, not this page. -->

One table in the program decides who may do what. The checks, the refusals, `/help` and this page are made from it, and a test goes
every way into the bot as everybody. A right is checked anew at every click, on what is stored at that moment: an old button gives
nothing to somebody who is no admin any more. Whoever may not is told who may, and nothing changes.

- **A chapter's admins** are stored for it with `/chapter admins add`.
- **Its own facilitators** are stored for it by `/facilitate claim`, or by accepting a hand-over. When somebody claims a chapter,
  its admins are told, because its own facilitators read its private notes. They can end it with `/facilitate release`.
- **Facilitators** and **coordinators** hold the roles that `/setup` names. Without a coordinator role, whoever may manage the
  server is one.
- **Whoever stands in** for a facilitator who is away may do what is to be done, and sees nothing private.
- **Commands work in servers only.** Buttons work in direct messages too, but there Discord does not say who holds which role or who
  has left: only what is stored counts.

## The table

| To … | may | in direct messages | commands |
| --- | --- | --- | --- |
"""

_NOTES = """
## What holds beside the table

- **A hidden chapter** is there for its own admins and its own facilitators only. Everybody else, coordinators too, is answered as
  if there were no such chapter. So nobody else can claim it.
- **Private notes and small numbers** are seen by the same people. A coordinator who fills in a report for a chapter sees whether
  there is a private note, but not what it says.
- **An archived chapter** is in no list. What is marked with \\* nobody may do for it, whatever old button they press. A coordinator
  can bring it back with `/chapter restore`.
- **Another server** learns nothing: a chapter of one organisation is answered in every other as a chapter that is not there.
- **What you typed** into a form that could not be taken is kept a day for you alone; nobody else can open it again.
- **Accepting a chapter, or to stand in,** needs the facilitator role at that moment too, not only when you were asked.

## What each button, menu and form does

"""


async def ways() -> tuple[Mapping[Action, Sequence[str]], Mapping[Action, Sequence[str]]]:
    """The commands for each action, and what its buttons, menus and forms do."""
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(f"sqlite+aiosqlite:///{folder}/page.db")
        bot = ChapterBot(store, shard_count=1)
        await bot.add_cogs()
        await store.close()
    typed: dict[Action, list[str]] = {action: [] for action in Action}
    pressed: dict[Action, list[str]] = {action: [] for action in Action}
    for command, does in ui.on_offer(bot):
        for action in does:
            typed[action].append(f"`/{command}`")
    for name, handler in sorted(bot.handlers.items()):
        pressed[handler.action].append(f"{(handler.run.__doc__ or name).splitlines()[0].rstrip('.')} (`{name}`)")
    return typed, pressed


def page(commands: Mapping[Action, Sequence[str]], pressed: Mapping[Action, Sequence[str]]) -> str:
    """The whole page."""
    rows = (_row(right, commands[action], pressed[action]) for action, right in TABLE.items())
    return _BEGINS + "\n".join(rows) + "\n" + _NOTES + "\n".join(_buttons(pressed)) + "\n"


def _row(right: Right, commands: Sequence[str], pressed: Sequence[str]) -> str:
    star = "\\*" if right.living else ""
    directly = "–" if commands and not pressed else _who(right.roles & STORED)
    return f"| {plain(right.does, 'en')}{star} | {_who(right.roles)} | {directly} | {' '.join(commands) or '–'} |"


def _who(roles: frozenset[Role]) -> str:
    if not roles:
        return "–"
    if Role.MEMBER in roles:
        return "everybody"
    return plain(text("{who}", who=called(roles)), "en")


def _buttons(pressed: Mapping[Action, Sequence[str]]) -> Iterator[str]:
    for action, right in TABLE.items():
        if pressed[action]:
            yield f"- **To {plain(right.does, 'en')}:** {'; '.join(pressed[action])}."


async def _main(arguments: list[str]) -> str | None:
    """What is wrong; None when all is well."""
    wanted = page(*await ways())
    if arguments == ["check"]:
        there = PAGE.read_text("utf-8") if PAGE.exists() else ""
        return None if there == wanted else "docs/who-may-do-what.md is not up to date. Run `python -m bot.rights_page` and commit it."
    if arguments:
        return "Say `python -m bot.rights_page` or `python -m bot.rights_page check`."
    PAGE.write_text(wanted, encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(sys.argv[1:])))
