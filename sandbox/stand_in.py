"""The port of a stand-in: one national system reads, answers and remembers; the server does the rest.

A stand-in works on whole requests in memory and does no I/O, so that it is tested without a server; `server.py`
gives it TLS, faults, outages and the control paths.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


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
    file: Path | None = None
    """The body as a file, for addresses whose bodies a `Spool` takes; `body` is empty then. It is gone afterwards."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to send; ``kind`` is what the system calls it, for the counts (NHIS: I002)."""

    status: int
    body: bytes = field(repr=False)
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None
    file: Path | None = None
    """The body as a file, where it may be too large for memory; `body` is empty then."""


class InvalidControl(ValueError):
    """A control request of the stand-in's own cannot be understood; the message says what is expected."""


class StandIn(Protocol):
    """One national system, as the sandbox's server sees it."""

    name: str
    traits: tuple[str, ...]
    """Names of what fault rules may match, e.g. `operation`, `signer`, and the system's own business identity."""
    private_traits: frozenset[str]
    """Those of them that would name a patient: matched, and never shown."""
    max_bytes: int
    """The largest body; a larger one is refused with 413."""

    def serves(self, method: str, path: str) -> bool:
        """Whether this is one of the system's own addresses: only requests to them are logged and get faults."""

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return the request's traits; never raises, whatever the bytes. The first one names the operation."""

    def answer(self, request: Request) -> Answer:
        """Process the request, with all its consequences in the ledger. Called at most once for each request."""

    def failed(self, status: int, request: Request) -> Answer:
        """Return an error of this status in the system's own form, as its software would state it; nothing changes."""

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the answer as if it belonged to another request (the fault `wrong-answer`)."""

    def forget_tokens(self) -> None:
        """End every token given so far (the fault `expire-tokens`); nothing where the system has none."""

    def ledger(self) -> Mapping[str, Any]:
        """Return what was registered or asked, ready for JSON: what tests and the demo hold answers against."""

    def control(self, name: str, body: Any) -> Any | None:
        """Do what `POST /_sandbox/<name>` asks of this system alone; None where it knows no such thing.

        Takes and returns what JSON can hold. Raises InvalidControl.
        """

    def reset(self) -> None:
        """Go back to the start."""
