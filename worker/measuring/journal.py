"""What the journal counts, read at intervals by every worker over a connection of its own.

A reading is shown for three intervals. Then its series are absent: an old value must not look like a fresh one.
"""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.journal.connection import ReconnectingConnection
from worker.journal.errors import JournalUnavailable
from worker.journal.figures import Figures, SystemFigures, read_figures
from worker.journal.waiting_figures import WaitingFigures
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.observability.metrics.readings import Reading
    from worker.pipeline.ports import Clock

log = logging.getLogger(__name__)

FRESH_INTERVALS = 3
"""Intervals for which a reading is shown."""
STATEMENT_SECONDS = 5.0
"""A journal that needs longer for such a count has other work to do."""


@immutable
class _Read:
    """What was read; ``at`` by the monotonic clock, ``wall`` in Unix seconds; ``skew`` is that of the database."""

    figures: Figures
    at: float
    wall: float
    skew: float


class JournalFigures:
    """Reads the figures every ``interval`` seconds, and gives them to a scrape."""

    def __init__(
        self,
        settings: JournalSettings,
        systems: Iterable[str],
        clock: Clock,
        *,
        interval: float,
        code_lists: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """``code_lists``: by system, the lists whose age is shown."""
        self._code_lists = code_lists
        self._systems = tuple(systems)
        self._clock = clock
        self._interval = interval
        self._connection = ReconnectingConnection(
            settings, "metrics", clock, statement_seconds=STATEMENT_SECONDS
        )
        self._read: _Read | None = None
        self._waited: dict[str, set[str]] = {}
        """Operations of which something waited, by system."""

    @property
    def connected(self) -> bool:
        """Whether the database answered when it was last asked."""
        return self._connection.available

    async def read(self) -> None:
        """Read them now. An outage is no error: what was read stays until it is too old."""
        try:
            self._read = await self._connection.run(self._timed)
        except JournalUnavailable:
            log.debug("the figures of the journal could not be read: it is unavailable")

    async def close(self) -> None:
        """Drop the connection."""
        await self._connection.close()

    def readings(self) -> Iterator[Reading]:
        """Give what was read, if it is fresh."""
        if self._read is None:
            return
        yield declared.JOURNAL_READ, (), self._read.wall
        passed = self._clock.monotonic() - self._read.at
        if passed > self._interval * FRESH_INTERVALS:
            return
        figures = self._read.figures
        yield declared.SCHEMA_VERSION, (), figures.schema_version
        yield declared.MIGRATED, (), figures.migrated_at
        yield declared.CLOCK_SKEW, ("postgresql",), self._read.skew
        for name in self._systems:
            found = figures.systems.get(name, SystemFigures())
            yield from _of_system(name, found, passed)
            yield from self._of_waiting(name, figures.waiting.get(name, WaitingFigures()), passed)
            if name in self._code_lists:
                yield from _of_code_lists(name, self._code_lists[name], found.code_list_ages, passed)

    def _of_waiting(self, name: str, figures: WaitingFigures, passed: float) -> Iterator[Reading]:
        """Give what waits; an operation of which nothing waits any more shows 0."""
        known = self._waited.setdefault(name, set())
        known.update(figures.waiting)
        for operation in sorted(known):
            yield declared.WAITING, (name, operation), figures.waiting.get(operation, 0)
        overdue = -passed if figures.overdue is None else figures.overdue
        yield declared.WAITING_OVERDUE, (name,), max(overdue + passed, 0.0)

    async def _timed(self, connection: asyncpg.Connection) -> _Read:
        figures = await read_figures(connection)
        # The clock is asked last: the answer is as old as half of a round trip, and no older.
        wall = self._clock.now().timestamp()
        return _Read(figures, self._clock.monotonic(), wall, figures.clock - wall)


def _of_system(name: str, figures: SystemFigures, passed: float) -> Iterator[Reading]:
    yield declared.UNANSWERED, (name,), figures.unanswered
    yield declared.UNANSWERED_AGE, (name,), _age(figures.unanswered_age, passed)
    yield declared.HELD, (name,), figures.held
    yield declared.HELD_AGE, (name,), _age(figures.held_age, passed)
    yield declared.LETTERS_OPEN, (name,), figures.letters_open


def _of_code_lists(
    name: str, lists: Sequence[str], ages: Mapping[str, float], passed: float
) -> Iterator[Reading]:
    for one in lists:
        if one in ages:
            yield declared.CODE_LIST_AGE, (name, one), _age(ages[one], passed)
    yield declared.CODE_LISTS_MISSING, (name,), sum(one not in ages for one in lists)


def _age(when_read: float | None, passed: float) -> float:
    return 0.0 if when_read is None else max(when_read, 0.0) + passed
