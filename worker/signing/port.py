"""The signing ports: what signs digests and is known by a certificate, and what signs whole documents."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from cryptography.hazmat.primitives.serialization import Encoding

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from worker.signing.algorithms import SignatureAlgorithm
    from worker.signing.tls_identity import TlsIdentity


class SigningFailed(Exception):
    """The signer could not sign; the message says what to check, never a PIN or key material."""

    def __init__(self, detail: str, *, transient: bool) -> None:
        super().__init__(detail)
        self.transient = transient

    def saying(self, detail: str) -> SigningFailed:
        """Return a failure of the same kind with another sentence."""
        return SigningFailed(detail, transient=self.transient)


class CertificateNotValid(SigningFailed):
    """The signer's certificate has expired, is not valid yet, or is revoked; the message has the date."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, transient=False)

    def saying(self, detail: str) -> CertificateNotValid:
        """Return a failure of the same kind with another sentence."""
        return CertificateNotValid(detail)


class SecretRefused(SigningFailed):
    """A PIN, password or other secret of a signer is wrong. It is never tried twice: tokens lock."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, transient=False)

    def saying(self, detail: str) -> SecretRefused:
        """Return a failure of the same kind with another sentence."""
        return SecretRefused(detail)


class SecretInDoubt(SigningFailed):
    """Nobody knows whether a PIN, password or other secret is wrong: it was tried, and the answer did not arrive.

    It is not tried again before an operator has looked at it: a wrong one would be tried twice.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail, transient=False)

    def saying(self, detail: str) -> SecretInDoubt:
        """Return a failure of the same kind with another sentence."""
        return SecretInDoubt(detail)


class WrongSignature(SigningFailed):
    """A signature was made that is not its certificate's. Another one would be wrong too, and may cost money."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, transient=False)


@immutable
class Identity:
    """What a signer is known by: its certificate, the issuers that came with it (any order), and how it signs."""

    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...]
    algorithm: SignatureAlgorithm
    certificate_text: str = field(init=False, repr=False, compare=False)
    """The certificate in base64, as each signature's KeyInfo holds it."""

    def __post_init__(self) -> None:
        """Encode the certificate once: each signed message holds it."""
        text = b64encode(self.certificate.public_bytes(Encoding.DER)).decode("ascii")
        object.__setattr__(self, "certificate_text", text)


class DigestSigner(Protocol):
    """One signing identity (KEP) that signs digests: a key in memory, in a token, or at a provider.

    An object's identity never changes once it is known: a renewed certificate makes another object.
    """

    name: str

    @property
    def known(self) -> Identity | None:
        """What is known of it without asking anybody; None for one that was not connected yet."""

    async def identity(self) -> Identity:
        """Return its identity; connects first where that is needed, then cached. Raises SigningFailed."""

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return raw signatures over digests that are made with its algorithm's hash function.

        A backend returns them as it gets them: in any order, ECDSA as DER or r||s. `CheckedSigner`, which is all that
        systems and formats are given, returns one for each digest, in their order and as XML writes them. Raises
        SigningFailed.
        """

    async def close(self) -> None:
        """Release sessions and connections."""


@runtime_checkable
class TlsKey(Protocol):
    """What a digest signer has besides, where its key may leave its store to be a TLS client certificate."""

    def tls_identity(self) -> TlsIdentity:
        """Return the certificate chain and the key."""


@runtime_checkable
class VerifiesItself(Protocol):
    """What a digest signer has besides, where it holds its private key in memory."""

    verifies_itself: bool
    """Whether each signature was verified as it was made, by a key that was compared with the certificate's."""


DigestSigners = Mapping[str, DigestSigner]
"""The identities that sign digests, by name: a live view, in which a renewed signer replaces the earlier one."""


class DocumentSigner(Protocol):
    """A signing identity that is given a whole document and returns it signed, where the other port is too narrow.

    A server that holds algorithms which no library here has (GOST by NCANode) signs this way.
    """

    name: str

    async def sign_document(self, document: bytes) -> bytes:
        """Return the signed document, to be sent byte for byte as it is. Raises SigningFailed."""


DocumentSigners = Mapping[str, DocumentSigner]
"""The identities that sign whole documents, by name."""


LEASE = 20.0
"""Seconds for which the try of a secret stays reserved; its worker renews that, and after its death nobody does."""


class Standing(StrEnum):
    """Whether a secret may be tried now."""

    FREE = "free"
    """It may, and nobody else may until it was released, noted or doubted, or until it was not renewed in time."""
    AGAIN = "again"
    """As FREE: the provider took it before, but nobody knows how its last try ended."""
    BUSY = "busy"
    """Another worker tries it at this moment."""
    REFUSED = "refused"
    """It was refused before."""
    DOUBTFUL = "doubtful"
    """A try of it broke off, and nobody knows how it ended."""


@immutable
class Proof:
    """By what it is remembered that a provider took a secret; both are digests.

    ``place``: where it was taken, which holds one secret at a time. ``digest``: of the secret, made also from something
    that the memory does not hold: a right PIN has few digits, and could be guessed by its digest.
    """

    place: bytes
    digest: bytes


class RefusedSecrets(Protocol):
    """The memory of secrets that a token or provider refused, shared by all workers of an installation.

    It holds digests alone: `worker.signing.refused_secrets.secret_digest` makes them with its key.
    """

    async def key(self) -> bytes:
        """Return the key of the digests, the same in every worker. Raises SigningFailed where it is unavailable."""

    async def refused(self, digest: bytes) -> bool:
        """Whether the secret with this digest was refused before. Raises SigningFailed."""

    async def standing(self, digest: bytes, proof: Proof) -> Standing:
        """Return whether it might be tried now, and reserve nothing. Raises SigningFailed."""

    async def note(self, digest: bytes, place: bytes | None = None, *, proof: Proof | None = None) -> None:
        """Remember that it was refused, and where: the digest of a place that counts refusals. Raises SigningFailed.

        ``proof``: forget that it was right before.
        """

    async def refused_at(self, place: bytes) -> bool:
        """Whether the last secret of ours that was tried at this place was wrong, or may have been.

        Raises SigningFailed.
        """

    async def reserve(self, digest: bytes, *, known_good: bool, proof: Proof | None = None) -> Standing:
        """Reserve the only try of a secret among all workers for `LEASE` seconds, or say why not. Raises SigningFailed.

        ``known_good``: it was right before, as this worker knows, and may be tried again after a doubt.
        ``proof``: if the memory has it, the secret may be tried again after one doubt, but not after a second one in
        succession.
        """

    async def renew(self, digest: bytes) -> bool:
        """Keep the try reserved for `LEASE` seconds from now; False where it is not this worker's any more.

        Raises SigningFailed.
        """

    async def release(self, digest: bytes, *, right_at: bytes | None = None) -> None:
        """Forget the try of this worker: nobody judged the secret, or it was right at that place.

        Leaves a try alone that another worker has reserved meanwhile. Raises SigningFailed.
        """

    async def accept(self, digest: bytes, proof: Proof) -> None:
        """Remember that the secret is right, which ends this worker's try and every doubt. Raises SigningFailed."""

    async def unanswered(self, digest: bytes, proof: Proof) -> bool:
        """Remember that the try of this worker got no answer; True where the secret is in doubt now.

        One that was accepted before is so only with the second such try in succession. Raises SigningFailed.
        """

    async def doubt(self, digest: bytes, place: bytes | None = None) -> None:
        """Remember that the try of this worker broke off, and where. Raises SigningFailed."""
