"""Making a backup as the operator wants it: copied, proven, encrypted, thinned out, and handed to the command that takes it elsewhere."""

import os
import shlex
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.domain.text import Text, text
from bot.services import beside
from db import backup, sealing
from db.backup import Copy
from db.faults import StorageFault

FOLDER = "backups"
LONGEST = 30 * 60
"""Seconds that the command may take which copies a backup elsewhere."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is copied, to where, how many are kept, to whom it is encrypted, and which command takes it elsewhere."""

    database: Path
    folder: Path
    keep: int
    public_key: str = ""
    command: str = ""


class NotCarried(StorageFault):
    """The backup was made, but the command that copies it elsewhere failed."""


def plan(database: Path, folder: str, keep: int, public_key: str, command: str) -> Plan:
    """The plan of an operator who may have left the folder open: then it stands beside the database."""
    return Plan(database, Path(folder).resolve() if folder else database.parent / FOLDER, keep, public_key, command)


def make(plan: Plan, now: datetime) -> Copy:
    """Makes one in the folder and removes the oldest beyond those to keep, once the new one is proven. Raises StorageFault."""
    seal = sealing.sealing_for(plan.public_key)
    with backup.alone_in(plan.folder):
        backup.sweep(plan.folder, plan.database)
        target = plan.folder / backup.name_of(plan.database, now, sealed=seal is not None)
        size = backup.make(plan.database, target, seal)
        backup.thin_out(plan.folder, plan.database, plan.keep, now)
    return Copy(target, now, size)


def make_at(plan: Plan, place: Path, now: datetime) -> Copy:
    """Makes one at a place that somebody named: a new file, or a folder that is there. Raises StorageFault."""
    seal = sealing.sealing_for(plan.public_key)
    target = place / backup.name_of(plan.database, now, sealed=seal is not None) if place.is_dir() else place
    return Copy(target, now, backup.make(plan.database, target.absolute(), seal))


def made(plan: Plan, now: datetime) -> list[Copy]:
    """The backups that are there, newest first, without any that a clock dated ahead of now."""
    return [each for each in backup.all_in(plan.folder, plan.database) if each.at <= now]


def carry(plan: Plan, copy: Path, longest: float = LONGEST) -> None:
    """Runs the command on a finished backup, without a shell and the bot's token; raises NotCarried if it fails or takes too long."""
    if not plan.command:
        return
    words = shlex.split(plan.command)
    try:
        # What it prints could name anything: only how it ended is told.
        process = subprocess.Popen(  # noqa: S603 - the operator chose it
            [*words, str(copy)],
            env=beside.environment(),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        why = text("{program}: {why}", program=words[0], why=error.strerror or type(error).__name__)
        raise _not_carried(copy, why) from error
    try:
        status = process.wait(longest)
    except subprocess.TimeoutExpired:
        raise _not_carried(copy, text("the command took too long")) from None
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if status:
        raise _not_carried(copy, text("the command ended with {status}", status=status))


def _not_carried(copy: Path, why: Text) -> NotCarried:
    reason = text(
        "The backup {file} was made, but not copied elsewhere: {why}. Mend the command in the configuration ({key}).",
        file=str(copy),
        why=why,
        key="backup.command",
    )
    return NotCarried(reason)
