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
HOSPITAL_PROFILE, CITIZEN = 101, 201
TEXT_FIELD, FILES_FIELD = "179ea4dc-7879-43ad-8073-72b263915656", "e2135802-5e34-4c60-b36e-c86d910a571a"
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
        step("template", "template.read", {"templateId": 1}),
        step("profile", "profile.search", {"identifier": "5523056031", "targetGroupId": 1}),
        step("letter", SEND, letter("Писмо без файл")),
        step("file", SEND, letter("Писмо с файл", _FILE)),
        step("nobody", SEND, nobody, Expected(REJECTED, names="validation")),
    ]


def _lose_answers(sandbox: Sandbox) -> None:
    lost = [
        {"kind": kind, "times": 1, "match": {"operation": operation}}
        for kind, operation in (("drop-after", "messages.send"), ("drop-before", "blobs.upload"))
    ]
    sandbox.faults(lost)


def _in_doubt(results: Results) -> list[Step]:
    del results
    return [step("lost", SEND, letter("Писмо, чийто отговор се губи", _FILE), _IN_DOUBT)]


def _find_malice(sandbox: Sandbox) -> None:
    sandbox.control("variants", {"scan": "malicious"})


def _malicious(results: Results) -> list[Step]:
    del results
    return [step("malware", SEND, letter("Писмо", _FILE), Expected(REJECTED, names="malware"))]


def step(
    name: str,
    operation: str,
    data: dict[str, Any],
    expected: Expected = OK,
    *,
    numbered: bool = False,
    note: str = "",
) -> Step:
    """Return a submission of the hospital; one that sends has a reference number, unless Herald gives it one."""
    return Step.of(
        f"ed-{name}",
        SYSTEM,
        operation,
        signer=HOSPITAL,
        data=data,
        rnu=f"demo-{name}" if operation == SEND and not numbered else None,
        numbered=numbered,
        key=f"citizen-{name}",
        expected=expected,
        note=note,
    )


def letter(subject: str, *files: dict[str, Any]) -> dict[str, Any]:
    """Return the data of a message to the citizen, with these files."""
    fields = [_text(), *([{"id": FILES_FIELD, "files": list(files)}] if files else [])]
    return {"recipients": [CITIZEN], "subject": subject, "templateId": 1, "fields": fields}


def _text() -> dict[str, Any]:
    return {"id": TEXT_FIELD, "text": "Измислен текст"}
