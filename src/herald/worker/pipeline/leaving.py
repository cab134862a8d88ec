"""How a submission in work learns that its worker is leaving: first gently, then at once."""

from __future__ import annotations

import asyncio


class HandedBack(Exception):
    """The submission was put down unfinished and in a safe state; another worker will take it up."""


class Leaving:
    """Two levels: `gentle` (finish what is on the wire, start nothing new) and `now` (abandon the wire too)."""

    def __init__(self) -> None:
        self.gentle = asyncio.Event()
        self.now = asyncio.Event()

    def leave(self) -> None:
        """Ask for the gentle way."""
        self.gentle.set()

    def abandon(self) -> None:
        """Ask for the immediate way."""
        self.gentle.set()
        self.now.set()
