"""The table of systems: each has its scenario, and `herald demo` has a choice for each."""

from __future__ import annotations

import pytest

from demo.command import CHOICES
from demo.scenario import RunsThrough
from demo.scenarios import ALL, SYSTEMS, chosen


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_has_one_scenario(system):
    *before, one = chosen(system)
    assert one.system == system
    assert [other.system for other in before] == ([one.through] if isinstance(one, RunsThrough) else [])


def test_eforms_runs_after_the_system_that_carries_it():
    assert [one.system for one in chosen("eforms")] == ["edelivery", "eforms"]


def test_all_run_in_the_tables_order():
    assert [one.system for one in chosen()] == [*SYSTEMS]
    assert (*SYSTEMS, ALL) == CHOICES
