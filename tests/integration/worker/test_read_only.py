"""A worker and its commands where nothing can be written but the journal and Kafka, as in a hardened container."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.kafka.cluster import free_ports
from tests.support.worker import hospital, read_only
from tests.support.worker.installation import Installation, clean_environment
from tests.support.worker.probes import ready

Done = subprocess.CompletedProcess[str]
RUNNER = [sys.executable, read_only.__file__]


async def _run(*arguments: str | Path) -> Done:
    return await asyncio.to_thread(
        subprocess.run,
        [*RUNNER, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=140,
        check=False,
        env=clean_environment(),
    )


async def _scene(installation: Installation) -> dict[str, Done]:
    config, done = installation.config(), {}

    async def run(name: str, *arguments: str | Path) -> None:
        done[name] = await _run(*arguments, "--config", config)

    await asyncio.gather(run("migrate", "journal", "migrate"), run("check", "check"))
    (port,) = free_ports(1)
    worker = subprocess.Popen(  # noqa: ASYNC220 - it only starts
        [*RUNNER, "worker", "--config", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(HERALD_HEALTH__PORT=str(port)),
    )
    try:
        await ready(("127.0.0.1", port))
        patient, file = installation.patient(), installation.directory / "event.json"
        file.write_bytes(hospital.register("read-only", patient).value or b"")
        # The event names no key of its own, so that it is published only with one.
        await run("submit", "submit", file, "--key", patient.key.decode(), "--wait", "--json")
        lists = [run(name, name, "list", "--json") for name in ("dead-letters", "submissions")]
        await asyncio.gather(*lists, run("status", "status", "--json"))
    finally:
        worker.terminate()
        _, said = await asyncio.to_thread(worker.communicate, timeout=30)
    done["worker"] = subprocess.CompletedProcess([], worker.returncode, "", said)
    return done


@pytest.fixture(scope="module")
def scene(play: Any) -> dict[str, Done]:
    return play(_scene)


pytestmark = pytest.mark.timeout(240)  # eight processes, one after another
NAMES = ["migrate", "check", "worker", "submit", "dead-letters", "submissions", "status"]


@pytest.mark.parametrize("name", NAMES)
def test_it_does_its_work(scene: dict[str, Done], name: str) -> None:
    done = scene[name]
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr[-2000:]


def test_a_submission_is_answered(scene: dict[str, Done]) -> None:
    (reply,) = json.loads(scene["submit"].stdout)["replies"]
    assert reply["headers"]["ce_type"] == "nhis.immunization.register.accepted.v1"
    (listed,) = json.loads(scene["submissions"].stdout)
    assert (listed["id"], listed["state"]) == ("read-only", "accepted")


@pytest.mark.parametrize(
    "act", ["open('x', 'w')", "os.mkdir('x')", "os.rename('a', 'b')", "os.open('x', os.O_RDWR)"]
)
def test_the_file_system_of_these_tests_refuses_what_is_written(act: str, tmp_path: Path) -> None:
    code = f"import os, sys; from tests.support.worker import read_only; sys.addaudithook(read_only.refuse); {act}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert "Read-only file system" in done.stderr
    assert not (tmp_path / "x").exists()
