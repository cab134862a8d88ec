"""The request for metadata in version 10: with the ids of topics, and with what this login may do.

aiokafka asks for metadata in version 5 at most, so this version is written down here. A unit test holds the installed
aiokafka to it. Source: the Kafka protocol guide, Metadata API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BytesIO

METADATA = 3
"""The API's key."""
ID_BYTES = 16
NONE = UUID(int=0)
"""Told of topics of a cluster that was updated from a version without ids, and not finished yet."""


class _Uuid(AbstractType[UUID]):  # type: ignore[misc]  # aiokafka has no types
    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(ID_BYTES))


_TEXT = CompactString("utf-8")
_NUMBERS = CompactArray(Int32)


class MetadataResponse(Response):  # type: ignore[misc]  # aiokafka has no types
    """Brokers, and topics with their partitions."""

    API_KEY = METADATA
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", CompactArray(
            ("node_id", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT), ("tags", TaggedFields),
        )),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        ("topics", CompactArray(
            ("error_code", Int16),
            ("name", _TEXT),
            ("topic_id", _Uuid),
            ("is_internal", Boolean),
            ("partitions", CompactArray(
                ("error_code", Int16), ("partition", Int32), ("leader", Int32), ("leader_epoch", Int32),
                ("replicas", _NUMBERS), ("isr", _NUMBERS), ("offline", _NUMBERS), ("tags", TaggedFields),
            )),
            ("authorized_operations", Int32),
            ("tags", TaggedFields),
        )),
        ("authorized_operations", Int32),
        ("tags", TaggedFields),
    )  # fmt: skip


class MetadataRequest(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    """As it goes over the wire."""

    FLEXIBLE_VERSION = True
    API_KEY = METADATA
    API_VERSION = 10
    RESPONSE_TYPE = MetadataResponse
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("name", _TEXT), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class Metadata(Request[MetadataRequest]):  # type: ignore[misc]  # aiokafka has no types
    """Asks about topics by their names, which are not created by asking.

    ``authorized``: Kafka also says what this login may do with the cluster and with each topic, as a set of bits.
    """

    API_KEY = METADATA

    def __init__(self, topics: Sequence[str], *, authorized: bool = False) -> None:
        self._topics = topics
        self._authorized = authorized

    def build(self, request_struct_class: type[Any]) -> Any:
        """Return the request as it is sent."""
        asked: list[tuple[UUID, str, dict[int, bytes]]] = [(NONE, name, {}) for name in self._topics]
        return request_struct_class(asked, False, self._authorized, self._authorized, {})  # noqa: FBT003
