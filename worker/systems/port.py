"""The port behind which every national system is a package; the engine knows systems by this alone."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from contracts.problems import Problem
    from contracts.reasons import Reason
    from worker.file_store import NewFile
    from worker.outcome import Blocked, NotArrived, Outcome, Retry
    from worker.submission import Submission
    from worker.transport.port import Answer, HttpClient, SendGuard


_NONE: Mapping[str, str] = MappingProxyType({})


class Recovery(StrEnum):
    """What to do when the outcome of an attempt is unknown (docs/adding-a-system.md)."""

    REPEAT = "repeat"
    SAME_IDENTITY = "same-identity"
    LOOK_UP_FIRST = "look-up-first"
    HOLD = "hold"

    @property
    def reuses_connections(self) -> bool:
        """Whether an idle connection may carry the message, where its answer names it (`Prepared.reuse`).

        What may never be sent twice must not meet a connection that the system is about to close.
        """
        return self is not Recovery.HOLD


@immutable
class Operation:
    """One operation of a national system, as the engine needs to know it."""

    system: str
    name: str
    recovery: Recovery
    """Where submissions of one operation differ (see `System.recovery`), the most careful of their rules."""
    version: int = 1
    """The version of the operation's event type."""
    looks_up: bool = False
    """Whether `System.prepare_look_up` has a query that may show its submissions."""
    keeps_order_while_waiting: bool = False
    """Whether later submissions of the same key wait until an answer that comes later is there (see `later`)."""

    @property
    def event_type(self) -> str:
        """Return the type of the events that ask for this operation."""
        return f"{self.system}.{self.name}.v{self.version}"


@immutable
class Attempt:
    """What makes one attempt different from the last: a fresh message id and time; the identity stays.

    ``progress`` is what the steps before this one left (see `HasSteps`); empty for a system without steps.
    """

    number: int
    message_id: str
    created_on: datetime
    identity: str
    progress: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)


@immutable
class SentFile:
    """A stored file within a request: the body is ``request``, the file's ``size`` bytes, then ``after``.

    The journal keeps ``request``, which names the file's id, size and digest in what surrounds it.
    """

    id: str
    size: int
    after: bytes = b""


@immutable
class Prepared:
    """A message ready to send: the exact bytes, the address, and what the evidence may keep of it.

    ``evidence`` is kept in place of ``request`` where that holds a password. ``url`` may name a patient in its path.
    ``reuse``: whether a connection that carried an earlier message may carry this one, see `HttpClient.request`. Only
    where the answer repeats the message's id and `Recovery.reuses_connections`: on a kept connection a late second
    answer to another patient's message may come first.
    """

    operation: str
    signer: str
    message_id: str
    identity: str
    # A query may hold a patient's number.
    url: str = field(repr=False)
    request: bytes = field(repr=False)
    headers: Mapping[str, str]
    secret_headers: Mapping[str, str] = field(repr=False)
    method: str = "POST"
    reuse: bool = False
    evidence: bytes | None = field(default=None, repr=False)
    evidence_url: str | None = field(default=None, repr=False)
    """What the evidence keeps in place of ``url``, where that lets anybody who knows it fetch a file."""
    step: str | None = None
    """The name of the step that it is the request of, where the system has steps."""
    progress: Mapping[str, str] = field(default_factory=lambda: _NONE, repr=False)
    """The progress that it was made from: `interpret` returns the next one."""
    file: SentFile | None = field(default=None, repr=False)
    """A file of the store that is sent between ``request`` and what follows it, without being read into memory."""
    save: NewFile | None = field(default=None, repr=False)
    """Where the body of a successful answer goes, without being read into memory (see `Answer.saved`)."""


class NotPrepared(Exception):
    """No message could be made; nothing was sent. Carries the outcome (Retry or Blocked) to act on.

    ``shared`` names the request that failed, where several submissions may have waited for the same one (a token): it
    is one failure, however many there are of them.
    """

    def __init__(self, outcome: Outcome, *, shared: bytes | None = None) -> None:
        super().__init__(type(outcome).__name__)
        self.outcome = outcome
        self.shared = shared


