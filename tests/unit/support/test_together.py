"""Files that share a demo run in one process of pytest-xdist; the others are given out as they come."""

from __future__ import annotations

import re

import pytest

from tests.support.readme import ROOT
from tests.support.together import BESIDE_THE_DEMO

TAKES_THE_READER = re.compile(r"^(?:async )?def test_\w+\([^)]*\breader\b", re.MULTILINE)
TEST = "import os, pathlib\ndef test_it(): pathlib.Path(f'{os.getpid()}.' + pathlib.Path(__file__).stem).touch()\n"


def test_every_file_beside_the_demo_is_named():
    files = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "tests" / "docs").glob("test_*.py")
        if TAKES_THE_READER.search(file.read_text(encoding="utf-8"))
    }

    assert files == BESIDE_THE_DEMO


def test_they_run_in_one_process(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = pytester.mkdir("tests") / "docs"
    folder.mkdir()
    for name in BESIDE_THE_DEMO:
        (pytester.path / name).write_text(TEST)
    for number in range(4):
        (folder / f"test_other_{number}.py").write_text(TEST)

    done = pytester.runpytest_subprocess(
        "-p", "tests.support.together", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadfile"
    )

    done.assert_outcomes(passed=8)
    ran = [file.name.split(".") for file in pytester.path.glob("*.test_*")]
    assert len(ran) == 8
    assert len({pid for pid, name in ran if f"tests/docs/{name}.py" in BESIDE_THE_DEMO}) == 1
    assert len({pid for pid, _ in ran}) == 2
