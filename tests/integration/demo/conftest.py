"""A place for the demo to run in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.demo.environment import runtime_directory, short_directory


@pytest.fixture(scope="session", autouse=True)
def _runtime_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with runtime_directory(tmp_path_factory.mktemp("runtime")):
        yield


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """A directory of this test's own, with a short name."""
    with short_directory() as path:
        yield path
