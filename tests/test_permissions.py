"""What the bot asks Discord to be allowed is what it uses: one table for the link, the checks, and the page."""

import re
from pathlib import Path

import discord

from bot import permissions_page
from bot.domain.permissions import IN_SET_UP_ONLY, NEEDED, OPENS_THREADS, PINS, POSTS, WRITES, invite, number

ROOT = Path(__file__).parents[1]


def test_each_permission_is_the_one_that_discord_calls_so() -> None:
    for name, permission in {**NEEDED, **IN_SET_UP_ONLY}.items():
        assert 1 << permission.bit == discord.Permissions(**{name: True}).value, name


def test_the_link_asks_for_what_the_code_looks_for_in_channels_and_for_nothing_else() -> None:
    assert set(NEEDED) == {*WRITES, *POSTS, *OPENS_THREADS, *PINS}
    assert number() == discord.Permissions(**dict.fromkeys(NEEDED, True)).value


def test_whatever_permission_the_code_names_is_in_the_table() -> None:
    named = set()
    for folder in ("cogs", "bot/delivery"):
        for path in (ROOT / folder).rglob("*.py"):
            named |= set(re.findall(r"granted\.(\w+)|permissions_for\([^)]*\)\.(\w+)", path.read_text("utf-8")))
    flat = {each for pair in named for each in pair if each}
    # Mentioning a role is left to the role's own setting: the set-up card says so.
    assert flat - {"mention_everyone"} <= set(NEEDED) | set(IN_SET_UP_ONLY)
    assert {"send_messages", "manage_channels"} <= flat


def test_the_readme_and_the_page_have_the_same_link() -> None:
    link = invite("APPLICATION_ID")
    assert link in (ROOT / "README.md").read_text("utf-8")
    assert permissions_page.PAGE.read_text("utf-8") == permissions_page.page()
    for permission in NEEDED.values():
        assert f"| {permissions_page._called(permission)} |" in permissions_page.page()
