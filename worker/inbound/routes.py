"""Which system a request is for, by its path `/<system>/<secret>/…`. An unknown system looks like a wrong secret."""

from __future__ import annotations

import os
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.inbound.secrets import is_one_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@immutable
class Found:
    """``path`` is what follows the secret, without the slash before it, as it was sent."""

    system: str
    path: str = field(repr=False)


class Routes:
    """The routes by system. `replace` puts changed secrets in the place of the earlier ones."""

    def __init__(self, secrets: Mapping[str, tuple[bytes, ...]]) -> None:
        self._secrets = dict(secrets)
        # Compared for a system that has no route, so that it takes as long.
        self._nobodys = (os.urandom(32).hex().encode(),)

    def replace(self, system: str, secrets: tuple[bytes, ...]) -> None:
        """Accept these of the system, and no others."""
        self._secrets[system] = secrets

    def find(self, path: str) -> Found | None:
        """Return the route, or None for everything else."""
        begin, system, secret, rest = (*path.split("/", 3), "", "", "", "")[:4]
        right = is_one_of(self._secrets.get(system, self._nobodys), secret)
        if begin or not right or system not in self._secrets:
            return None
        return Found(system, rest)
