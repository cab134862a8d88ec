"""The NHIS sandbox, which verifies what the workers of the benchmark send."""

from __future__ import annotations

import pytest

from tests.support.worker.nhis import running


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """One sandbox for a module."""
    with running(tmp_path_factory.mktemp("bench-nhis")) as nhis:
        yield nhis
