"""How far a probe is believed: what a system answers at its address is not documented."""

from __future__ import annotations

import pytest

from worker.pipeline.admission.probe_record import ProbeRecord

ENOUGH = 3


@pytest.mark.parametrize(
    ("context", "unavailable", "failing"),
    [
        ("", False, False),
        ("+", False, False),
        ("+-", False, True),
        ("+--", False, True),
        ("+---", True, True),
        ("+--+--", False, True),
        ("---------", False, True),  # it answers 5xx for ever: that says nothing
        ("+--e--", False, True),  # an exchange that succeeds overrules it
        ("+--e---", True, True),
        ("+---e", False, False),
        ("+---e------", False, True),  # it failed while the services worked
        ("+---e---+---", True, True),
        ("e---", False, True),
    ],
)
def test_what_counts(context: str, unavailable: bool, failing: bool) -> None:
    """By one letter a probe that succeeds (+) or fails (-), or an exchange that succeeds (e)."""
    record = ProbeRecord(ENOUGH)
    for letter in context:
        match letter:
            case "+":
                record.succeeded()
            case "-":
                record.failed("503")
            case "e":
                record.contradicted()
    assert record.unavailable == ("503" if unavailable else None)
    assert record.failing == ("503" if failing else None)
