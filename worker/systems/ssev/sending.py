"""Sending one message in steps: read the template, upload each file, wait for its scan, send. Pure.

The progress keeps when the first step was taken, because the look-up in the outbox begins on that day; the types of the
template's fields, by which the event is checked; and the ids of the uploaded files. An upload that is repeated leaves a
file behind that the system deletes by itself.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Accepted, Advanced, Blocked, Outcome, Rejected, StatedError, Unknown
from worker.systems.port import Recovery
from worker.systems.ssev.begun import Begun
from worker.systems.ssev.interpret import TITLE
from worker.systems.ssev.response import system_id, template_fields
from worker.systems.ssev.uploads import Scan, blob_id_of, has_no_space, scan_of, shown_scan, stated_sha256
from worker.systems.steps import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.systems.ssev.outgoing import Outgoing, OutgoingField, OutgoingFile
    from worker.systems.ssev.settings import FileSettings

TEMPLATE, UPLOAD, SCAN, SEND = "template", "upload", "scan", "send"
_FIELDS = "template"
_DONE = "done"


def step_of(message: Outgoing, progress: Mapping[str, str], settles_after: float = 0.0) -> Step:
    """Return the step that follows from the progress; ``settles_after`` is that of the last. Pure and total."""
    if not Begun.is_in(progress) or _FIELDS not in progress:
        return Step(TEMPLATE, Recovery.REPEAT)
    for number in range(1, len(message.files) + 1):
        if _blob(number) not in progress:
            return Step(f"{UPLOAD}-{number}", Recovery.REPEAT)
        if _scan(number) not in progress:
            return Step(f"{SCAN}-{number}", Recovery.REPEAT)
    return Step(SEND, Recovery.LOOK_UP_FIRST, looks_up=True, settles_after=settles_after)


def file_number(step: str) -> int:
    """Return which file a step is about, from 1."""
    return int(step.rpartition("-")[2])


def file_of(message: Outgoing, step: str) -> OutgoingFile:
    """Return the file that a step is about."""
    return message.files[file_number(step) - 1]


def known_template(progress: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    """Return the template's fields as the first step has read them."""
    fields: list[dict[str, Any]] = json.loads(progress[_FIELDS])
    return fields


def blob_of(progress: Mapping[str, str], number: int) -> int:
    """Return the system's id of an uploaded file."""
    return int(progress[_blob(number)])


def body_of(message: Outgoing, progress: Mapping[str, str]) -> bytes:
    """Return the message as the system takes it."""
    blobs = iter([blob_of(progress, number) for number in range(1, len(message.files) + 1)])
    fields = {one.id: _value(one, [next(blobs) for _ in _files(one)]) for one in message.fields}
    document = {
        "recipientProfileIds": list(message.recipients),
        "subject": message.subject,
        "rnu": message.rnu,
        "templateId": message.template_id,
        "fields": fields,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def after_template(document: object, begun: Begun) -> Outcome | None:
    """Read the template; the event is checked by it when the next step is prepared."""
    fields = template_fields(document)
    if fields is None:
        return None
    kept = [{name: one[name] for name in ("id", "type", "isRequired") if name in one} for one in fields]
    return Advanced({**begun.progress(), _FIELDS: json.dumps(kept)})


def no_template(message: Outgoing) -> Outcome:
    """Return that the system has no template of this id."""
    reason = f"the system has no template {message.template_id}"
    return Rejected((StatedError(type="404", reason=reason, faulty_attribute="$.data.templateId"),))


@immutable
class FileStep:
    """A step about one file: its name, the file, and the progress that it was taken from."""

    name: str
    file: OutgoingFile
    progress: Mapping[str, str] = field(repr=False)
    rules: FileSettings

    @property
    def number(self) -> int:
        """Which file it is, from 1."""
        return file_number(self.name)

    def scanned(self, scan: Scan, blob: int) -> Outcome:
        """Return what follows from the result of a scan."""
        progress = {**self.progress, _blob(self.number): str(blob)}
        if scan is Scan.WAITING:
            return Advanced(progress, self.rules.scan_seconds)
        if scan is Scan.NOT_SURE and self.rules.not_sure == "refuse":
            detail = (
                f"{TITLE} does not say that the file {self.file.path} is free of malicious code; the setting "
                "files.not_sure lets such files be sent"
            )
            return Blocked(Reason.CONFIGURATION, detail)
        return (
            self._malicious() if scan is Scan.MALICIOUS else Advanced({**progress, _scan(self.number): _DONE})
        )

    def uploaded(self, document: object) -> Outcome | None:
        """Read the answer to the upload."""
        if not isinstance(document, dict):
            return None
        if has_no_space(document):
            detail = f"the profile's storage at {TITLE} is full: free space there, and replay it"
            return Blocked(Reason.REQUEST_TOO_LARGE, detail)
        scan, blob = scan_of(document), blob_id_of(document)
        if scan is Scan.MALICIOUS:
            return self._malicious()
        if scan is None or blob is None:
            return None
        if stated_sha256(document) not in {None, self.file.sha256}:
            return Unknown(Reason.UNEXPECTED_MESSAGE, "the system states another digest than the file has")
        return self.scanned(scan, blob)

    def shown(self, document: object) -> Outcome | None:
        """Read the file's own entry: whether its scan is done."""
        blob = blob_of(self.progress, self.number)
        if not isinstance(document, dict) or blob_id_of(document) != blob:
            return None
        scan = shown_scan(document)
        return None if scan is None else self.scanned(scan, blob)

    def not_shown(self) -> Outcome:
        """Return what follows where the system has no entry of the file: the public server shows stored files alone."""
        return self.scanned(Scan.NOT_SURE, blob_of(self.progress, self.number))

    def _malicious(self) -> Rejected:
        reason = "the system found malicious code in the file, and does not take it"
        return Rejected((StatedError(type="malware", reason=reason, faulty_attribute=self.file.path),))


def after_send(document: object, rnu: str) -> Outcome | None:
    """Read the answer to the message itself: its id, and nothing else."""
    found = system_id(document)
    return None if found is None else Accepted({"messageId": found, "rnu": rnu}, reference=str(found))


def _files(one: OutgoingField) -> tuple[OutgoingFile, ...]:
    return () if isinstance(one.value, str | bool) else one.value


def _value(one: OutgoingField, blobs: list[int]) -> str | bool | list[int]:
    return one.value if isinstance(one.value, str | bool) else blobs


def _blob(number: int) -> str:
    return f"blob-{number}"


def _scan(number: int) -> str:
    return f"scan-{number}"
