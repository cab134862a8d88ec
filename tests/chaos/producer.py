"""The producer: publishes what the plan says, each patient's records in order, through all outages of Kafka."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import RecordMetadata

from tests.chaos.evidence import Sent
from tests.chaos.plan import Bad, Step
from tests.chaos.readers import Watch
from tests.support.worker.hospital import (
    CANCEL,
    REACTION,
    REGISTER,
    SEARCH,
    Event,
    Patient,
    event,
    register,
    today,
)

RETRY_SECONDS = 0.5
LONG_MS = 300_000
"""A batch outlives every outage that the run makes: the producer must not give up in the middle of one."""


class Producer:
    """Publishes, and keeps note of what Kafka acknowledged and where it lies."""

    def __init__(self, bootstrap: str, topic: str, patients: Sequence[Patient], watch: Watch) -> None:
        self.sent: list[Sent] = []
        self.published = False
        """Whether all that was planned is in Kafka."""
        self._topic = topic
        self._patients = patients
        self._watch = watch
        self._more = 0
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, request_timeout_ms=LONG_MS
        )
        self._values: dict[str, tuple[Event, str | None]] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Be connected to Kafka while the block runs."""
        async with self._producer:
            yield

    async def publish(self, steps: Sequence[Sequence[Step]]) -> None:
        """Publish every patient's records at their times; returns when Kafka has them all."""
        start = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for of_patient in steps:
                group.create_task(self._publish_patient(of_patient, start))
        self.published = True

    async def publish_unreadable(self, count: int) -> None:
        """Publish unreadable records, now."""
        for _ in range(count):
            await self._publish_patient([self._extra(bad=Bad.NOT_JSON)], time.monotonic())

    async def publish_more(self, count: int) -> None:
        """Publish registrations beside the plan, now: for a fault that waits for an occasion."""
        for _ in range(count):
            await self._publish_patient([self._extra()], time.monotonic())

    async def publish_one(self, made: Event, patient: Patient, bad: Bad | None = None) -> None:
        """Publish a registration of a patient whom the plan does not have."""
        metadata = await self.send(self._topic, made)
        self.note(made, patient.in_ledger, metadata, bad)

    async def publish_bad(self, made: Event, patient: Patient) -> None:
        """Publish an event that breaks its contract."""
        await self.publish_one(made, patient, Bad.CONTRACT_VIOLATION)

    async def publish_unowed(self, made: Event) -> RecordMetadata:
        """Publish what nobody will answer, and return where it lies."""
        return await self.send(self._topic, made)

    async def send(self, topic: str, made: Event) -> RecordMetadata:
        """Publish until Kafka acknowledges: a repeat of what did arrive is a duplicate, as hospitals make them."""
        while True:
            try:
                return await self._producer.send_and_wait(
                    topic, made.value, key=made.key, headers=list(made.headers)
                )
            except KafkaError:
                await asyncio.sleep(RETRY_SECONDS)

    def note(
        self, made: Event, patient: str, metadata: RecordMetadata | None = None, bad: Bad | None = None
    ) -> None:
        """Note a registration that was published, here or by another producer: its answer is owed."""
        partition, offset = (metadata.partition, metadata.offset) if metadata else (-1, -1)
        self.sent.append(Sent(made.id, patient, REGISTER, partition, offset, bad=bad))

    def next_id(self, word: str) -> str:
        """Return an id that no other record has."""
        self._more += 1
        return f"{word}-{self._more}"

    def unanswered(self, word: str) -> int:
        """Return how many records with an id of this word were not answered yet."""
        asked = {one.submission for one in self.sent if (one.submission or "").startswith(f"{word}-")}
        return len(asked - self._watch.kinds.keys())

    def _extra(self, bad: Bad | None = None) -> Step:
        name = self.next_id("m")
        return Step(0, name, self._more % len(self._patients), bad=bad)

    async def _publish_patient(self, steps: Sequence[Step], start: float) -> None:
        for step in steps:
            await asyncio.sleep(max(0.0, start + step.at - time.monotonic()))
            patient = self._patients[step.patient]
            made, nrn = self._values[step.id] if step.again else await self._make(step, patient)
            if not step.again and step.bad is not Bad.CONFLICT:
                self._values[step.id] = made, nrn
            metadata = await self.send(self._topic, made)
            self.sent.append(
                Sent(
                    submission=None if step.bad is Bad.NOT_JSON else step.id,
                    patient=patient.in_ledger,
                    operation=step.operation if nrn else REGISTER,
                    partition=metadata.partition,
                    offset=metadata.offset,
                    bad=step.bad,
                    again=step.again,
                    nrn=nrn,
                )
            )

    async def _make(self, step: Step, patient: Patient) -> tuple[Event, str | None]:
        if step.bad is not None:
            return _bad(step, patient), None
        if step.operation == REGISTER or step.about is None:
            return register(step.id, patient, occurrence=past_day().isoformat()), None
        nrn = await self._watch.nrn(step.about)
        if nrn is None:  # that one was not registered: there is nothing to say about it
            return register(step.id, patient, occurrence=past_day().isoformat()), None
        return event(step.id, step.operation, patient, {"nrn": nrn, **_more(step.operation)}), nrn


def past_day() -> date:
    """Return a day that lies in the past for workers whose clock is a day behind too."""
    return today() - timedelta(days=3)


def _more(operation: str) -> dict[str, object]:
    return {
        REACTION: {
            "reaction": {
                "startDate": past_day().isoformat(),
                "description": "Болка на мястото на инжектиране",
            }
        },
        CANCEL: {"reason": "Въведена е грешна партида."},
        SEARCH: {},
    }[operation]


def _bad(step: Step, patient: Patient) -> Event:
    match step.bad:
        case Bad.NOT_JSON:
            return Event(step.id, patient.key, b"MSH|^~\\&|HIS|", ())
        case Bad.UNKNOWN_SIGNER:
            value = json.loads(register(step.id, patient, occurrence=past_day().isoformat()).value or b"")
            return Event(step.id, patient.key, json.dumps({**value, "signer": "dr-nobody"}).encode())
        case Bad.CONFLICT:
            return register(step.id, patient, occurrence=(past_day() - timedelta(days=1)).isoformat())
        case _:
            return register(step.id, patient, occurrence="1700-01-01")
