"""Which algorithms a system takes: what another one signs would be refused there, so it is not sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import Field

from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.certificates import named
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from worker.signing.port import DigestSigner, DigestSigners, Identity

TakenAlgorithms: TypeAlias = Annotated[tuple[SignatureAlgorithm, ...], Field(min_length=1)]
"""The type of a system's setting."""
RSA_ALONE = (SignatureAlgorithm.RSA_SHA256,)
"""What every system is known to take, or most likely takes."""


async def identity_for(signer: DigestSigner, taken: Collection[SignatureAlgorithm]) -> Identity:
    """Return the signer's identity. Raises SigningFailed, also where its algorithm is none of ``taken``."""
    identity = await signer.identity()
    if identity.algorithm not in taken:
        raise SigningFailed(f"{named(signer)}: {_sentence(identity.algorithm, taken)}", transient=False)
    return identity


class NotTaken(Mapping[str, str]):
    """What is wrong with each signer whose algorithm, as far as it is known, a system does not take: a live view."""

    def __init__(self, signers: DigestSigners, taken: Collection[SignatureAlgorithm]) -> None:
        self._signers = signers
        self._taken = taken

    def __getitem__(self, name: str) -> str:
        """Return a plain sentence. Raises KeyError for a signer that may sign here."""
        known = self._signers[name].known
        if known is None or known.algorithm in self._taken:
            raise KeyError(name)
        return _sentence(known.algorithm, self._taken)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of those that may not sign."""
        return (name for name in self._signers if name in self)

    def __len__(self) -> int:
        """Return how many they are."""
        return sum(1 for _ in self)


def _sentence(algorithm: SignatureAlgorithm, taken: Collection[SignatureAlgorithm]) -> str:
    return (
        f"it signs with {algorithm}, and this system is set to take only {', '.join(taken)}: see the setting "
        "signature_algorithms"
    )
