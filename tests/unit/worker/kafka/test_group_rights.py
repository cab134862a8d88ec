"""The request for a group's rights, as the protocol guide has it."""

from __future__ import annotations

from aiokafka.protocol.admin import DescribeGroupsResponse_v3

from worker.kafka.group_rights import DESCRIBE_GROUPS, DescribeGroup


def test_a_request_is_written_as_the_protocol_says_and_its_answer_has_the_rights():
    written = DescribeGroup("g").prepare({DESCRIBE_GROUPS: (0, 6)})
    assert (written.API_KEY, written.API_VERSION) == (15, 3)
    # One group with a name of one byte, and the flag that asks for the rights.
    assert written.encode() == b"\x00\x00\x00\x01" + b"\x00\x01g" + b"\x01"
    answer = DescribeGroupsResponse_v3(0, [(0, "g", "Empty", "", "", [], 1 << 3)])
    assert written.RESPONSE_TYPE.decode(answer.encode()).groups[0][-1] == 1 << 3
