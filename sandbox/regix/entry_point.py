"""RegiXEntryPointV2: what each of its three operations does with a message, with all consequences in the ledger."""

from __future__ import annotations

import base64
import random
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from lxml import etree

from sandbox.regix.answers import not_expected
from sandbox.regix.calls import Call, Calls
from sandbox.regix.deviations import deviations, stated, unknown_root
from sandbox.regix.errors import (
    CORE_ERROR,
    INVALID_OPERATION,
    NO_ARGUMENT,
    NO_SUCH_CALL_ID,
    NO_SUCH_METHOD,
    Denied,
    Fault,
    no_such_action,
    undeserializable,
)
from sandbox.regix.names import ACKNOWLEDGE, ACTIONS, CHECK, EXECUTE, REGIX
from sandbox.regix.operations import OPERATIONS, is_contract_known, method_of
from sandbox.regix.recorder import Received, Recorder
from sandbox.regix.register_errors import RegisterErrors
from sandbox.regix.request import check_request, execute_request
from sandbox.regix.result import Result
from sandbox.regix.soap import named

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.regix.answers import Registers
    from sandbox.regix.consumers import Consumer, Consumers
    from sandbox.regix.register_errors import RegisterError
    from sandbox.regix.request import ExecuteRequest
    from sandbox.regix.soap import Message
    from sandbox.regix.variants import Variants

_NO_ROOT = "Root element is missing."
_SALT_BYTES = 64


class EntryPoint:
    """The service. ``variants`` may be exchanged while it runs."""

    def __init__(
        self,
        consumers: Consumers,
        registers: Registers,
        *,
        now: Callable[[], datetime],
        seed: int,
        variants: Variants,
    ) -> None:
        self.consumers = consumers
        self._registers = registers
        self._now = now
        self._seed = seed
        self._first_variants = variants
        self.reset()

    def reset(self) -> None:
        """Go back to the start."""
        self.variants = self._first_variants
        self.calls = Calls()
        self.errors = RegisterErrors()
        self.consumers.reset()
        self._recorder = Recorder(self.consumers, self._now)
        self.ledger = self._recorder.ledger
        self._chance = random.Random(self._seed)  # noqa: S311 - repeatable by design

    def serve(self, message: Message, certificate: bytes | None) -> tuple[str, bytes, str]:
        """Do what a message asks for; return the operation, the Body's content, and what to count. Raises Fault."""
        operation = ACTIONS.get(message.action)
        if operation is None:
            raise no_such_action(message.action)
        received = Received(message, operation, certificate, tuple(deviations(message, operation)))
        try:
            return operation, *self._served(received)
        except Fault as fault:
            self._recorder.refused(received, fault.text)
            raise

    def answer_to_another(self, message: Message, certificate: bytes | None) -> Result | None:
        """Return the answer to an Execute as if another person had been asked for; nothing is noted."""
        try:
            request = execute_request(message)
            consumer = self.consumers.admitted(certificate, request.operation)
        except (Fault, Denied):
            return None
        return self._registers.answer_to_another(request, consumer, self.variants)

    def _served(self, received: Received) -> tuple[bytes, str]:
        operation = received.operation
        if self.variants.strict and received.deviations:
            raise Fault(stated(received.deviations), "Sandbox")
        if unknown_root(received.message, operation):
            raise undeserializable()
        if operation == ACKNOWLEDGE:
            self._acknowledge(received)
            return etree.tostring(named(f"{ACKNOWLEDGE}Response", REGIX)), "acknowledged"
        result = self._execute(received) if operation == EXECUTE else self._check(received)
        return result.response(operation), _kind(result)

    def _execute(self, received: Received) -> Result:
        request = execute_request(received.message)
        self._check_operation(request)
        try:
            consumer = self.consumers.admitted(received.certificate, request.operation)
        except Denied as denied:
            self._recorder.refused(received, denied.text)
            return Result(error=denied.text)
        result, outcome, call_id = self._carried_out(request, consumer)
        asked = self._registers.asked(request)
        self._recorder.executed(received, request, consumer, asked, outcome=outcome, ServiceCallID=call_id)
        return result

    def _check_operation(self, request: ExecuteRequest) -> None:
        """Raise Fault in the order of RegiX; what goes to the adapter as it is, is not looked at any further."""
        if not is_contract_known(request.operation):
            raise Fault(INVALID_OPERATION)
        if request.operation not in OPERATIONS:
            raise Fault(NO_SUCH_METHOD.format(method_of(request.operation)))
        if not request.flags:
            if request.argument is None:
                raise Fault(NO_ARGUMENT)
            self._registers.check(request)

    def _carried_out(self, request: ExecuteRequest, consumer: Consumer) -> tuple[Result, str, int]:
        if request.argument is None:
            return Result(error=CORE_ERROR.format(_NO_ROOT)), "error", 0
        call_id = self.calls.next_id(request.operation)
        unexpected = not_expected(request)
        if unexpected is not None:
            return Result(is_ready=True, error=unexpected, call_id=call_id), "error", call_id
        later = self._is_later(request)
        error = self.errors.next(request.operation)
        if error is not None and not (later and error.later):
            return error.result(call_id), "error", call_id
        if later:
            return self._taken(request, consumer, call_id, error), "pending", call_id
        result = self._registers.answer(request, consumer, self.variants, call_id)
        return result, "error" if result.error else "answered", call_id

    def _taken(
        self, request: ExecuteRequest, consumer: Consumer, call_id: int, error: RegisterError | None
    ) -> Result:
        code = f"{call_id}.{base64.b64encode(self._chance.randbytes(_SALT_BYTES)).decode('ascii')}"
        answer = partial(self._registers.answer, request, consumer, self.variants, call_id, code)
        seconds = self.variants.seconds(request.context.get("ServiceURI", ""))
        call = Call(
            call_id,
            request.operation,
            code,
            ready_at=self._now() + timedelta(seconds=seconds),
            make=answer if error is None else partial(error.result, call_id, code),
            callback_url=request.callback_url,
        )
        self.calls.add(call)
        return Result(call_id=call_id, verification_code=code)

    def _is_later(self, request: ExecuteRequest) -> bool:
        if request.operation in self.variants.unasked:
            return True
        return request.asynchronous and request.operation not in self.variants.at_once

    def _check(self, received: Received) -> Result:
        request = check_request(received.message, CHECK)
        try:
            self._admit(received, request.call_id)
        except Denied as denied:
            outcome, result = "denied", Result(error=denied.text)
        else:
            outcome, result = self.calls.checked(request.call_id, request.verification_code, self._now())
        self._recorder.questioned(received, request.call_id, outcome)
        return result

    def _acknowledge(self, received: Received) -> None:
        request = check_request(received.message, ACKNOWLEDGE)
        try:
            self._admit(received, request.call_id)
        except Denied:
            outcome = "denied"  # RegiX tells nobody, as the operation has no result
        else:
            outcome = self.calls.acknowledged(request.call_id, request.verification_code)
        self._recorder.questioned(received, request.call_id, outcome)

    def _admit(self, received: Received, call_id: int) -> None:
        if call_id not in self.calls.operations:
            raise Fault(NO_SUCH_CALL_ID)
        operation = self.calls.operations[call_id]
        self.consumers.admitted(received.certificate, operation, check_enabled=False)


def _kind(result: Result) -> str:
    if result.error:
        return "error"
    return "answered" if result.is_ready else "not-ready"
