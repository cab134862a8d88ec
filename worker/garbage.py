"""The garbage collector: off while a process loads what it keeps, then set for one that serves for weeks."""

from __future__ import annotations

import gc

YOUNGEST = 20_000
"""Objects between two collections. Python's 700 are a tenth of what a worker holds for its submissions in flight:
each collection would look at these, and find nothing."""


def load() -> None:
    """Collect nothing until `loaded`: modules are kept, and looked at in vain for a sixth of the CPU of a start."""
    gc.disable()


def loaded() -> None:
    """Collect again, if `load` was called, what is made from now on: not what was loaded, not even at the exit."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def serve() -> None:
    """Leave out of all further collections what was made until now: settings, schemas, modules, connections."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST)
