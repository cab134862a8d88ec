"""A stage that cannot be set says which part failed and how its log ends."""

from __future__ import annotations

import socket

import pytest

from demo.nhis.production import Nhis
from demo.processes import Processes, StageFailed
from demo.stage import Stage
from tests.support.demo.stage import processes_of


def test_a_worker_that_cannot_start(short_tmp):
    stage = Stage(short_tmp, [Nhis()])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", stage.health_port))
        taken.listen()
        with pytest.raises(StageFailed) as failure, stage:
            pass

    assert str(failure.value).startswith("The worker ended with status 2. The end of its log, ")
    assert "the probes cannot listen" in str(failure.value)
    assert processes_of(short_tmp) == []


def test_a_sandbox_that_cannot_start(short_tmp):
    (short_tmp / "nhis").write_text("in the way")

    with pytest.raises(StageFailed, match=r"The nhis sandbox did not start\. The end of its log") as failure:
        Stage(short_tmp, [Nhis()]).__enter__()

    assert "nhis" in str(failure.value)
    assert processes_of(short_tmp) == []


def test_a_command_that_fails(tmp_path):
    with pytest.raises(StageFailed, match="journal migrate failed") as failure:
        Processes(tmp_path).run(
            "journal migrate", "journal", "migrate", "--config", str(tmp_path / "none.yaml")
        )

    assert "none.yaml" in str(failure.value)


def test_a_part_that_ends_meanwhile(tmp_path):
    processes = Processes(tmp_path)
    part = processes.start("worker", "--help")
    part.process.wait()

    with pytest.raises(StageFailed, match="The worker ended with status 0"):
        processes.check()

    processes.close()
