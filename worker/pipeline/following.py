"""Following a record: its trace, the fields of its log lines, and the one line that says how it ended."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from worker.observability.journey import current, traced
from worker.observability.metrics.labels import Outcome
from worker.observability.tracing.span import SpanKind
from worker.pipeline.reading import InvalidRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.submission_ref import SubmissionRef
    from worker.observability.tracing.span import Span, Tracer, Value
    from worker.pipeline.ports import Record
    from worker.submission import Submission

log = logging.getLogger(__name__)

_FAILED = frozenset({Outcome.FAILED, Outcome.HELD, Outcome.CONFLICT, Outcome.UNREADABLE})
TRACE_ID = slice(3, 35)
"""Where a trace parent has the id of its trace."""


def begin_trace(
    tracer: Tracer | None, system: str, record: Record, read: Submission | InvalidRecord
) -> str | None:
    """Begin the trace of the current journey, where traces are on; return the id that the log shows."""
    named = read.submission if isinstance(read, InvalidRecord) else read
    parent = named.traceparent if named else None
    journey = current()
    if tracer is None or journey is None:
        return parent[TRACE_ID] if parent else None
    attributes: dict[str, Value] = {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": record.topic,
        "messaging.destination.partition.id": str(record.partition),
        "messaging.kafka.offset": record.offset,
        "herald.system": system,
    }
    journey.trace(tracer, f"process {record.topic}", parent, attributes)
    return journey.root.trace_id if journey.root else None


@contextmanager
def producing(name: str, topic: str | None = None) -> Iterator[Span | None]:
    """Put what publishes an event into a span. ``topic`` is where the event goes, if that is known already."""
    with traced(name, SpanKind.PRODUCER) as span:
        if span is not None:
            span.note("messaging.system", "kafka")
            span.note("messaging.operation.type", "send")
            span.note("messaging.operation.name", "send")
            note_topic(span, topic)
        yield span


def note_topic(span: Span | None, topic: str | None) -> None:
    """Say in a span of `producing` where the event goes."""
    if span is not None and topic is not None:
        span.note("messaging.destination.name", topic)


def in_trace(submission: SubmissionRef, reply: Span | None) -> SubmissionRef:
    """Return the submission with the reply's span as the trace parent; with its own where nothing is traced."""
    return submission if reply is None else replace(submission, traceparent=reply.traceparent)


def tell_end(record: Record, operation: str | None, outcome: Outcome, *, replay: bool) -> None:
    """Write the one line about a record whose answer is acknowledged, and the same to its span."""
    journey = current()
    if journey is None:
        return
    told: dict[str, object] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "operation": operation,
        "outcome": outcome.value,
        "replay": replay,
        **journey.facts,
        "seconds": round(journey.total, 3),
        # To a tenth of a millisecond. With the number of places as an argument, `round` takes four times as long.
        "stages": {str(part): round(seconds * 10_000) / 10_000 for part, seconds in journey.seconds.items()},
    }
    ended = outcome is not Outcome.WAITING
    log.info("submission finished" if ended else "submission taken: its answer comes later", extra=told)
    if journey.root is not None:
        _note_end(journey.root, operation, outcome, journey.facts, replay=replay)


def _note_end(
    root: Span, operation: str | None, outcome: Outcome, facts: dict[str, str | int], *, replay: bool
) -> None:
    root.note("herald.operation", operation or "unknown")
    root.note("herald.outcome", outcome.value)
    root.note("herald.replay", replay)
    for name in ("reason", "attempts", "revision"):
        if name in facts:
            root.note(f"herald.{name}", facts[name])
    if outcome in _FAILED:
        root.failed()
