"""How soon the event loop gets its turn while a thread computes: Python runs one thread at a time."""

from __future__ import annotations

import sys

SWITCH_SECONDS = 0.0005
"""After so long a thread that computes lets another one run; Python's own is 0.005. The event loop gives up its turn
with each system call, and waits that long for the next one while a large answer is read in a thread."""


def serve() -> None:
    """Let the event loop wait for other threads no longer than it must."""
    sys.setswitchinterval(SWITCH_SECONDS)
