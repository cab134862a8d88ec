"""The garbage collector, set for a process that has everything it needs and now serves for weeks."""

from __future__ import annotations

import gc

YOUNGEST = 20_000
"""Objects between two collections. Python's 700 are a tenth of what a worker holds for its submissions in flight:
each collection would look at these, and find nothing."""


def serve() -> None:
    """Leave out of all further collections what was made until now: settings, schemas, modules, connections."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST)
