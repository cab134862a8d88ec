"""The certificate of a signer whose provider does not return it, from a PEM file that the operator names."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from worker.signing.algorithms import algorithm_of
from worker.signing.certificates import pem_certificates, public_key_of
from worker.signing.port import Identity, SigningFailed

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography import x509

    from worker.signing.algorithms import SignatureAlgorithm


async def identity_in(path: Path, algorithm: SignatureAlgorithm | None = None) -> Identity:
    """Return the identity of the file's first certificate; those after it are its issuers. Raises SigningFailed.

    Without ``algorithm`` it signs by that of the certificate's key.
    """
    leaf, *issuers = await asyncio.to_thread(_certificates, path)
    chosen = algorithm or algorithm_of(public_key_of(leaf))
    if chosen is None:
        raise _unusable(
            f"the key of the certificate in {path} is of a kind, or of a length, that cannot sign"
        )
    return Identity(leaf, tuple(issuers), chosen)


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return pem_certificates(path.read_bytes())
    except OSError as error:
        raise _unusable(f"the certificate file {path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise _unusable(f"the certificate file {path} does not hold whole PEM certificates") from None


def _unusable(sentence: str) -> SigningFailed:
    return SigningFailed(sentence, transient=False)
