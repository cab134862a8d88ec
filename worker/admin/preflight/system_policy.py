"""What is wrong with a system's host and with logins. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from worker.admin.preflight import signer_policy
from worker.admin.preflight.findings import Finding, fail, ok, skipped, warn
from worker.outcome import Blocked

if TYPE_CHECKING:
    from datetime import datetime

    from worker.outcome import Retry
    from worker.transport.port import Answer, DeliveryError, Handshake

SOON = timedelta(days=14)
"""A server's certificate is renewed by the system's operators; a hospital can only ask them."""
_WAY = "Check the firewall and the routes to this host. Herald connects directly, and uses no HTTP proxy."
_STEPS = {
    "dns-failure": "Check the address in the settings, and the name servers of this machine.",
    "connection-refused": _WAY,
    "connect-timeout": _WAY,
    "connection-lost": _WAY,
    "tls-failure": (
        "Check the address in the settings, and transport.ca_file; where the host asks for a client certificate, the "
        "signer's."
    ),
    "answer-timeout": "Ask the system's operators: the host takes connections and does not answer.",
}
_OTHER_STEP = "Ask the system's operators what stands at this address."
_UNAVAILABLE = (502, 503, 504)


def unreachable(error: DeliveryError, subject: str, *, shows_certificate: bool = False) -> Finding:
    """Say why a host cannot be used. ``shows_certificate``: of a signer, which may be what the host refuses."""
    if shows_certificate and error.sent and error.reason in {"connection-lost", "tls-failure"}:
        step = "The host may refuse the signer's certificate: check its authority, its chain and its registration."
        return fail(str(error), step, subject)
    return fail(str(error), _STEPS.get(error.reason, _OTHER_STEP), subject)


def encryption(shown: Handshake, subject: str) -> Finding:
    """Judge whether the connection is encrypted; its chain and name are verified by then."""
    if shown.protocol is None:
        told = f"{shown.address} is used without TLS: passwords and health data pass in the clear"
        return warn(told, "Use https, unless the network is closed.", subject)
    return ok(f"{shown.address}: {shown.protocol}, chain and name verified", subject)


def certificate(shown: Handshake, now: datetime, subject: str) -> Finding:
    """Judge how long the server's certificate is valid."""
    if shown.protocol is None:
        return skipped("no certificate, because TLS is not used", subject=subject)
    if shown.ends is None:
        return skipped("the end of the server's certificate cannot be read", subject=subject)
    renew = "Ask the system's operators when they renew it, and whether its authority changes."
    return signer_policy.ending(shown.ends, now, subject, soon=SOON, renew=renew)


def answer(told: Answer, subject: str) -> Finding:
    """Judge whether the host answers; what it answers to a probe is documented nowhere, so most answers are well."""
    if told.status in _UNAVAILABLE:
        step = "Wait, or ask the system's operators: a gateway answers in place of the system."
        return warn(f"it answers {told.status}", step, subject)
    return ok(f"it answers (status {told.status})", subject)


def login(why: Retry | Blocked | None, subject: str) -> Finding:
    """Judge whether the system took a signer's login."""
    if why is None:
        return ok("the system accepted the login; what it gave was dropped", subject)
    if isinstance(why, Blocked):
        return fail(
            why.detail,
            "Check the signer's registration, certificate, password or secret in this system.",
            subject,
        )
    return fail(why.detail, "Try again later; if it stays so, check the address of the login.", subject)


def trusted(end: datetime, now: datetime, subject: str) -> Finding:
    """Judge a certificate by which answers are verified."""
    renew = "Add the system's next certificate to the pinned ones before this one ends."
    if now > end:
        return warn(
            f"ended on {end:%Y-%m-%d %H:%M} UTC", "Remove it, once the system signs with another.", subject
        )
    return signer_policy.ending(end, now, subject, soon=signer_policy.SOON, renew=renew)
