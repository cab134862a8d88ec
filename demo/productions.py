"""The one place of the demo that names the national systems; adding one adds a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.erx.production import Erx
from demo.kz_shep.production import KzShep
from demo.nhif.production import Nhif
from demo.nhis.production import Nhis

if TYPE_CHECKING:
    from demo.production import Production

PRODUCTIONS: tuple[Production, ...] = (Nhis(), Nhif(), Erx(), KzShep())
"""In the order in which they are played."""


def chosen(system: str) -> tuple[Production, ...]:
    """Return the productions of one system, or of `all`."""
    return tuple(one for one in PRODUCTIONS if system in {one.system, "all"})
