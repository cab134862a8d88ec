"""What is checked before an event is sent: the account that it is paid to, and its message against the schema."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from contracts.epayment.requests import RequestPayment
from contracts.problems import Problem
from contracts.reasons import Reason
from schemas import shipped
from worker.json_schema import JsonSchema
from worker.systems.epayment.operations import SYSTEM
from worker.systems.epayment.settings import Name
from worker.systems.port import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from worker.systems.epayment.connector.request import Request
    from worker.systems.epayment.settings import Provider

_FILES = {
    Name.REQUEST: "payment-request.json",
    Name.REQUEST_EXTENDED: "payment-request-extended.json",
    Name.STATUS: "payments-status.json",
    Name.SEARCH: "payer-list.json",
    Name.SUSPEND: "payment-id.json",
    Name.SET_PAID: "set-status-paid.json",
    Name.ACCESS_CODE: "payment-id.json",
}
_OF_CONNECTOR = {
    "/registerPaymentExtended": "connector-register-payment.json",
    "/changePaymentStatus": "connector-change-status.json",
}


def check_provider(data: BaseModel, provider: Provider | None) -> None:
    """Check that the settings say who is paid. Raises Refused."""
    if isinstance(data, RequestPayment) and provider is None:
        message = "Name another signer, or have the operator set systems.epayment.clients.<signer>.provider."
        raise Refused(Reason.CONFIGURATION, [Problem("$.signer", "provider", message)])


class MessageSchemas:
    """The schemas of all messages, compiled once."""

    def __init__(self, schemas: Mapping[Name, JsonSchema]) -> None:
        self._schemas = schemas

    @classmethod
    def load(cls) -> MessageSchemas:
        """Read the schemas that ship with Herald."""
        read = {file: _read(file) for file in set(_FILES.values())}
        return cls({name: read[file] for name, file in _FILES.items()})

    def check(self, name: Name, text: str) -> None:
        """Check the JSON that is sent, as it is written. Raises Refused with the problems, and no value."""
        _check(self._schemas[name], json.loads(text, parse_float=Decimal))


class ConnectorSchemas:
    """The schemas of the connector's messages, compiled once."""

    def __init__(self) -> None:
        self._schemas = {path: _read(file) for path, file in _OF_CONNECTOR.items()}

    def check(self, request: Request) -> None:
        """Check the JSON that is sent; a question by its address alone has none. Raises Refused, and no value."""
        if request.message is not None:
            _check(self._schemas[request.path], json.loads(request.body))


def _read(file: str) -> JsonSchema:
    return JsonSchema(json.loads((shipped(SYSTEM) / file).read_text(encoding="utf-8")))


def _check(schema: JsonSchema, message: object) -> None:
    # The library's own messages quote the value.
    problems = [
        Problem("$.data", "schema", f"The message for it violates {error.validator} at {error.json_path}.")
        for error in schema.breaches(message)
    ]
    if problems:
        raise Refused(Reason.SCHEMA_VIOLATION, problems)
