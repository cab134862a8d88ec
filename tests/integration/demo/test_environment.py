"""An environment that cannot be started says which part failed and how its log ends."""

from __future__ import annotations

import socket

import pytest

from demo.environment import Environment
from demo.nhis.scenario import Nhis
from demo.processes import EnvironmentFailed, Processes
from tests.support.demo.environment import processes_of


def test_a_worker_that_cannot_start(short_tmp):
    environment = Environment(short_tmp, [Nhis()])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", environment.health_port))
        taken.listen()
        with pytest.raises(EnvironmentFailed) as failure, environment:
            pass

    assert str(failure.value).startswith("The worker ended with status 2. The end of its log, ")
    assert "the probes cannot listen" in str(failure.value)
    assert processes_of(short_tmp) == []


def test_a_sandbox_that_cannot_start(short_tmp):
    (short_tmp / "nhis").write_text("in the way")

    with pytest.raises(
        EnvironmentFailed, match=r"The nhis sandbox did not start\. The end of its log"
    ) as failure:
        Environment(short_tmp, [Nhis()]).__enter__()

    assert "nhis" in str(failure.value)
    assert processes_of(short_tmp) == []


def test_a_command_that_fails(tmp_path):
    with pytest.raises(EnvironmentFailed, match="journal migrate failed") as failure:
        Processes(tmp_path).run(
            "journal migrate", "journal", "migrate", "--config", str(tmp_path / "none.yaml")
        )

    assert "none.yaml" in str(failure.value)


def test_a_part_that_ends_meanwhile(tmp_path):
    processes = Processes(tmp_path)
    part = processes.start("worker", "--help")
    part.process.wait()

    with pytest.raises(EnvironmentFailed, match="The worker ended with status 0"):
        processes.check()

    processes.close()
