"""What others do: a recipient opens a message, and a message arrives, which the hospital opens by an event."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from demo.edelivery.messages import CITIZEN, FILES_FIELD, SEND, TEXT_FIELD, letter, step
from demo.steps import Phase, no_faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.sandbox import Sandbox
    from demo.steps import Results, Step

OPENED, STATUS, DRAWN = "ed-open", "ed-status", "ed-orn"
LONG = "Дълго измислено писмо"
_LONG_TEXT = "Измислен дълъг текст. " * 30_000
"""More than a reply may hold (`kafka.max_reply_bytes`)."""


def phases() -> list[Phase]:
    """Return the phases: a message arrives, and is opened."""
    return [
        Phase("eDelivery: a message arrives; a number is drawn", _let_one_arrive, _meanwhile, arrived(LONG)),
        Phase("eDelivery: the message is opened", no_faults, _opened),
    ]


def arrived(subject: str) -> Callable[[Results], bool]:
    """Return what says whether a message with this subject was published."""
    return lambda results: message_id(results, subject) is not None


def message_id(results: Results, subject: str) -> int | None:
    """Return the number of the message that arrived with this subject, or None."""
    return next((one.data["messageId"] for one in results.arrivals if one.data["subject"] == subject), None)


def arriving_file(name: str, media_type: str, content: bytes) -> dict[str, Any]:
    """Return a file of a message that the sandbox lets arrive."""
    encoded = base64.b64encode(content).decode()
    return {"name": name, "mediaType": media_type, "field": FILES_FIELD, "content": encoded}


def _let_one_arrive(sandbox: Sandbox) -> None:
    """Let the citizen open the first message, and send one with a long text."""
    sandbox.control("variants", {"scan": "clean"})
    first = min(one["messageId"] for one in sandbox.ledger()["messages"])
    sandbox.control("open", {"messageId": first, "profileId": CITIZEN})
    file = arriving_file("измислено.bin", "application/octet-stream", b"invented" * 1000)
    sandbox.control("message", {"subject": LONG, "fields": {TEXT_FIELD: _LONG_TEXT}, "files": [file]})


def _meanwhile(results: Results) -> list[Step]:
    sent = next(one for one in results.steps if one.id == "ed-letter")
    answer = results.answer(sent)
    number = answer.result.get("messageId", 1) if answer else 1
    return [
        step("status", "message.status", {"messageId": number}),
        step(
            "orn",
            SEND,
            letter("Писмо без номер"),
            numbered=True,
            note="its number is of the central generator",
        ),
    ]


def _opened(results: Results) -> list[Step]:
    number = message_id(results, LONG)
    note = "a text too large for Kafka: the reply refers to it"
    return [] if number is None else [step("open", "message.open", {"messageId": number}, note=note)]
