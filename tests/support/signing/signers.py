"""Signers for tests: file keys with the checks that the registry puts around them, and signers with other answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from tests.support.signing.certificates import Issued
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.checked import CheckedTlsSigner
from worker.signing.gate.gate import CertificateGate
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.port import DigestSigner, Identity, SigningFailed


def identity_of(issued: Issued, algorithm: SignatureAlgorithm = SignatureAlgorithm.RSA_SHA256) -> Identity:
    return Identity(issued.certificate, issued.issuers, algorithm)


def file_key(
    name: str, issued: Issued, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> CheckedTlsSigner:
    """Return what the registry makes of a PKCS#12 file."""
    key = Pkcs12Key(name, issued.key, issued.certificate, issuers=issued.issuers)
    return CheckedTlsSigner(key, key, CertificateGate(clock))


class Signer:
    """A signer with the name and identity of another, whose signatures are made by `sign`."""

    def __init__(
        self, other: DigestSigner, sign: Callable[[Sequence[bytes]], Awaitable[Sequence[bytes]]]
    ) -> None:
        self.name, self.known = other.name, other.known
        self._sign = sign

    async def identity(self) -> Identity:
        assert self.known is not None
        return self.known

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        return await self._sign(digests)

    async def close(self) -> None:
        pass


def failing(other: DigestSigner, detail: str, *, transient: bool, after: int = 0) -> Signer:
    """Return a signer like `other` that signs `after` times and then fails."""
    left = after

    async def sign(digests: Sequence[bytes]) -> Sequence[bytes]:
        nonlocal left
        if not left:
            raise SigningFailed(detail, transient=transient)
        left -= 1
        return await other.sign_digests(digests)

    return Signer(other, sign)
