"""Signed addresses of files: whoever has one can fetch or upload until it expires. No I/O.

HMAC-SHA-256 over what the address is for, joined by line breaks, which none of it can hold. Keys are texts; the first
signs, all verify.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

FETCH, UPLOAD = "fetch", "upload"
PATH = "/files"


class FileAddresses:
    """Makes and verifies signatures. ``base_url`` has no slash at its end; ``seconds``: how long an address serves."""

    def __init__(
        self, keys: Sequence[bytes], base_url: str, seconds: int, now: Callable[[], datetime]
    ) -> None:
        self._keys = tuple(keys)
        self._base_url = base_url.rstrip("/")
        self._seconds = seconds
        self._now = now

    def replace(self, keys: Sequence[bytes]) -> None:
        """Sign with the first of these from now on, and accept no others."""
        self._keys = tuple(keys)

    def to_fetch(self, file_id: str, seconds: int | None = None) -> str:
        """Return an address from which the file can be fetched."""
        expires = self._expires(seconds)
        signed = {"expires": expires, "signature": _signature(self._keys[0], FETCH, file_id, expires)}
        return f"{self._base_url}{PATH}/{file_id}?{urlencode(signed)}"

    def to_upload(self, source: str, seconds: int | None = None) -> str:
        """Return an address to which files of this source can be uploaded."""
        expires = self._expires(seconds)
        signature = _signature(self._keys[0], UPLOAD, quote(source), expires)
        signed = {"source": source, "expires": expires, "signature": signature}
        return f"{self._base_url}{PATH}?{urlencode(signed)}"

    def may_fetch(self, file_id: str, expires: str, signature: str) -> bool:
        """Whether it was signed for this file, and serves still."""
        return self._is_signed((FETCH, file_id, expires), signature) and self._serves(expires)

    def may_upload(self, source: str, expires: str, signature: str) -> bool:
        """Whether it was signed for this source, and serves still."""
        return self._is_signed((UPLOAD, quote(source), expires), signature) and self._serves(expires)

    def _expires(self, seconds: int | None) -> str:
        return str(int(self._now().timestamp()) + (self._seconds if seconds is None else seconds))

    def _serves(self, expires: str) -> bool:
        return self._now().timestamp() < int(expires)

    def _is_signed(self, parts: tuple[str, ...], signature: str) -> bool:
        """Compare with all keys, each in a time that depends on the lengths alone."""
        said = signature.encode("utf-8", "surrogateescape")
        return sum(hmac.compare_digest(_signature(key, *parts).encode(), said) for key in self._keys) > 0


def _signature(key: bytes, *parts: str) -> str:
    return hmac.digest(key, "\n".join(("herald-file-1", *parts)).encode(errors="replace"), "sha256").hex()
