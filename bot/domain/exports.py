"""What of an organisation can be taken out, in which forms, and how the files are called."""

from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """What is taken out."""

    CHAPTERS = "chapters"
    CHECKINS = "checkins"
    REPORTS = "reports"
    GOALS = "goals"
    FIGURES = "figures"
    VALUES = "values"
    LOG = "log"
    ARCHIVE = "archive"


OF_CHAPTERS = frozenset({What.CHAPTERS, What.CHECKINS, What.REPORTS, What.LOG})
"""What a chapter's admins may take out of their own chapter."""


class Format(StrEnum):
    """How a table is written; an archive has a form of its own."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


def name_of(what: What, written: Format, now: datetime) -> str:
    """What a file is called that nobody gave a name."""
    ending = "zip" if what is What.ARCHIVE else written
    return f"{what}-{now:%Y-%m-%d}.{ending}"
