"""The one place of the demo that names the national systems; adding one adds a line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from demo.scenario import RunsThrough

if TYPE_CHECKING:
    from demo.scenario import Scenario

SYSTEMS = (
    "nhis",
    "nhif",
    "erx",
    "kz-shep",
    "regix",
    "epayment",
    "edelivery",
    "eforms",
)
"""In the order in which they run; the scenario of each is `SCENARIO` of its package's module `scenario`."""
ALL = "all"


def chosen(system: str = ALL) -> tuple[Scenario, ...]:
    """Return the scenario of one system, after that of the system through which it is reached, or those of all."""
    if system == ALL:
        return tuple(map(_scenario, SYSTEMS))
    one = _scenario(system)
    return (_scenario(one.through), one) if isinstance(one, RunsThrough) else (one,)


def _scenario(system: str) -> Scenario:
    scenario: Scenario = import_module(f"demo.{system.replace('-', '_')}.scenario").SCENARIO
    return scenario
