"""What serving files counts."""

from __future__ import annotations

from typing import Protocol


class FileMeter(Protocol):
    """Measures transfers. ``act`` is `fetch` or `upload`."""

    def transferred(self, act: str, size: int, *, complete: bool) -> None:
        """Count a transfer and its bytes."""
