"""Whom a dead letter is to be blamed on: the source that published it, its signer, or the system. Policy only.

What was never sent because of the event is its source's; what was refused because of the signer is that signer's. Only
what neither of them can cause counts for the system, so that no sender stops the others.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from contracts.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping


MOST_LIMITED = 1000
"""Sources and signers that each have a limit of dead letters per minute of their own; further ones share one limit."""
MOST_SENDERS = 4096
"""Senders whose parties are remembered."""
OTHERS = "\0"
"""Stands for the names of those that share one limit. No event can have this name."""


class Scope(StrEnum):
    """Whose submissions a stop concerns."""

    SYSTEM = "system"
    SOURCE = "source"
    SIGNER = "signer"


class Party(NamedTuple):
    """Who causes dead letters, and whose submissions wait. The system has no name."""

    scope: Scope
    name: str = ""

    @property
    def told(self) -> str:
        """Name it in a few words."""
        if self.scope is Scope.SYSTEM:
            return "the system"
        if self.name == OTHERS:
            return f"{self.scope}s beyond the first {MOST_LIMITED} senders with dead letters, which share one limit"
        return f"{self.scope} {self.name}" if self.name else NO_SOURCE

    @property
    def logged(self) -> dict[str, str | None]:
        """The fields that name it in a line of the log."""
        return {
            "scope": self.scope.value,
            "submission_source": self.name if self.scope is Scope.SOURCE else None,
            "signer": self.name if self.scope is Scope.SIGNER else None,
        }


class Sender(NamedTuple):
    """What a record says of its source and its signer; empty where that cannot be read."""

    source: str = ""
    signer: str = ""

    @property
    def parties(self) -> tuple[Party, ...]:
        """Those whose stop concerns the record.

        One without a readable source counts under `NO_SOURCE`, and so does one whose source may not publish on its
        topic.
        """
        return _parties(self)


@lru_cache(maxsize=MOST_SENDERS)
def _parties(sender: Sender) -> tuple[Party, ...]:
    """Return a sender's parties: asked for some ten times for each record, and senders are few."""
    source = Party(Scope.SOURCE, sender.source)
    return (source, Party(Scope.SIGNER, sender.signer)) if sender.signer else (source,)


class Hold(NamedTuple):
    """Why a record waits: whose submissions wait, and whether a stop keeps them (else a share or a rate does)."""

    party: Party
    stopped: bool


class Blame(NamedTuple):
    """Whom a dead letter counts for. ``wider``: who else may be the cause, where all that are below them fail."""

    party: Party
    wider: tuple[Party, ...] = ()


THE_SYSTEM = Party(Scope.SYSTEM)
NO_SOURCE = "records without a readable source"

