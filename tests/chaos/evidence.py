"""The evidence of a run, as plain values, for the audit. Ids and digests only, no health data."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.chaos.egov.evidence import EgovEvidence
from tests.chaos.letters.evidence import LettersEvidence


@dataclass(frozen=True, slots=True)
class Sent:
    """A record that the producer published, in the order of publishing."""

    submission: str | None
    """None: nothing in it names its sender."""
    patient: str
    """As the ledger names the patient."""
    operation: str
    partition: int
    offset: int
    bad: str | None = None
    """The reason that its dead letter must give."""
    again: bool = False
    nrn: str | None = None
    """The registration that it is about."""
    system: str = "nhis"
    """The system whose topic has it."""

    @property
    def answerable(self) -> bool:
        """Whether a reply is owed: not for a conflict, whose identity has an answer of its own."""
        return self.submission is not None and not self.again and self.bad != "conflict"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply on its topic; ``said`` is a digest of everything that a reader sees of it."""

    submission: str
    revision: int
    kind: str
    said: str
    at: float
    """When it was published, seconds since the epoch."""
    nrn: str | None = None
    dead_letter: str | None = None
    reference: str | None = None
    """What RegiX, ePayments or eDelivery calls the submission."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter on its topic, and where its record came from."""

    id: str
    reason: str
    partition: int
    offset: int
    said: str
    at: float = 0.0
    """When it was published, seconds since the epoch."""
    system: str = "nhis"
    """The system whose topic has it, and its record."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A line of the ledger."""

    seq: int
    lrn: str
    uin: str
    nrn: str
    patient: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it reached the national system; ``late``: it may have waited there for so many seconds."""

    type: str
    message_id: str
    lrn: str | None
    nrn: str | None
    at: float
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """A submission in the journal."""

    submission: str
    operation: str
    identity: str
    state: str
    revision: int
    answered: bool
    dead_letter: str | None
    messages: frozenset[str]
    """The message ids of its attempts."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All evidence of one run."""

    planned: frozenset[str] = frozenset()
    """The submissions that the plan has, whether they were published or not."""
    cut_short: bool = False
    """Whether the time limit ended the run."""
    sent: tuple[Sent, ...] = ()
    replies: tuple[Reply, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    registrations: tuple[Registration, ...] = ()
    reactions: tuple[str, ...] = ()
    """The NRN of each registered reaction, in order."""
    cancellations: tuple[str, ...] = ()
    requests: tuple[Request, ...] = ()
    rows: tuple[Row, ...] = ()
    kept: dict[str, str] = field(default_factory=dict)
    """The journal's dead letters: reasons by id."""
    rewinds: tuple[float, ...] = ()
    """When the offsets were set back, seconds since the epoch; no worker ran at that time."""
    surprises: tuple[str, ...] = ()
    """Ends of workers that no fault caused."""
    egov: EgovEvidence = field(default_factory=EgovEvidence)
    """What RegiX, ePayments and the receiver left behind."""
    letters: LettersEvidence = field(default_factory=LettersEvidence)
    """What eDelivery, eForms and the file store left behind."""

    def final(self) -> dict[str, Reply]:
        """Return each submission's reply of the highest revision; of repeats, the first."""
        return {one.submission: one for one in sorted(self.replies, key=lambda one: (one.revision, -one.at))}