class Refused(Exception):
    """The event passed its contract but must not be sent; carries every problem with its JSON path."""

    def __init__(self, reason: Reason, problems: Sequence[Problem]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.problems = tuple(problems)


@immutable
class CodeList:
    """A cached nomenclature: its codes with what the system says of each (meta names to values)."""

    id: str
    name: str
    fetched_at: datetime
    codes: Mapping[str, Mapping[str, str]]


@immutable
class Pulled:
    """The lists that were pulled, and one plain sentence for each list that was not."""

    lists: tuple[CodeList, ...]
    problems: tuple[str, ...]


@immutable
class TrustedCertificate:
    """A pinned certificate by which answers are verified, and the end of its validity (UTC)."""

    label: str
    not_after: datetime


@runtime_checkable
class TrustsCertificates(Protocol):
    """The further part of a System that verifies answers by certificates, which operators must renew in time."""

    def certificates(self) -> Sequence[TrustedCertificate]:
        """Return all pinned certificates, expired ones included."""


@immutable
class PresentedCertificate:
    """The certificate by which a system knows a signer, and the end of its validity (UTC).

    ``thumbprint`` is the SHA-1 of the certificate in capital hexadecimal, as Windows shows it: a name and no proof.
    """

    signer: str
    thumbprint: str
    subject: str
    not_after: datetime


@runtime_checkable
class PresentsCertificates(Protocol):
    """What a System has besides, where it is known by the thumbprint of its client certificate."""

    def presented_certificates(self) -> Sequence[PresentedCertificate]:
        """Return the certificates, as far as they are known without asking anybody."""


@runtime_checkable
class TellsUnusableSigners(Protocol):
    """What a System has besides, where its signers have keys of their own, which may be of no use."""

    def unusable_signers(self) -> Mapping[str, str]:
        """Return what is wrong with each signer of the settings that cannot sign here, as a plain sentence."""

    def can_sign(self) -> bool:
        """Whether any signer of the settings can sign, or there is none."""


@immutable
class Endpoint:
    """A host that a system's messages or logins go to, with the client that sends them.

    ``signer``: whose certificate the client shows, None where it shows none. ``probe`` is an address that may be asked
    for by GET without a token, None where there is none.
    """

    use: str
    url: str
    client: HttpClient
    signer: str | None = None
    probe: str | None = None


@runtime_checkable
class TellsEndpoints(Protocol):
    """What a System has besides, where the hosts that it speaks to can be tried before the first message."""

    def endpoints(self) -> Sequence[Endpoint]:
        """Return the hosts, with one entry for each client certificate that is shown to one."""


@runtime_checkable
class LogsIn(Protocol):
    """What a System has besides, where its messages need a token, or a secret that a question proves."""

    def logins(self) -> Sequence[str]:
        """Return the signers that can log in, as far as is known without asking."""

    async def try_login(self, signer: str) -> Retry | Blocked | None:
        """Log in as a signer, and drop what that gives. Return why it failed, or None where the system accepted it."""


@runtime_checkable
class DrawsNumbers(Protocol):
    """What a System has besides, where it may draw reference numbers from a central generator, as a first step."""

    draws_numbers: bool
    """Whether it does so, as the settings have it."""


@runtime_checkable
class RefusesOperations(Protocol):
    """What a System has besides, where it does not serve some of its operations as the settings have it."""

    def refused_operations(self) -> Mapping[str, str]:
        """Return why each of them is refused, by its name, as a plain sentence."""


@runtime_checkable
class WaivesRules(Protocol):
    """What a System has besides, where its settings switch rules between fields of its contracts off."""

    waived_rules: frozenset[str]
    """Their names, as problems carry them."""


class CodeLists(Protocol):
    """The cached nomenclatures of one system, in memory."""

    def get(self, list_id: str) -> CodeList | None:
        """Return the list, or None where it was never fetched."""


class System(Protocol):
    """One national system. Methods do no retrying, journalling or waiting: the engine does."""

    name: str
    operations: Mapping[str, Operation]
    """By event type."""
    time_zone: str
    """Where the system's days begin and end (tz database name)."""

    def knows_signer(self, signer: str) -> bool:
        """Whether this signing identity is configured for this system."""

    def identity(self, submission: Submission) -> str:
        """Return the business identity that never changes between attempts (NHIS: the LRN)."""

    def recovery(self, submission: Submission) -> Recovery:
        """Return the rule of this very submission: of most systems, that of its operation."""

    async def check(self, submission: Submission) -> None:
        """Check what can be known before sending (code lists). Raises Refused with all problems."""

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Authorise, build, validate and sign. Raises Refused, or NotPrepared with Retry or Blocked."""

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once and return the answer. Raises transport.DeliveryError, which says whether it was sent.

        Where the answer repeats a secret, its `evidence` is what may be kept and shown of it.

        ``guard`` must be asked right before the first byte leaves, which is what the transport does with it;
        where it does not permit that any more, SendRefused is raised.
        """

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer: pure, total, never raises on any bytes."""

    async def reauthorize(self, prepared: Prepared) -> None:
        """Drop the authorisation that this message used; the next prepare gets a new one."""

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Make the read-only query that shows whether the submission is there; None where the system has none."""

    def settle(
        self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the look-up's answer what `found` means: pure.

        `found` is AlreadyExists, a rejection in doubt, or (`look-up-first` and `hold`) Unknown. A look-up that was
        refused or failed is Retry or Unknown: it says nothing of the submission, and is made again. NotArrived only
        where it shows that; where it leaves the outcome unknown for good, Unknown with the reason OUTCOME_UNKNOWN.
        """

    async def probe(self) -> str | None:
        """Say why the system cannot be reached, or None, where it answers or there is nothing to ask.

        It is asked without a signature or a token. The answer alone decides nothing: what a system answers at the
        address of its probe is not documented.
        """

    async def close(self) -> None:
        """Release connections."""
