"""The table of systems: each has its scenario, and `herald demo` has a choice for each."""

from __future__ import annotations

import pytest

from demo.command import CHOICES
from demo.scenarios import ALL, SYSTEMS, chosen


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_has_one_scenario(system):
    assert [one.system for one in chosen(system)] == [system]


def test_all_run_in_the_tables_order():
    assert [one.system for one in chosen()] == [*SYSTEMS]
    assert (*SYSTEMS, ALL) == CHOICES
