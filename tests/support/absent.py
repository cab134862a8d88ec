"""What is not installed is looked for once: for an absent module Python searches its whole path at each import.

httpcore, over which the tests ask probes and sandboxes, imports sniffio twice in each request: 10 s of CPU in a run.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

ASKED_FOR = ("sniffio",)


def pytest_configure() -> None:
    """Note which of them are absent, as `sys.modules` does: None."""
    for name in ASKED_FOR:
        if name not in sys.modules and find_spec(name) is None:
            sys.modules[name] = None  # type: ignore[assignment]  # this is how Python is told, and the stubs are not
