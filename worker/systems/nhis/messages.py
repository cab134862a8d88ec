"""From a submission to the values of an NHIS message. Pure: the schema gives order, number and namespace."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from worker.systems.nhis import fields
from worker.systems.nhis.settings import Name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pydantic import BaseModel

    from worker.systems.nhis.fields import Field
    from worker.systems.nhis.settings import NhisSettings, Sender
    from worker.xml.builder import Values

RECIPIENT = {"recipient": "4", "recipientId": "NHIS"}
"""In every request (official message structures, X001)."""

_ROWS = {
    Name.REGISTER: fields.REGISTER,
    Name.SEARCH: fields.SEARCH,
    Name.ADVERSE_REACTION: fields.ADVERSE_REACTION,
    Name.CANCEL: fields.CANCEL,
    Name.CERTIFICATE: fields.CERTIFICATE,
}


def rows_of(name: Name) -> tuple[Field, ...]:
    """Return the fields of an operation's message."""
    return _ROWS[name]


def header(
    settings: NhisSettings, sender: Sender, message_type: str, message_id: str, created_on: datetime
) -> dict[str, Any]:
    """Return the values of a request's header."""
    return {
        "sender": str(sender.sender_type),
        "senderId": sender.uin,
        "senderISName": settings.sender_is_name,
        **RECIPIENT,
        "messageId": message_id,
        "messageType": message_type,
        "createdOn": created_on.astimezone(ZoneInfo(settings.time_zone)).isoformat(timespec="milliseconds"),
    }


def contents(name: Name, data: BaseModel, identity: str) -> Values:
    """Return the values of an operation's contents; ``identity`` is the LRN of a registration."""
    values = values_of(_ROWS[name], data.model_dump(by_alias=True, exclude_none=True))
    if name is Name.REGISTER:
        immunization = values["immunization"]
        immunization["lrn"] = identity
        if "extImmunizationDetails" in immunization:
            immunization["extPrevImmunization"] = "true"
    return values


def values_of(rows: tuple[Field, ...], data: Mapping[str, Any]) -> dict[str, Any]:
    """Place every value that is there where its row says."""
    values: dict[str, Any] = {}
    for row in rows:
        found = at(data, row.name)
        if found is not None:
            written = [_write(row, one) for one in found] if row.many else _write(row, found)
            _put(values, row.element, written)
    return values


def at(data: Mapping[str, Any], path: str) -> Any:
    """Return what an event holds at a path, or None."""
    found: Any = data
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _write(row: Field, value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case _:
            text = str(value)
            return row.codes.get(text, text)


def _put(values: dict[str, Any], path: str, written: str | list[str]) -> None:
    """Put a value at ``parent/child`` or ``element@attribute``; attributes beside the value make a mapping."""
    element, _, attribute = path.partition("@")
    *parents, name = element.split("/")
    for parent in parents:
        values = values.setdefault(parent, {})
    if not attribute:
        values[name] = written
    elif isinstance(values.get(name), str):
        values[name] = {"@value": values[name], f"@{attribute}": written}
    else:
        values.setdefault(name, {})[f"@{attribute}"] = written
