"""Find the submissions that a restored journal has forgotten: the topics have them, and what was answered.

A journal that was restored to an older point does not know what was sent since. Their records lie before the committed
offsets, so no worker reads them again; but one that is published again would be taken for a new one, and sent twice.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from aiokafka.errors import KafkaError

from worker.admin import reconciliation_sql
from worker.admin.connection import connected
from worker.admin.errors import ActFailed
from worker.admin.forgotten_letters import named_letter, remade_letter
from worker.admin.look_up import Finding, look_up
from worker.admin.past_answers import past_answers
from worker.admin.reconciled import (
    ANSWERED,
    Forgotten,
    NotCompared,
    Reconciled,
    ReconciledSystem,
    Reconciliation,
)
from worker.kafka.group_members import group_members
from worker.kafka.lag import committed
from worker.kafka.past import TopicNotShown, reading_past
from worker.kafka.refusals import explained
from worker.kafka.rights import Operation
from worker.pipeline.ports import ClaimRequest
from worker.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from worker.admin.past_answers import Name, PastAnswer
    from worker.kafka.past import PastRecords
    from worker.pipeline.ports import DeadLetter, Record
    from worker.settings.model import Settings
    from worker.systems.port import System

MARGIN = timedelta(hours=1)
"""Read from this long before the newest submission that the journal has: records wait in their topic for a while."""

Found: TypeAlias = "dict[Name, tuple[Submission, list[Record]]]"
"""By submission: what its first record says, and its records (the first one, and replays)."""


async def reconcile(
    settings: Settings, systems: Sequence[ReconciledSystem], wanted: Reconciliation
) -> Reconciled:
    """Compare topics and journal. Raises ActFailed, also where workers run while it is to be recorded."""
    async with connected(settings.journal, "reconciliation") as connection:
        since = wanted.since
        if since is None and (newest := await reconciliation_sql.newest(connection)):
            since = newest - MARGIN
        done = Reconciled(since)
        try:
            done.running += await _running(settings, systems, recording=wanted.recording is not None)
            async with reading_past(settings.kafka, since) as past:
                for one in systems:
                    await _Comparison(settings, connection, past, one, wanted, done).run()
        except TopicNotShown as error:
            raise ActFailed(
                f"What the journal has forgotten cannot be told: there is no topic {error}, or this login may not see"
                " it. Grant the right, or restore the topic."
            ) from None
        except (KafkaError, TimeoutError, OSError) as error:
            raise ActFailed(f"Kafka cannot be used: {_told(error)}.") from None
    return done


async def _running(settings: Settings, systems: Sequence[ReconciledSystem], *, recording: bool) -> list[str]:
    """Return the systems whose workers run. Raises ActFailed where that is refused: they would go on beside it."""
    names = [one.system.name for one in systems]
    running = [name for name in names if await group_members(settings.kafka, settings.intake.group_of(name))]
    if running and recording:
        raise ActFailed(
            f"Nothing was recorded, because workers of {', '.join(running)} run: they take submissions that the journal"
            " has forgotten for new ones. Stop them, wait until their sessions have ended, and run it again."
        )
    return running


def _told(error: Exception) -> str:
    return explained(error, Operation.READ, on_group=Operation.DESCRIBE)


@dataclass(slots=True)
class _Comparison:
    """The comparison of one system; it adds to ``done``."""

    settings: Settings
    connection: asyncpg.Connection
    past: PastRecords
    one: ReconciledSystem
    wanted: Reconciliation
    done: Reconciled
    found: Found = field(default_factory=dict)

    async def run(self) -> None:
        """Read the submissions, then the replies, then ask the system."""
        routing = self.settings.routing_of(self.one.system.name)
        for topic in routing.submissions:
            before = await self._up_to(topic)
            async for records in self.past.batches(topic, before):
                await self._sift(records)
        replies = [topic for topic in routing.written if topic != routing.dead_letters]
        answers = await past_answers(self.past, replies, self.found)
        waiting = await reconciliation_sql.waiting(self.connection, list(self.found))
        for name, (submission, records) in self.found.items():
            answer = answers.get(name)
            if answer is None and name in waiting:
                continue  # the workers go on asking for its answer
            letter = (
                remade_letter(submission, records, answer, routing.dead_letters)
                if answer is not None
                else None
            )
            await self._conclude(submission, records[0], answer, letter)

    async def _up_to(self, topic: str) -> dict[int, int]:
        """Return up to where each partition is read: as far as the workers have come."""
        group = self.settings.intake.group_of(self.one.system.name)
        before = await committed(self.settings.kafka, topic, group)
        ends = await self.past.filled(topic)
        without = {partition: end for partition, end in ends.items() if partition not in before}
        if self.wanted.to_the_end:
            return before | without
        self.done.not_compared += [
            NotCompared(self.one.system.name, topic, partition, group) for partition in sorted(without)
        ]
        return before

    async def _sift(self, records: Sequence[Record]) -> None:
        """Keep the records of submissions that the journal does not know."""
        self.done.read += len(records)
        read = [(self.one.reader.read(record), record) for record in records]
        valid = [(submission, record) for submission, record in read if isinstance(submission, Submission)]
        self.done.invalid += len(read) - len(valid)
        unknown = await reconciliation_sql.unknown(
            self.connection, [(submission.source, submission.id) for submission, _ in valid]
        )
        for index in sorted(unknown):
            submission, record = valid[index]
            self.found.setdefault((submission.source, submission.id), (submission, []))[1].append(record)

    async def _conclude(
        self, submission: Submission, record: Record, answer: PastAnswer | None, letter: DeadLetter | None
    ) -> None:
        finding = await self._finding(submission, answer)
        recording = self.wanted.recording
        recorded = recording is not None and await reconciliation_sql.remember(
            self.connection,
            _request(self.one.system, submission, record),
            answer,
            letter,
            who=recording.who,
            reason=recording.reason,
        )
        self.done.forgotten.append(
            Forgotten(
                system=submission.system,
                source=submission.source,
                id=submission.id,
                operation=submission.operation,
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                finding=finding.kind,
                detail=finding.detail,
                dead_letter=named_letter(answer) if answer is not None else None,
                dead_letter_found=letter is not None,
                recorded=recorded,
            )
        )

    async def _finding(self, submission: Submission, answer: PastAnswer | None) -> Finding:
        if answer is not None:
            return Finding(ANSWERED, answer.state.value)
        if not self.wanted.ask:
            return Finding("unknown", "not looked up")
        return await look_up(self.one.system, submission, str(uuid.uuid4()), datetime.now(UTC))


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
