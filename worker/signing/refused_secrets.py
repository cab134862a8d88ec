"""How a refused secret is remembered without keeping it, and the memory of one process."""

from __future__ import annotations

import hmac
import secrets

from worker.signing.port import Standing


def secret_digest(key: bytes, secret: bytes, place: str) -> bytes:
    """Return the keyed digest (HMAC-SHA-256) of a secret at the place where it was refused.

    ``place`` names that place and nothing else, such as a token's serial number: the same PIN may be right elsewhere.
    """
    # The length keeps one place and secret from reading as another place and secret.
    where = place.encode()
    return hmac.digest(key, len(where).to_bytes(4, "big") + where + secret, "sha256")


class SecretsRefusedHere:
    """The refused secrets of this process alone, for commands that use no journal."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._standings: dict[bytes, Standing] = {}
        self._places: set[bytes | None] = set()

    async def key(self) -> bytes:
        """Return the key, which is new in each process."""
        return self._key

    async def refused(self, digest: bytes) -> bool:
        """Whether this process noted it."""
        return self._standings.get(digest) is Standing.REFUSED

    async def note(self, digest: bytes, place: bytes | None = None) -> None:
        """Remember it until the process ends."""
        self._standings[digest] = Standing.REFUSED
        self._places.add(place)

    async def refused_at(self, place: bytes) -> bool:
        """Whether the last secret that was tried there was wrong, or may have been."""
        return place in self._places

    async def reserve(self, digest: bytes, *, known_good: bool) -> Standing:
        """Reserve the only try of a secret in this process, or say why not."""
        standing = self._standings.get(digest)
        if standing is None or (standing is Standing.DOUBTFUL and known_good):
            self._standings[digest] = Standing.BUSY
            return Standing.FREE
        return standing

    async def renew(self, digest: bytes) -> bool:
        """Whether it is reserved; that does not run out here, as a try ends with its process."""
        return self._standings.get(digest) is Standing.BUSY

    async def release(self, digest: bytes, *, right_at: bytes | None = None) -> None:
        """Forget the try."""
        self._places.discard(right_at)
        if self._standings.get(digest) is not Standing.REFUSED:
            self._standings.pop(digest, None)

    async def doubt(self, digest: bytes, place: bytes | None = None) -> None:
        """Remember until the process ends that the try broke off."""
        self._places.add(place)
        if self._standings.get(digest) is not Standing.REFUSED:
            self._standings[digest] = Standing.DOUBTFUL
