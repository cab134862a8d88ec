"""An intake between a scripted consumer and a real window, as tests of intake need it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata

from tests.support.fakes.ports import settle
from tests.support.fakes.positions import FakePositions
from worker.kafka.consumer import Intake
from worker.kafka.intake_settings import IntakeSettings
from worker.kafka.offset_resets import OffsetResets
from worker.kafka.poll import CarefulPoll
from worker.kafka.topic_ids import NO_ERROR, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC, TopicIds
from worker.kafka.window import Window
from worker.pipeline.flood.causes import Hold, Party, Scope
from worker.pipeline.ports import Record
from worker.pipeline.shutdown import Released, SetAside, Shutdown

P0, P1 = TopicPartition("submissions", 0), TopicPartition("submissions", 1)
WAITS = SetAside(Hold(Party(Scope.SOURCE, "/his/a"), stopped=True))
"""What a submission ends with whose source's submissions wait."""


def raw_record(partition: TopicPartition, offset: int) -> Any:
    """Return a record as Kafka's client hands it over."""
    return SimpleNamespace(
        topic=partition.topic,
        partition=partition.partition,
        offset=offset,
        timestamp=0,
        key=b"%d" % offset,
        value=b"",
        headers=(),
    )


class FakeConsumer:
    """Keeps what it was asked for; `commit` raises what it is told to."""

    def __init__(self) -> None:
        self.paused: set[TopicPartition] = set()
        self.sought: list[tuple[TopicPartition, int]] = []
        self.begins = 0
        self.commits: list[dict[TopicPartition, int]] = []
        self.refuse: Exception | None = None
        self.poll_error: Exception | None = None
        self.assigned: set[TopicPartition] = set()
        self.logs: dict[TopicPartition, list[Any]] = {}
        """What the next poll returns."""
        self.polls: list[tuple[TopicPartition, ...]] = []
        """Of which partitions each poll asked; () for all."""
        self.denied: set[str] = set()
        self.deleted: set[str] = set()
        self.unavailable = False
        self.topic_id = UUID(int=1)
        self.topic_ids: dict[str, UUID] = {}
        self.offsets: dict[TopicPartition, OffsetAndMetadata] = {}
        self.rejoins = 0
        self._coordinator = SimpleNamespace(
            fetch_committed_offsets=self._fetch_committed, request_rejoin=self._rejoin
        )
        self.places: dict[TopicPartition, SimpleNamespace] = {}
        assignment = SimpleNamespace(state_value=self.places.get)
        self._subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))
        self.metadata_listeners: list[Callable[[object], None]] = []
        cluster = SimpleNamespace(add_listener=self.metadata_listeners.append)
        self._client = SimpleNamespace(
            cluster=cluster, get_random_node=lambda: 1, send=self._send, force_metadata_update=lambda: None
        )

    def stands(self, partition: TopicPartition, position: int, stable: int = 99, end: int = 99) -> None:
        """Let it have read so far."""
        self.places[partition] = SimpleNamespace(
            has_valid_position=True, position=position, lso=stable, highwater=end
        )

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought.append((partition, offset))

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.begins)

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.paused -= set(partitions)

    def _rejoin(self) -> None:
        self.rejoins += 1

    async def _fetch_committed(self, partitions: list[TopicPartition]) -> dict[TopicPartition, Any]:
        return {one: self.offsets[one] for one in partitions if one in self.offsets}

    async def commit(self, offsets: dict[TopicPartition, tuple[int, str]]) -> None:
        await asyncio.sleep(0)
        if self.refuse:
            raise self.refuse
        if self.unavailable:
            await asyncio.Event().wait()
        self.commits.append({one: offset for one, (offset, _) in offsets.items()})
        self.offsets |= {one: OffsetAndMetadata(*told) for one, told in offsets.items()}

    async def getmany(self, *partitions: TopicPartition, **_: Any) -> dict[TopicPartition, list[Any]]:
        self.polls.append(partitions)
        if self.poll_error:
            raise self.poll_error
        readable = [one for one in self.logs if not partitions or one in partitions]
        return {one: self.logs.pop(one) for one in readable}

    def assignment(self) -> set[TopicPartition]:
        return self.assigned

    async def _send(self, _node: int, request: Any) -> SimpleNamespace:
        """Answer what a request for metadata asks: the topic's id."""
        (topic,) = request._topics
        if topic in self.denied:
            return SimpleNamespace(topics=[(TOPIC_AUTHORIZATION_FAILED, topic, UUID(int=0))])
        if topic in self.deleted:
            return SimpleNamespace(topics=[(UNKNOWN_TOPIC, topic, UUID(int=0))])
        return SimpleNamespace(topics=[(NO_ERROR, topic, self.topic_ids.get(topic, self.topic_id))])


