"""A message that is to be sent, whichever system makes it of an event; and its check by the template. Pure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import field
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from contracts.problems import Problem
from contracts.reasons import Reason
from worker.systems.port import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from contracts.edelivery.requests import FieldValue, MessageFile, SendMessage
    from contracts.files import UploadedFile

RULE = "template-field"
"""The name of the rule that problems with the template carry."""
_TEXT, _CHECKED, _FILES = "text", "checked", "files"
WAYS = {
    **dict.fromkeys(("textfield", "textarea", "select", "hidden", "datetime"), _TEXT),
    "checkbox": _CHECKED,
    "file": _FILES,
}
"""How a field of each type has its value (confirmed by the public server); `markdown` is the template's own text."""
DEFAULT_MEDIA_TYPE = "application/octet-stream"


@immutable
class OutgoingFile:
    """One file of a message. ``path``: its place in the event. Exactly one of ``uploaded`` and ``content`` is given."""

    path: str
    name: str = field(repr=False)
    media_type: str | None = None
    uploaded: UploadedFile | None = None
    content: bytes | None = field(default=None, repr=False)

    @property
    def sha256(self) -> str:
        """The SHA-256 of its bytes, in hexadecimal."""
        if self.uploaded is not None:
            return self.uploaded.sha256
        return hashlib.sha256(self.content or b"").hexdigest()


@immutable
class OutgoingField:
    """The value of one field of the template: a text, true or false, or files."""

    path: str
    id: str
    value: str | bool | tuple[OutgoingFile, ...] = field(repr=False)

    @property
    def way(self) -> str:
        """How the value is given: `text`, `checked` or `files`."""
        if isinstance(self.value, bool):
            return _CHECKED
        return _TEXT if isinstance(self.value, str) else _FILES


@immutable
class Outgoing:
    """A message to send. ``acting`` names for whom the signer acts; ``on_behalf``: from that one's profile."""

    recipients: tuple[int, ...]
    subject: str = field(repr=False)
    template_id: int
    fields: tuple[OutgoingField, ...] = field(repr=False)
    rnu: str
    acting: str | None = None
    on_behalf: bool = False

    @property
    def files(self) -> tuple[OutgoingFile, ...]:
        """All files, in the order in which they are uploaded."""
        return tuple(
            file for one in self.fields if not isinstance(one.value, str | bool) for file in one.value
        )


def outgoing_of(data: SendMessage, rnu: str, *, acting: str | None = None) -> Outgoing:
    """Return the message of an event; ``acting`` names the one from whose profile it is sent, None for the signer's."""
    return Outgoing(
        recipients=data.recipients,
        subject=data.subject,
        template_id=data.template_id,
        fields=tuple(_field(one, f"$.data.fields[{index}]") for index, one in enumerate(data.fields)),
        rnu=rnu,
        acting=acting,
        on_behalf=acting is not None,
    )


def check_fields(message: Outgoing, template: Sequence[Mapping[str, Any]]) -> None:
    """Check the values by the fields of the template. Raises Refused with every problem."""
    problems = [*_misfits(message, template), *_missing(message, template)]
    if problems:
        raise Refused(Reason.CONTRACT_VIOLATION, problems)


def _misfits(message: Outgoing, template: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    types = {one["id"]: one["type"] for one in template}
    for given in message.fields:
        if given.id not in types:
            sentence = f"Correct the id: template {message.template_id} has no such field."
            yield Problem(f"{given.path}.id", RULE, sentence)
        elif (way := WAYS.get(types[given.id])) is None:
            yield Problem(given.path, RULE, "Remove it: this field of the template takes no value.")
        elif way != given.way:
            sentence = f"Give its value as {way}: the field is of type {types[given.id]}."
            yield Problem(f"{given.path}.{given.way}", RULE, sentence)


def _missing(message: Outgoing, template: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    given = {one.id: one for one in message.fields}
    for one in template:
        if not one.get("isRequired") or one["type"] not in WAYS:
            continue
        if one["id"] not in given:
            yield Problem("$.data.fields", RULE, f"Give the field {one['id']}: the template requires it.")
        elif given[one["id"]].value == "":
            yield Problem(
                f"{given[one['id']].path}.text", RULE, "Give a text: the template requires the field."
            )


def _field(given: FieldValue, path: str) -> OutgoingField:
    if given.files is not None:
        files = tuple(_file(one, f"{path}.files[{index}]") for index, one in enumerate(given.files))
        return OutgoingField(path, given.id, files)
    return OutgoingField(path, given.id, (given.text or "") if given.checked is None else given.checked)


def _file(given: MessageFile, path: str) -> OutgoingFile:
    content = None if given.content is None else base64.b64decode(given.content)
    return OutgoingFile(path, given.name, given.media_type, given.uploaded, content)
