"""The labels of Herald's metrics. Each has a bounded set of values: nothing that an event says can add one."""

from __future__ import annotations

from enum import StrEnum

from contracts.immutable import immutable
from contracts.reasons import Reason

OTHER = "other"
"""The value in the place of every one that is not in a label's set."""


class Outcome(StrEnum):
    """How the work on a record ended."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"
    HELD = "held"
    WAITING = "waiting"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    UNREADABLE = "unreadable"


class AskOutcome(StrEnum):
    """How it ended that an answer was asked for, or that it was acknowledged."""

    ANSWERED = "answered"
    NOT_READY = "not-ready"
    TROUBLE = "trouble"
    OVERDUE = "overdue"
    LOST = "lost"
    ACKNOWLEDGED = "acknowledged"
    NOT_ACKNOWLEDGED = "not-acknowledged"


class Stage(StrEnum):
    """A part of a submission's way whose duration is measured."""

    CLAIM = "claim"
    ADMISSION = "admission"
    PREPARE = "prepare"
    SENDING = "sending"
    EXCHANGE = "exchange"
    FINISH = "finish"
    PUBLISH = "publish"
    ANSWERED = "answered"


class TokenOutcome(StrEnum):
    """How a request for an access token ended."""

    GRANTED = "granted"
    FAILED = "failed"
    REFUSED = "refused"


class PullOutcome(StrEnum):
    """How a worker's pull of code lists ended."""

    PULLED = "pulled"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


class Pruned(StrEnum):
    """What retention removes from the journal."""

    EVIDENCE = "evidence"
    REPLIES = "replies"
    DEAD_LETTERS = "dead-letters"
    IDENTITIES = "identities"
    NOTIFICATIONS = "notifications"
    FILES = "files"


class FileAct(StrEnum):
    """What is done with a file: saved for a reply, fetched or uploaded over HTTP, deleted."""

    SAVE = "save"
    FETCH = "fetch"
    UPLOAD = "upload"
    DELETE = "delete"


class FileOutcome(StrEnum):
    """How it ended."""

    COMPLETE = "complete"
    BROKEN = "broken"


class CallStatus(StrEnum):
    """The HTTP statuses that the receiver answers with."""

    OK = "200"
    BAD_REQUEST = "400"
    UNAUTHORIZED = "401"
    NOT_FOUND = "404"
    NOT_ALLOWED = "405"
    TIMED_OUT = "408"
    TOO_LARGE = "413"
    TOO_MANY = "429"
    DEFECT = "500"
    UNAVAILABLE = "503"


class NoticeOutcome(StrEnum):
    """What became of one thing that a call stated, or a look showed."""

    NEW = "new"
    REPEATED = "repeated"
    CONFLICTING = "conflicting"


class LookOutcome(StrEnum):
    """How a look for news ended. ``over``: another worker had taken the place meanwhile, and nothing was kept."""

    FOUND = "found"
    NOTHING = "nothing"
    FAILED = "failed"
    DEFECT = "defect"
    OVER = "over"


class ReloadOutcome(StrEnum):
    """How it ended that changed files were loaded."""

    REPLACED = "replaced"
    REFUSED = "refused"


class SpanDrop(StrEnum):
    """Why a span did not reach the collector."""

    QUEUE_FULL = "queue-full"
    NOT_TAKEN = "not-taken"


class Scope(StrEnum):
    """Whose submissions are concerned."""

    SYSTEM = "system"
    SOURCE = "source"
    SIGNER = "signer"


class PauseReason(StrEnum):
    """Why a worker reads no further records."""

    WINDOW = "window"
    CIRCUIT = "circuit"
    FLOOD = "flood"
    SET_ASIDE = "set-aside"


class JournalConnection(StrEnum):
    """A connection of the worker to PostgreSQL."""

    WRITER = "writer"
    LEASE = "lease"
    METRICS = "metrics"


@immutable
class Label:
    """A label. ``values`` are all that it takes; where they depend on the configuration, ``bound`` says on what."""

    name: str
    bound: str
    values: tuple[str, ...] | None = None

    def allows(self, value: str) -> bool:
        """Whether the label may take this value; of a set that the configuration makes, anything may be in it."""
        return self.values is None or value in self.values


def _fixed(name: str, bound: str, values: type[StrEnum], *more: str) -> Label:
    return Label(name, bound, (*(value.value for value in values), *more))


SYSTEM = Label("system", "The configured systems.")
CALLER = Label(
    "system", f"The systems that have a route or notifications of workers; `{OTHER}` for every other request."
)
CALL_STATUS = _fixed(
    "status", f"The statuses that the receiver answers with; `{OTHER}` for every other.", CallStatus, OTHER
)
NOTICE_OUTCOME = _fixed("outcome", "What became of a notification.", NoticeOutcome)
OPERATION = Label("operation", f"The operations of the system; `{OTHER}` for every other.")
OUTCOME = _fixed("outcome", "How the work on a record ended.", Outcome)
LOOK_OUTCOME = _fixed("outcome", "How a look ended, see below.", LookOutcome)
ASK_OUTCOME = _fixed("outcome", "How an ask or an acknowledgement ended, see below.", AskOutcome)
REASON = _fixed(
    "reason", f"The reason codes of `contracts/reasons.py`; `{OTHER}` for every other.", Reason, OTHER
)
STAGE = _fixed("stage", "The parts of a submission's way, see below.", Stage)
TOKEN_OUTCOME = _fixed("outcome", "How a request for a token ended.", TokenOutcome)
PULL_OUTCOME = _fixed("outcome", "How a pull of code lists ended.", PullOutcome)
CODE_LIST = Label("code_list", "The code lists that the configuration names, and `C004`, the vaccine lots.")
FILE_ACT = _fixed("act", "What is done with a file.", FileAct)
FILE_OUTCOME = _fixed("outcome", "How it ended.", FileOutcome)
PRUNED = _fixed("what", "What retention removes, see journal.md.", Pruned)
SPAN_DROP = _fixed("reason", "Why a span did not reach the collector.", SpanDrop)
SCOPE = _fixed("scope", "Whose submissions are concerned.", Scope)
PAUSE_REASON = _fixed("reason", "Why no further records are read.", PauseReason)
TOPIC = Label("topic", "The topics of submissions of the system, as the configuration says them.")
PARTITION = Label("partition", "The partitions of the topic that are assigned to this worker.")
SIGNER = Label("signer", "The names under `signers` in the configuration.")
SETTING = Label("setting", "The settings that name files: signers, passwords, trusted certificates.")
RELOAD_OUTCOME = _fixed("outcome", "How a reload ended.", ReloadOutcome)
CERTIFICATE = Label("certificate", "The labels of the certificates that the configuration pins.")
CONNECTION = _fixed("connection", "The worker's connections to PostgreSQL.", JournalConnection)
AGAINST = Label("against", "`postgresql`, and the configured systems.")
VERSION = Label("version", "The version of Herald.")
PYTHON = Label("python", "The version of Python.")
