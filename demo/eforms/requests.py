"""A request for a service: it arrives over eDelivery, is opened and published, and the hospital answers it."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demo.edelivery.arrivals import arrived, arriving_file, message_id
from demo.edelivery.messages import HOSPITAL
from demo.edelivery.messages import SYSTEM as EDELIVERY
from demo.steps import Phase, Step, no_faults

if TYPE_CHECKING:
    from demo.sandbox import Sandbox
    from demo.steps import Results

SYSTEM = "eforms"
OPENED, ANSWERED = "ef-open", "ef-response"
RESPOND = "response.send"
RNU = "demo-service-request"
FILES = ["epikriza.pdf", "request.xml"]
_SUBJECT = "Измислено заявление"
_REQUEST = Path(__file__).with_name("request.xml")
_COPIED = ("requestUri", "requestDateTime", "publicService", "serviceProvider")
"""What an answer repeats of its request."""


def phases() -> list[Phase]:
    """Return the phases: the request arrives, is opened, and is answered."""
    return [
        Phase("eForms: a request arrives over eDelivery", _send_request, _list_inbox, arrived(_SUBJECT)),
        Phase(
            "eForms: the request is opened",
            no_faults,
            _open,
            lambda results: bool(results.notifications[OPENED]),
        ),
        Phase("eForms: the request is answered; an answer is lost", _lose_answer, _respond),
    ]


def _send_request(sandbox: Sandbox) -> None:
    files = [
        arriving_file(FILES[1], "application/xml", _REQUEST.read_bytes()),
        arriving_file(FILES[0], "application/pdf", b"%PDF-1.7 invented"),
    ]
    sandbox.control("message", {"subject": _SUBJECT, "rnu": RNU, "files": files})


def _list_inbox(results: Results) -> list[Step]:
    del results
    today = datetime.now(UTC).date().isoformat()
    return [_step("ef-inbox", EDELIVERY, "inbox.list", {"sentFrom": today})]


def _open(results: Results) -> list[Step]:
    number = message_id(results, _SUBJECT)
    note = "a request for a service: published for eForms"
    return (
        [] if number is None else [_step(OPENED, EDELIVERY, "message.open", {"messageId": number}, note=note)]
    )


def _lose_answer(sandbox: Sandbox) -> None:
    sandbox.faults([{"kind": "drop-after", "times": 1, "match": {"operation": "messages.send"}}])


def _respond(results: Results) -> list[Step]:
    published = next(iter(results.notifications[OPENED]), None)
    if published is None:
        return []
    request = published.data["request"]
    data = {
        **{name: request[name] for name in _COPIED},
        "documents": [{"identifier": "belezhka.txt", "content": base64.b64encode(b"invented").decode()}],
        "responseDateTime": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return [_step(ANSWERED, SYSTEM, RESPOND, data, rnu=published.rnu, note="answer lost; never sent twice")]


def _step(name: str, system: str, operation: str, data: dict[str, Any], **more: Any) -> Step:
    return Step.of(name, system, operation, signer=HOSPITAL, data=data, key=f"citizen-{name[3:]}", **more)
