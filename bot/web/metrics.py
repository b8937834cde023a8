"""The program's figures for Prometheus; no label names a server, a chapter or a person, and none has values without end."""

import asyncio
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE

from cogs.handled import Handled
from db import vitals
from db.store import Store

__all__ = ["CONTENT_TYPE", "Metrics"]

# Discord takes no answer after 3 seconds.
WAITED = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 10.0)
LAG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0)


class Metrics:
    """All figures of one program."""

    def __init__(self, backups: Path) -> None:
        self._backups = backups
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no types here
        self._registry = at = CollectorRegistry()
        ProcessCollector(registry=at)
        self._answers = Histogram(
            "chapterhouse_answer_seconds",
            "From an interaction's arrival to its first answer.",
            ["asked", "way", "outcome"],
            buckets=WAITED,
            registry=at,
        )
        self._lag = Histogram("chapterhouse_loop_lag_seconds", "By how much the event loop was late.", buckets=LAG, registry=at)
        self._connected = Gauge("chapterhouse_gateway_connected", "Whether every connection to Discord is open.", registry=at)
        self._waiting = Gauge("chapterhouse_outbox_waiting", "Messages that are planned and not sent yet.", registry=at)
        self._due = Gauge("chapterhouse_outbox_due", "Messages that should have been sent by now.", registry=at)
        self._oldest = Gauge("chapterhouse_outbox_oldest_due_seconds", "For how long the oldest of them has been due.", registry=at)
        self._tick = Gauge("chapterhouse_last_tick_timestamp_seconds", "When what is due was last looked for.", registry=at)
        self._backup = Gauge("chapterhouse_last_backup_timestamp_seconds", "When the newest backup was made; 0: never.", registry=at)
        self._bytes = Gauge("chapterhouse_file_bytes", "The size of the database file and its write-ahead log.", ["file"], registry=at)

    def observe(self, handled: Handled) -> None:
        """An interaction is over."""
        self._answers.labels(handled.name, handled.way, handled.outcome.value).observe(handled.seconds)

    def felt(self, lag: float) -> None:
        """The event loop was late by so many seconds."""
        self._lag.observe(lag)

    async def page(self, store: Store, now: datetime, *, connected: bool, quiet: float | None) -> bytes:
        """All figures of this moment in Prometheus' text format."""
        owed = await vitals.waiting(store, now)
        self._connected.set(connected)
        self._waiting.set(owed.waiting)
        self._due.set(owed.due)
        self._oldest.set((now - owed.oldest).total_seconds() if owed.oldest else 0)
        if quiet is not None:
            self._tick.set(now.timestamp() - quiet)
        for file, size in vitals.sizes(store.path).items():
            self._bytes.labels(file).set(size)
        newest = vitals.newest_backup(self._backups, store.path)
        self._backup.set(newest.timestamp() if newest else 0)
        # Some thousand lines take longer to write than anybody should have to wait.
        return await asyncio.to_thread(generate_latest, self._registry)
