"""The topic's id: when it is asked for again, what becomes of failures, and what is relied on of aiokafka's inside."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import NodeNotReadyError

from worker.kafka.metadata import NONE, Metadata, MetadataResponse
from worker.kafka.topic_ids import ASK_AGAIN, PAUSE, TopicId

OLD, NEW = UUID(int=1), UUID(int=2)


class Cluster:
    """A consumer's client that answers with what the test says, through the bytes of the protocol."""

    def __init__(self) -> None:
        self.answer: UUID | Exception = OLD
        self.error_code = 0
        self.questions = 0
        self.updates = 0
        self.now = 0.0
        self.node: int | None = 1
        self.changed: Any = None
        self._client = SimpleNamespace(
            cluster=SimpleNamespace(add_listener=lambda listener: setattr(self, "changed", listener)),
            get_random_node=lambda: self.node,
            send=self._send,
            force_metadata_update=self._update,
        )
        self.id = TopicId("t", lambda: self.now)
        self.id.watch(self)

    async def _send(self, node: int, request: Metadata) -> MetadataResponse:
        assert node == self.node
        self.questions += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        request.prepare({3: (0, 13)}).encode()
        topics = [(self.error_code, "t", self.answer, False, [(0, 0, 1, 5, [1], [1], [], {})], 0, {})]
        told = MetadataResponse(0, [(1, "host", 9092, None, {})], "c", 1, topics, 0, {})
        return MetadataResponse.decode(told.encode())

    def _update(self) -> None:
        self.updates += 1

    async def refresh(self) -> str | None:
        await self.id.refresh(self)
        return self.id.value


async def test_it_is_asked_for_once_and_again_after_a_change_of_metadata():
    cluster = Cluster()
    assert [await cluster.refresh() for _ in range(3)] == [str(OLD)] * 3
    assert cluster.questions == 1

    cluster.answer = NEW
    cluster.changed(None)
    assert [await cluster.refresh() for _ in range(2)] == [str(NEW)] * 2
    assert cluster.questions == 2


async def test_another_id_lets_the_group_look_at_its_topic_again():
    cluster = Cluster()
    for answer in (OLD, OLD, NONE, OLD, NONE, NEW, NEW):
        cluster.answer = answer
        cluster.id.doubt()
        await cluster.refresh()
        assert cluster.updates == (answer == NEW)


async def test_it_is_asked_for_again_after_a_while_and_where_it_is_in_doubt():
    cluster = Cluster()
    await cluster.refresh()
    cluster.answer, cluster.now = NEW, ASK_AGAIN
    assert await cluster.refresh() == str(NEW)
    cluster.answer = OLD
    cluster.id.doubt()
    assert await cluster.refresh() == str(OLD)
    assert cluster.questions == 3


@pytest.mark.parametrize(
    "answer", [NONE, NotImplementedError("the broker knows versions up to 9")], ids=["none", "old broker"]
)
async def test_where_kafka_has_no_ids_there_is_none_and_nothing_is_asked_again(answer):
    cluster = Cluster()
    cluster.answer = answer
    assert [await cluster.refresh() for _ in range(2)] == [None, None]
    assert cluster.questions == 1


async def test_a_topic_that_may_not_be_described_has_none():
    cluster = Cluster()
    cluster.error_code = 29
    assert await cluster.refresh() is None


@pytest.mark.parametrize("why", [NodeNotReadyError(), TimeoutError(), "no node"])
async def test_where_kafka_does_not_answer_polls_do_not_wait_each_time(why):
    cluster = Cluster()
    await cluster.refresh()
    cluster.changed(None)
    if isinstance(why, Exception):
        cluster.answer = why
    else:
        cluster.node = None
    assert [await cluster.refresh() for _ in range(3)] == [str(OLD)] * 3
    assert cluster.questions <= 2

    cluster.answer, cluster.node, cluster.now = NEW, 1, PAUSE
    assert await cluster.refresh() == str(NEW)


def test_the_installed_client_has_what_is_relied_on():
    assert callable(AIOKafkaClient.send)
    assert callable(AIOKafkaClient.force_metadata_update)
    assert callable(AIOKafkaClient.get_random_node)
    assert callable(ClusterMetadata.add_listener)


def test_a_request_is_written_as_the_protocol_says():
    written = Metadata(["t"]).prepare({3: (0, 13)})
    assert (written.API_KEY, written.API_VERSION, written.FLEXIBLE_VERSION) == (3, 10, True)
    # One topic (a compact array writes its count plus one), no id, a name of one byte, no tags; three flags.
    assert written.encode() == b"\x02" + bytes(16) + b"\x02t\x00" + b"\x00\x00\x00" + b"\x00"
    assert MetadataResponse.decode(_answer(id_ := uuid4())).topics[0][2] == id_


def _answer(topic_id: UUID) -> bytes:
    """Return an answer of one broker and one topic without partitions, byte by byte as the protocol guide says."""
    broker = b"\x00\x00\x00\x01" + b"\x05host" + b"\x00\x00\x23\x84" + b"\x00" + b"\x00"
    topic = b"\x00\x00" + b"\x02t" + topic_id.bytes + b"\x00" + b"\x01" + b"\x80\x00\x00\x00" + b"\x00"
    return (
        b"\x00\x00\x00\x00" + b"\x02" + broker + b"\x02c" + b"\x00\x00\x00\x01" + b"\x02" + topic
        + b"\x80\x00\x00\x00" + b"\x00"
    )  # fmt: skip


def test_a_request_may_ask_what_this_login_may_do():
    written = Metadata(["t"], authorized=True).prepare({3: (0, 13)})
    # No topic is created by asking; the rights on the cluster and on the topics are told.
    assert written.encode().endswith(b"\x00" + b"\x01\x01" + b"\x00")
