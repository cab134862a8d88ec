"""UUIDs that repeat with their seed."""

from __future__ import annotations

import random
import uuid


class Uuids:
    """Version-4 UUIDs, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - numbers of records, not secrets

    def next(self) -> str:
        """Return the next one."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
