"""The command line `herald`, which parses, calls and shows; it may import every room, and no system by name."""

from __future__ import annotations

from worker.cli.app import main

__all__ = ["main"]
