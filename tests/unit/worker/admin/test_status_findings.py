"""What is wrong, and what only waits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.admin.intake import LossRow, StopRow
from worker.admin.status_findings import NO_WORKER, of_intake, of_kafka, of_the_journal
from worker.admin.status_sql import Load, WorkerRow
from worker.kafka.lag import Lag
from worker.pipeline.ports import FORGOTTEN

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RUNS, ENDED = WorkerRow("w-1", NOW, NOW, True, 3), WorkerRow("w-2", NOW, NOW, False, 0)


def load(**changes):
    return Load("nhis", "dr-ivanova", "/his", **changes)


@pytest.mark.parametrize(
    ("workers", "loads", "told"),
    [
        ([RUNS, ENDED], [load(waiting=7, held=2, open=3)], []),
        ([], [], [NO_WORKER]),
        ([ENDED], [], [NO_WORKER]),
        ([RUNS], [load(left_behind=2), load(left_behind=1)], ["3 submissions are in progress at workers"]),
        ([RUNS], [load(replaying=4)], ["4 replays were started"]),
    ],
)
def test_of_the_journal(workers, loads, told):
    found = list(of_the_journal(workers, loads))
    assert [one[: len(begin)] for one, begin in zip(found, told, strict=True)] == told


def stopped(source=None, signer=None):
    return StopRow("nhis", source, signer, NOW, "a flood", {}, None)


def test_of_intake():
    loss = LossRow("erx", "t", 0, 1, None, None, "deleted", NOW)
    stops = [stopped(), stopped(source="/his"), stopped(signer="dr-a")]
    forgotten = LossRow("nhis", "t", 0, 1, 3, 2, FORGOTTEN, NOW)
    whole, source, signer, behind, first, *more = of_intake(stops, [loss, forgotten, loss])
    assert "Intake of nhis is stopped: a flood" in whole
    assert "Intake of nhis, source /his, is stopped: a flood" in source
    assert "Intake of nhis, signer dr-a, is stopped: a flood" in signer
    assert "The journal of nhis is older than the group's offset" in behind
    assert "Records of erx were lost" in first
    assert more == []


@pytest.mark.parametrize(
    ("lag", "told"),
    [
        (Lag("t", "g", 4, 9, 0), None),
        (Lag("t", "g", 0, 0, 0), "no topic t"),
        (Lag("t", "g", 4, 9, 2), "2 of the 4 partitions"),
    ],
)
def test_of_kafka(lag, told):
    found = list(of_kafka([lag]))
    assert [told in one for one in found] == ([True] if told else [])
