"""The longest files are given out first; files that share a demo run in one process of pytest-xdist."""

from __future__ import annotations

import re

import pytest

from tests.support.readme import ROOT
from tests.support.together import BESIDE_THE_DEMO, DEMO, LONGEST, turn

TAKES_THE_READER = re.compile(r"^(?:async )?def test_\w+\([^)]*\breader\b", re.MULTILINE)
TEST = "import os, pathlib\ndef test_it(): pathlib.Path(f'{os.getpid()}.' + pathlib.Path(__file__).stem).touch()\n"
ORDERED = """
import pathlib
def test_it():
    with pathlib.Path("order").open("a") as order:
        order.write(pathlib.Path(__file__).stem + " ")
def test_more(): pass
def test_and_more(): pass
"""


def test_every_file_beside_the_demo_is_named():
    files = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "tests" / "docs").glob("test_*.py")
        if TAKES_THE_READER.search(file.read_text(encoding="utf-8"))
    }

    assert files == BESIDE_THE_DEMO


def test_the_longest_are_there():
    assert len(set(LONGEST)) == len(LONGEST)
    assert [file for file in LONGEST if file != DEMO and not (ROOT / file).is_file()] == []


def test_the_longest_come_first_and_the_unit_tests_last():
    earliest_first = [
        "tests/integration/chaos/test_run.py::test_it",
        "tests/docs/test_keep.py::test_it",
        "tests/integration/systems/epayment/test_status_calls.py::test_it",
        "tests/integration/admin/test_queries.py::TestIt::test_it[unit]",
        "tests/unit/contracts/test_formats.py::test_it",
    ]

    latest_first = earliest_first[::-1]
    assert sorted(latest_first, key=turn) == earliest_first
    assert turn("tests/docs/test_links.py::test_it") == turn(
        "tests/integration/admin/test_queries.py::test_it"
    )


def test_they_are_given_out_in_this_order(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """One process shows it. It has all files beside each other, and that with the most tests would come first."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for folder, names in (("tests/unit", ("few",)), ("tests/integration/worker", ("any", "looking"))):
        (pytester.path / folder).mkdir(parents=True)
        for name in names:
            (pytester.path / folder / f"test_{name}.py").write_text(ORDERED)
    with (pytester.path / "tests/unit/test_few.py").open("a") as few:
        few.write("def test_most(): pass\n")

    _run(pytester, "1").assert_outcomes(passed=10)

    assert (pytester.path / "order").read_text().split() == ["test_looking", "test_any", "test_few"]


def test_one_process_begins_with_the_unit_tests_and_helps_the_others_then(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    slow = f"{TEST}def test_slow(): import time; time.sleep(0.3)\n"
    for folder, test, count in (("tests/unit", TEST, 3), ("tests/integration", slow, 6)):
        (pytester.path / folder).mkdir(parents=True)
        for number in range(count):
            (pytester.path / folder / f"test_{folder[6:]}_{number}.py").write_text(test)

    _run(pytester, "2").assert_outcomes(passed=15)

    ran = [file.name.split(".test_") for file in pytester.path.glob("*.test_*")]
    unit = {pid for pid, name in ran if name.startswith("unit")}
    assert len(unit) == 1, "one process has all unit tests"
    assert {pid for pid, name in ran if name.startswith("integration")} > unit, "which runs others then"


def test_they_run_in_one_process(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = pytester.mkdir("tests") / "docs"
    folder.mkdir()
    for name in BESIDE_THE_DEMO:
        (pytester.path / name).write_text(TEST)
    for number in range(4):
        (folder / f"test_other_{number}.py").write_text(TEST)

    done = _run(pytester, "2")

    done.assert_outcomes(passed=8)
    ran = [file.name.split(".") for file in pytester.path.glob("*.test_*")]
    assert len(ran) == 8
    assert len({pid for pid, name in ran if f"tests/docs/{name}.py" in BESIDE_THE_DEMO}) == 1
    assert len({pid for pid, _ in ran}) == 2


def _run(pytester: pytest.Pytester, processes: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(
        "-p", "tests.support.together", "-p", "no:cacheprovider", "-n", processes, "--dist", "loadfile"
    )
