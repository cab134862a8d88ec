"""What every test may use."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.support.journal")


@pytest.fixture(autouse=True)
def _no_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A width in the environment, of a terminal or of another test, would change every piped table."""
    monkeypatch.delenv("COLUMNS", raising=False)


pytest_plugins = [
    "tests.support.alone",
    "tests.support.kafka.fixtures",
    "tests.support.postgres.server",
    "tests.support.strict_skips",
    "pytester",
]
