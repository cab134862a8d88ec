"""Settings for the ePayments tests."""

from __future__ import annotations

import pytest

from tests.support.systems.epayment.reading import epayment_settings
from worker.systems.epayment.settings import EpaymentSettings


@pytest.fixture
def settings() -> EpaymentSettings:
    return epayment_settings()
