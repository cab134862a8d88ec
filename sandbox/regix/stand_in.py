"""RegiX V2 as the sandbox's server sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.pages import page
from sandbox.regix import soap
from sandbox.regix.consumers import Consumers, operations_in
from sandbox.regix.entry_point import EntryPoint
from sandbox.regix.errors import Fault, Unreadable
from sandbox.regix.names import ACTIONS, BASIC_PATH, EXECUTE, MAX_BYTES, PATH, SOAP, SOAP_12
from sandbox.regix.request import check_request, execute_request
from sandbox.regix.variants import Variants
from sandbox.stand_in import Answer, InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.regix.answers import Registers
    from sandbox.stand_in import Request

_VERSIONS = {PATH: SOAP_12, BASIC_PATH: SOAP}
_VARIANTS = Variants()
_HELP = 200, "RegiXEntryPointV2 Service"
"""The page that a browser gets at the endpoints."""
_BAD_REQUEST, _FORBIDDEN, _NOT_FOUND, _NOT_ALLOWED, _TOO_LARGE, _UNSUPPORTED = 400, 403, 404, 405, 413, 415


class RegiX:
    """The StandIn for RegiX. ``certificates``: DER by name, of the consumers that the sandbox has."""

    name = "regix"
    traits: tuple[str, ...] = ("operation", "report", "consumer", "call", "service_uri")
    private_traits: frozenset[str] = frozenset()
    max_bytes = MAX_BYTES

    def __init__(
        self,
        certificates: Mapping[str, bytes],
        registers: Registers,
        *,
        now: Callable[[], datetime],
        seed: int = 0,
        variants: Variants = _VARIANTS,
    ) -> None:
        self.entry_point = EntryPoint(
            Consumers(certificates), registers, now=now, seed=seed, variants=variants
        )
        self._now = now

    def reset(self) -> None:
        """Go back to the start."""
        self.entry_point.reset()

    def serves(self, method: str, path: str) -> bool:
        """Whether this is one of the two endpoints."""
        return method == "POST" and path in _VERSIONS

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return the operation, the report's full name, the consumer, the call's number and the ServiceURI."""
        found: dict[str, str | None] = dict.fromkeys(self.traits)
        found["consumer"] = self.entry_point.consumers.name_of(request.client_certificate)
        try:
            message = soap.read(request.body, request.headers, _VERSIONS.get(request.path, SOAP))
            operation = ACTIONS.get(message.action)
            found["operation"] = operation
            if operation == EXECUTE:
                asked = execute_request(message)
                found |= {"report": asked.operation or None, "service_uri": asked.context.get("ServiceURI")}
            elif operation is not None:
                call_id = check_request(message, operation).call_id
                found |= {"call": str(call_id), "report": self.entry_point.calls.operations.get(call_id)}
        except (Unreadable, Fault):
            return found
        return found

    def answer(self, request: Request) -> Answer:
        """Process the request: a certificate is demanded before all else."""
        unfit = self._unfit(request)
        if unfit is not None:
            return unfit
        version = _VERSIONS[request.path]
        message_id = ""
        try:
            message = soap.read(request.body, request.headers, version)
            message_id = message.message_id
            operation, content, kind = self.entry_point.serve(message, request.client_certificate)
        except Unreadable:
            return Answer(_BAD_REQUEST, b"", "text/plain")
        except Fault as fault:
            return soap.fault(version, fault, relates_to=message_id)
        return soap.answer(version, operation, content, relates_to=message_id, kind=kind)

    def failed(self, status: int, request: Request) -> Answer:
        """Return a fault of this status."""
        error = Fault("A fault was asked for.", kind="System.Exception")
        return soap.fault(_VERSIONS.get(request.path, SOAP), error, relates_to="", status=status)

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the answer to an Execute for another person, and of the others the result of another call."""
        if answer.kind not in {"answered", "not-ready"}:
            return answer
        version = _VERSIONS[request.path]
        message = soap.read(request.body, request.headers, version)
        if answer.kind == "answered" and ACTIONS[message.action] == EXECUTE:
            other = self.entry_point.answer_to_another(message, request.client_certificate)
            if other is not None:
                content = other.response(EXECUTE)
                return soap.answer(version, EXECUTE, content, relates_to=message.message_id, kind=answer.kind)
        return soap.of_another_call(answer)

    def forget_tokens(self) -> None:
        """RegiX has no tokens."""

    def ledger(self) -> Mapping[str, Any]:
        """Return what was executed, refused, checked, acknowledged and called back."""
        return self.entry_point.ledger.shown()

    def control(self, name: str, body: Any) -> Any | None:
        """Change variants, consumers' rights, disabled operations or errors; or make results ready now."""
        point = self.entry_point
        if name == "variants":
            point.variants = point.variants.changed(body)
            return point.variants.shown()
        if name == "consumers":
            return point.consumers.change(body)
        if name == "disabled":
            point.consumers.disabled = operations_in(body, "disabled")
            return sorted(point.consumers.disabled)
        if name == "errors":
            return point.errors.load(body)
        if name == "finish":
            return {"finished": point.calls.finish(_numbers(body), self._now())}
        return None

    def _unfit(self, request: Request) -> Answer | None:
        if request.path not in _VERSIONS:
            return page(_NOT_FOUND, "Not Found")
        if request.client_certificate is None:
            return page(_FORBIDDEN, "Forbidden: Client Certificate Required")
        if request.method != "POST":
            return page(*_HELP) if request.method == "GET" else page(_NOT_ALLOWED, "Method Not Allowed")
        if len(request.body) > self.max_bytes:
            return page(_TOO_LARGE, "Request Entity Too Large")
        if soap.media_type(request.headers) != soap.content_type(_VERSIONS[request.path]):
            return page(_UNSUPPORTED, "Unsupported Media Type")
        return None


def _numbers(body: Any) -> list[int] | None:
    if body in ({}, []):
        return None
    if not isinstance(body, list) or not all(isinstance(one, int) for one in body):
        raise InvalidControl("give a list of ServiceCallIDs, or nothing for all")
    return body
