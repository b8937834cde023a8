"""Imports all that the program imports by its first tick, and reads its catalogue, so that what is forked from here has both."""

import importlib

from typer.testing import CliRunner

from bot.cli import app
from bot.client import COGS
from bot.domain.text import text
from bot.locales import say

for name in COGS:
    importlib.import_module(f"cogs.{name}")
for each in ("aiosqlite", "alembic.command", "sqlalchemy.dialects.sqlite.aiosqlite", "apscheduler.schedulers.asyncio"):
    importlib.import_module(each)
say(text("Report"), "en")
CliRunner().invoke(app, ["run", "--config", "no such file"])
