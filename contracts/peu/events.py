"""The events of the portal of e-government: a call of its SOAP service, and reads of its register over the ESB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.event_contract import EventContract
from contracts.peu import examples
from contracts.peu.requests import (
    CallService,
    ListPublicServices,
    ListSuppliers,
    ReadPublicService,
    ReadSupplier,
)
from contracts.peu.results import RegisterAnswer, ServiceResult, StatedCall
from contracts.peu.rules import no_rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pydantic import BaseModel


def _read(operation: str, title: str, model: type[BaseModel], example: Mapping[str, Any]) -> EventContract:
    return EventContract(
        system="peu",
        operation=operation,
        title=title,
        description="One GET of the portal's register over the state's ESB; the answer is passed on as it came.",
        model=model,
        rules=no_rules,
        example=example,
        result=RegisterAnswer,
        answered=examples.REGISTERED,
        body=examples.REGISTER_BODY,
    )


EVENTS: tuple[EventContract, ...] = (
    EventContract(
        system="peu",
        operation="service.call",
        title="Call the portal's service",
        description=(
            "One operation of the SOAP service by which administrations add and update what the portal tells of their "
            "services. Its WSDL is not public: the operator gives the file, and its types check the arguments. "
            "One whose outcome is unknown waits for a person, unless the operator's settings say otherwise."
        ),
        model=CallService,
        rules=no_rules,
        example=examples.CALL,
        result=ServiceResult,
        answered=examples.CALLED,
        body=examples.CALL_BODY,
        stated=StatedCall,
        verbatim=frozenset({"arguments"}),
    ),
    _read("supplier.list", "List the portal's suppliers", ListSuppliers, {}),
    _read("supplier.read", "Read a supplier of the portal", ReadSupplier, examples.SUPPLIER),
    _read("public-service.list", "List a supplier's services", ListPublicServices, examples.SERVICES),
    _read("public-service.read", "Read a service of the portal", ReadPublicService, examples.SERVICE),
)
