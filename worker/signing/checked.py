"""Every signer as systems and formats are given it: its certificate is judged, and each of its signatures verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.signing.assignment import assigned
from worker.signing.certificates import named, public_key_of, usage_problem, validity_problem
from worker.signing.port import SigningFailed, TlsKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from worker.signing.port import DigestSigner, Identity
    from worker.signing.tls_identity import TlsIdentity

_MISMATCH = (
    "the signature does not belong to its certificate; check that the signer's private key is that of the "
    "certificate"
)


class CheckedSigner:
    """A digest signer around another one, which is never asked while its certificate cannot be used."""

    def __init__(self, signer: DigestSigner, *, clock: Callable[[], datetime]) -> None:
        self.name = signer.name
        self._signer = signer
        self._clock = clock
        self._judged: Identity | None = None
        self._key: object = None
        """The public key of the certificate that was judged."""

    @property
    def known(self) -> Identity | None:
        """What is known of it without asking anybody."""
        return self._signer.known

    def problem(self) -> str | None:
        """Return a plain sentence where, as far as is known without asking anybody, it cannot sign now."""
        known = self._signer.known
        if known is None:
            return None
        return validity_problem(known.certificate, self._clock()) or _lasting_problem(known)

    async def unjudged(self) -> Identity:
        """Return its identity, whether or not the certificate can be used. Raises SigningFailed."""
        return await self._signer.identity()

    async def identity(self) -> Identity:
        """Return its identity. Raises SigningFailed where its certificate cannot be used at this moment.

        What an expired certificate signs would be refused, or worse, accepted today and contested later.
        """
        identity = await self._signer.identity()
        if problem := validity_problem(identity.certificate, self._clock()):
            raise self._refusal(problem)
        if identity is not self._judged:
            if problem := _lasting_problem(identity):
                raise self._refusal(problem)
            self._key = public_key_of(identity.certificate)
            self._judged = identity
        return identity

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return one verified signature for each digest, in their order and as XML writes them.

        Raises SigningFailed: as the signer does, where its certificate cannot be used, and where a signature is not
        its certificate's. No signature that belongs to no digest is used.
        """
        identity = await self.identity()
        signatures = await self._signer.sign_digests(digests)
        found = assigned(identity.algorithm, self._key, digests, signatures)
        proved = [one for one in found if one is not None]
        if len(proved) == len(digests) == len(signatures):
            return proved
        if len(proved) == len(signatures):
            told = f"it returned {len(signatures)} signatures for {len(digests)} digests"
            raise SigningFailed(f"{named(self)}: {told}", transient=True)
        raise self._refusal(_MISMATCH)

    async def close(self) -> None:
        """Release the signer's sessions and connections."""
        await self._signer.close()

    def _refusal(self, problem: str) -> SigningFailed:
        return SigningFailed(f"{named(self)}: {problem}", transient=False)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._signer!r})"


class CheckedTlsSigner(CheckedSigner):
    """The same, of a signer whose key can also be a TLS client certificate."""

    def __init__(self, signer: DigestSigner, tls: TlsKey, *, clock: Callable[[], datetime]) -> None:
        super().__init__(signer, clock=clock)
        self._tls = tls

    def tls_identity(self) -> TlsIdentity:
        """Return the certificate chain and the key."""
        return self._tls.tls_identity()


def checked(signer: DigestSigner, *, clock: Callable[[], datetime]) -> CheckedSigner:
    """Return the signer with its checks; its key can be a TLS client certificate where that of `signer` can."""
    if isinstance(signer, TlsKey):
        return CheckedTlsSigner(signer, signer, clock=clock)
    return CheckedSigner(signer, clock=clock)


def _lasting_problem(identity: Identity) -> str | None:
    """Return a plain sentence where the certificate can never sign, else None."""
    key = public_key_of(identity.certificate)
    if key is None:
        return "the certificate's public key cannot be read"
    if not identity.algorithm.fits(key):
        return f"the certificate's key cannot sign with {identity.algorithm}"
    return usage_problem(identity.certificate)
