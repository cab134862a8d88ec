"""Which signature is over which digest: told by verification, because providers return them in other orders. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.signing.algorithms import SignatureAlgorithm


def assigned(
    algorithm: SignatureAlgorithm, key: object, digests: Sequence[bytes], signatures: Sequence[bytes]
) -> list[bytes | None]:
    """Return for each digest its signature as XML writes it, None where no signature verifies over it by `key`.

    Each signature serves one digest. Those in the expected place are found with one verification each.
    """
    found: list[bytes | None] = [
        algorithm.proved(key, digest, signature)
        for digest, signature in zip(digests, signatures, strict=False)
    ]
    found += [None] * (len(digests) - len(found))
    left = [one for place, one in enumerate(signatures) if place >= len(found) or found[place] is None]
    for place, digest in enumerate(digests):
        if found[place] is None:
            found[place] = _taken(algorithm, key, digest, left)
    return found


def _taken(algorithm: SignatureAlgorithm, key: object, digest: bytes, left: list[bytes]) -> bytes | None:
    for place, signature in enumerate(left):
        if (proved := algorithm.proved(key, digest, signature)) is not None:
            del left[place]
            return proved
    return None
