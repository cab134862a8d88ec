"""The AsyncAPI 3.0 document of the topics, from the point of view of a hospital's information system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts import notifications
from contracts.export.messages import DEAD_LETTER, messages
from contracts.export.schemas import components
from contracts.registry import EVENT_TYPES, SYSTEMS
from contracts.replies import ReplyKind

if TYPE_CHECKING:
    from collections.abc import Iterable

_PREFIX = "herald"
_INTRODUCTION = """\
Submissions to national e-health and e-government systems, and their answers; four topics for each system, and a
fifth for a system that notifies Herald of things on its own.
Events are CloudEvents 1.0 over Kafka: binary mode (attributes in `ce_` headers, the data as the value), or for
submissions also structured mode (content type `application/cloudevents+json`). `source` and `id` are the
submission's identity; the Kafka key orders one patient's submissions and must not be the patient's number
itself. Topic names have a configurable prefix; `herald` is the default. Beside the schemas, rules between
fields apply; `docs/contracts.md` and the page of each system list them."""


def document() -> dict[str, Any]:
    """Return the whole document."""
    found = messages()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Herald: submissions to national systems",
            "version": "1.0.0",
            "description": _INTRODUCTION,
        },
        "defaultContentType": "application/json",
        "channels": _channels(found),
        "operations": _operations(),
        "components": {"messages": found, "schemas": components()},
    }


# Each of a system's topics, and what is there.
_TOPICS = {
    "submissions": "What hospitals submit.",
    "results": "Replies to submissions that the system accepted, and what it took and answers later.",
    "errors": "Replies to the others: rejected by the system, failed, or held for a person to decide.",
    "dead-letters": "Failed and held submissions as they came, for operators.",
}
_NOTIFICATIONS = "notifications"
_OF_NOTIFICATIONS = "What the system states on its own, in calls to Herald."


_RESULTS = (ReplyKind.ACCEPTED, ReplyKind.TAKEN)


def _topic_of(message: str) -> str:
    if message == DEAD_LETTER:
        return "dead-letters"
    if message in EVENT_TYPES:
        return "submissions"
    if message in notifications.NOTIFICATION_TYPES:
        return _NOTIFICATIONS
    return "results" if any(f".{kind.value}." in message for kind in _RESULTS) else "errors"


def _is_of(message: str, system: str) -> bool:
    """Whether a message may be in a system's topics: its own, and those that belong to no type."""
    return message.partition(".")[0] in {system, *_COMMON}


_COMMON = {DEAD_LETTER, "herald"}


def _channels(names: Iterable[str]) -> dict[str, Any]:
    found = tuple(names)
    return {
        f"{system}.{topic}": {
            "address": f"{_PREFIX}.{system}.{topic}",
            "description": description,
            "messages": {
                name: {"$ref": f"#/components/messages/{name}"}
                for name in found
                if _topic_of(name) == topic and _is_of(name, system)
            },
        }
        for system in SYSTEMS
        for topic, description in _topics_of(system).items()
    }


def _topics_of(system: str) -> dict[str, str]:
    notifies = any(one.system == system for one in notifications.NOTIFICATION_TYPES.values())
    return {**_TOPICS, _NOTIFICATIONS: _OF_NOTIFICATIONS} if notifies else _TOPICS


def _operations() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for system in SYSTEMS:
        found |= {
            f"{system}.submit": _operation(system, "submissions", "send", "Publish a submission."),
            f"{system}.readResults": _operation(system, "results", "receive", "Read what was accepted."),
            f"{system}.readErrors": _operation(
                system, "errors", "receive", "Read what was rejected, failed or held."
            ),
            f"{system}.readDeadLetters": _operation(
                system, "dead-letters", "receive", "Read dead letters (operators)."
            ),
        }
        if _NOTIFICATIONS in _topics_of(system):
            found[f"{system}.readNotifications"] = _operation(
                system, _NOTIFICATIONS, "receive", "Read what the system states on its own."
            )
    return found


def _operation(system: str, topic: str, action: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{system}.{topic}"}, "summary": summary}
