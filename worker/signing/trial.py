"""Signatures that belong to no message: what a signer makes before it is relied on."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.signing.port import DigestSigner, DocumentSigner

TEST_ENVELOPE = (
    b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    b'<test xmlns="urn:herald:check">A test signature. It belongs to no message.</test></soap:Body></soap:Envelope>'
)


async def sign_at_random(signer: DigestSigner) -> None:
    """Sign the digest of random bytes. Raises SigningFailed.

    The signer verifies its signature by its certificate: see `CheckedSigner`.
    """
    identity = await signer.identity()
    await signer.sign_digests([identity.algorithm.digest(secrets.token_bytes(32))])


async def sign_test_document(signer: DocumentSigner) -> None:
    """Sign a document that is no message. Raises SigningFailed."""
    await signer.sign_document(TEST_ENVELOPE)
