"""The tables of docs/performance.md, as the scaling runs print them."""

from __future__ import annotations

from tests.bench.scaling.table import markdown


def test_a_table_has_a_line_for_each_row():
    assert markdown([{"keys": 1, "herald_ms": 1.25}, {"keys": 1000, "herald_ms": 0.9}]) == (
        "| Kafka keys | CPU of the workers, ms |\n| --- | --- |\n| 1 | 1.25 |\n| 1,000 | 0.9 |"
    )
