"""From a submission to the request that NHIF gets: checked by the catalogue, its document changed in nothing. Pure."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable
from contracts.nhif.requests import ReadService, SubmitDocument
from contracts.problems import Problem
from contracts.reasons import Reason
from worker.systems.nhif.catalogue.schemas import XML_PATH
from worker.systems.nhif.catalogue.services import (
    Catalogue,
    Document,
    DocumentSchema,
    Key,
    Media,
    Method,
    Service,
)
from worker.systems.nhif.multipart import Part, encoded
from worker.systems.nhif.operations import OPERATIONS
from worker.systems.nhif.parameters import BadParameters, address_parts
from worker.systems.nhif.settings import Name
from worker.systems.port import Refused
from worker.xml import safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from contracts.nhif.documents import DocumentPart

CONTENT_TYPES = {
    Media.JSON: "application/json",
    Media.XML: "application/xml",
    Media.BINARY: "application/octet-stream",
}
_OPERATIONS = {Method.GET: OPERATIONS[Name.READ], Method.POST: OPERATIONS[Name.SUBMIT]}
_LARGEST = 8 * 1024 * 1024
"""Bytes of XML; events are smaller than that in any configuration that makes sense."""
_DEEPEST = 100
_Data: TypeAlias = ReadService | SubmitDocument


@immutable
class Request:
    """The request to send; ``path``, with its query, may name a patient, and ``content`` holds a patient's data."""

    service: Service
    path: str = field(repr=False)
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


def service_of(catalogue: Catalogue, data: BaseModel) -> Service | None:
    """Return the service that the event names; None where the catalogue has none that is asked in this way."""
    assert isinstance(data, ReadService | SubmitDocument)  # noqa: S101 - the contracts of this system's events
    service = catalogue.get(Key(data.module, data.version, data.service))
    return service if service is not None and service.method is _method(data) else None


def request_of(catalogue: Catalogue, data: BaseModel) -> Request:
    """Check the event against the catalogue and build its request. Raises Refused with all problems.

    The document's schema is not a part of this: see `document_of`.
    """
    service = service_of(catalogue, data)
    if service is None:
        raise _unknown(catalogue, data)
    path = ["api", *service.key]
    query: list[str] = []
    headers = {"accept": CONTENT_TYPES.get(service.answer, "*/*")}
    content = b""
    if isinstance(data, ReadService):
        parts, query = _address_parts(service, data)
        path += parts
    else:
        content, headers["content-type"] = _content(service, data)
    address = "/" + "/".join(path) + ("?" + "&".join(query) if query else "")
    return Request(service, address, headers, content)


def document_of(service: Service, data: BaseModel) -> tuple[DocumentSchema, object] | None:
    """Return the document of an event that `request_of` takes, and the schema it must fit; None without one."""
    if service.document is None or service.document.schema is None:
        return None
    assert isinstance(data, SubmitDocument)  # noqa: S101 - only these have documents
    return service.document.schema, data.json_body if data.xml is None else _parsed(data.xml.encode())


def _address_parts(service: Service, data: ReadService) -> tuple[list[str], list[str]]:
    try:
        return address_parts(service.parameters, data.parameters or {})
    except BadParameters as bad:
        raise Refused(Reason.CONTRACT_VIOLATION, bad.problems) from None


def _content(service: Service, data: BaseModel) -> tuple[bytes, str]:
    assert isinstance(data, SubmitDocument)  # noqa: S101
    assert service.document is not None  # noqa: S101 - every POST of the catalogue has one
    return _written(service.document, data)


def _written(document: Document, data: SubmitDocument) -> tuple[bytes, str]:
    """Return the bytes and their content type. Raises Refused."""
    media = _media(data)
    if document.media not in {Media.ANY, media}:
        message = f"Give the document as {document.media}: the service requires it."
        raise Refused(Reason.CONTRACT_VIOLATION, [Problem(f"$.data.{media}", "media", message)])
    if data.binary is not None:
        kind = document.content_type or data.binary.media_type or CONTENT_TYPES[media]
        return b64decode(data.binary.base64), kind
    if data.multipart is not None:
        parts = [_part(index, part) for index, part in enumerate(data.multipart)]
        return encoded(parts)
    content = _json(data.json_body) if data.xml is None else data.xml.encode()
    if data.xml is not None:
        _parsed(content)
    return content, document.content_type or CONTENT_TYPES[media]


def _media(data: SubmitDocument) -> Media:
    if data.binary is not None:
        return Media.BINARY
    if data.multipart is not None:
        return Media.MULTIPART
    return Media.JSON if data.xml is None else Media.XML


def _part(index: int, part: DocumentPart) -> Part:
    """Return one part as bytes. Raises Refused."""
    if part.base64 is not None:
        content, kind = b64decode(part.base64), CONTENT_TYPES[Media.BINARY]
    elif part.text is not None:
        content, kind = part.text.encode(), "text/plain; charset=utf-8"
    elif part.xml is not None:
        content, kind = part.xml.encode(), CONTENT_TYPES[Media.XML]
        _parsed(content, f"$.data.multipart[{index}].xml")
    else:
        content, kind = _json(part.json_body), CONTENT_TYPES[Media.JSON]
    return Part(part.name, part.file_name, part.media_type or kind, content)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _parsed(content: bytes, path: str = XML_PATH) -> object:
    """Parse XML even where no schema asks for it: what is no safe XML is not sent as XML."""
    try:
        return safe.parse(content, max_bytes=_LARGEST, max_depth=_DEEPEST)
    except safe.RefusedXml as error:
        problem = Problem(path, "xml", f"Correct the document. {error}")
        raise Refused(Reason.CONTRACT_VIOLATION, [problem]) from None


def _method(data: _Data) -> Method:
    return Method.GET if isinstance(data, ReadService) else Method.POST


def _unknown(catalogue: Catalogue, data: BaseModel) -> Refused:
    assert isinstance(data, ReadService | SubmitDocument)  # noqa: S101
    other = catalogue.get(Key(data.module, data.version, data.service))
    if other is not None:
        message = f"Publish {_OPERATIONS[other.method].event_type}: the catalogue has this service as {other.method}."
        return Refused(Reason.CONTRACT_VIOLATION, [Problem("$.data.service", "service-method", message)])
    message = (
        "Correct module, version and service: the catalogue has no such service. "
        "If NHIF has it, the operator adds it to catalogue_file."
    )
    return Refused(Reason.UNKNOWN_CODE, [Problem("$.data.service", "known-service", message)])
