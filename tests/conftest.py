"""What every test may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.register_assert_rewrite("tests.support.journal")


@pytest.fixture(autouse=True)
def _no_columns() -> Iterator[None]:
    """A width in the environment, of a terminal or of another test, would change every piped table.

    It must not ask for `monkeypatch`: as the first fixture of each test it would make what the test patches last
    until every other fixture has ended.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("COLUMNS", raising=False)
        yield


pytest_plugins = [
    "tests.support.temporary",  # before those that import it
    "tests.support.absent",
    "tests.support.alone",
    "tests.support.garbage",
    "tests.support.kafka.fixtures",
    "tests.support.postgres.server",
    "tests.support.postgres.time_travel",
    "tests.support.softhsm.fixtures",
    "tests.support.strict_skips",
    "tests.support.together",
    "tests.support.trust",
    "pytester",
]
