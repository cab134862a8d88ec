"""The command line `herald`."""

from __future__ import annotations

from herald.cli.app import main

__all__ = ["main"]
