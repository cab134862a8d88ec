"""From an event to the bytes of an NHIS message: its values, built by the schema, valid by the schema, signed.

The schema gives order, number and namespace; a breach of it is reported in the terms of the event.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from contracts.nhis.immunization import RegisterImmunization
from contracts.problems import Problem
from contracts.reasons import Reason
from worker.signing.port import SigningFailed
from worker.signing.xmldsig import DECLARATION, sign_canonical
from worker.systems.nhis import fields
from worker.systems.nhis.dates import written_moment
from worker.systems.nhis.form import Misfit
from worker.systems.nhis.form_compiler import compile_form
from worker.systems.nhis.groups import Group
from worker.systems.nhis.settings import Name
from worker.systems.port import NotPrepared, Refused
from worker.systems.signers import not_signed
from worker.xml.builder import NoSuchElement

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from lxml import etree
    from pydantic import BaseModel

    from worker.signing.algorithms import SignatureAlgorithm
    from worker.signing.port import DigestSigner
    from worker.systems.nhis.dates import Days
    from worker.systems.nhis.fields import Field
    from worker.systems.nhis.form import Form
    from worker.systems.nhis.settings import NhisSettings, Sender
    from worker.xml.builder import Values
    from worker.xml.message import MessageSchema
    from worker.xml.schema_problem import SchemaProblem

Write: TypeAlias = "Callable[[MessageSchema], bytes]"
"""Writes a message by its schema. Raises NoSuchElement, and ValueError for what XML cannot carry."""

RECIPIENT = {"recipient": "4", "recipientId": "NHIS"}
"""The recipient of every request (official message structures, X001)."""

_ROWS = {
    Name.REGISTER: fields.REGISTER,
    Name.SEARCH: fields.SEARCH,
    Name.ADVERSE_REACTION: fields.ADVERSE_REACTION,
    Name.CANCEL: fields.CANCEL,
    Name.CERTIFICATE: fields.CERTIFICATE,
}
_GROUPS = {name: Group.of(rows) for name, rows in _ROWS.items()}

_SCHEMA_LOCATION = "https://www.his.bg/api/v1/NHIS-{type}.xsd"
"""The location in the official samples; NHIS does not refuse production clients that send others."""
_INDEX = re.compile(r"\[[0-9]+\]")
_CONTENTS = "message/contents/"


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
        "createdOn": written_moment(created_on, ZoneInfo(settings.time_zone)),
    }


def contents(name: Name, data: BaseModel, identity: str, days: Days) -> Values:
    """Return the values of an operation's contents; ``identity`` is the LRN of a registration."""
    values = _GROUPS[name].values(data, days)
    if name is Name.REGISTER:
        immunization = values["immunization"]
        immunization["lrn"] = identity
        if "extImmunizationDetails" in immunization:
            immunization["extPrevImmunization"] = "true"
    return values


def written(values: Values) -> Write:
    """Return what writes a message of these values the general way."""
    return lambda schema: schema.write(values, schema_location=_location(schema))


class Forms:
    """Writes the messages of events by their forms, each compiled when it is first needed; ``days`` as `contents`."""

    def __init__(self, days: Days) -> None:
        self._days = days
        self._forms: dict[Name, Form] = {}
        self._proved: set[Name] = set()

    def written(self, name: Name, header: Mapping[str, Any], data: BaseModel, identity: str) -> Write:
        """Return what writes the message of an event; ``identity`` is the LRN of a registration."""
        return lambda schema: self._write(schema, name, header, data, identity)

    def _write(
        self, schema: MessageSchema, name: Name, header: Mapping[str, Any], data: BaseModel, identity: str
    ) -> bytes:
        try:
            inside = self._form(schema, name, header, data).written(header, sent(data, identity), self._days)
            message = schema.write_around(inside, schema_location=_location(schema))
        except Misfit:
            message = None
        if message is not None and name in self._proved:
            return message
        values = {"header": header, "contents": contents(name, data, identity, self._days)}
        in_general = written(values)(schema)
        if message == in_general:  # the first one shows that table, schema and form fit together
            self._proved.add(name)
        return in_general

    def _form(self, schema: MessageSchema, name: Name, header: Mapping[str, Any], data: BaseModel) -> Form:
        if name not in self._forms:
            self._forms[name] = compile_form(_ROWS[name], type(data), header, schema.shape)
        return self._forms[name]


def sent(data: BaseModel, identity: str) -> Mapping[str, Any]:
    """Return what is sent of an event, by attributes: with what `contents` adds to a registration."""
    if not isinstance(data, RegisterImmunization):
        return data.__dict__
    dose = {**data.immunization.__dict__, "lrn": identity}
    if data.immunization.external_previous is not None:
        dose["previous_is_external"] = True
    return {**data.__dict__, "immunization": dose}


def _location(schema: MessageSchema) -> str:
    return _SCHEMA_LOCATION.format(type=schema.type)


def build(schema: MessageSchema, write: Write, rows: tuple[Field, ...]) -> bytes:
    """Return the unsigned message in canonical form. Raises Refused where it does not fit the schema."""
    try:
        message = write(schema)
        # The very bytes that are signed are read, even where they can be judged only with their signature.
        root = schema.read(message)
    except NoSuchElement as error:
        raise _refused([_problem(error.path, f"has no place in the schema: {error.path}", rows)]) from None
    except ValueError:
        # Which field it is, nobody says; the contract has refused such characters before.
        raise _refused([_problem("", "holds characters that XML cannot carry", rows)]) from None
    if not schema.signature_required:
        _require_valid(schema, root, rows)
    return message


async def sign(
    schema: MessageSchema,
    message: bytes,
    key: DigestSigner,
    rows: tuple[Field, ...],
    taken: Collection[SignatureAlgorithm],
) -> bytes:
    """Return the bytes to send. Raises NotPrepared where the key cannot sign, Refused as `build` does."""
    try:
        signed = await sign_canonical(message, schema.namespaces, key, taken=taken)
    except SigningFailed as error:
        raise NotPrepared(not_signed(error)) from None
    if schema.signature_required:
        _require_valid(schema, schema.read(signed), rows)
    return signed


def unsigned(message: bytes) -> bytes:
    """Return the bytes of a message that is sent without a signature."""
    return DECLARATION + message


def _require_valid(schema: MessageSchema, root: etree._Element, rows: tuple[Field, ...]) -> None:
    if problems := schema.validate(root):
        raise _refused(_problems(problems, rows))


def _refused(problems: list[Problem]) -> Refused:
    return Refused(Reason.SCHEMA_VIOLATION, problems)


def _problems(problems: Iterable[SchemaProblem], rows: tuple[Field, ...]) -> list[Problem]:
    """Return the problems with the JSON path of the field, as near as it is known."""
    return [_problem(found.path, f"does not fit the schema: {found}", rows) for found in problems]


def _problem(element_path: str, message: str, rows: tuple[Field, ...]) -> Problem:
    """Return one problem; its path is that of all the data where no field makes the element."""
    element = _INDEX.sub("", element_path).strip("/").removesuffix("/@value").replace("/@", "@")
    below = element.removeprefix(_CONTENTS) if element.startswith(_CONTENTS) else None
    names = [row.name for row in rows if below and (below == row.element or _is_inside(below, row))]
    return Problem(f"$.data.{names[0]}" if names else "$.data", "schema", f"The value {message}.")


def _is_inside(element: str, row: Field) -> bool:
    return bool(row.rows) and element.startswith(f"{row.element}/")
