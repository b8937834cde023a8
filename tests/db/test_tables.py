"""Every table and every column says what it is for, and what names a person says so."""

import re

from sqlalchemy import BigInteger

from bot import stored_page
from db.tables import metadata
from db.types import Id, UserId

COLUMNS = [column for table in metadata.sorted_tables for column in table.c]
NO_PERSON = re.compile(r"^guild_id$|_role$|_channel$|^(role|channel|message|post_channel|post_message)_id$")
"""What Discord numbers that is no person: servers, roles, channels and messages."""


def test_every_column_says_what_it_is_for() -> None:
    assert [str(column) for column in COLUMNS if not column.doc] == [], "say in db/tables.py (`doc`) what these are for"


def test_every_table_says_why_it_is_there_who_sees_it_and_how_long_it_is_kept() -> None:
    silent = [table.name for table in metadata.sorted_tables if not {"why", "seen", "kept"} <= table.info.keys()]
    assert silent == [], "say so in db/tables.py (`info`)"


def test_every_number_that_discord_gave_is_a_persons_or_known_to_be_none() -> None:
    numbers = [column for column in COLUMNS if type(column.type) is BigInteger and column.type is not Id]
    assert [str(column) for column in numbers if not NO_PERSON.search(column.name)] == [], "a person's number is a UserId (db/types.py)"


def test_what_dates_a_person_stands_in_the_same_table() -> None:
    people = [column for column in COLUMNS if isinstance(column.type, UserId)]
    assert len(people) >= 25
    for column in people:
        assert column.info.get("dated", "guild_id") in column.table.c


def test_the_page_of_what_is_stored_is_made_from_the_tables_of_today() -> None:
    assert stored_page.PAGE.read_text("utf-8") == stored_page.page(), "run `python -m bot.stored_page` and commit what it writes"


def test_the_page_names_every_table_and_column() -> None:
    written = stored_page.page()
    for table in metadata.sorted_tables:
        part = written.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        assert all(f"| `{column.name}` |" in part for column in table.c)
