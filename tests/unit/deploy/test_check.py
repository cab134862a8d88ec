"""`make deploy-check` counts what failed as failed, and what was not checked as well."""

from __future__ import annotations

import pytest

from tests.deploy.check import Summary

PASSES = "TOOL = 'a tool'\ndef test_one(): pass\ndef test_two(): pass\n"
FAILS = "TOOL = 'another'\ndef test_one(): pass\ndef test_two(): assert 'what is' == 'what should be'\n"
SKIPS = "import pytest\ndef test_one(): pytest.skip('no network')\n"
BREAKS = "import nowhere_to_be_found\n"
SETUP = "import pytest\n@pytest.fixture\ndef no(): raise OSError('no tool')\ndef test_one(no): pass\n"


@pytest.fixture
def lines(pytester, monkeypatch):
    """Run these modules, and return the summary and what was printed."""

    def run(**modules):
        printed = []
        monkeypatch.setattr("tests.deploy.check._print", printed.append)
        pytester.makepyfile(**modules)
        summary = Summary()
        options = [
            "-q",
            "--continue-on-collection-errors",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "-p",
            "no:asyncio",
        ]
        code = pytester.inline_run(*options, plugins=[summary]).ret
        return summary, "\n".join(printed), code

    return run


def test_each_part_has_a_line(lines):
    summary, printed, code = lines(test_a=PASSES)
    assert (summary.passed, summary.failed, code) == (["test_a.py"], [], 0)
    assert printed.split()[:5] == ["passed", "a", "tool", "2", "checks"]


@pytest.mark.parametrize(
    ("module", "told"),
    [(FAILS, "what should be"), (SKIPS, "no network"), (BREAKS, "nowhere_to_be_found"), (SETUP, "no tool")],
)
def test_what_is_not_well_fails_and_says_why(lines, module, told):
    summary, printed, _ = lines(test_a=PASSES, test_b=module)
    assert (summary.passed, summary.failed) == (["test_a.py"], ["test_b.py"])
    assert told in printed
