"""The garbage collector: off while a process makes what it keeps, then set for one that serves for weeks."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

YOUNGEST = 20_000
"""Objects between two collections. Python's 700 are a tenth of what a worker holds for its submissions in flight:
each collection would look at these, and find nothing."""


@contextmanager
def making_what_stays() -> Iterator[None]:
    """Collect nothing while modules are imported or a process is built: that is all kept, and looked at in vain.

    For every command: these collections are a sixth of the CPU of a start.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def serve() -> None:
    """Leave out of all further collections what was made until now: settings, schemas, modules, connections."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST)
