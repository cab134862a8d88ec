"""How a refused secret is remembered without keeping it, and the memory of one process."""

from __future__ import annotations

import hmac
import secrets

from worker.signing.port import Proof, Standing


def secret_digest(key: bytes, secret: bytes, place: str) -> bytes:
    """Return the keyed digest (HMAC-SHA-256) of a secret at the place where it was refused.

    ``place`` names that place and nothing else, such as a token's serial number: the same PIN may be right elsewhere.
    """
    # The length keeps one place and secret from reading as another place and secret.
    where = place.encode()
    return hmac.digest(key, len(where).to_bytes(4, "big") + where + secret, "sha256")


def proof_of(key: bytes, secret: bytes, place: str, beside: bytes) -> Proof:
    """Return by what it is remembered that the secret was right at the place.

    ``beside``: a secret of the workers' files, without which nobody can guess a PIN by its digest in the journal.
    """
    own = hmac.digest(key, beside, "sha256")
    return Proof(secret_digest(key, b"", place), secret_digest(own, secret, place))


class SecretsRefusedHere:
    """The refused secrets of this process alone, for commands that use no journal."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._standings: dict[bytes, Standing] = {}
        self._places: set[bytes | None] = set()
        self._proofs: dict[bytes, bytes] = {}
        self._unanswered: set[bytes] = set()
        """The places at which the last try of the right secret had no answer."""

    async def key(self) -> bytes:
        """Return the key, which is new in each process."""
        return self._key

    async def refused(self, digest: bytes) -> bool:
        """Whether this process noted it."""
        return self._standings.get(digest) is Standing.REFUSED

    async def standing(self, digest: bytes, proof: Proof) -> Standing:
        """Return whether it might be tried now."""
        found = self._standings.get(digest, Standing.FREE)
        if found is Standing.DOUBTFUL and self._proved(proof) and proof.place not in self._unanswered:
            return Standing.AGAIN
        return found

    async def note(self, digest: bytes, place: bytes | None = None, *, proof: Proof | None = None) -> None:
        """Remember it until the process ends."""
        self._standings[digest] = Standing.REFUSED
        self._places.add(place)
        if proof is not None and self._proved(proof):
            self._proofs.pop(proof.place)

    async def refused_at(self, place: bytes) -> bool:
        """Whether the last secret that was tried there was wrong, or may have been."""
        return place in self._places

    async def reserve(self, digest: bytes, *, known_good: bool, proof: Proof | None = None) -> Standing:
        """Reserve the only try of a secret in this process, or say why not."""
        standing = self._standings.get(digest)
        if standing is Standing.DOUBTFUL and (known_good or (proof is not None and self._counted(proof))):
            standing = None
        if standing is not None:
            return standing
        self._standings[digest] = Standing.BUSY
        again = proof is not None and self._proved(proof) and proof.place in self._unanswered
        return Standing.AGAIN if again else Standing.FREE

    async def renew(self, digest: bytes) -> bool:
        """Whether it is reserved; that does not run out here, as a try ends with its process."""
        return self._standings.get(digest) is Standing.BUSY

    async def release(self, digest: bytes, *, right_at: bytes | None = None) -> None:
        """Forget the try."""
        self._places.discard(right_at)
        if self._standings.get(digest) is not Standing.REFUSED:
            self._standings.pop(digest, None)

    async def accept(self, digest: bytes, proof: Proof) -> None:
        """Remember that it is right, until the process ends."""
        self._proofs[proof.place] = proof.digest
        self._unanswered.discard(proof.place)
        await self.release(digest)

    async def unanswered(self, digest: bytes, proof: Proof) -> bool:
        """Remember that the try had no answer; True where the secret is in doubt now."""
        if self._counted(proof):
            await self.release(digest)
            return False
        await self.doubt(digest)
        return True

    async def doubt(self, digest: bytes, place: bytes | None = None) -> None:
        """Remember until the process ends that the try broke off."""
        self._places.add(place)
        if self._standings.get(digest) is not Standing.REFUSED:
            self._standings[digest] = Standing.DOUBTFUL

    def _proved(self, proof: Proof) -> bool:
        return self._proofs.get(proof.place) == proof.digest

    def _counted(self, proof: Proof) -> bool:
        """Count a try without an answer, where it is the first one since the secret was accepted."""
        if not self._proved(proof) or proof.place in self._unanswered:
            return False
        self._unanswered.add(proof.place)
        return True
