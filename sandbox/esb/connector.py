"""The connector of ePayments: JSON over the ESB in place of signed forms; what it registers is the environment's.

The members are those of a client's own classes; statuses of HTTP and texts of refusals are inferred.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.epayment.clients import hmac_of
from sandbox.epayment.form import MEDIA_TYPE
from sandbox.epayment.stand_in import PATH
from sandbox.esb.answers import Form, Refused, json_answer, refusal
from sandbox.esb.payment_requests import Unusable, change_fields, payment_fields
from sandbox.stand_in import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.epayment.clients import Client
    from sandbox.epayment.stand_in import EPayments
    from sandbox.esb.backend import Call
    from sandbox.stand_in import Answer

_REGISTER, _STATUS, _CHANGE = "payments.register", "payments.status", "payments.change"
_OPERATIONS = {
    ("POST", "/connector/v1/registerPaymentExtended"): _REGISTER,
    ("GET", "/connector/v1/getPaymentStatus"): _STATUS,
    ("PUT", "/connector/v1/changePaymentStatus"): _CHANGE,
}
_CONTROLS = ("step", "again", "seed", "callbacks", "settings")
_ORIGIN = "EPAYMENT"
_BAD_REQUEST, _NOT_FOUND, _OK = 400, 404, 200


class Connector:
    """The back-end at /ep, in front of a stand-in of the environment."""

    prefix, scope = "/ep", "/ep*"
    traits: tuple[str, ...] = ("paymentId",)

    def __init__(self, payments: EPayments, clients: Sequence[Client]) -> None:
        self.payments = payments
        self._clients = {one.client_id: one for one in clients}
        self._handlers: Mapping[str, Callable[[Call], Answer]] = {
            _REGISTER: self._register,
            _STATUS: self._status,
            _CHANGE: self._change,
        }

    def operation(self, method: str, path: str) -> str | None:
        """Return the operation of an address."""
        return _OPERATIONS.get((method, path))

    def traits_of(self, call: Call) -> Mapping[str, str | None]:
        """Return the paymentId: the sender's own where it registers, else the environment's."""
        content = _content(call)
        data = content.get("paymentData")
        stated = (data if isinstance(data, dict) else content).get("paymentId")
        found = call.query.get("paymentid", stated)
        return {"paymentId": found if isinstance(found, str) else None}

    def answer(self, call: Call) -> Answer:
        """Do what the call asks for."""
        operation = self.operation(call.method, call.path)
        try:
            if operation is None:
                raise _refused(_NOT_FOUND, "not_found", "There is no such operation")
            return self._handlers[operation](call)
        except Unusable as error:
            return refusal(_refused(_BAD_REQUEST, "bad_request", str(error)), Form())
        except Refused as refused:
            return refusal(refused, Form())

    def failed(self, status: int) -> Answer:
        """Return the error DTO with this status."""
        return refusal(_refused(status, "sandbox_fault", "A fault was asked for"), Form())

    def altered(self, answer: Answer) -> Answer:
        """Return the answer with the identifier of another request."""
        content = json.loads(answer.body)
        if "paymentId" not in content:
            return answer
        return json_answer({**content, "paymentId": "0001019"}, status=answer.status, kind=answer.kind)

    def ledger(self) -> Mapping[str, Any]:
        """Return the environment's ledger: payments, rejections, callbacks and their attempts."""
        return self.payments.ledger()

    def control(self, name: str, body: Any) -> Any | None:
        """Do what the environment's own sandbox knows, by `payment-` and its name there. Raises InvalidControl."""
        own = name.removeprefix("payment-")
        return self.payments.control(own, body) if name != own and own in _CONTROLS else None

    def reset(self) -> None:
        """Go back to the start."""
        self.payments.reset()

    def _register(self, call: Call) -> Answer:
        service = self._clients.get(call.headers.get("service-cid", ""))
        if service is None:
            raise _refused(_BAD_REQUEST, "service_cid", "Service-Cid names no service's client")
        receipt = self._asked(service, "paymentJsonExtended", payment_fields(_content(call)))
        errors = (receipt["unacceptedReceiptJson"] or {}).get("errors", [])
        if errors:
            causes = [{"code": "validation", "message": text} for text in errors]
            content = {"failureOrigin": _ORIGIN, "cause": causes, "retryAfter": None}
            return json_answer(content, status=_BAD_REQUEST, kind="rejected")
        accepted = receipt["acceptedReceiptJson"]
        content = {name: accepted[name] for name in ("registrationTime", "accessCode")}
        return json_answer({"paymentId": accepted["id"], **content}, kind="accepted")

    def _status(self, call: Call) -> Answer:
        payment_id = call.query.get("paymentid", "")
        service = self._owner(payment_id)
        said = self._asked(service, "paymentsStatus", {"requestIds": [payment_id]})["paymentStatuses"][0]
        content = {"paymentId": payment_id, "status": said["status"], "changeTime": said["changeTime"]}
        return json_answer(content, kind="answered")

    def _change(self, call: Call) -> Answer:
        method, fields = change_fields(_content(call))
        self._asked(self._owner(fields["id"]), method, fields)
        content = {"paymentId": fields["id"], "registrationTime": None, "accessCode": None}
        return json_answer(content, kind="changed")

    def _owner(self, payment_id: str) -> Client:
        found = next((one for one in self.payments.ledger()["payments"] if one["id"] == payment_id), None)
        if found is None:
            raise _refused(_NOT_FOUND, "not_found", "There is no such payment")
        return self._clients[found["clientId"]]

    def _asked(self, service: Client, method: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Call the Direct API as the service's client. Raises Refused."""
        data = base64.b64encode(json.dumps(fields).encode()).decode()
        form = {"clientId": service.client_id, "hmac": hmac_of(service.secret, data), "data": data}
        body = urlencode({**form, "eserviceClientId": service.client_id}).encode()
        answer = self.payments.answer(Request("POST", PATH + method, "", {"content-type": MEDIA_TYPE}, body))
        content: dict[str, Any] = json.loads(answer.body)
        if answer.status != _OK:
            text = str(next(iter(content.values()), ""))
            raise _refused(answer.status, "epayment", text)
        return content


def _content(call: Call) -> dict[str, Any]:
    try:
        content = call.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _refused(status: int, code: str, message: str) -> Refused:
    return Refused(status, _ORIGIN, code, message)
