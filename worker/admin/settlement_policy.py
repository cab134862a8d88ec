"""What a settlement publishes, and which settlements are allowed. Policy only."""

from __future__ import annotations

import json
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from contracts.immutable import immutable
from contracts.reasons import ADVICE, Reason
from contracts.replies import AcceptedReply, DeadLetterReference, FailedReply, Settled
from contracts.reply_events import reply_event
from contracts.submission_ref import SubmissionRef
from worker.pipeline.ports import Event, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from worker.pipeline.routing import Route


class Verdict(StrEnum):
    """What a person found in the national system."""

    ACCEPTED = "accepted"
    NOT_SENT = "not-sent"


@immutable
class Statement:
    """What a person states. ``data`` is that of the accepted reply; None where the system has no such submission."""

    verdict: Verdict
    data: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def state(self) -> State:
        """The state that the submission gets by it."""
        return State.ACCEPTED if self.verdict is Verdict.ACCEPTED else State.FAILED


@immutable
class SubmissionStatus:
    """A dead letter's submission as it is now. ``current_dead_letter_id`` is the dead letter that it ended with."""

    source: str
    id: str
    type: str
    system: str
    operation: str
    identity: str
    state: State
    revision: int
    attempts: int
    first_attempt: datetime | None
    last_attempt: datetime | None
    current_dead_letter_id: str | None
    reply: Event | None = field(repr=False)


@immutable
class Repeat:
    """The same statement was made before: the reply that was made then is published again."""

    reply: Event


@immutable
class Refusal:
    """There is nothing to settle; ``why`` is a sentence for the operator."""

    why: str


Judgement: TypeAlias = Repeat | Refusal | None


def judge(status: SubmissionStatus, letter_id: str, statement: Statement, *, ordered: bool) -> Judgement:
    """Decide whether the submission may be settled by this statement; None where it may.

    ``ordered``: a replay of the dead letter was ordered, so that a worker may change the submission at any moment.
    """
    said = _said(status.reply)
    ours = status.state is State.ACCEPTED or status.current_dead_letter_id == letter_id
    if said is not None and status.reply is not None and ours and not ordered:
        if said == statement:
            return Repeat(status.reply)
        return Refusal(f"It was already settled as {said.verdict}, and this is final.")
    if ordered:
        return Refusal("Its replay was ordered: wait for the outcome.")
    if status.state is not State.HELD or status.current_dead_letter_id != letter_id:
        return Refusal(f"Nothing can be settled: its submission is now {status.state}, not held.")
    return None


def settled_reply(
    status: SubmissionStatus,
    statement: Statement,
    *,
    key: bytes | None,
    route: Route,
    dead_letter: DeadLetterReference,
    traceparent: str | None,
    rnu: str | None,
    at: datetime,
) -> Event:
    """Render the reply of the next revision: what a person stated, never what the system did."""
    submission = SubmissionRef(status.source, status.id, status.type, traceparent=traceparent, rnu=rnu)
    reply: AcceptedReply | FailedReply
    if statement.data is not None:
        reply = AcceptedReply(
            system=status.system,
            operation=status.operation,
            data=dict(statement.data),
            settled=Settled(at=at),
        )
    else:
        reply = _not_sent(status, dead_letter)
    message = reply_event(submission, reply, revision=status.revision + 1, at=at)
    topic = route.results if statement.state is State.ACCEPTED else route.errors
    return Event(topic, key, message.value, message.headers)


def _not_sent(status: SubmissionStatus, dead_letter: DeadLetterReference) -> FailedReply:
    return FailedReply(
        system=status.system,
        operation=status.operation,
        code=Reason.SETTLED_NOT_SENT,
        message=f"A person looked it up in the national system and did not find it. {ADVICE[Reason.SETTLED_NOT_SENT]}",
        attempts=status.attempts,
        first_attempt=status.first_attempt,
        last_attempt=status.last_attempt,
        dead_letter=dead_letter,
    )


def reference_in(reply: Event | None, member: str) -> str | None:
    """Return what the system called the submission, by its held reply or by the settlement that has replaced that.

    ``member`` is where the data of an accepted reply has it.
    """
    document = json.loads(reply.value or b"null") if reply else None
    if not isinstance(document, dict):
        return None
    data = document.get("data") if document.get("settled") else None
    reference = data.get(member) if isinstance(data, dict) else document.get("reference")
    return reference if isinstance(reference, str) else None


def _said(reply: Event | None) -> Statement | None:
    """Read the statement that a stored reply was made from; None where the reply is no settlement's."""
    document = json.loads(reply.value or b"null") if reply else None
    if not isinstance(document, dict):
        return None
    if document.get("settled"):
        return Statement(Verdict.ACCEPTED, document["data"])
    not_sent = document.get("code") == Reason.SETTLED_NOT_SENT
    return Statement(Verdict.NOT_SENT) if not_sent else None
