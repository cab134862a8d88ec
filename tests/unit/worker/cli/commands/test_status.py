"""What the system's row says of its intake."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.admin.intake import StopRow
from worker.cli.commands.status import _intake


def stop(source=None, signer=None):
    return StopRow("nhis", source, signer, datetime(2026, 3, 1, tzinfo=UTC), "a flood", {}, None)


@pytest.mark.parametrize(
    ("stops", "told"),
    [
        ([], "not stopped"),
        ([stop()], "stopped"),
        ([stop(), stop(source="/his")], "stopped"),
        ([stop(source="/his")], "1 source stopped"),
        ([stop(source="")], "1 source stopped"),
        ([stop(signer="dr-a"), stop(signer="dr-b")], "2 signers stopped"),
        ([stop(source="/his"), stop(signer="dr-a")], "1 source, 1 signer stopped"),
    ],
)
def test_only_a_stop_of_the_whole_system_is_called_that(stops, told):
    assert _intake(stops) == told
