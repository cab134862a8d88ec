"""A test that needs the whole machine, or half of it, has it, also in a run of several processes."""

from __future__ import annotations

import pytest

BEGINNING = """
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
"""
ORDINARY = """
@pytest.mark.parametrize("number", range(6))
def test_beside_others(others, number):
    for _ in range(10):
        time.sleep(0.02)
        if len(others()) > 1:
            (BESIDE / "many").touch()
"""
ALONE = """
@pytest.mark.alone
@pytest.mark.parametrize("number", range(3))
def test_alone(others, number):
    for _ in range(10):
        assert others() == []
        time.sleep(0.02)
"""
HALF = """
@pytest.mark.beside_one
@pytest.mark.parametrize("number", range(3))
def test_beside_one(others, number):
    half = Path(__file__).parent / "half"
    half.touch()
    for _ in range(10):
        assert len(others()) <= 1
        time.sleep(0.02)
        if others():
            (BESIDE / "one").touch()
    half.unlink()
"""
UNIT = """
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

@pytest.mark.parametrize("number", range(12))
def test_computes(number):
    for _ in range(10):
        time.sleep(0.02)
        if (ROOT / "half").exists() and len(list((ROOT / "present").iterdir())) > 1:
            (ROOT / "beside" / "unit").touch()
"""
# While the tests of one process need half of the machine, the others have some that do not.
FILES = {"one": (HALF, ORDINARY, ALONE), "two": (ORDINARY, ALONE, HALF), "three": (ORDINARY, ALONE, HALF)}
PASSED = len(FILES) * (6 + 3 + 3) + 12


def _run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    suites = {name: "\n".join((BEGINNING.format(name=name), *parts)) for name, parts in FILES.items()}
    pytester.makepyfile(
        **{f"test_{name}": suite for name, suite in suites.items()}, **{"tests/unit/test_unit": UNIT}
    )
    plugins = ("-p", "tests.support.alone", "-p", "no:asyncio", "-p", "no:cacheprovider")
    return pytester.runpytest_inprocess(*plugins, "--strict-markers", *options)


def test_as_many_run_beside_it_as_it_allows(pytester, monkeypatch, pytestconfig):
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))

    result = _run(pytester, "-n", str(len(FILES) + 1), "--dist", "loadfile")

    result.assert_outcomes(passed=PASSED)
    beside = {path.name for path in (pytester.path / "beside").iterdir()}
    assert "one" in beside, "one other ran beside a test that needs half of the machine"
    assert "unit" in beside, "a unit test ran beside both"
    assert "many" in beside, "the other tests ran beside each other"


def test_a_run_of_one_process_needs_no_turns(pytester):
    result = _run(pytester, "-n", "0")

    result.assert_outcomes(passed=PASSED)
