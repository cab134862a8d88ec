"""A test that needs the whole machine has it, also in a run of several processes."""

from __future__ import annotations

import pytest

SUITE = """
import time
from pathlib import Path

import pytest

PRESENT = Path(__file__).parent / "present"
BESIDE = Path(__file__).parent / "beside"

@pytest.fixture
def others():
    PRESENT.mkdir(exist_ok=True)
    BESIDE.mkdir(exist_ok=True)
    mine = PRESENT / {name!r}
    mine.touch()
    yield lambda: [path for path in PRESENT.iterdir() if path != mine]
    mine.unlink()

@pytest.mark.parametrize("number", range(6))
def test_beside_others(others, number):
    for _ in range(10):
        time.sleep(0.02)
        if others():
            (BESIDE / {name!r}).touch()

@pytest.mark.alone
@pytest.mark.parametrize("number", range(3))
def test_alone(others, number):
    for _ in range(10):
        assert others() == []
        time.sleep(0.02)

"""


def _run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    pytester.makepyfile(**{f"test_{name}": SUITE.format(name=name) for name in ("one", "two")})
    plugins = ("-p", "tests.support.alone", "-p", "no:asyncio", "-p", "no:cacheprovider")
    return pytester.runpytest_inprocess(*plugins, "--strict-markers", *options)


def test_nothing_runs_beside_it(pytester, monkeypatch, pytestconfig):
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))

    result = _run(pytester, "-n", "2", "--dist", "loadfile")

    result.assert_outcomes(passed=18)
    assert any((pytester.path / "beside").iterdir()), "the other tests ran beside each other"


def test_a_run_of_one_process_needs_no_turns(pytester):
    result = _run(pytester, "-n", "0")

    result.assert_outcomes(passed=18)
