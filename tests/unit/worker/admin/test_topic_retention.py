"""When a submission may be forgotten: only once no topic can bring its record again."""

from __future__ import annotations

import pytest

from worker.admin.topic_retention import longer_than

DAY = 86_400_000


@pytest.mark.parametrize(
    ("kept", "days", "words"),
    [
        ({}, 1, None),
        ({"t": str(14 * DAY)}, 15, None),
        ({"t": str(14 * DAY)}, 14, "t keeps records for 14 days, and submissions are kept for 14"),
        ({"a": str(DAY), "t": str(36 * 3_600_000)}, 2, "t keeps records for 1.5 days"),
        ({"t": "-1"}, 9999, "t keeps records for ever"),
        ({"t": str(2**63 - 1)}, 9999, "t keeps records for"),
        ({"t": None}, 9999, "Kafka does not tell how long t keeps records"),
    ],
)
def test_the_topic_that_keeps_records_longest_decides(kept, days, words):
    found = longer_than(kept, days)
    assert found is None if words is None else words in found
