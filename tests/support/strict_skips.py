"""Skipped tests are visible: the last lines say how many and why. In CI (`--strict-skips`) they fail."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator

import pytest

REPORTS = pytest.StashKey[Counter[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option; the CI variable that CI systems set turns it on."""
    parser.addoption(
        "--strict-skips",
        action="store_true",
        default=bool(os.environ.get("CI")),
        help="fail when a test was skipped (default where CI is set)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start counting."""
    config.stash[REPORTS] = Counter()
    config.pluginmanager.register(_Counting(config.stash[REPORTS]))


class _Counting:
    """Counts the reports, those of other processes (pytest-xdist) too: they arrive here with the run's own."""

    def __init__(self, reasons: Counter[str]) -> None:
        self._reasons = reasons

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count skipped tests by their reason."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._reasons[_reason(report)] += 1


def _reason(report: pytest.TestReport) -> str:
    said = report.longrepr
    return str(said[2] if isinstance(said, tuple | list) else said).removeprefix("Skipped: ")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a passed run with skipped tests into a failed one where they are not allowed."""
    if _forbidden(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Say it after everything else, just before the closing line."""
    yield
    for reason, count in config.stash[REPORTS].items():
        terminalreporter.line(f"{count} test{'s' if count > 1 else ''} skipped: {reason}", yellow=True)
    if _forbidden(config):
        terminalreporter.line("Failed: skipped tests are failures here (--strict-skips)", red=True)


def _forbidden(config: pytest.Config) -> bool:
    return bool(config.getoption("strict_skips") and config.stash[REPORTS])
