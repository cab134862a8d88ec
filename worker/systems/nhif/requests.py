"""From a submission to the request that NHIF gets, by the catalogue. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from contracts.nhif.requests import ReadService, SubmitDocument
from contracts.problems import Problem
from contracts.reasons import Reason
from worker.systems.nhif.catalogue import Catalogue, Key, Method, Service
from worker.systems.nhif.documents import CONTENT_TYPES, BadDocument, written
from worker.systems.nhif.parameters import BadParameters, segments
from worker.systems.port import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

_EVENTS = {Method.GET: "nhif.service.read.v1", Method.POST: "nhif.document.submit.v1"}
_Data: TypeAlias = ReadService | SubmitDocument


@dataclass(frozen=True, slots=True)
class Request:
    """What leaves; ``path`` may name a patient, and ``content`` holds one's data."""

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
    """Check the event against the catalogue and build its request. Raises Refused with all problems."""
    service = service_of(catalogue, data)
    if service is None:
        raise _unknown(catalogue, data)
    path = ["api", *service.key]
    headers = {"accept": CONTENT_TYPES.get(service.answer, "*/*")}
    content = b""
    if isinstance(data, ReadService):
        path += _segments(service, data)
    else:
        content, headers["content-type"] = _content(service, data)
    return Request(service, "/" + "/".join(path), headers, content)


def _segments(service: Service, data: ReadService) -> list[str]:
    try:
        return segments(service.parameters, data.parameters or {})
    except BadParameters as bad:
        raise Refused(Reason.CONTRACT_VIOLATION, bad.problems) from None


def _content(service: Service, data: BaseModel) -> tuple[bytes, str]:
    assert isinstance(data, SubmitDocument)  # noqa: S101
    assert service.document is not None  # noqa: S101 - every POST of the catalogue has one
    try:
        return written(service.document, data)
    except BadDocument as bad:
        reason = Reason.SCHEMA_VIOLATION if bad.by_schema else Reason.CONTRACT_VIOLATION
        raise Refused(reason, bad.problems) from None


def _method(data: _Data) -> Method:
    return Method.GET if isinstance(data, ReadService) else Method.POST


def _unknown(catalogue: Catalogue, data: BaseModel) -> Refused:
    assert isinstance(data, ReadService | SubmitDocument)  # noqa: S101
    other = catalogue.get(Key(data.module, data.version, data.service))
    if other is not None:
        message = f"Publish {_EVENTS[other.method]}: the catalogue has this service as a {other.method}."
        return Refused(Reason.CONTRACT_VIOLATION, [Problem("$.data.service", "service-method", message)])
    message = (
        "Correct module, version and service: the catalogue has no such service. "
        "If NHIF has it, the operator adds it to catalogue_file."
    )
    return Refused(Reason.UNKNOWN_CODE, [Problem("$.data.service", "known-service", message)])
