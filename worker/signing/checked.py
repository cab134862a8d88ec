"""Every signer as systems and formats are given it: its certificate is judged, and each of its signatures verified.

The one exception: of a signer that verifies each signature itself as it makes it (`VerifiesItself`: RSA keys in files),
only the first one is verified here. It shows that the key is the certificate's, which stays so for this object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from worker.signing.assignment import assigned
from worker.signing.certificates import named
from worker.signing.gate.gate import CertificateGate
from worker.signing.port import SigningFailed, TlsKey, VerifiesItself, WrongSignature

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from worker.signing.gate.gate import Passage
    from worker.signing.port import DigestSigner, Identity
    from worker.signing.tls_identity import TlsIdentity

T = TypeVar("T")
_MISMATCH = (
    "the signature does not belong to its certificate; check that the signer's private key is that of the "
    "certificate"
)


class CheckedSigner:
    """A digest signer around another one, which is never asked while its certificate cannot be used."""

    def __init__(self, signer: DigestSigner, gate: CertificateGate) -> None:
        self.name = signer.name
        self._signer = signer
        self._gate = gate
        self._passage: Passage | None = None
        self._verifies_itself = isinstance(signer, VerifiesItself) and signer.verifies_itself
        self._must_verify = True
        self.broken = False
        """Whether the last question for it failed so that an operator must act: nothing works that could be lost."""

    @property
    def known(self) -> Identity | None:
        """What is known of it without asking anybody."""
        return self._signer.known

    def problem(self) -> str | None:
        """Return a plain sentence where, as far as is known without asking anybody, it cannot sign now."""
        known = self._signer.known
        return None if known is None else self._gate.known_problem(self._passage_of(known))

    async def unjudged(self) -> Identity:
        """Return its identity, whether or not the certificate can be used. Raises SigningFailed."""
        return await self._signer.identity()

    async def identity(self) -> Identity:
        """Return its identity. Raises SigningFailed where its certificate cannot be used at this moment.

        What an expired certificate signs would be refused, or worse, accepted today and contested later.
        """
        return (await self._passed()).identity

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return one verified signature for each digest, in their order and as XML writes them.

        Raises SigningFailed: as the signer does, where its certificate cannot be used, and where a signature is not
        its certificate's. No signature that belongs to no digest is used.
        """
        proved: list[bytes] = []
        for one in await self.sign_each(digests):
            if isinstance(one, SigningFailed):
                raise one
            proved.append(one)
        return proved

    async def sign_each(self, digests: Sequence[bytes]) -> Sequence[bytes | SigningFailed]:
        """Return for each digest its verified signature, or why there is none. Raises SigningFailed for all of them."""
        passage = await self._passed()
        signatures = await self._noted(self._signer.sign_digests(digests))
        if not self._must_verify and len(signatures) == len(digests):
            self.broken = False
            return signatures
        found = assigned(passage.identity.algorithm, passage.key, digests, signatures)
        proved = [one for one in found if one is not None]
        self.broken = bool(signatures) and not proved
        if len(proved) == len(digests) == len(signatures):
            if proved and self._verifies_itself:
                self._must_verify = False
            return proved
        failed = self._failure(len(digests), len(signatures), len(proved))
        if len(proved) == len(digests):
            raise failed
        return [failed if one is None else one for one in found]

    def _failure(self, wanted: int, returned: int, proved: int) -> SigningFailed:
        if returned > proved:
            return WrongSignature(f"{named(self)}: {_MISMATCH}")
        told = f"it returned {returned} signatures for {wanted} digests"
        return SigningFailed(f"{named(self)}: {told}", transient=True)

    async def close(self) -> None:
        """Release the signer's sessions and connections."""
        await self._signer.close()

    async def _noted(self, answer: Awaitable[T]) -> T:
        try:
            return await answer
        except SigningFailed as failed:
            self.broken = not failed.transient
            raise

    async def _passed(self) -> Passage:
        passage = self._passage_of(await self._noted(self._signer.identity()))
        try:
            await self._noted(self._gate.admit(passage))
        except SigningFailed as failed:
            raise failed.saying(f"{named(self)}: {failed}") from None
        return passage

    def _passage_of(self, identity: Identity) -> Passage:
        self._passage = self._gate.passage(identity, self._passage)
        return self._passage

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._signer!r})"


class CheckedTlsSigner(CheckedSigner):
    """The same, of a signer whose key can also be a TLS client certificate."""

    def __init__(self, signer: DigestSigner, tls: TlsKey, gate: CertificateGate) -> None:
        super().__init__(signer, gate)
        self._tls = tls

    def tls_identity(self) -> TlsIdentity:
        """Return the certificate chain and the key."""
        return self._tls.tls_identity()


def checked(
    signer: DigestSigner, *, clock: Callable[[], datetime], gate: CertificateGate | None = None
) -> CheckedSigner:
    """Return the signer with its checks; its key can be a TLS client certificate where that of `signer` can.

    Without a ``gate`` a certificate is judged by its own content and dates alone.
    """
    judge = gate or CertificateGate(clock)
    return (
        CheckedTlsSigner(signer, signer, judge)
        if isinstance(signer, TlsKey)
        else CheckedSigner(signer, judge)
    )
