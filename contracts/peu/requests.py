"""The data of the portal's events. What an operation takes, the operator's WSDL says and no contract does."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import WithJsonSchema

from contracts.model import ContractModel
from contracts.peu.fields import Code, OperationName

Arguments = Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]
"""Names to values; a nested object is a complex type, an array a repeated element."""


class CallService(ContractModel):
    """Call an operation of the portal's SOAP service (EgovService.wsdl)."""

    operation: OperationName
    """The operation's name in the WSDL that the operator gave."""
    arguments: Arguments
    """The operation's arguments by name, as the WSDL's types have them. Numbers with decimals are texts. What the WSDL
    calls a wrapper (an element that only holds the arguments) is left out."""


class ListSuppliers(ContractModel):
    """List the suppliers of services that the portal knows."""


class ReadSupplier(ContractModel):
    """Read what the portal holds of one supplier."""

    code: Code
    """The supplier's code at the portal."""


class ListPublicServices(ContractModel):
    """List the services of one supplier."""

    supplier_eik: Code
    """The supplier's ЕИК."""


class ReadPublicService(ContractModel):
    """Read what the portal holds of one service."""

    number: Code
    """The number of the service."""
