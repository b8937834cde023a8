"""The machine's clock, as the rig and the bot's process both read it: real seconds, put forward or back."""

import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """Real time and an offset, which stands in a file: whoever opens the same file has the same clock."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDWR | os.O_CREAT)
        if os.fstat(self._file).st_size == 0:
            self._put(0.0)

    def now(self) -> datetime:
        """The moment, aware and in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._offset())  # noqa: TID251 - this is the clock

    def move_to(self, moment: datetime) -> None:
        """Puts the clock to a moment, forward or back."""
        self.move(moment - self.now())

    def move(self, by: timedelta) -> None:
        """Puts the clock forward, or back."""
        self._put(self._offset() + by.total_seconds())

    def close(self) -> None:
        """Closes its file."""
        os.close(self._file)

    def _offset(self) -> float:
        return float(struct.unpack("d", os.pread(self._file, 8, 0))[0])

    def _put(self, seconds: float) -> None:
        os.pwrite(self._file, struct.pack("d", seconds), 0)
