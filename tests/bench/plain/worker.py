"""A worker as a competent person writes it in an afternoon: events from Kafka, a signed message to NHIS, a reply.

It is what Herald is measured against, so it does its work well: it validates events and messages, signs, retries,
keeps the order of each key, replies to every event, and commits behind its replies. What it lacks is a journal: after
a crash it sends again what it had not committed, and it keeps no evidence.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import httpx
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from tests.bench.plain.events import Event
from tests.bench.plain.message import InvalidMessage
from tests.bench.plain.nhis import Nhis, Unavailable

IN_FLIGHT = 100
log = logging.getLogger("plain")
SUBMISSIONS = Counter("submissions", "Submissions by outcome.", ["outcome"])
SECONDS = Histogram("submission_seconds", "From the event to the reply.")


class Worker:
    """Handles batches of events."""

    def __init__(self, broker: KafkaBroker, nhis: Nhis, results: str, errors: str) -> None:
        self._broker = broker
        self._nhis = nhis
        self._topics = {True: results, False: errors}
        self._places = asyncio.Semaphore(IN_FLIGHT)

    async def handle(self, message: KafkaMessage) -> None:
        """Process a batch: the events of one key in their order, all keys at once."""
        by_key: dict[bytes | None, list[Any]] = defaultdict(list)
        for record in message.raw_message:
            by_key[record.key].append(record)
        await asyncio.gather(*(self._in_order(records) for records in by_key.values()))

    async def _in_order(self, records: Iterable[Any]) -> None:
        for record in records:
            async with self._places:
                await self._process(record)

    async def _process(self, record: Any) -> None:
        began = time.perf_counter()
        try:
            event = Event.model_validate_json(record.value)
        except ValidationError as error:
            problems = error.errors(include_input=False, include_url=False, include_context=False)
            await self._reply(record, _id_of(record.value), "rejected", {"problems": problems})
            return
        kind, data = await self._outcome(event)
        await self._reply(record, event.id, kind, data)
        SECONDS.observe(time.perf_counter() - began)
        log.info("%s: %s in %.0f ms", event.id, kind, (time.perf_counter() - began) * 1000)

    async def _outcome(self, event: Event) -> tuple[str, dict[str, Any]]:
        try:
            outcome = await self._nhis.register(event)
        except InvalidMessage as error:
            return "rejected", {"problems": [str(error)]}
        except KeyError:
            return "failed", {"reason": "there is no such signer"}
        except (Unavailable, httpx.TransportError) as error:
            return "failed", {"reason": str(error)}
        if outcome.nrn is None:
            return "rejected", {"errors": outcome.errors}
        return "accepted", {"nrn": outcome.nrn}

    async def _reply(self, record: Any, submission: str, kind: str, data: dict[str, Any]) -> None:
        SUBMISSIONS.labels(kind).inc()
        headers = {
            "content-type": "application/json",
            "ce_specversion": "1.0",
            "ce_id": str(uuid.uuid4()),
            "ce_source": "/plain/nhis",
            "ce_type": f"nhis.immunization.register.{kind}.v1",
            "ce_submissionid": submission,
        }
        topic = self._topics[kind == "accepted"]
        await self._broker.publish(json.dumps(data).encode(), topic, key=record.key, headers=headers)


def build(
    nhis: Nhis, *, bootstrap: str, submissions: str, results: str, errors: str, group: str
) -> FastStream:
    """Return the application."""
    broker = KafkaBroker(bootstrap, acks="all", enable_idempotence=True, linger_ms=2, logger=None)
    worker = Worker(broker, nhis, results, errors)
    broker.subscriber(
        submissions,
        group_id=group,
        auto_offset_reset="earliest",
        batch=True,
        max_records=500,
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )(worker.handle)
    return FastStream(broker, logger=None, on_shutdown=[nhis.close])


def _id_of(value: bytes | None) -> str:
    """Return the id of an event that is otherwise not valid, or an empty text."""
    try:
        return str(json.loads(value or b"")["id"])
    except (ValueError, KeyError, TypeError):
        return ""
