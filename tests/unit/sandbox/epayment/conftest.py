"""The stand-in without a server."""

from __future__ import annotations

import pytest

from tests.support.sandbox.epayment.caller import Caller


@pytest.fixture
def call():
    return Caller()
