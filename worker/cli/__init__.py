"""The command line `herald`: parses, calls, shows; may import every room of the worker, but no system by name."""

from __future__ import annotations

from worker.cli.app import main

__all__ = ["main"]
