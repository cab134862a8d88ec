"""The values of one system, read at each scrape: its intake, circuits, flood guard and certificates."""

from __future__ import annotations

from collections import Counter
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from worker.observability.metrics import declared
from worker.observability.metrics.labels import PauseReason, Scope
from worker.systems.port import TrustsCertificates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from worker.observability.metrics.metric import Metric
    from worker.observability.metrics.readings import Reading
    from worker.observability.metrics.system_meter import SystemMeter
    from worker.pipeline.flood.causes import Party
    from worker.system_runner import SystemRunner

SKEW_SHOWN = 600.0
"""Seconds for which a system's Date header tells how its clock differs."""


class RunnerReadings:
    """Reads one runner. ``fresh`` is for how many seconds the ends of partitions are shown."""

    def __init__(
        self, runner: SystemRunner, meter: SystemMeter, now: Callable[[], datetime], *, fresh: float
    ) -> None:
        self._runner = runner
        self._meter = meter
        self._now = now
        self._fresh = fresh
        self._system = (runner.system.name,)

    def __call__(self) -> Iterator[Reading]:
        """Give all readings."""
        yield from self._intake()
        yield from self._partitions()
        yield from self._health()
        yield from self._flood()
        yield from self._certificates()
        yield from self._skew()

    def _intake(self) -> Iterator[Reading]:
        intake, fill = self._runner.intake, self._runner.intake.fill
        yield declared.WINDOW_RECORDS, self._system, fill.records
        yield declared.WINDOW_RECORDS_LIMIT, self._system, fill.max_records
        yield declared.WINDOW_BYTES, self._system, fill.bytes
        yield declared.WINDOW_BYTES_LIMIT, self._system, fill.max_bytes
        yield declared.IN_FLIGHT, self._system, self._meter.in_flight
        paused = intake.paused
        for reason in PauseReason:
            yield declared.INTAKE_PAUSED, (*self._system, reason.value), reason.value in paused
        yield from self._by_scope(declared.SET_ASIDE, intake.set_aside)

    def _partitions(self) -> Iterator[Reading]:
        backlog = self._runner.intake.backlog
        yield declared.PARTITIONS, self._system, len(backlog)
        for one in backlog:
            place = (*self._system, one.partition.topic, str(one.partition.partition))
            yield declared.COMMITTED_AGE, place, one.stuck_seconds
            if one.lag is not None and one.end_age is not None and one.end_age <= self._fresh:
                yield declared.LAG, place, one.lag

    def _health(self) -> Iterator[Reading]:
        breakers, resets = self._runner.breakers, self._runner.resets
        yield declared.CIRCUIT_OPEN, self._system, breakers.open_reason is not None
        yield declared.SIGNERS_OPEN, self._system, len(breakers.open_signers)
        yield declared.PROBE_FAILING, self._system, breakers.probe_failing is not None
        yield declared.LOST_OFFSETS, self._system, resets.lost_offsets
        yield declared.UNACKNOWLEDGED_LOSSES, self._system, resets.unacknowledged
        yield declared.FORGOTTEN_OFFSETS, self._system, resets.forgotten_offsets
        yield declared.UNACKNOWLEDGED_FORGOTTEN, self._system, resets.unacknowledged_forgotten

    def _flood(self) -> Iterator[Reading]:
        flood = self._runner.flood
        stops = Counter(party.scope.value for party in flood.stopped)
        stops[Scope.SYSTEM.value] = int(flood.stop_reason is not None)
        for scope in Scope:
            yield declared.STOPS, (*self._system, scope.value), stops[scope.value]
        yield from self._by_scope(declared.LIMITED, Counter(flood.limited))

    def _by_scope(self, metric: Metric, parties: Counter[Party]) -> Iterator[Reading]:
        counts: Counter[str] = Counter()
        for party, count in parties.items():
            counts[party.scope.value] += count
        for scope in (Scope.SOURCE, Scope.SIGNER):
            yield metric, (*self._system, scope.value), counts[scope.value]

    def _certificates(self) -> Iterable[Reading]:
        system, now = self._runner.system, self._now()
        if not isinstance(system, TrustsCertificates):
            return []
        return [
            (declared.PINNED_CERTIFICATE, (*self._system, one.label), (one.not_after - now).total_seconds())
            for one in system.certificates()
        ]

    def _skew(self) -> Iterator[Reading]:
        if self._meter.date is None:
            return
        header, received = self._meter.date
        if self._now().timestamp() - received > SKEW_SHOWN:
            return
        try:
            said = parsedate_to_datetime(header).timestamp()
        except (ValueError, TypeError, OverflowError):  # it comes from a stranger
            return
        yield declared.CLOCK_SKEW, self._system, said - received
