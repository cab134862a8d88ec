"""The messages of the AsyncAPI document: each event, each reply, the dead letter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts import notifications
from contracts.attributes import MAX_RNU
from contracts.dead_letters import DeadLetterHeader
from contracts.export.examples import example_files
from contracts.export.schemas import INTERIM, SHARED_REPLIES, accepted_model
from contracts.registry import EVENT_TYPES
from contracts.replies import FailedReply, ReplyKind
from contracts.reply_events import reply_type
from contracts.summaries import RETAINED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.event_contract import EventContract
    from contracts.notification_contract import NotificationContract

    _Examples = Mapping[str, Mapping[str, Any]]

DEAD_LETTER = "dead-letter"

_TEXT: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": 255}
_TRACE: Mapping[str, Any] = {
    "type": "string",
    "description": "W3C trace parent; carried through to the reply.",
}
_RNU: Mapping[str, Any] = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_RNU,
    "description": "The reference number of the service (РНУ), carried through to the reply.",
}
_KEY_BINDING: Mapping[str, Any] = {
    "kafka": {
        "key": {
            "type": "string",
            "description": (
                "Orders the submissions of one patient; a pseudonym, never the patient's number. Every client that"
                " publishes must partition it alike (murmur2, as Java clients do)."
            ),
        },
        "bindingVersion": "0.5.0",
    }
}


_DEAD_LETTER_HEADERS: Mapping[DeadLetterHeader, str] = {
    DeadLetterHeader.ID: "The dead letter's id; `herald dead-letters show` takes it.",
    DeadLetterHeader.REASON: "Why it is a dead letter: a stable reason code.",
    DeadLetterHeader.SYSTEM: "The national system.",
    DeadLetterHeader.OPERATION: "The system's operation, where the event's type is known.",
    DeadLetterHeader.SIGNER: "The event's `signer`, where it names one.",
    DeadLetterHeader.ORIGINAL_TOPIC: "The topic that the record came from.",
    DeadLetterHeader.ORIGINAL_PARTITION: "The partition that the record came from.",
    DeadLetterHeader.ORIGINAL_OFFSET: "The record's offset there.",
    DeadLetterHeader.ORIGINAL_TIMESTAMP: "The record's time there, in milliseconds since 1970.",
    DeadLetterHeader.ATTEMPTS: "How often the submission was sent.",
    DeadLetterHeader.FIRST_ATTEMPT: "When it was first sent (RFC 3339); absent where it was not.",
    DeadLetterHeader.LAST_ATTEMPT: "When it was last sent (RFC 3339); absent where it was not.",
    DeadLetterHeader.REPLAY_COUNT: "How often it was replayed.",
    DeadLetterHeader.REPLAY_OF: "The dead letter of which this record was a replay; absent where it was none.",
    DeadLetterHeader.RNU: "The reference number of the service, given or generated; absent where there is none.",
    DeadLetterHeader.VALUE_LEFT_OUT: "How many bytes the value had, where it was too large for this topic.",
}


def messages() -> dict[str, Any]:
    """Return every message by its name, which is its event type."""
    found: dict[str, Any] = {}
    examples = example_files()
    for event_type, contract in EVENT_TYPES.items():
        found[event_type] = _submission(contract, examples)
        accepted = reply_type(event_type, ReplyKind.ACCEPTED)
        found[accepted] = _reply(accepted, contract.title, accepted_model(contract).__name__, examples)
    for kind, model in (*SHARED_REPLIES.items(), *INTERIM.items()):
        for event_type, contract in EVENT_TYPES.items():
            if kind in INTERIM and not contract.answers_later:
                continue
            name = reply_type(event_type, kind)
            found[name] = _reply(name, contract.title, model.__name__, examples)
    unnamed = reply_type(None, ReplyKind.FAILED)
    found[unnamed] = _reply(unnamed, "Submission of no known type", FailedReply.__name__, examples)
    for notified in notifications.NOTIFICATION_TYPES.values():
        found[notified.event_type] = _notification(notified, examples)
    found[DEAD_LETTER] = _dead_letter()
    return found


def _notification(contract: NotificationContract, examples: _Examples) -> dict[str, Any]:
    """Return the message of one type. What names a submission is there only where the notification belongs to one."""
    time = {"type": "string", "format": "date-time", "description": "When Herald first learned of it."}
    headers = _headers(contract.event_type, {"ce_time": time})
    headers["properties"] |= {
        "ce_submissionid": {**_TEXT, "description": "The id of the submission that it belongs to."},
        "ce_submissionsource": {**_TEXT, "description": "The source of that submission."},
        "ce_rnu": {
            "type": "string",
            "description": "The reference number of the service, where it is known.",
        },
    }
    message = _message(contract.event_type, contract.title, contract.model.__name__, headers, examples)
    return {**message, "description": contract.description}


def _submission(contract: EventContract, examples: _Examples) -> dict[str, Any]:
    signer = {**_TEXT, "description": "Which signing identity signs."}
    headers = _headers(contract.event_type, {"ce_signer": signer})
    message = _message(contract.event_type, contract.title, contract.model.__name__, headers, examples)
    return {**message, "description": contract.description}


def _reply(name: str, title: str, schema: str, examples: _Examples) -> dict[str, Any]:
    extensions = {
        "ce_time": {"type": "string", "format": "date-time", "description": "When the outcome was known."},
        "ce_submissionid": {**_TEXT, "description": "The submission's id."},
        "ce_submissionsource": {**_TEXT, "description": "The submission's source."},
        "ce_revision": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "The reply with the highest revision of a submission is the truth.",
        },
    }
    kind = name.split(".")[-2]
    headers = _headers(name, extensions)
    headers["properties"][RETAINED] = {
        "type": "string",
        "const": "summary",
        "description": "There where the reply is old, and retention has left only a summary of it.",
    }
    return _message(name, f"{title}: {kind}", schema, headers, examples)


def _message(
    name: str, title: str, schema: str, headers: dict[str, Any], examples: _Examples
) -> dict[str, Any]:
    example = examples.get(name)
    message: dict[str, Any] = {
        "name": name,
        "title": title,
        "contentType": "application/json",
        "headers": headers,
        "payload": {"$ref": f"#/components/schemas/{schema}"},
        "bindings": _KEY_BINDING,
    }
    if example is not None:
        message["examples"] = [{"name": name, "headers": example["headers"], "payload": example["value"]}]
    return message


def _headers(event_type: str, extensions: Mapping[str, Any]) -> dict[str, Any]:
    required = {
        "content-type": {"type": "string", "const": "application/json", "description": "What the value is."},
        "ce_specversion": {"type": "string", "const": "1.0", "description": "The version of CloudEvents."},
        "ce_id": {**_TEXT, "description": "With the source, the event's identity."},
        "ce_source": {**_TEXT, "description": "Who publishes; a URI reference."},
        "ce_type": {"type": "string", "const": event_type, "description": "What the event says."},
        **extensions,
    }
    return {
        "type": "object",
        "properties": {**required, "ce_rnu": dict(_RNU), "ce_traceparent": dict(_TRACE)},
        "required": list(required),
    }


def _dead_letter() -> dict[str, Any]:
    optional = {
        DeadLetterHeader.SYSTEM,
        DeadLetterHeader.OPERATION,
        DeadLetterHeader.SIGNER,
        DeadLetterHeader.FIRST_ATTEMPT,
        DeadLetterHeader.LAST_ATTEMPT,
        DeadLetterHeader.REPLAY_OF,
        DeadLetterHeader.RNU,
        DeadLetterHeader.VALUE_LEFT_OUT,
    }
    headers = {
        "type": "object",
        "properties": {
            name.value: {"type": "string", "description": _DEAD_LETTER_HEADERS[name]}
            for name in DeadLetterHeader
        },
        "required": [name.value for name in DeadLetterHeader if name not in optional],
    }
    return {
        "name": DEAD_LETTER,
        "title": "A dead letter",
        "description": "The record as it came (key, value, headers), with headers that say where from and why.",
        "headers": headers,
        "payload": {"description": "Whatever the record's value was; it may be nothing, or no JSON."},
        "bindings": _KEY_BINDING,
    }
