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
        place = shipped(SYSTEM)
        read = {file: (place / file).read_text(encoding="utf-8") for file in set(_FILES.values())}
        return cls({name: JsonSchema(json.loads(read[file])) for name, file in _FILES.items()})

    def check(self, name: Name, text: str) -> None:
        """Check the JSON that is sent, as it is written. Raises Refused with the problems, and no value."""
        message = json.loads(text, parse_float=Decimal)
        # The library's own messages quote the value.
        problems = [
            Problem(
                "$.data", "schema", f"The message for it violates {error.validator} at {error.json_path}."
            )
            for error in self._schemas[name].breaches(message)
        ]
        if problems:
            raise Refused(Reason.SCHEMA_VIOLATION, problems)
