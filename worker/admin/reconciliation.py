"""Find the submissions that a restored journal has forgotten: the topics have them, and what was answered.

A journal that was restored to an older point does not know what was sent since. Their records lie before the committed
offsets, so no worker reads them again; but one that is published again would be taken for a new one, and sent twice.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from worker.admin import reconciliation_sql
from worker.admin.connection import connected
from worker.admin.errors import ActFailed
from worker.admin.look_up import Finding, look_up
from worker.kafka.errors import sentence
from worker.kafka.lag import committed
from worker.kafka.past import PastRecords, TopicNotShown, reading_past
from worker.pipeline.ports import ClaimRequest, Event, State
from worker.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import asyncpg

    from worker.pipeline.ports import Record
    from worker.pipeline.reading import Reader
    from worker.settings.model import Settings
    from worker.systems.port import System

ANSWERED = "answered"
"""The finding of a submission whose answer the topics themselves have."""
MARGIN = timedelta(hours=1)
"""Read from this long before the newest submission that the journal has: records wait in their topic for a while."""


@dataclass(frozen=True, slots=True)
class ReconciledSystem:
    """A system with the reader of its events."""

    system: System
    reader: Reader


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A submission that the journal does not know. ``finding``: `answered`, or what the system said of it."""

    system: str
    source: str
    id: str
    operation: str
    topic: str
    partition: int
    offset: int
    finding: str
    detail: str
    recorded: bool = False


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was found since a time (None: the topics' beginnings). ``invalid``: records that no system was sent."""

    since: datetime | None
    read: int
    invalid: int
    forgotten: tuple[Forgotten, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """Who lets the journal learn what was found, and why."""

    who: str
    reason: str


@dataclass(slots=True)
class _Work:
    read: int = 0
    invalid: int = 0
    found: dict[tuple[str, str], tuple[Submission, Record]] = field(default_factory=dict)


async def reconcile(
    settings: Settings,
    systems: Sequence[ReconciledSystem],
    *,
    since: datetime | None = None,
    ask: bool = True,
    recording: Recording | None = None,
) -> Reconciled:
    """Compare topics and journal. ``since``: by default somewhat before the journal's newest submission.

    ``ask``: look up in the national system what no reply answers. Raises ActFailed.
    """
    done = Reconciled(since, 0, 0, ())
    async with connected(settings.journal, "reconciliation") as connection:
        if since is None and (newest := await reconciliation_sql.newest(connection)):
            since = newest - MARGIN
        try:
            async with reading_past(settings.kafka, since) as past:
                for one in systems:
                    more = await _reconcile_one(settings, connection, past, one, ask=ask, recording=recording)
                    done = Reconciled(
                        since,
                        done.read + more.read,
                        done.invalid + more.invalid,
                        done.forgotten + more.forgotten,
                    )
        except TopicNotShown as error:
            raise ActFailed(
                f"What the journal has forgotten cannot be told: there is no topic {error}, or this login may not see"
                " it. Grant the right, or restore the topic."
            ) from None
        except (KafkaError, TimeoutError, OSError) as error:
            raise ActFailed(f"Kafka cannot be used: {sentence(error)}.") from None
    return done


async def _reconcile_one(
    settings: Settings,
    connection: asyncpg.Connection,
    past: PastRecords,
    one: ReconciledSystem,
    *,
    ask: bool,
    recording: Recording | None,
) -> Reconciled:
    name = one.system.name
    routing = settings.routing_of(name)
    work = _Work()
    for topic in routing.submissions:
        before = await committed(settings.kafka, topic, settings.intake.group_of(name))
        async for records in past.batches(topic, before):
            await _sift(connection, one.reader, records, work)
    replies = await _replies(
        past, [topic for topic in routing.written if topic != routing.dead_letters], work
    )
    forgotten = []
    for key, (submission, record) in work.found.items():
        answered = replies.get(key)
        finding = await _finding(one.system, submission, answered, ask=ask)
        recorded = recording is not None and await reconciliation_sql.remember(
            connection,
            _request(one.system, submission, record),
            answered,
            who=recording.who,
            reason=recording.reason,
        )
        forgotten.append(_forgotten(submission, record, finding, recorded=recorded))
    return Reconciled(None, work.read, work.invalid, tuple(forgotten))


async def _sift(
    connection: asyncpg.Connection, reader: Reader, records: Sequence[Record], work: _Work
) -> None:
    """Keep the records of submissions that the journal does not know; of one submission the first."""
    work.read += len(records)
    read = [(reader.read(record), record) for record in records]
    valid = [(submission, record) for submission, record in read if isinstance(submission, Submission)]
    work.invalid += len(read) - len(valid)
    unknown = await reconciliation_sql.unknown(connection, [(one.source, one.id) for one, _ in valid])
    for index in sorted(unknown):
        submission, record = valid[index]
        work.found.setdefault((submission.source, submission.id), (submission, record))


async def _replies(
    past: PastRecords, topics: Sequence[str], work: _Work
) -> Mapping[tuple[str, str], tuple[State, int, Event]]:
    """Return state, revision and reply of what the topics show an answer of: the highest revision is the truth."""
    found: dict[tuple[str, str], tuple[State, int, Event]] = {}
    for topic in topics if work.found else ():
        async for records in past.batches(topic):
            for record in records:
                headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
                key = (headers.get("ce_submissionsource", ""), headers.get("ce_submissionid", ""))
                state, revision = _state(headers), _revision(headers)
                if key in work.found and state and revision > (found[key][1] if key in found else 0):
                    found[key] = (state, revision, Event(topic, record.key, record.value, record.headers))
    return found


def _state(headers: Mapping[str, str]) -> State | None:
    kind = "".join(headers.get("ce_type", "").split(".")[-2:-1])
    return State(kind) if kind in (State.ACCEPTED, State.REJECTED, State.FAILED, State.HELD) else None


def _revision(headers: Mapping[str, str]) -> int:
    text = headers.get("ce_revision", "")
    return int(text) if text.isascii() and text.isdigit() else 1


async def _finding(
    system: System, submission: Submission, answered: tuple[State, int, Event] | None, *, ask: bool
) -> Finding:
    if answered is not None:
        return Finding(ANSWERED, answered[0].value)
    if not ask:
        return Finding("unknown", "not looked up")
    return await look_up(system, submission, str(uuid.uuid4()), datetime.now(UTC))


def _request(system: System, submission: Submission, record: Record) -> ClaimRequest:
    return ClaimRequest(
        source=submission.source,
        id=submission.id,
        type=submission.type,
        system=system.name,
        operation=submission.operation,
        signer=submission.signer,
        identity=system.identity(submission),
        content_hash=submission.content_hash,
        key_digest=hashlib.sha256(record.key or b"").digest(),
        place=record.place,
        received_at=datetime.now(UTC),
    )


def _forgotten(submission: Submission, record: Record, finding: Finding, *, recorded: bool) -> Forgotten:
    return Forgotten(
        submission.system,
        submission.source,
        submission.id,
        submission.operation,
        record.topic,
        record.partition,
        record.offset,
        finding.kind,
        finding.detail,
        recorded,
    )
