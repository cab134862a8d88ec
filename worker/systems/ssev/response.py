"""From the bytes of an answer to what the system stated. Pure and total.

Source: the public page of the interface (version 0.6) and the public server. A member of an unexpected type counts as
absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.edelivery.fields import MOST_ID
from contracts.edelivery.results import ListedMessage, MessageHead, Party, ReceivedFile, TemplateField
from contracts.immutable import immutable
from contracts.strict_json import NotJson
from worker.systems import json_answer
from worker.systems.stated import without_gaps
from worker.systems.typed import typed
from worker.text_encoding import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.transport.port import Answer

MOST_FIELDS = 1000
"""The most fields of a message or a template that are read."""
_MOST_ENTRIES = 10_000


@immutable
class Page:
    """One page of a list. ``total`` is how many entries the list has, None where the system does not state it."""

    entries: tuple[Mapping[str, Any], ...]
    total: int | None


def document_of(answer: Answer) -> object:
    """Return the JSON document of an answer; None where the body is none, or was cut."""
    text = None if answer.truncated else text_of(answer.body, answer.charset)
    try:
        return None if text is None else json_answer.parse(text)
    except NotJson:
        return None


def system_id(value: object) -> int | None:
    """Return an identifier of the system; None for anything else."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and isinstance(value, int) and 0 < value <= MOST_ID else None


def page_of(document: object) -> Page | None:
    """Read a list with its length; None where the document is none."""
    if not isinstance(document, dict):
        return None
    entries, total = document.get("result"), document.get("length")
    if not isinstance(entries, list) or len(entries) > _MOST_ENTRIES:
        return None
    if not all(isinstance(one, dict) for one in entries):
        return None
    known = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    return Page(tuple(entries), total if known else None)


def listed_message(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read one message of a list; None where it has no id."""
    return _with_id(typed(ListedMessage, entry))


def message_head(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read of one message of a list what opening it does not change; None where it has no id."""
    return _with_id(typed(MessageHead, entry))


def _with_id(found: dict[str, Any]) -> dict[str, Any] | None:
    return None if system_id(found.get("messageId")) is None else found


def template_fields(document: object) -> list[dict[str, Any]] | None:
    """Return the fields of a template, their ids in small letters; None where the document is no template."""
    content = document.get("content") if isinstance(document, dict) else None
    if not isinstance(content, list) or len(content) > MOST_FIELDS:
        return None
    fields = [typed(TemplateField, one) if isinstance(one, dict) else {} for one in content]
    if not all("id" in one and "type" in one for one in fields):
        return None
    return [{**one, "id": one["id"].lower()} for one in fields]


def message_fields(document: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the values of a message's fields; None where it has none that can be read."""
    fields = document.get("fields")
    if fields is None:
        return []
    if not isinstance(fields, dict) or len(fields) > MOST_FIELDS:
        return None
    return [_field(name.lower(), value) for name, value in fields.items()]


def sender_of(document: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return who sent a message."""
    sender = document.get("sender")
    return typed(Party, sender) if isinstance(sender, dict) else None


def link_of(blob: Mapping[str, Any]) -> str | None:
    """Return from where a file can be fetched."""
    link = blob.get("downloadLink")
    return link if isinstance(link, str) and link else None


def blobs_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the files of a message as the system states them, each once."""
    fields = document.get("fields")
    lists = [one for one in fields.values() if isinstance(one, list)] if isinstance(fields, dict) else []
    found = {one["blobId"]: one for blobs in lists for one in blobs if _is_blob(one)}
    return list(found.values())


def _field(name: str, value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"id": name, "checked": value}
    if isinstance(value, list):
        return {"id": name, "files": [_file(one) for one in value if _is_blob(one)]}
    return {"id": name, **without_gaps(text=value if isinstance(value, str) else None)}


def _file(blob: Mapping[str, Any]) -> dict[str, Any]:
    members = typed(
        ReceivedFile, {name: one for name, one in blob.items() if name not in {"file", "verified"}}
    )
    name = blob.get("fileName")
    return members | without_gaps(name=name if isinstance(name, str) else None)


def _is_blob(value: object) -> bool:
    return isinstance(value, dict) and system_id(value.get("blobId")) is not None
