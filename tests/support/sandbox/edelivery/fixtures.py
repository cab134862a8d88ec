"""One world for each test; its certificates are made once."""

from __future__ import annotations

import pytest

from tests.support.sandbox.edelivery.world import World, certificates


@pytest.fixture(scope="session")
def shown():
    return certificates()


@pytest.fixture
def world(tmp_path, shown):
    return World(tmp_path, shown)
