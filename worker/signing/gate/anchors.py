"""Trust anchors: the certificates that a signer's chain must reach, where the settings name any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from worker.configuration_error import ConfigurationError
from worker.signing.certificates import pem_certificates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography.x509.verification import Policy

    from worker.signing.port import Identity

NO_CHAIN = (
    "its certificate does not chain to a trust anchor of signing.trust_anchors at this time; add its authority there, "
    "or export the signer's file with the certificates up to it"
)


class Anchors:
    """Finds the chain from a signer's certificate, over those that came with it, to one of the anchors."""

    def __init__(self, certificates: Sequence[x509.Certificate]) -> None:
        self._store = Store(list(certificates))

    def chain(self, identity: Identity, now: datetime) -> Sequence[x509.Certificate] | None:
        """Return the certificates from the signer's own to the anchor, all valid at `now`; None where there are none.

        No purpose is asked for (EKU): the systems decide that, and qualified certificates differ in it.
        """
        policy = PolicyBuilder().store(self._store).time(now)
        verifier = policy.extension_policies(
            ca_policy=_AUTHORITY, ee_policy=ExtensionPolicy.permit_all()
        ).build_client_verifier()
        try:
            return verifier.verify(identity.certificate, list(identity.issuers)).chain
        except (VerificationError, ValueError):
            return None


def load_anchors(path: Path) -> Anchors:
    """Read the PEM certificates of a file. Raises ConfigurationError."""
    try:
        return Anchors(pem_certificates(path.read_bytes()))
    except OSError as error:
        raise ConfigurationError(f"the file {path} cannot be read: {error.strerror}") from None
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        raise ConfigurationError(f"the file {path} does not hold whole PEM certificates") from None


def _is_authority(_: Policy, __: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if not constraints.ca:
        raise ValueError("no authority")


def _may_issue(_: Policy, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("its KeyUsage allows no certificates")


_AUTHORITY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_authority)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_issue)
)
