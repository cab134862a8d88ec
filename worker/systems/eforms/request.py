"""From an event to the ServiceRequestResponse that eForms takes: order and names by the schema. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from contracts.fields import utc_text
from contracts.problems import Problem
from contracts.reasons import Reason
from worker.systems.port import Refused
from worker.xml.builder import NoSuchElement, build_element

if TYPE_CHECKING:
    from contracts.eforms.requests import (
        AdministrativeUnit,
        Code,
        Identifier,
        PublicService,
        ResponseDocument,
        SendResponse,
        ServiceProvider,
    )
    from worker.systems.eforms.schemas import Schemas
    from worker.xml.builder import Values


def response_of(data: SendResponse, schemas: Schemas) -> bytes:
    """Return the answer as XML in UTF-8. Raises Refused where the schema does not take it, with each breach."""
    try:
        root = build_element(schemas.plan, _values(data), {})
    except NoSuchElement as error:
        message = f"The schemas in use have no place for it: {error.path}."
        raise Refused(Reason.SCHEMA_VIOLATION, [Problem("$.data", "schema", message)]) from error
    if found := schemas.response.problems(root):
        problems = [Problem("$.data", "schema", f"Correct the answer by the schema. {one}.") for one in found]
        raise Refused(Reason.SCHEMA_VIOLATION, problems)
    return _written(root)


def bytes_of(data: SendResponse, schemas: Schemas) -> bytes:
    """Return the same bytes without judging them, for an answer that was judged before. Total.

    Nothing, where schemas that were exchanged meanwhile have no place for it: it is refused when it is prepared again.
    """
    try:
        return _written(build_element(schemas.plan, _values(data), {}))
    except NoSuchElement:
        return b""


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _values(data: SendResponse) -> Values:
    return {
        "requestURI": _identifier(data.request_uri),
        "requestDateTime": data.request_date_time,
        "publicService": _service(data.public_service),
        "serviceProvider": _provider(data.service_provider),
        "specificContent": data.specific_content,
        "attachedDocument": [_document(one) for one in data.documents or ()],
        "responseDateTime": utc_text(data.response_date_time),
    }


def _code(code: Code) -> Values:
    return {"code": code.code, "name": code.name}


def _identifier(one: Identifier) -> Values:
    return {
        "identifier": one.identifier,
        "identifierType": _code(one.identifier_type),
        "issueDate": one.issue_date.isoformat() if one.issue_date else None,
    }


def _service(service: PublicService) -> Values:
    return {
        "identifier": _identifier(service.identifier),
        "name": service.name,
        "description": service.description,
        "language": [_code(one) for one in service.languages or ()],
        "status": _code(service.status) if service.status else None,
    }


def _unit(unit: AdministrativeUnit) -> Values:
    return {
        "legalIdentifier": _identifier(unit.legal_identifier),
        "identifier": [_identifier(one) for one in unit.identifiers],
        "preferredLabel": unit.preferred_label,
        "organizationType": _code(unit.organization_type),
    }


def _provider(provider: ServiceProvider) -> Values:
    return {
        **_unit(provider),
        "administrativeUnits": [_unit(one) for one in provider.administrative_units or ()],
    }


def _document(document: ResponseDocument) -> Values:
    return {
        "identifier": document.identifier,
        "type": _code(document.type) if document.type else None,
        "description": document.description,
        "attached_document": document.content,
    }
