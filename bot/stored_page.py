"""python -m bot.stored_page [check]: the page in docs that says what is stored and why, made from the tables themselves."""

import sys
from collections.abc import Iterator
from pathlib import Path

from db.inventory import Kept, Shelf, shelves

PAGE = Path(__file__).parents[1] / "docs" / "what-is-stored.md"

_BEGINS = """# What is stored, and why

<!-- Made by `python -m bot.stored_page` from db/tables.py: change what the columns say of themselves there, not this page. -->

Everything that Chapterhouse keeps stands in one database file on the machine it runs on. This page names every table and every column
of it. It is made from the tables themselves, and a test fails for a column that does not say what it is for.

**People are stored as numbers**, those that Discord knows them by, never by name, and only these: admins, facilitators, and who entered
or changed something. Who the members are, who came to a meeting, what anybody is or pays is not stored anywhere.

- Everybody sees all that is stored about themselves with `/privacy show`, as a card and as a file.
- `/privacy erase` takes one's number out of every column that is marked **a person** below, within a minute. Where a row says nothing
  without it, the row goes; where it says something about a chapter, it stays without its author. The backups follow as they are replaced.
- Names of authors older than `retention_months` (`/policy`, 24 at first) are taken out by themselves.
- When the bot is taken out of a server, all of that server goes 30 days later, or at once with `python -m bot forget --guild ID`.
- Whoever may read the database file can read all of it: docs/privacy-and-seizure.md says what that means.
"""


def page() -> str:
    """The whole page."""
    return _BEGINS + "".join(part for shelf in shelves() for part in _table(shelf))


def _table(shelf: Shelf) -> Iterator[str]:
    yield f"\n## {shelf.name}\n\n{shelf.why}. Seen by: {shelf.seen}. Kept: {shelf.kept}.\n\n"
    yield "| column | what it is for | |\n| --- | --- | --- |\n"
    for column in shelf.columns:
        yield f"| `{column.name}` | {column.what} | {'; '.join(_remarks(column))} |\n"


def _remarks(column: Kept) -> Iterator[str]:
    if column.person:
        yield "**a person**"
    if column.ages:
        yield "the row goes after `retention_months`" if column.row else "goes after `retention_months`"
    if column.seen:
        yield f"seen by: {column.seen}"


def _main(arguments: list[str]) -> str | None:
    """What is wrong; None when all is well."""
    wanted = page()
    if arguments == ["check"]:
        there = PAGE.read_text("utf-8") if PAGE.exists() else ""
        return None if there == wanted else "docs/what-is-stored.md is not up to date. Run `python -m bot.stored_page` and commit it."
    if arguments:
        return "Say `python -m bot.stored_page` or `python -m bot.stored_page check`."
    PAGE.write_text(wanted, encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
