"""A short run of the chaos harness: every kind of fault at least once, and every promise kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.finding import Count
from tests.chaos.schedule import EVERY
from tests.support.worker.installation import clean_environment

ROOT = Path(__file__).resolve().parents[3]
SUBMISSIONS = 600
MINUTES = 10
"""How long it may take; most of it on a machine whose two cores others use too."""


@pytest.mark.beside_one
@pytest.mark.timeout(MINUTES * 60 + 60)
def test_nothing_is_lost_or_sent_twice_under_every_fault(kafka_distribution, softhsm_module):
    command = [
        sys.executable,
        "-m",
        "tests.chaos",
        "--submissions",
        str(SUBMISSIONS),
        "--minutes",
        str(MINUTES),
    ]

    run = subprocess.run(
        [*command, "--seed", "1", "--json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=clean_environment(),
        check=False,
    )

    assert run.returncode == 0, f"{_said(run.stderr)[-6000:]}\n{run.stdout}"
    told = json.loads(run.stdout.splitlines()[-1])
    assert {count: told[count] for count in Count} == dict.fromkeys(Count, 0)
    assert told["answered"] == told["submissions"] >= SUBMISSIONS
    assert {kind for kind, times in told["faults"].items() if times} == EVERY


def _said(text: str) -> str:
    """Return what the run said, without the lines that tell every few seconds how far it is."""
    return "\n".join(line for line in text.splitlines() if " answered, " not in line)
