"""The messages that the hospital sends: with a file, and with answers that are lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.steps import ACCEPTED, OK, REJECTED, Expected, Phase, Step, no_faults

if TYPE_CHECKING:
    from demo.sandbox import Sandbox
    from demo.steps import Results

SYSTEM = "edelivery"
HOSPITAL = "hospital-his"
SEND = "message.send"
CITIZEN = 201
_TEXT, _FILES = "179ea4dc-7879-43ad-8073-72b263915656", "e2135802-5e34-4c60-b36e-c86d910a571a"
_FILE = {"name": "епикриза.txt", "mediaType": "text/plain", "content": "aW52ZW50ZWQ="}
_IN_DOUBT = Expected(ACCEPTED, least_attempts=2)


def phases() -> list[Phase]:
    """Return the phases: messages, answers that are lost, a file with malicious code."""
    return [
        Phase("eDelivery: profiles and messages", no_faults, _first),
        Phase("eDelivery: answers are lost", _lose_answers, _in_doubt),
        Phase("eDelivery: a file has malicious code", _find_malice, _malicious),
    ]


def _first(results: Results) -> list[Step]:
    del results
    nobody = {"recipients": [999], "subject": "Измислено писмо", "templateId": 1, "fields": [_text()]}
    return [
        _step("template", "template.read", {"templateId": 1}),
        _step("profile", "profile.search", {"identifier": "5523056031", "targetGroupId": 1}),
        _step("letter", SEND, _letter("Писмо без файл")),
        _step("letter-file", SEND, _letter("Писмо с файл", _FILE)),
        _step("letter-nobody", SEND, nobody, Expected(REJECTED, names="validation")),
    ]


def _lose_answers(sandbox: Sandbox) -> None:
    lost = [
        {"kind": kind, "times": 1, "match": {"operation": operation}}
        for kind, operation in (("drop-after", "messages.send"), ("drop-before", "blobs.upload"))
    ]
    sandbox.faults(lost)


def _in_doubt(results: Results) -> list[Step]:
    del results
    return [_step("letter-lost", SEND, _letter("Писмо, чийто отговор се губи", _FILE), _IN_DOUBT)]


def _find_malice(sandbox: Sandbox) -> None:
    sandbox.control("variants", {"scan": "malicious"})


def _malicious(results: Results) -> list[Step]:
    del results
    return [_step("letter-bad", SEND, _letter("Писмо", _FILE), Expected(REJECTED, names="malware"))]


def _step(name: str, operation: str, data: dict[str, Any], expected: Expected = OK) -> Step:
    return Step.of(
        f"{SYSTEM}-{name}",
        SYSTEM,
        operation,
        signer=HOSPITAL,
        data=data,
        rnu=f"demo-{name}" if operation == SEND else None,
        key=f"citizen-{name}",
        expected=expected,
    )


def _letter(subject: str, *files: dict[str, Any]) -> dict[str, Any]:
    fields = [_text(), *([{"id": _FILES, "files": list(files)}] if files else [])]
    return {"recipients": [CITIZEN], "subject": subject, "templateId": 1, "fields": fields}


def _text() -> dict[str, Any]:
    return {"id": _TEXT, "text": "Измислен текст"}
