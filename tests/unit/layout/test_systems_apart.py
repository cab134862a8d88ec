"""The parts of one national system know nothing of another's: each can be read, changed and removed alone.

For `worker.systems` the import rules in pyproject.toml hold this.
"""

from __future__ import annotations

import pytest

from contracts.registry import SYSTEMS
from tests.unit.layout.test_circles import imports_of_all_rooms

WITHOUT_THEIR_OWN = {("eforms", "sandbox"), ("peu", "sandbox"), ("peu", "demo")}
"""eForms is reached through eDelivery's sandbox; the types of the portal (ПЕУ) are not public."""
ACTS_THROUGH = {("eforms", "demo"): "edelivery"}
"""The scenario of eForms goes on where that of eDelivery ends."""
PACKAGES = [system.replace("-", "_") for system in SYSTEMS]


@pytest.mark.parametrize("room", ["contracts", "sandbox", "demo", "worker/systems"])
@pytest.mark.parametrize("system", PACKAGES)
def test_no_part_of_a_system_imports_another_system(room, system):
    graph = imports_of_all_rooms()
    known = {system, ACTS_THROUGH.get((system, room))}
    others = tuple(f"{room}/{other}/" for other in PACKAGES if other not in known)
    own = {file: found for file, found in graph.items() if file.startswith(f"{room}/{system}/")}
    assert bool(own) == ((system, room) not in WITHOUT_THEIR_OWN)
    assert [
        (file, one) for file, found in own.items() for one in sorted(found) if one.startswith(others)
    ] == []


@pytest.mark.parametrize("system", PACKAGES)
def test_the_scenario_of_a_system_knows_neither_the_worker_nor_the_sandbox(system):
    graph = imports_of_all_rooms()
    own = {file: found for file, found in graph.items() if file.startswith(f"demo/{system}/")}
    foreign = ("worker/", "sandbox/")
    assert [
        (file, one) for file, found in own.items() for one in sorted(found) if one.startswith(foreign)
    ] == []
