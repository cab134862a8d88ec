"""The AsyncAPI 3.0 document of the topics, from the point of view of a hospital's information system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from herald.contracts.export.messages import DEAD_LETTER, messages
from herald.contracts.export.schemas import components
from herald.contracts.registry import EVENT_TYPES
from herald.contracts.replies import ReplyKind

if TYPE_CHECKING:
    from collections.abc import Iterable

_PREFIX = "herald"
_INTRODUCTION = """\
Submissions to the Bulgarian NHIS (his.bg), and their answers. Events are CloudEvents 1.0 over Kafka: binary
mode (attributes in `ce_` headers, the data as the value), or for submissions also structured mode (content
type `application/cloudevents+json`). `source` and `id` are the submission's identity; the Kafka key orders one
patient's submissions and must not be the patient's number itself. Topic names have a configurable prefix;
`herald` is the default. Beside the schemas, rules between fields apply; `docs/contracts.md` lists them."""


def document() -> dict[str, Any]:
    """Return the whole document."""
    found = messages()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Herald: NHIS submissions",
            "version": "1.0.0",
            "description": _INTRODUCTION,
        },
        "defaultContentType": "application/json",
        "channels": _channels(found),
        "operations": _operations(),
        "components": {"messages": found, "schemas": components()},
    }


# Each topic, and what is there.
_TOPICS = {
    "submissions": "What hospitals submit.",
    "results": "Replies to submissions that NHIS accepted.",
    "errors": "Replies to the others: rejected by NHIS, failed, or held for a person to decide.",
    "dead-letters": "Failed and held submissions as they came, for operators.",
}


def _channel_of(message: str) -> str:
    if message == DEAD_LETTER:
        return "dead-letters"
    if message in EVENT_TYPES:
        return "submissions"
    return "results" if f".{ReplyKind.ACCEPTED.value}." in message else "errors"


def _channels(names: Iterable[str]) -> dict[str, Any]:
    return {
        topic: {
            "address": f"{_PREFIX}.nhis.{topic}",
            "description": description,
            "messages": {
                name: {"$ref": f"#/components/messages/{name}"}
                for name in names
                if _channel_of(name) == topic
            },
        }
        for topic, description in _TOPICS.items()
    }


def _operations() -> dict[str, Any]:
    return {
        "submit": _operation("submissions", "send", "Publish a submission."),
        "readResults": _operation("results", "receive", "Read what was accepted."),
        "readErrors": _operation("errors", "receive", "Read what was rejected, failed or held."),
        "readDeadLetters": _operation("dead-letters", "receive", "Read dead letters (operators)."),
    }


def _operation(channel: str, action: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}
