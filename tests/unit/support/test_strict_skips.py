"""Skipped tests are never silent, and fail the run where they must."""

from __future__ import annotations

import pytest

SUITE = """
import pytest

def test_passes(): pass

@pytest.mark.skip(reason="no java here")
def test_skipped(): pass

@pytest.fixture
def broker(): pytest.skip("no broker here")

@pytest.mark.parametrize("number", [1, 2])
def test_skipped_by_its_fixture(broker, number): pass

@pytest.mark.xfail(reason="known")
def test_expected_to_fail(): assert False
"""


def _run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    pytester.makepyfile(SUITE)
    plugins = ("-p", "tests.support.strict_skips", "-p", "no:asyncio", "-p", "no:cacheprovider")
    return pytester.runpytest_inprocess(*plugins, *options)


def _last_lines(result: pytest.RunResult, count: int) -> list[str]:
    return [line for line in result.outlines if line][-count:]


def test_the_lines_before_the_closing_line_say_how_many_and_why(pytester, monkeypatch):
    monkeypatch.delenv("CI", raising=False)

    result = _run(pytester)

    assert result.ret == pytest.ExitCode.OK
    *said, closing = _last_lines(result, 3)
    assert said == ["1 test skipped: no java here", "2 tests skipped: no broker here"]
    assert closing.startswith("=")
    result.assert_outcomes(passed=1, skipped=3, xfailed=1)


@pytest.mark.parametrize(("variable", "options"), [("", ["--strict-skips"]), ("true", [])])
def test_skips_fail_the_run_where_they_are_not_allowed(pytester, monkeypatch, variable, options):
    monkeypatch.setenv("CI", variable)

    result = _run(pytester, *options)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    said, _ = _last_lines(result, 2)
    assert said == "Failed: skipped tests are failures here (--strict-skips)"


def test_nothing_is_said_where_nothing_was_skipped(pytester, monkeypatch):
    monkeypatch.setenv("CI", "true")

    result = _run(pytester, "-k", "test_passes")

    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=1, deselected=4)
    result.stdout.no_fnmatch_line("* skipped: *")


@pytest.mark.parametrize("processes", [1, 2])
def test_skips_in_other_processes_count(pytester, monkeypatch, pytestconfig, processes):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))

    result = _run(pytester, "-n", str(processes))

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    *counts, failed, _ = _last_lines(result, 4)
    assert sorted(counts) == ["1 test skipped: no java here", "2 tests skipped: no broker here"]
    assert failed == "Failed: skipped tests are failures here (--strict-skips)"
