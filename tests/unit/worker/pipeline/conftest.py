"""What the tests of deliveries share."""

from __future__ import annotations

import pytest

from tests.support.fakes.one_delivery import MakeEngine, make_engine


@pytest.fixture
def engine() -> MakeEngine:
    """Make deliveries; see `make_engine`."""
    return make_engine
