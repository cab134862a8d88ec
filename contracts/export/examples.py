"""One example per event and per kind of reply, as a record has it: key, headers, value."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts import notifications
from contracts.fields import utc_text
from contracts.reasons import ADVICE, Reason
from contracts.registry import EVENT_TYPES
from contracts.replies import (
    AcceptedReply,
    DeadLetterReference,
    FailedReply,
    FieldProblem,
    HeldReply,
    RejectedReply,
    StatedError,
    SystemAnswer,
    TakenReply,
)
from contracts.reply_events import reply_event
from contracts.submission_ref import SubmissionRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.event_contract import EventContract
    from contracts.notification_contract import NotificationContract
    from contracts.replies import Reply

_KEY = "patient-7f3a"
_NOBODYS_KEY = hashlib.sha256(b"example").hexdigest()
"""The key of a notification of no submission is a digest."""
_SOURCE = "/hospitals/example/his"
_ID = "2025-000123"
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_AT = datetime(2025, 3, 14, 9, 30, tzinfo=UTC)
_REGISTER, _REACTION = "nhis.immunization.register.v1", "nhis.adverse-reaction.register.v1"
_DOSE_MUST_GROW = "Номерът на дозата трябва да е по-голям от номера на последната доза от курса."
_DEAD_LETTER = DeadLetterReference(
    id="5f0c7d0e-6a0e-5d0b-8f3c-0d6c4a9e2b11", topic="herald.nhis.dead-letters"
)


def submission(contract: EventContract) -> dict[str, Any]:
    """Return the example submission of one type."""
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": _ID,
        "ce_source": _SOURCE,
        "ce_type": contract.event_type,
        "ce_signer": "dr-example",
        "ce_traceparent": _TRACE,
    }
    return {"key": _KEY, "headers": headers, "value": contract.example}


def example_files() -> dict[str, Mapping[str, Any]]:
    """Return every example, by event type."""
    records: list[Mapping[str, Any]] = []
    for contract in EVENT_TYPES.values():
        records.extend((submission(contract), _accepted(contract)))
        if contract.answers_later:
            records.append(_taken(contract))
    records.extend((_rejected(), _failed(), _held(), _unnamed()))
    records.extend(map(notification, notifications.NOTIFICATION_TYPES.values()))
    return {record["headers"]["ce_type"]: record for record in records}


def notification(contract: NotificationContract) -> dict[str, Any]:
    """Return the example of a notification; one of a submission belongs to the example's."""
    headers = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": "c5f3a8f6-2b0c-5d0e-9a61-3c1d2f4b5a60",
        "ce_source": f"/herald/{contract.system}",
        "ce_type": contract.event_type,
        "ce_time": utc_text(_AT),
    }
    if not contract.of_submission:
        return {"key": _NOBODYS_KEY, "headers": headers, "value": contract.example}
    headers |= {"ce_submissionid": _ID, "ce_submissionsource": _SOURCE}
    return {"key": _KEY, "headers": headers, "value": contract.example}


def _record(event_type: str | None, reply: Reply | TakenReply) -> dict[str, Any]:
    submission = SubmissionRef(source=_SOURCE, id=_ID, type=event_type, traceparent=_TRACE)
    message = reply_event(submission, reply, revision=1, at=_AT)
    headers = {name: value.decode() for name, value in message.headers}
    return {"key": _KEY, "headers": headers, "value": json.loads(message.value)}


def _accepted(contract: EventContract) -> dict[str, Any]:
    media_type, body = contract.body
    answer = SystemAnswer(status=200, content_type=media_type, body=body)
    reply = AcceptedReply(
        system=contract.system, operation=contract.operation, data=dict(contract.answered), answer=answer
    )
    return _record(contract.event_type, reply)


def _taken(contract: EventContract) -> dict[str, Any]:
    reply = TakenReply(
        system=contract.system,
        operation=contract.operation,
        reference="1234567",
        taken_at=_AT,
        give_up_at=_AT + timedelta(days=7),
    )
    return _record(contract.event_type, reply)


def _rejected() -> dict[str, Any]:
    media_type, body = EVENT_TYPES[_REGISTER].body
    stated = StatedError(
        type="E002",
        reason=_DOSE_MUST_GROW,
        description=("RL063",),
        faulty_attribute="immunization/doseNumber",
    )
    reply = RejectedReply(
        system="nhis",
        operation="immunization.register",
        message=f"The national system refused it: {_DOSE_MUST_GROW}",
        errors=(stated,),
        attempts=1,
        first_attempt=_AT,
        last_attempt=_AT,
        answer=SystemAnswer(status=400, content_type=media_type, body=body),
    )
    return _record(_REGISTER, reply)


def _failed() -> dict[str, Any]:
    problem = FieldProblem(
        path="$.data.patient.identifier",
        rule="egn-check-digit",
        message="Correct the EGN: its check digit does not fit.",
    )
    reply = FailedReply(
        system="nhis",
        operation="immunization.register",
        code=Reason.CONTRACT_VIOLATION,
        message=ADVICE[Reason.CONTRACT_VIOLATION],
        problems=(problem,),
        dead_letter=_DEAD_LETTER,
    )
    return _record(_REGISTER, reply)


def _held() -> dict[str, Any]:
    reply = HeldReply(
        system="nhis",
        operation="adverse-reaction.register",
        code=Reason.OUTCOME_UNKNOWN,
        message=ADVICE[Reason.OUTCOME_UNKNOWN],
        attempts=1,
        first_attempt=_AT,
        last_attempt=_AT,
        dead_letter=_DEAD_LETTER,
    )
    return _record(_REACTION, reply)


def _unnamed() -> dict[str, Any]:
    reply = FailedReply(
        code=Reason.UNKNOWN_TYPE, message=ADVICE[Reason.UNKNOWN_TYPE], dead_letter=_DEAD_LETTER
    )
    return _record(None, reply)
