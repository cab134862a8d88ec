"""What a system signs with: a signer found by its name, and why a signer cannot sign."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from contracts.reasons import Reason
from worker.outcome import Blocked, Retry
from worker.signing.port import CertificateNotValid
from worker.systems.port import NotPrepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.signing.port import SigningFailed

T = TypeVar("T")

_NONE: Mapping[str, str] = MappingProxyType({})


def signer_of(signers: Mapping[str, T], name: str, unusable: Mapping[str, str] = _NONE) -> T:
    """Return what signs for this name. Raises NotPrepared with Blocked where there is nothing, or nothing usable.

    ``unusable`` has the problems of those that could not be loaded.
    """
    if problem := unusable.get(name):
        raise NotPrepared(Blocked(Reason.SIGNING_FAILED, f'signer "{name}": {problem}'))
    signer = signers.get(name)
    if signer is None:
        detail = f'signer "{name}" has no key that this system can use; `herald check` states the reason'
        raise NotPrepared(Blocked(Reason.SIGNING_FAILED, detail))
    return signer


def not_signed(error: SigningFailed, context: str = "") -> Retry | Blocked:
    """Return the outcome of a failed signature: a temporary failure is tried again.

    ``context`` begins the sentence, where more than the message is signed.
    """
    kind = Retry if error.transient else Blocked
    reason = Reason.SIGNING_FAILED
    if isinstance(error, CertificateNotValid):
        reason = Reason.CERTIFICATE_NOT_VALID
    return kind(reason, f"{context}{error}")
