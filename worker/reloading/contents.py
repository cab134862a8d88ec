"""Whether files hold something else than before. A Secret replaces all its files where one of them has changed."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from worker.reloading.files import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


MAX_BYTES = 1024 * 1024
"""Of a larger file only the stamp counts: it is no key and no secret, but a library."""


class Contents:
    """Digests of files, made with a key of this process's own: from one without a key a PIN could be guessed.

    ``first``: the files whose digests are taken at once, before anything is made of them. Blocks.
    """

    def __init__(self, first: Iterable[Path]) -> None:
        self._key = secrets.token_bytes(32)
        self._first = {path: self._of(path) for path in first}

    def at_first(self, paths: Iterable[Path]) -> bytes:
        """Return one digest of all these files, as they were when this object was made."""
        return b"".join(self._first[path] for path in paths)

    def of(self, paths: Iterable[Path]) -> bytes:
        """Return one digest of all these files, as they are now; one that cannot be read counts as such. Blocks."""
        return b"".join(self._of(path) for path in paths)

    def _of(self, path: Path) -> bytes:
        try:
            large = path.stat().st_size > MAX_BYTES
            content = repr(stamp_of(path)).encode() if large else path.read_bytes()
        except OSError:
            return b"\0"
        return hashlib.blake2b(content, key=self._key, digest_size=32).digest()
