"""The garbage collector: off while a process loads what it keeps, then set for one that serves for weeks."""

from __future__ import annotations

import gc

YOUNGEST = 100_000
"""Objects between two collections. Python's 700, and 20,000 too, are fewer than a worker holds for its submissions in
flight: each collection would look at these, and find nothing. What is large frees itself, the 300 KB of a TLS
connection above all (tests/integration/transport/test_leftovers.py): what waits for a collection is small."""


def load() -> None:
    """Collect nothing until `loaded`: modules are kept, and looked at in vain for a sixth of the CPU of a start."""
    gc.disable()


def loaded() -> None:
    """Collect again, if `load` was called, what is made from now on: not what was loaded, not even at the exit."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def serve() -> None:
    """Leave out of all further collections what was made until now: settings, modules, connections.

    What comes later is looked at: schemas that ship with Herald are compiled when the first message needs them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST)
