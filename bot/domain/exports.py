"""What of an organisation can be taken out, and how the files are called."""

from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """What is taken out."""

    ARCHIVE = "archive"


def name_of(what: What, guild_id: int, now: datetime) -> str:
    """What a file is called that nobody gave a name."""
    return f"chapterhouse-{guild_id}-{what}-{now:%Y-%m-%d}.zip"
