"""A system is entered in one line of each registry: the registries name the same systems."""

from __future__ import annotations

import pytest

from contracts.registry import EVENT_TYPES, SYSTEMS
from demo import scenarios
from sandbox.registry import SANDBOXES
from worker.settings.systems import SystemsSettings

OVER_ANOTHER = frozenset({"eforms"})
"""Reached through eDelivery alone, whose sandbox stands for it."""
OF_UNKNOWN_TYPES = frozenset({"peu"})
"""The portal's types are not public, so that no sandbox can know them (docs/systems/peu.md)."""


def test_the_registries_name_the_same_systems():
    shown = tuple(system for system in SYSTEMS if system not in OF_UNKNOWN_TYPES)
    assert shown == scenarios.SYSTEMS
    assert tuple(entry.system for entry in SANDBOXES) == tuple(
        one for one in shown if one not in OVER_ANOTHER
    )
    assert {name.replace("_", "-") for name in SystemsSettings.model_fields} == set(SYSTEMS)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_systems_events_are_its_own(system):
    own = [contract for contract in EVENT_TYPES.values() if contract.system == system]

    assert own
    assert all(one.event_type == f"{system}.{one.operation}.v1" for one in own)
