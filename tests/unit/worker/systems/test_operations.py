"""The operations of the systems and the contracts are about the same events: each operation's event has a contract."""

from __future__ import annotations

import pytest

from contracts.registry import EVENT_TYPES
from worker.settings.systems import SystemsSettings
from worker.systems import registry

SHEP = {"url": "https://shep.test/", "senders": {"one": {"sender_id": "m"}}, "verify_answers": False}
SETTINGS = SystemsSettings.model_validate(
    {
        "nhis": {},
        "nhif": {},
        "erx": {"client": {"username": "software", "password": "x"}},
        "kz_shep": SHEP,
        "regix": {},
        "epayment": {},
        "edelivery": {},
        "eforms": {},
    }
)


def test_every_system_that_has_a_contract_has_a_package():
    assert {one.system for one in EVENT_TYPES.values()} == set(registry.SYSTEMS)


@pytest.mark.parametrize("system", registry.SYSTEMS)
def test_a_systems_operations_are_those_of_its_contracts(system):
    operations = list(registry._package(system).operations(SETTINGS.of(system)))

    contracts = {(one.event_type, one.operation) for one in EVENT_TYPES.values() if one.system == system}
    assert {(one.event_type, one.name) for one in operations} == contracts
    assert {one.system for one in operations} == {system}
    assert len(operations) == len(contracts)
