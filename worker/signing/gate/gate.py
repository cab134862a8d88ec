"""The gate that each certificate passes before it signs."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.signing.certificates import chain, public_key_of, usage_problem, validity_problem
from worker.signing.gate.anchors import NO_CHAIN, load_anchors
from worker.signing.gate.revocation import make_revocation
from worker.signing.port import CertificateNotValid, SigningFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cryptography.x509 import Certificate

    from worker.signing.gate.anchors import Anchors
    from worker.signing.gate.revocation import Revocation
    from worker.signing.gate.settings import SigningSettings
    from worker.signing.port import Identity

JUDGED_FOR = timedelta(hours=1)
"""How long a judgement of a chain holds: a certificate above the signer's own may end meanwhile."""


@immutable
class Passage:
    """What was found of an identity, but for its own dates and revocation, which are looked at each time.

    ``key`` is its certificate's public key, ``issuer`` the authority's certificate where it is known. ``problem`` is a
    plain sentence where it cannot sign. ``until`` and ``edition``: how long this holds, and for which trust anchors.
    """

    identity: Identity
    key: object
    issuer: Certificate | None
    problem: str | None
    until: datetime
    edition: int


class CertificateGate:
    """Judges certificates by ``clock`` (UTC).

    ``anchors``: what chains must reach, None where chains are not judged. ``revocation``: what is asked about each
    certificate, None where nothing is.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        anchors: Anchors | None = None,
        revocation: Revocation | None = None,
    ) -> None:
        self._clock = clock
        self._anchors = anchors
        self._edition = 0
        self._revocation = revocation

    def trust(self, anchors: Anchors) -> None:
        """Judge by these anchors from now on."""
        self._anchors = anchors
        self._edition += 1

    def passage(self, identity: Identity, earlier: Passage | None = None) -> Passage:
        """Return what is found of the identity; an earlier passage of it, where that still holds."""
        now = self._clock()
        if (
            earlier is not None
            and earlier.identity is identity
            and earlier.edition == self._edition
            and now < earlier.until
        ):
            return earlier
        issuer, problem = self._chained(identity, now)
        key = public_key_of(identity.certificate)
        problem = _own_problem(identity, key) or problem
        return Passage(identity, key, issuer, problem, now + JUDGED_FOR, self._edition)

    def known_problem(self, passage: Passage) -> str | None:
        """Return a plain sentence where the identity cannot sign now, as far as is known without asking anybody."""
        certificate = passage.identity.certificate
        told = validity_problem(certificate, self._clock()) or passage.problem
        if told is None and self._revocation is not None:
            told = self._revocation.known_problem(certificate)
        return told

    async def admit(self, passage: Passage) -> None:
        """Return where the identity may sign now. Asks about revocation, where the settings want that.

        Raises SigningFailed with a plain sentence; CertificateNotValid where the certificate has expired, is not
        valid yet or is revoked.
        """
        certificate = passage.identity.certificate
        if told := validity_problem(certificate, self._clock()):
            raise CertificateNotValid(told)
        if passage.problem is not None:
            raise SigningFailed(passage.problem, transient=False)
        if self._revocation is not None and (
            revoked := await self._revocation.problem(certificate, passage.issuer)
        ):
            raise CertificateNotValid(revoked)

    async def close(self) -> None:
        """End requests about revocation."""
        if self._revocation is not None:
            await self._revocation.close()

    def _chained(self, identity: Identity, now: datetime) -> tuple[Certificate | None, str | None]:
        """Return the issuer, where it is known, and what is wrong with the chain, where that is judged."""
        if self._anchors is None:
            return next(islice(chain(identity.certificate, identity.issuers), 1, None), None), None
        # By its own dates the leaf is judged each time: an expired one must be called expired, not without a chain.
        certificate = identity.certificate
        moment = min(max(now, certificate.not_valid_before_utc), certificate.not_valid_after_utc)
        found = self._anchors.chain(identity, moment)
        if found is None:
            return None, NO_CHAIN
        return found[1] if len(found) > 1 else found[0], None


def _own_problem(identity: Identity, key: object) -> str | None:
    """Return a plain sentence where the certificate can never sign, whatever its chain, else None."""
    if key is None:
        return "the certificate's public key cannot be read"
    if not identity.algorithm.fits(key):
        return f"the certificate's key cannot sign with {identity.algorithm}"
    return usage_problem(identity.certificate)


def make_gate(settings: SigningSettings, clock: Callable[[], datetime]) -> CertificateGate:
    """Make the gate of all signers. Raises ConfigurationError where the trust anchors cannot be read."""
    anchors = None
    if settings.trust_anchors is not None:
        try:
            anchors = load_anchors(settings.trust_anchors)
        except ConfigurationError as bad:
            raise bad.under("signing.trust_anchors") from None
    revocation = None
    if settings.revocation is not None:
        revocation = make_revocation(settings.revocation, clock=clock)
    return CertificateGate(clock, anchors=anchors, revocation=revocation)
