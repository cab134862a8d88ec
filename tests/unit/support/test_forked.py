"""A forked process is like one that was started: its arguments, environment, output, end, and what kills it."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tests.support.processes.forked import ForkServer

MAIN = """
import os, sys, time
def main():
    print(sys.argv, dict(os.environ), flush=True)
    match sys.argv[1]:
        case "waits": time.sleep(60)
        case "fails": raise ValueError("invented")
        case "dies": os.kill(os.getpid(), 9)
        case "says": sys.exit("why")
        case code: sys.exit(int(code))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("modules")
    (directory / "invented_main.py").write_text(MAIN)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(directory))
        server = ForkServer("json")
    yield server
    server.close()


@pytest.fixture
def start(server, tmp_path):
    def start(argument):
        return server.start(
            "invented_main",
            argument,
            stdout=tmp_path / "out",
            stderr=tmp_path / "err",
            variables={"ONLY": "this"},
        )

    return start


@pytest.mark.parametrize(
    ("argument", "code"), [("0", 0), ("3", 3), ("says", 1), ("fails", 71), ("dies", -signal.SIGKILL)]
)
def test_its_exit_code_is_told(start, argument, code):
    process = start(argument)

    assert process.wait(30) == process.poll() == code


def test_it_has_its_own_arguments_and_environment(start, tmp_path):
    start("0").wait(30)

    assert (tmp_path / "out").read_text() == "['invented_main', '0'] {'ONLY': 'this'}\n"


def test_it_says_why_it_failed(start, tmp_path):
    start("fails").wait(30)

    assert "ValueError: invented" in (tmp_path / "err").read_text()


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_it_runs_until_it_is_ended(start, end):
    process = start("waits")

    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    getattr(process, end)()
    assert process.wait(30) == {"kill": -signal.SIGKILL, "terminate": -signal.SIGTERM}[end]
    process.kill()  # harms nobody


def test_none_outlives_the_server(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "invented_main.py").write_text(MAIN)
    server = ForkServer()
    process = server.start(
        "invented_main", "waits", stdout=tmp_path / "out", stderr=tmp_path / "err", variables={}
    )

    server.close()

    assert process.wait(30) == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
