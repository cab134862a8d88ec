"""What a System has besides, where the national system calls Herald: callbacks and notifications over HTTP."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from contracts.immutable import immutable
from worker.notice import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping


@immutable
class Call:
    """One HTTP request to the receiver: bounded, and not believed yet.

    ``path`` is what follows the system's route and its secret segment, without a leading slash; empty for the route
    itself. Header names are in lower case. ``peer`` is the address of the caller, as the receiver trusts it.
    """

    method: str
    path: str
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    peer: str


@immutable
class Ready:
    """The call says that a waiting submission's answer is there (see `Taken.ready`). It is asked for; nothing else."""

    ready: str = field(repr=False)


@immutable
class LookNow:
    """The call says that something arrived (see `LooksForNews`). Nothing of it is believed: it only hastens a look.

    ``watch`` is the name of the place to look at, None for all of the system's.
    """

    watch: str | None = None


@immutable
class CallRefused:
    """The call is not taken. ``status`` is 400, 401, 404, 405 or 413; ``reason`` is for the log and says no secret."""

    status: int
    reason: str


@immutable
class CallUnverified:
    """Whether the call is authentic cannot be found out now (the system must be asked, and does not answer): 503."""

    reason: str


@immutable
class CallAnswer:
    """What the receiver answers in the system's own words."""

    status: int
    body: bytes
    content_type: str


Received: TypeAlias = tuple[Notice, ...] | Ready | LookNow | CallRefused | CallUnverified


@runtime_checkable
class ReceivesCalls(Protocol):
    """The receiver verifies nothing itself: it bounds the call, and makes durable what `receive` returns."""

    async def receive(self, call: Call) -> Received:
        """Authenticate the call by the system's own means, and read it. Total: no bytes make it raise.

        Pure wherever authentication needs no exchange with the system. Secrets are compared in constant time.
        """

    def receipt(self, call: Call) -> CallAnswer:
        """Return the system's own form of "we have it". Sent only after everything is durable and published."""

    def refusal(self, call: Call, status: int) -> CallAnswer:
        """Return the system's own form of an error of this status (SOAP fault, JSON), without a reason in detail."""
