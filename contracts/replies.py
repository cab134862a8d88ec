"""The answers to submissions: the kinds of reply, their data, and the event each is published as.

Accepted and rejected replies are the national system's own answers, and final. Failed and held ones are Herald's,
are dead letters too, and may be superseded by a reply of a higher revision (docs/contracts.md). A taken one is no
answer yet: one of the others follows it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from contracts.fields import UtcTime  # noqa: TC001 - pydantic reads the annotations at run time
from contracts.files import ReferredFile
from contracts.model import ContractModel

LeftOut = Annotated[tuple[ReferredFile, ...], Field(exclude_if=lambda files: not files)]


class ReplyKind(StrEnum):
    """How a submission ended."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"
    HELD = "held"
    TAKEN = "taken"
    """It has not ended: the system took it, and answers later. Another reply follows."""


class SystemAnswer(ContractModel):
    """The national system's answer, verbatim; or, where it is too large or no text, where the evidence is."""

    status: int
    """The HTTP status of the answer."""
    content_type: str | None = None
    """As the answer states it."""
    body: str | None = None
    """The answer as it came."""
    evidence_id: str | None = None
    """Given in place of `body`: the id under which the journal keeps the answer."""

    @classmethod
    def of(
        cls, *, status: int, content_type: str | None, body: bytes, evidence_id: str, max_bytes: int
    ) -> SystemAnswer:
        """Keep the body where it is UTF-8 text of at most ``max_bytes`` bytes, else refer to the evidence."""
        try:
            text = body.decode() if len(body) <= max_bytes else None
        except UnicodeDecodeError:
            text = None
        return cls(
            status=status,
            content_type=content_type,
            body=text,
            evidence_id=evidence_id if text is None else None,
        )


class StatedError(ContractModel):
    """One error as the national system stated it (NHIS: one `error` of an I099)."""

    type: str | None = None
    """The system's own class of error (NHIS: CL999), where it has one."""
    reason: str | None = None
    """The system's sentence."""
    description: tuple[str, ...] = ()
    """What the system adds."""
    faulty_attribute: str | None = None
    """The field that the system blames."""
    id: str | None = None
    """The system's own reference to this one error, for its support."""


class FieldProblem(ContractModel):
    """One thing that is wrong with the event, found before anything was sent."""

    path: str
    """JSON path into the event; or `key`, `headers` or `value` where it concerns the record."""
    rule: str
    """Which rule it breaks."""
    message: str
    """What to do; never quotes a value."""


class DeadLetterReference(ContractModel):
    """Which dead letter the submission became."""

    id: str
    """The id of the dead letter: its header `herald-dead-letter-id`."""
    topic: str
    """Where it was published."""


class Settled(ContractModel):
    """A person settled what was unknown: found it in the national system, which stated nothing to Herald."""

    at: UtcTime
    """When the person stated it."""


class AcceptedReply(ContractModel):
    """The national system stated success; or, where `settled` is there, a person found it there."""

    kind: ClassVar[ReplyKind] = ReplyKind.ACCEPTED

    system: str
    """Which national system, e.g. `nhis`."""
    operation: str
    """Which operation, e.g. `immunization.register`."""
    data: dict[str, Any]
    """The system's identifiers and what was asked for; see the operation's own schema. Null members were too large
    for the topic: `files` refers to them, and `answer.evidenceId` says where the journal keeps them."""
    answer: SystemAnswer | None = None
    """What the system answered; null where a person settled it."""
    files: LeftOut = ()
    """What was too large for the topic, by reference: only there where something was, and Herald keeps files."""
    settled: Settled | None = None
    """Given where not the system stated this to Herald, but a person did who looked there."""


class _NotAccepted(ContractModel):
    system: str | None = None
    """Which national system; null where the event type is not known."""
    operation: str | None = None
    """Which operation; null where the event type is not known."""
    code: str
    """A stable reason code."""
    message: str
    """What happened and what to do, in a plain sentence."""
    errors: tuple[StatedError, ...] = ()
    """The system's own errors."""
    problems: tuple[FieldProblem, ...] = ()
    """What was found before sending."""
    attempts: Annotated[int, Field(ge=0)] = 0
    """How often it was sent, for all revisions together."""
    first_attempt: UtcTime | None = None
    """When it was first sent for this revision; null when it was not."""
    last_attempt: UtcTime | None = None
    """When it was last sent for this revision; null when it was not."""
    dead_letter: DeadLetterReference | None = None
    """The dead letter it became; null for a rejection, which is an answer."""
    answer: SystemAnswer | None = None
    """What the system answered last; null where nothing came."""
    files: LeftOut = ()
    """What was too large for the topic, by reference: only there where something was, and Herald keeps files."""


class RejectedReply(_NotAccepted):
    """The national system refused it; final. Correct what `errors` name and submit under a new id."""

    kind: ClassVar[ReplyKind] = ReplyKind.REJECTED

    code: Literal["rejected"] = "rejected"
    """Always `rejected`: the reasons are the system's own, in `errors`."""


class FailedReply(_NotAccepted):
    """It was not processed by the national system. A replay may supersede this reply."""

    kind: ClassVar[ReplyKind] = ReplyKind.FAILED


class HeldReply(_NotAccepted):
    """Whether the national system processed it is unknown; a person decides, which supersedes this reply."""

    kind: ClassVar[ReplyKind] = ReplyKind.HELD

    reference: str | None = None
    """What the system called it (NHIS: the NRN) when it said that it has this already, and no query confirmed that."""


class TakenReply(ContractModel):
    """The national system took it and answers later; no end. Another reply of the same revision follows."""

    kind: ClassVar[ReplyKind] = ReplyKind.TAKEN

    system: str
    """Which national system, e.g. `regix`."""
    operation: str
    """Which operation."""
    reference: str | None = None
    """What the system calls the submission, if it said so."""
    taken_at: UtcTime
    """When the system took it."""
    give_up_at: UtcTime
    """Until when Herald asks for the answer. Without one by then, the submission ends as failed or held."""


Reply = AcceptedReply | RejectedReply | FailedReply | HeldReply
"""How a submission ended."""