class FakeBroker:
    """Stands for FastStream: holds the subscriber with its consumer and the handler of batches."""

    def __init__(self) -> None:
        self.consumer = FakeConsumer()
        self.handler: Callable[[tuple[Any, ...]], Awaitable[None]]
        self.start_error: Exception | None = None
        self.stopped = False

    def subscriber(self, *_: Any, **options: Any) -> FakeBroker:
        self.options = options
        return self

    def __call__(self, handler: Callable[[tuple[Any, ...]], Awaitable[None]]) -> None:
        self.handler = handler

    async def start(self) -> None:
        if self.start_error:
            raise self.start_error

    async def stop(self) -> None:
        self.stopped = True


class Bench:
    """An intake with partitions, whose records the test finishes one by one."""

    def __init__(
        self,
        topics: Sequence[str] = ("submissions",),
        *,
        window_records: int = 4,
        drain_seconds: float = 5.0,
    ) -> None:
        self.broker = FakeBroker()
        self.positions = FakePositions()
        self.running: dict[tuple[int, int], asyncio.Future[None]] = {}
        self.resets = OffsetResets("nhis", "g", self.positions)
        settings = IntakeSettings(
            window_records=window_records, drain_seconds=drain_seconds, commit_interval=60
        )
        make_window = partial(
            Window, self._process, max_records=window_records, max_bytes=10_000, max_set_aside=2
        )
        self.intake = Intake(lambda: self.broker, topics, make_window, settings, self.resets)  # type: ignore[arg-type,return-value]

    @property
    def window(self) -> Window:
        return self.intake._window

    @property
    def topic_ids(self) -> TopicIds:
        return self.intake._recreation.topic_ids

    @property
    def careful_poll(self) -> CarefulPoll:
        assert self.intake._poll is not None
        return self.intake._poll._poll

    async def commit(self) -> None:
        await self.intake._committer.commit()

    async def reset(self, partition: TopicPartition, wanted: int | None) -> None:
        """Go on where Kafka has no such offset."""
        await self.careful_poll._reset_offset(partition, wanted)

    async def _process(self, record: Record, shutdown: Shutdown) -> None:
        place = (record.partition, record.offset)
        self.running[place] = asyncio.get_running_loop().create_future()
        try:
            await self.running[place]
        finally:
            del self.running[place]

    @property
    def consumer(self) -> FakeConsumer:
        return self.broker.consumer

    async def join(self, *partitions: TopicPartition) -> None:
        await self.intake.start()
        await self.intake.on_partitions_revoked(set())
        self.consumer.assigned = set(partitions)
        await self.intake.on_partitions_assigned(set(partitions))
        await self.poll()

    async def poll(self, *records: tuple[TopicPartition, int]) -> None:
        await self.consumer.getmany(timeout_ms=50, max_records=500)
        await self.hand_over(*records)

    async def hand_over(self, *records: tuple[TopicPartition, int]) -> None:
        """Give records to the handler that an earlier poll returned."""
        await self.broker.handler(tuple(raw_record(*one) for one in records))
        await settle()

    async def finish(self, partition: int, offset: int, error: Exception | None = None) -> None:
        done = self.running[(partition, offset)]
        done.set_exception(error) if error else done.set_result(None)
        await settle()

    async def end(self) -> None:
        """Release what is in flight, and stop."""
        for done in list(self.running.values()):
            done.set_exception(Released())
        await self.intake.stop()
