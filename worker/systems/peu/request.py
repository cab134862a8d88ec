"""From an event to what is asked of the portal: the call's envelope, or the address of a read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from contracts.peu.requests import (
    CallService,
    ListPublicServices,
    ListSuppliers,
    ReadPublicService,
    ReadSupplier,
)
from contracts.problems import Problem
from contracts.reasons import Reason
from worker.systems.peu.wsdl import BadArguments
from worker.systems.port import Refused

if TYPE_CHECKING:
    from pydantic import BaseModel

    from worker.systems.peu.wsdl import Message, Service

_ARGUMENTS = "$.data.arguments"
NO_WSDL = (
    "This installation has no WSDL of the portal's service, so nothing can be called; the operator can give the file "
    "that the ministry issued (systems.peu.wsdl_file)."
)
"""Why calls are refused without a WSDL, for the event's sender and for the operator."""


def called(data: BaseModel) -> str | None:
    """Return the operation of the WSDL that an event calls; None for a read of the register."""
    return data.operation if isinstance(data, CallService) else None


def message_of(service: Service | None, data: CallService) -> Message:
    """Write the call. Raises Refused with the JSON path of what does not fit the WSDL."""
    if service is None:
        raise Refused(Reason.CONFIGURATION, [Problem("$.type", "wsdl", NO_WSDL)])
    if data.operation not in service.operations:
        known = ", ".join(sorted(service.operations))
        told = f"Name an operation of the operator's WSDL: {known}."
        raise Refused(Reason.CONTRACT_VIOLATION, [Problem("$.data.operation", "wsdl", told)])
    try:
        return service.write(data.operation, data.arguments)
    except BadArguments as error:
        path = ".".join((_ARGUMENTS, *error.path))
        told = f"Correct the arguments by the WSDL's types: {error}."
        raise Refused(Reason.SCHEMA_VIOLATION, [Problem(path, "wsdl-type", told)]) from None


def register_query(data: BaseModel) -> str:
    """Return the path of a read, with its query, under the register's address.

    Confirmed by a public client; that `format=json` may be given to all of them is inferred.
    """
    match data:
        case ListSuppliers():
            return "provider/suppliers?" + urlencode({"format": "json"})
        case ReadSupplier(code=code):
            return "provider/get-supplier?" + urlencode({"code": code, "format": "json"})
        case ListPublicServices(supplier_eik=eik):
            return "provider/service?" + urlencode({"supplierEIK": eik, "format": "json"})
        case ReadPublicService(number=number):
            return "provider/get-service?" + urlencode({"number": number, "format": "json"})
    raise TypeError(type(data).__name__)
