"""Writes into the ledger what came and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.regix.errors import Fault
from sandbox.regix.ledger import Ledger, pseudonym
from sandbox.regix.names import EXECUTE, SOAP
from sandbox.regix.operations import writes
from sandbox.regix.request import execute_request

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.regix.consumers import Consumer, Consumers
    from sandbox.regix.request import ExecuteRequest
    from sandbox.regix.soap import Message


@dataclass(frozen=True, slots=True)
class Received:
    """One message: the operation that its action names, who sent it, and how it differs from the documented form."""

    message: Message
    operation: str
    certificate: bytes | None
    deviations: tuple[str, ...]


class Recorder:
    """The ledger with what every line of it needs."""

    def __init__(self, consumers: Consumers, now: Callable[[], datetime]) -> None:
        self.ledger = Ledger()
        self._consumers = consumers
        self._now = now

    def refused(self, received: Received, error: str) -> None:
        """Note a request that was not executed."""
        operation, context = _stated(received)
        self.ledger.refuse(
            **self._common(received),
            request=received.operation,
            operation=operation,
            consumer=self._consumers.name_of(received.certificate),
            soap=_version(received),
            error=error,
            call_context=context,
        )

    def executed(
        self,
        received: Received,
        request: ExecuteRequest,
        consumer: Consumer,
        asked: str | None,
        **outcome: Any,
    ) -> None:
        """Note a report; ``outcome`` has its `outcome` and `ServiceCallID`."""
        passed_on = {"CitizenEGN": request.citizen, "EmployeeEGN": request.employee}
        self.ledger.execute(
            **self._common(received),
            **outcome,
            operation=request.operation,
            consumer=consumer.name,
            soap=_version(received),
            asynchronous=request.asynchronous,
            sign_result=request.sign,
            return_access_matrix=request.matrix,
            writes=writes(request.operation),
            argument_sha256=request.argument_hash(),
            asked=pseudonym(asked),
            call_context=request.context,
            passed_on={name: pseudonym(value) for name, value in passed_on.items() if value is not None},
            callback_url=request.callback_url,
        )

    def questioned(self, received: Received, call_id: int, outcome: str) -> None:
        """Note a CheckResult or an AcknowledgeResultReceived."""
        consumer = self._consumers.name_of(received.certificate)
        self.ledger.question(
            received.operation,
            **self._common(received),
            ServiceCallID=call_id,
            consumer=consumer,
            outcome=outcome,
        )

    def _common(self, received: Received) -> dict[str, Any]:
        return {"at": self._now().isoformat(), "deviations": received.deviations}


def _stated(received: Received) -> tuple[str, dict[str, str]]:
    """Return the report and the CallContext that a refused message states, as far as it can be read."""
    if received.operation != EXECUTE:
        return "", {}
    try:
        request = execute_request(received.message)
    except Fault:
        return "", {}
    return request.operation, dict(request.context)


def _version(received: Received) -> str:
    return "1.1" if received.message.soap == SOAP else "1.2"