CAUSED_BY: Mapping[Reason, Scope] = MappingProxyType(
    {
        Reason.UNREADABLE_RECORD: Scope.SOURCE,
        Reason.NULL_VALUE: Scope.SOURCE,
        Reason.TOO_LARGE: Scope.SOURCE,
        Reason.NOT_UTF8: Scope.SOURCE,
        Reason.NOT_JSON: Scope.SOURCE,
        Reason.NOT_A_CLOUDEVENT: Scope.SOURCE,
        Reason.UNKNOWN_TYPE: Scope.SOURCE,
        Reason.UNSUPPORTED_VERSION: Scope.SOURCE,
        Reason.MISSING_KEY: Scope.SOURCE,
        Reason.CONTRACT_VIOLATION: Scope.SOURCE,
        Reason.UNKNOWN_CODE: Scope.SOURCE,
        Reason.SCHEMA_VIOLATION: Scope.SOURCE,
        Reason.CONFLICT: Scope.SOURCE,
        # The system refuses what the source made too large.
        Reason.REQUEST_TOO_LARGE: Scope.SOURCE,
        Reason.NO_SUCH_FILE: Scope.SOURCE,
        # An odd event can make Herald fail; where every source's events do, the system is to blame (see below).
        Reason.DEFECT: Scope.SOURCE,
        # A source that names others' signers must not stop their submissions.
        Reason.SIGNER_NOT_ALLOWED: Scope.SOURCE,
        # The engine counts it for no source by name: the one that is named has perhaps not written it.
        Reason.SOURCE_NOT_ALLOWED: Scope.SOURCE,
        # Not the source's: one doctor who was removed must not stop a hospital's other doctors.
        Reason.UNKNOWN_SIGNER: Scope.SIGNER,
        Reason.ACCESS_DENIED: Scope.SIGNER,
        Reason.SIGNING_FAILED: Scope.SIGNER,
        # Never the source's or the system's, however many certificates end on one day: nobody else can have caused it.
        Reason.CERTIFICATE_NOT_VALID: Scope.SIGNER,
        Reason.TOKEN_REFUSED: Scope.SIGNER,
        Reason.OUTCOME_UNKNOWN: Scope.SYSTEM,
        Reason.ANSWER_OVERDUE: Scope.SYSTEM,
        Reason.ANSWER_LOST: Scope.SYSTEM,
        Reason.STEP_NOT_DONE: Scope.SYSTEM,
        Reason.FILE_TOO_LARGE: Scope.SYSTEM,
        Reason.SETTLED_NOT_SENT: Scope.SYSTEM,
        Reason.RETRIES_EXHAUSTED: Scope.SYSTEM,
        Reason.NOT_FOUND: Scope.SYSTEM,
        Reason.UNREADABLE_ANSWER: Scope.SYSTEM,
        Reason.UNEXPECTED_MESSAGE: Scope.SYSTEM,
        Reason.CONFIGURATION: Scope.SYSTEM,
        Reason.CONNECTION_REFUSED: Scope.SYSTEM,
        Reason.DNS_FAILURE: Scope.SYSTEM,
        Reason.TLS_FAILURE: Scope.SYSTEM,
        Reason.CONNECT_TIMEOUT: Scope.SYSTEM,
        Reason.ANSWER_TIMEOUT: Scope.SYSTEM,
        Reason.CONNECTION_LOST: Scope.SYSTEM,
        Reason.ANSWER_BROKEN: Scope.SYSTEM,
        Reason.TOO_MANY_REQUESTS: Scope.SYSTEM,
        Reason.UNAVAILABLE: Scope.SYSTEM,
        Reason.SERVER_ERROR: Scope.SYSTEM,
        Reason.REGISTER_UNAVAILABLE: Scope.SYSTEM,
        Reason.FILE_STORE_UNAVAILABLE: Scope.SYSTEM,
        Reason.FILE_DIFFERS: Scope.SYSTEM,
        Reason.TOKEN_UNAVAILABLE: Scope.SYSTEM,
    }
)
"""Every reason, and whose it is."""

MAY_BE_ALL: Mapping[Reason, Scope] = MappingProxyType(
    {
        # A source that invents signers: no name comes often enough to be stopped.
        Reason.UNKNOWN_SIGNER: Scope.SOURCE,
        # A hospital that loses its access with all its doctors; a system that refuses everybody; a wrong deployment
        # of Herald.
        Reason.ACCESS_DENIED: Scope.SYSTEM,
        Reason.SIGNING_FAILED: Scope.SYSTEM,
        Reason.TOKEN_REFUSED: Scope.SYSTEM,
        Reason.SCHEMA_VIOLATION: Scope.SYSTEM,
        Reason.DEFECT: Scope.SYSTEM,
    }
)
"""The reasons that count for wider ones as well, up to this scope, as long as nothing of the wider one ends well."""

_WIDER = (Scope.SIGNER, Scope.SOURCE, Scope.SYSTEM)
"""Each scope before those that contain it."""


def blame(reason: Reason, sender: Sender) -> Blame:
    """Return whom a dead letter of this sender counts for."""
    own = _party(CAUSED_BY[reason], sender)
    widest = MAY_BE_ALL.get(reason, own.scope)
    scopes = _WIDER[_WIDER.index(own.scope) + 1 : _WIDER.index(widest) + 1]
    return Blame(own, tuple(_party(scope, sender) for scope in scopes))


def _party(scope: Scope, sender: Sender) -> Party:
    if scope is Scope.SYSTEM:
        return THE_SYSTEM
    if scope is Scope.SIGNER and sender.signer:
        return Party(Scope.SIGNER, sender.signer)
    return Party(Scope.SOURCE, sender.source)
