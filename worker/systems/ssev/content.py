"""What was opened, for the reply and for those who recognise messages. Pure and total."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from contracts.edelivery.results import MessageOpened
from contracts.files import FileReference
from worker.systems.ssev.opened import OpenedFile, OpenedMessage
from worker.systems.ssev.response import message_fields, sender_of, system_id
from worker.systems.ssev.uploads import stated_sha256
from worker.systems.stated import without_gaps
from worker.systems.typed import typed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_APART = frozenset({"fields", "sender"})


def opened_data(
    document: object, asked: Collection[int], saved: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Return the data of the reply; None where the document is none of the messages that were asked for.

    ``saved``: the files in Herald's store, by the system's ids of them.
    """
    if not isinstance(document, dict) or system_id(document.get("messageId")) not in asked:
        return None
    fields = message_fields(document)
    if fields is None:
        return None
    members = typed(MessageOpened, {name: one for name, one in document.items() if name not in _APART})
    sender = without_gaps(sender=sender_of(document))
    return {**members, **sender, "fields": [_with_files(one, saved) for one in fields]}


def opened_message(signer: str, data: Mapping[str, Any], contents: Mapping[int, str]) -> OpenedMessage:
    """Return the message for those who recognise messages; ``contents`` are small XML files in base64."""
    sender, fields = data.get("sender", {}), data["fields"]
    return OpenedMessage(
        signer=signer,
        message_id=data["messageId"],
        template_id=data.get("templateId"),
        rnu=data.get("rnu"),
        subject=data.get("subject"),
        sender_id=sender.get("profileId"),
        sender_name=sender.get("name"),
        date_sent=data.get("dateSent"),
        date_received=data.get("dateReceived"),
        fields={
            one["id"]: one.get("text", one.get("checked")) for one in fields if {"text", "checked"} & set(one)
        },
        files=tuple(_file(one["id"], file, contents) for one in fields for file in one.get("files", ())),
    )


def _with_files(one: Mapping[str, Any], saved: Mapping[int, Mapping[str, Any]]) -> Mapping[str, Any]:
    if "files" not in one:
        return one
    return {**one, "files": [_with_reference(file, saved.get(file["blobId"])) for file in one["files"]]}


def _with_reference(file: Mapping[str, Any], reference: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if reference is None:
        return file
    digest = stated_sha256(file)
    verified = None if digest is None else digest == reference["sha256"]
    return {**file, "file": reference, **without_gaps(verified=verified)}


def _file(field_id: str, file: Mapping[str, Any], contents: Mapping[int, str]) -> OpenedFile:
    reference = file.get("file")
    content = contents.get(file["blobId"])
    return OpenedFile(
        field_id=field_id,
        name=file.get("name"),
        media_type=None if reference is None else reference["mediaType"],
        reference=None if reference is None else FileReference.model_validate(reference),
        content=None if content is None else base64.b64decode(content),
    )
