"""The command groups whose commands stand in more than one file: each such file adds to them, and one cog takes them all up."""

from discord import app_commands
from discord.app_commands import locale_str

CHAPTER = app_commands.Group(name="chapter", description=locale_str("Chapters: their status, their list, their admins"), guild_only=True)
