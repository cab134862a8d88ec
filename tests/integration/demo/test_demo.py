"""`herald demo` from outside: its document, and that it leaves nothing running when it is ended."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from tests.support.demo.environment import processes_of, running_demo

pytestmark = pytest.mark.timeout(180)


def test_the_document(short_tmp: Path):
    with running_demo(short_tmp, "--json") as process:
        told, progress = process.communicate(timeout=150)

    document = json.loads(told)  # which fails if anything else was on stdout
    assert process.returncode == 0
    assert document.pop("seconds") < 100
    assert document == {
        "submissions": 110,
        "accepted": 86,
        "rejected": 10,
        "failed": 14,
        "dead_letters": 15,
        "registered": {
            "nhis": "35 immunizations",
            "nhif": "5 documents, 2 lists",
            "erx": "4 prescriptions",
            "kz-shep": "7 searches, 2 documents signed by NCANode",
            "regix": "8 executions, 2 refusals",
            "epayment": "4 payment requests, 2 paid, 1 withdrawn",
            "edelivery": "5 messages sent, 2 received",
            "eforms": "1 answer",
        },
        "mismatches": [],
    }
    assert "12 of 12 answered" in progress
    assert _left(short_tmp) == []


def test_the_document_of_one_system(short_tmp: Path):
    with running_demo(short_tmp, "--json", "--system", "nhif") as process:
        told, _ = process.communicate(timeout=150)

    document = json.loads(told)
    assert process.returncode == 0
    assert (document["submissions"], document["registered"]) == (7, {"nhif": "5 documents, 2 lists"})


# While PostgreSQL starts, while the worker starts, and in the middle of the run.
@pytest.mark.parametrize("seconds", [0.3, 5, 9])
def test_asked_to_end_it_stops_everything(short_tmp: Path, seconds: float):
    with running_demo(short_tmp) as process:
        assert process.stdout.readline().startswith("Starting")
        time.sleep(seconds)
        process.send_signal(signal.SIGTERM)
        told, errors = process.communicate(timeout=60)

    assert process.returncode == 128 + signal.SIGTERM
    assert told.endswith("Ended by SIGTERM; everything is stopped.\n")
    assert errors == ""
    assert _left(short_tmp) == []


def _left(directory: Path) -> list[str]:
    return processes_of(directory) + [str(path) for path in directory.iterdir()]
