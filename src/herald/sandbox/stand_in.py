"""What one national system adds to the sandbox: reading, answering, remembering. The server does the rest.

A stand-in works on whole requests in memory and does no I/O, so that it is tested without a server; `server.py`
gives it TLS, faults, outages and the control paths.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. ``path`` is still percent-encoded; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    client_certificate: bytes | None = None
    """DER of the certificate shown in the TLS handshake, and verified against the sandbox's authority."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it leaves."""

    status: int
    body: bytes = field(repr=False)
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


class StandIn(Protocol):
    """One national system, as the sandbox's server sees it."""

    name: str
    traits: tuple[str, ...]
    """Names of what fault rules may match, e.g. `operation`, `signer`, and the system's own business identity."""

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return the request's traits; never raises, whatever the bytes."""

    def answer(self, request: Request) -> Answer:
        """Process the request, with all its consequences in the ledger. Called at most once for each arrival."""

    def failed(self, status: int) -> Answer:
        """Return an error of this status in the system's own form, as its software would state it; nothing changes."""

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the answer as if it belonged to another request (the fault `wrong-answer`)."""

    def forget_tokens(self) -> None:
        """End every token given so far (the fault `expire-tokens`); nothing where the system has none."""

    def ledger(self) -> Mapping[str, Any]:
        """Return what was registered or asked, ready for JSON: what tests and the demo hold answers against."""
