"""Which part of a file is sent for a Range header (RFC 9110, section 14)."""

from __future__ import annotations

import pytest

from worker.inbound.files.ranges import Part, part_of

TAG = '"abc"'
WHOLE = Part(0, 100, whole=True)


@pytest.mark.parametrize(
    ("asked", "condition", "part"),
    [
        (None, None, WHOLE),
        ("bytes=0-9", None, Part(0, 10)),
        ("bytes=90-", None, Part(90, 100)),
        ("bytes=90-200", None, Part(90, 100)),
        ("bytes=-10", None, Part(90, 100)),
        ("bytes=-200", None, Part(0, 100)),
        ("bytes=0-0", None, Part(0, 1)),
        ("bytes=100-", None, None),
        ("bytes=-0", None, None),
        ("bytes=9-3", None, WHOLE),
        ("bytes=0-1,5-6", None, WHOLE),
        ("lines=0-1", None, WHOLE),
        ("bytes=-", None, WHOLE),
        ("bytes=99999999999999999999-", None, WHOLE),
        ("bytes=0-9", TAG, Part(0, 10)),
        ("bytes=0-9", '"other"', WHOLE),
    ],
)
def test_the_part_of_a_file_of_a_hundred_bytes(asked, condition, part):
    assert part_of(100, asked, condition, TAG) == part


def test_an_empty_file_has_no_part():
    assert part_of(0, None, None, TAG) == Part(0, 0, whole=True)
    assert part_of(0, "bytes=0-", None, TAG) is None
