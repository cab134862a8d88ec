"""What is wrong with certificates that are soon to end, and with incomplete chains. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from worker.admin.preflight.findings import Finding, fail, ok, warn
from worker.signing.certificates import validity_problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509

SOON = timedelta(days=61)
"""A qualified certificate takes weeks to renew: the holder appears in person, and the systems register the new one."""
_RENEW = "Renew the certificate, and replace the signer's file."


def days_left(end: datetime, now: datetime) -> int:
    """Return the whole days until a certificate ends."""
    return (end - now) // timedelta(days=1)


def validity(certificate: x509.Certificate, now: datetime, subject: str) -> Finding:
    """Judge when a certificate is valid."""
    if problem := validity_problem(certificate, now):
        return fail(problem, _RENEW, subject)
    return ending(certificate.not_valid_after_utc, now, subject, soon=SOON, renew=_RENEW)


def ending(end: datetime, now: datetime, subject: str, *, soon: timedelta, renew: str) -> Finding:
    """Judge how long a certificate that is valid now remains so."""
    told = f"valid until {end:%Y-%m-%d %H:%M} UTC ({days_left(end, now)} days)"
    return warn(told, renew, subject) if end - now <= soon else ok(told, subject)


def chain(certificates: Sequence[x509.Certificate], now: datetime, subject: str) -> Finding:
    """Judge the certificates from a signer's own up to its root, as far as its file holds them."""
    leaf, *issuers = certificates
    if leaf.issuer == leaf.subject:
        return ok("the certificate signs itself", subject)
    invalid = [problem for one in issuers if (problem := validity_problem(one, now))]
    if invalid:
        step = "Ask the authority for its present certificates, and export the signer's file with them."
        return fail(f"a certificate above it is not valid: {invalid[0]}", step, subject)
    last = certificates[-1]
    if last.issuer != last.subject:
        told = f"the file holds {len(issuers)} of the certificates above it, and not the root"
        step = "Export the file again with all certificates up to the root: TLS servers may ask for them."
        return warn(told, step, subject)
    return ok(f"complete up to the root, certificates above it: {len(issuers)}", subject)
