"""The request that describes a consumer group with what this login may do with it, in version 3.

aiokafka's own request of this version reads the answer in version 2, which lacks these rights. Source: the Kafka
protocol guide, DescribeGroups API.
"""

from __future__ import annotations

from typing import Any

from aiokafka.protocol.admin import DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request, RequestStruct
from aiokafka.protocol.types import Array, Boolean, Schema, String

DESCRIBE_GROUPS = 15
"""The API's key."""


class DescribeGroupRequest(RequestStruct):  # type: ignore[misc]  # aiokafka has no types
    """As it goes over the wire."""

    API_KEY = DESCRIBE_GROUPS
    API_VERSION = 3
    RESPONSE_TYPE = DescribeGroupsResponse_v3
    SCHEMA = Schema(("groups", Array(String("utf-8"))), ("include_authorized_operations", Boolean))


class DescribeGroup(Request[DescribeGroupRequest]):  # type: ignore[misc]  # aiokafka has no types
    """Asks about one group, also about one that does not exist yet."""

    API_KEY = DESCRIBE_GROUPS

    def __init__(self, group: str) -> None:
        self._group = group

    def build(self, request_struct_class: type[Any]) -> Any:
        """Return the request as it is sent."""
        return request_struct_class([self._group], True)  # noqa: FBT003
