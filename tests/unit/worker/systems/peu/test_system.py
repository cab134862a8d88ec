"""What the portal's system serves without a WSDL, and that the operator is told."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.systems.eforms.hospital import FakeEsb
from tests.support.systems.peu.service import UPDATE, WSDL
from worker.systems.dependencies import Dependencies
from worker.systems.peu.build import build
from worker.systems.peu.settings import PeuSettings
from worker.systems.port import Refused, RefusesOperations

PASSWORD = "invented"
USERS = {"hospital": {"username": "hospital", "password": PASSWORD}}


@pytest.fixture
def make():
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    dependencies = Dependencies({}, {}, {}, now=lambda: now, monotonic=lambda: 0.0, esb=lambda _: FakeEsb())
    return lambda **settings: build(PeuSettings(senders=("dr-a",), **settings), dependencies)


async def test_without_a_wsdl_it_tells_the_operator_and_refuses_calls(make, caplog):
    with caplog.at_level(logging.WARNING):
        made = make()
    assert isinstance(made, RefusesOperations)
    ((operation, why),) = made.refused_operations().items()
    assert operation == "service.call"
    assert "systems.peu.wsdl_file" in why
    assert [(one.getMessage(), one.detail) for one in caplog.records] == [
        ("calls of the portal's service are refused", why)
    ]
    event = submission("peu.service.call.v1", {"operation": "UpdateService", "arguments": UPDATE})
    with pytest.raises(Refused) as refused:
        await made.check(event)
    assert refused.value.reason == Reason.CONFIGURATION


async def test_with_a_wsdl_it_serves_everything(make, caplog):
    made = make(wsdl_file=WSDL, port="Basic", users=USERS)
    assert made.refused_operations() == {}
    assert caplog.records == []
