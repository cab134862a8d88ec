"""The search for medical exemptions (Медотводы) of the Ministry of Health, as its document describes it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from contracts.kz_shep.requests import WAYS
from worker.systems.kz_shep.response import Response, Status, status_of
from worker.systems.kz_shep.service import Service
from worker.systems.kz_shep.settings import Name
from worker.systems.port import Recovery
from worker.systems.stated import without_gaps
from worker.xml.node import Node, UnexpectedContent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

    from contracts.kz_shep.results import Meaning


_MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "up_to_date": "up-to-date",
        "актуален": "up-to-date",
        "неактуален": "out-of-date",
        "отозван": "revoked",
    }
)
"""The one code that the document shows, and the three words of its table 2; a setting adds others."""
_LIST = "medicalExemptionList"
_ANSWER_TYPE = "MedicalExemptionSearchResponse"
_CERTIFICATES = ("certificate", "printableCertificate")
_TAIL = 1024
"""Where a PDF's end mark must be: within its last 1024 bytes, as its readers look for it."""


def _elements(data: BaseModel) -> Iterator[tuple[str, str]]:
    given = _given(data)
    return ((name, given[name]) for name in WAYS if name in given)


def _status(payload: Node) -> Status | None:
    return status_of(payload.only("status"))


def _read(
    meanings: Mapping[str, Meaning], payload: Node, response: Response, data: BaseModel
) -> Mapping[str, Any]:
    payload.must_be(_ANSWER_TYPE, "status", _LIST)
    contents: dict[str, str] = {}
    # An empty or nil element is how some serialisers write a list of nothing.
    found = [_exemption(node, meanings, contents) for node in payload.children(_LIST) if not node.is_empty()]
    status, asked = _status(payload), _given(data)
    # The number is unique: an exemption with another number answers another question.
    by_number = asked["number"].strip() if "number" in asked else None
    if status is None or (by_number is not None and any(one["number"] != by_number for one in found)):
        raise UnexpectedContent
    return _result(response, status, found, contents)


def _nothing(response: Response, status: Status) -> Mapping[str, Any]:
    if response.data is not None:
        response.data.must_be(_ANSWER_TYPE, "status", _LIST)
        if not all(node.is_empty() for node in response.data.children(_LIST)):
            raise UnexpectedContent
    return _result(response, status, [], {})


def _exemption(node: Node, meanings: Mapping[str, Meaning], contents: dict[str, str]) -> dict[str, Any]:
    number, status, procedure = node.text("number"), node.text("status"), node.only("medicalProcedure")
    if number is None or status is None or procedure is None:
        raise UnexpectedContent
    return {
        "number": number,
        "medicalProcedure": _texts(procedure, "code", "nameRu", "nameKk"),
        "status": status,
        "meaning": meanings.get(status.casefold()),
        **_texts(node, "temporaryContraindicationEndDate", "revocationReason"),
        **_certificates(node, contents),
    }


def _certificates(node: Node, contents: dict[str, str]) -> dict[str, Any]:
    """Return the description of each certificate that `node` has, and put its base64 into `contents`.

    An empty element is no certificate. Raises UnexpectedContent for incomplete base64.
    """
    found = {}
    for name in _CERTIFICATES:
        text = _base64(node, name)
        if not text:
            continue
        content = _decoded(text)
        digest = hashlib.sha256(content).hexdigest()
        contents[digest] = text
        media_type = "application/pdf" if _is_pdf(content) else None
        found[name] = {"sha256": digest, "bytes": len(content), "mediaType": media_type}
    return found


def _is_pdf(content: bytes) -> bool:
    """Whether it begins and ends as a PDF does."""
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]


def _base64(node: Node, name: str) -> str:
    elements = list(node.children(name))
    if len(elements) > 1 or any(next(one.children(), None) for one in elements):
        raise UnexpectedContent
    return "".join((node.text(name) or "").split())


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise UnexpectedContent from None


def _result(
    response: Response, status: Status, found: list[dict[str, Any]], contents: dict[str, str]
) -> dict[str, Any]:
    gateway = response.status
    notices = without_gaps(service=status.message, gateway=gateway.message if gateway else None)
    told = {
        "gatewayStatusCode": gateway.code if gateway else None,
        "notices": notices or None,
        "receiverMessageId": response.message_id,
        "sessionId": response.session_id,
    }
    return {
        "found": len(found),
        "exemptions": found,
        "contents": contents,
        "statusCode": status.code,
        **{name: value for name, value in told.items() if value is not None},
    }


def _texts(node: Node, *names: str) -> dict[str, str]:
    return {name: text for name in names if (text := node.text(name)) is not None}


def _given(data: BaseModel) -> dict[str, str]:
    return data.model_dump(by_alias=True, exclude_none=True)


def service(statuses: Mapping[str, Meaning] = MappingProxyType({})) -> Service:
    """Return the service; ``statuses`` are further meanings of an exemption's status."""
    meanings = {**_MEANINGS, **{status.casefold(): meaning for status, meaning in statuses.items()}}
    return Service(
        operation=Name.MEDICAL_EXEMPTION_SEARCH.value,
        service_id="EHEALTH_MEDICAL_EXEMPTION_SEARCH",
        # The search only reads.
        recovery=Recovery.REPEAT,
        namespace="http://ehealth.kz/integration/sync",
        payload_type="MedicalExemptionSearchRequest",
        elements=_elements,
        status=_status,
        read=partial(_read, meanings),
        nothing=_nothing,
        free_texts=frozenset({"nameRu", "nameKk", "revocationReason", "service", "gateway"}),
    )


SERVICE = service()
