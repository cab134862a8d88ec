"""`make deploy-check`: install the validators, run all of `tests/deploy`, and print a line for each part of it.

A part is a test module; its constant `TOOL` names it. What failed is printed below its line, with the tool's own words.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest

from tests.deploy import tools

HERE = Path(__file__).parent


class Summary:
    """Collects the reports of a run, and prints a part's line when its last test has ended."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.failed: list[str] = []
        self._titles: dict[str, str] = {}
        self._open: dict[str, int] = defaultdict(int)
        self._checks: dict[str, int] = defaultdict(int)
        self._seconds: dict[str, float] = defaultdict(float)
        self._problems: dict[str, list[str]] = defaultdict(list)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn which parts there are."""
        for item in session.items:
            part = item.nodeid.partition("::")[0]
            self._titles[part] = title_of(getattr(item, "module", None), part)
            self._open[part] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that cannot even be read."""
        if report.failed:
            self._problems[report.nodeid].append(report.longreprtext)
            self._close(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test went; what is skipped was not checked, and counts as failed."""
        part = report.nodeid.partition("::")[0]
        self._seconds[part] += report.duration
        if report.failed or report.skipped:
            self._problems[part].append(f"{report.nodeid.partition('::')[2]}\n{report.longreprtext}")
        if report.when == "teardown":
            self._checks[part] += 1
            if self._checks[part] == self._open[part]:
                self._close(part)

    def _close(self, part: str) -> None:
        problems = self._problems[part]
        (self.failed if problems else self.passed).append(part)
        verdict = "failed" if problems else "passed"
        title = self._titles.get(part, part)
        _print(f"{verdict}  {title:<44} {self._checks[part]:4} checks {self._seconds[part]:6.1f} s")
        for problem in problems:
            _print("\n".join(f"        {line}" for line in problem.splitlines()))


def title_of(module: ModuleType | None, part: str) -> str:
    """Return how a part is called: its constant `TOOL`, else the name of its file."""
    return str(getattr(module, "TOOL", Path(part).stem.removeprefix("test_")))


def _print(line: str) -> None:
    # Past pytest's own report, which is kept back.
    print(line, file=sys.__stdout__, flush=True)


def main() -> int:
    """Run everything; return 0 where all of it passed."""
    if tools.main() != 0:
        return 1
    summary = Summary()
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main(
            [
                str(HERE),
                "-q",
                "--continue-on-collection-errors",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:xdist",
                "--no-header",
            ],
            plugins=[summary],
        )
    _print(f"{len(summary.passed)} passed, {len(summary.failed)} failed")
    return 0 if code == pytest.ExitCode.OK and summary.passed and not summary.failed else 1


if __name__ == "__main__":
    os.chdir(HERE.parents[1])
    sys.exit(main())
