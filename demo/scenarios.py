"""The one place of the demo that names the national systems; adding one adds a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.erx.scenario import Erx
from demo.kz_shep.scenario import KzShep
from demo.nhif.scenario import Nhif
from demo.nhis.scenario import Nhis

if TYPE_CHECKING:
    from demo.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (Nhis(), Nhif(), Erx(), KzShep())
"""In the order in which they run."""


def chosen(system: str) -> tuple[Scenario, ...]:
    """Return the scenarios of one system, or of `all`."""
    return tuple(one for one in SCENARIOS if system in {one.system, "all"})
