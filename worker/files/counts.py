"""What this process has done with files so far."""

from __future__ import annotations

from collections import Counter


class FileCounts:
    """Implements `inbound.files.meter.FileMeter`. The keys of `ended` are act and whether it was complete."""

    def __init__(self) -> None:
        self.ended: Counter[tuple[str, bool]] = Counter()
        self.bytes: Counter[str] = Counter()

    def transferred(self, act: str, size: int, *, complete: bool) -> None:
        """Count one, and its bytes."""
        self.ended[act, complete] += 1
        self.bytes[act] += size
