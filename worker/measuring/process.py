"""The values of the process as a whole, read at each scrape."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from worker.observability.metrics import declared
from worker.observability.metrics.labels import JournalConnection, SpanDrop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from worker.journal.postgres import PostgresJournal
    from worker.kafka.replies import ReplyPublisher
    from worker.measuring.journal import JournalFigures
    from worker.observability.metrics.readings import Reading
    from worker.observability.tracing.building import Tracing


class BuildReadings:
    """What runs, whether it is ready, and whether it waits for the journal's migrations."""

    def __init__(self, is_ready: Callable[[], bool], migrations_pending: Callable[[], bool]) -> None:
        self._is_ready = is_ready
        self._migrations_pending = migrations_pending
        self._build = version("herald-worker"), platform.python_version()

    def __call__(self) -> Iterator[Reading]:
        """Give the readings."""
        yield declared.BUILD, self._build, 1
        yield declared.READY, (), self._is_ready()
        yield declared.MIGRATIONS_PENDING, (), self._migrations_pending()


class SharedReadings:
    """The journal and the replies, which all systems have in common."""

    def __init__(self, journal: PostgresJournal, replies: ReplyPublisher, figures: JournalFigures) -> None:
        self._journal = journal
        self._replies = replies
        self._figures = figures

    def __call__(self) -> Iterator[Reading]:
        """Give the readings."""
        for name, available in self._journal.connections.items():
            yield declared.JOURNAL_CONNECTED, (name,), available
        yield declared.JOURNAL_CONNECTED, (JournalConnection.METRICS.value,), self._figures.connected
        yield declared.JOURNAL_WAITING, (), self._journal.waiting
        yield declared.REPLIES_FAILING, (), self._replies.failing is not None


class TraceReadings:
    """Spans that did not reach the collector."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing

    def __call__(self) -> Iterator[Reading]:
        """Give the readings."""
        yield declared.SPANS_DROPPED, (SpanDrop.QUEUE_FULL.value,), self._tracing.not_queued
        yield declared.SPANS_DROPPED, (SpanDrop.NOT_TAKEN.value,), self._tracing.not_taken
