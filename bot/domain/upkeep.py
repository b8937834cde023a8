"""When the bot cares for its own database: a backup each night, and once a week a look whether all that is kept is right."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

RETRY = timedelta(hours=1)
"""After what time something that failed is tried again."""
STALE = timedelta(days=2)
"""From what age on the newest backup is too old."""
WEEK = timedelta(days=7)
NIGHT = timedelta(hours=12)


def newest_night(now: datetime, hour: int) -> datetime:
    """The last moment up to now at which a backup was due: the hour is one of UTC, so that no zone's clock change skips or doubles it."""
    tonight = now.astimezone(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return tonight if tonight <= now else tonight - timedelta(days=1)


def backup_is_due(now: datetime, hour: int, made: Iterable[datetime]) -> bool:
    """Whether none was made since the newest night; one dated after now, by a clock that was ahead, does not count."""
    return not any(newest_night(now, hour) <= at <= now for at in made)


def deep_look_is_due(now: datetime, looked: datetime | None) -> bool:
    """Whether the last look is a week of nights ago, or never was, or is dated after now."""
    return looked is None or looked > now or now - looked >= WEEK - NIGHT


def may_try(now: datetime, tried: datetime | None) -> bool:
    """Whether enough time has passed since the last try, which may be dated after now."""
    return tried is None or not tried <= now < tried + RETRY


def is_stale(now: datetime, made: datetime | None) -> bool:
    """Whether the newest backup is too old, or there is none."""
    return made is None or now - made > STALE


def may_have_been_sent(created: datetime, begins: date | None, restored: datetime) -> bool:
    """Whether a message may have gone out between a backup and the moment at which that was restored.

    It may if it waited in the backup, or if the bot plans it by itself from a day on (`begins`) that had come by then.
    """
    return created <= restored or (begins is not None and begins <= restored.date() + timedelta(days=1))
