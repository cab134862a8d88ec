"""The methods paymentJson and paymentJsonExtended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.epayment.errors import UNPARSED, UNPARSED_EXTENDED, BadRequest, ServerError, Unreadable
from sandbox.epayment.moments import with_zone
from sandbox.epayment.payment_form import provider_of_client, provider_of_fields, read_payment
from sandbox.epayment.registration import Rejection, Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.epayment.clients import Client, Clients
    from sandbox.epayment.form import Form
    from sandbox.epayment.payment_form import PaymentForm, Provider
    from sandbox.epayment.registration import Registration
    from sandbox.epayment.settings import Settings
    from sandbox.epayment.store import PaymentRequest

PAYMENT, EXTENDED = "paymentJson", "paymentJsonExtended"
_WRONG_IBAN = "Requested IBAN must match the AIS client IBAN"
_NO_SERVICE_CLIENT = "EserviceClientId is mandatory"


class Payments:
    """The two methods that take a payment request."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        clients: Clients,
        registration: Registration,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._clients = clients
        self._registration = registration
        self._now = now

    def payment_json(self, form: Form, client: Client) -> dict[str, Any]:
        """Answer paymentJson. Raises BadRequest, ServerError."""
        fields = form.fields()
        payment = self._read(fields, lambda: provider_of_fields(fields), UNPARSED, extended=False)
        if payment.provider.iban != client.iban:
            raise BadRequest(_WRONG_IBAN)
        if payment.amount is None:
            raise BadRequest
        done = self._registration.take(Sent(PAYMENT, payment, client, client, client.client_id))
        return {
            "unacceptedReceiptJson": self._unaccepted(done),
            "acceptedReceiptJson": None if isinstance(done, Rejection) else self._accepted(done),
        }

    def payment_json_extended(self, form: Form, client: Client) -> dict[str, Any]:
        """Answer paymentJsonExtended. Raises BadRequest, ServerError."""
        if not form.eservice_client_id:
            raise BadRequest(_NO_SERVICE_CLIENT)
        fields = form.fields(UNPARSED_EXTENDED)
        owner = self._clients.get(form.eservice_client_id)
        payment = self._read(fields, lambda: provider_of_client(owner), UNPARSED_EXTENDED, extended=True)
        if payment.amount is None:
            raise ServerError
        done = self._registration.take(Sent(EXTENDED, payment, owner, client, form.eservice_client_id))
        code = "" if isinstance(done, Rejection) else done.access_code
        return {
            "unacceptedReceiptJson": self._unaccepted(done),
            # The server's mistake, kept: this receipt is there beside a rejection too, and has no id then.
            "acceptedReceiptJson": {**self._accepted(done), "accessCode": code},
        }

    def _read(
        self, fields: Mapping[str, Any], provider: Callable[[], Provider], message: str, *, extended: bool
    ) -> PaymentForm:
        strict = self._settings().amounts == "specification"
        try:
            return read_payment(fields, provider(), extended=extended, as_specified=strict)
        except Unreadable as error:
            raise BadRequest(message) from error

    def _accepted(self, done: PaymentRequest | Rejection) -> dict[str, Any]:
        identifier = None if isinstance(done, Rejection) else done.id
        return {"id": identifier, "registrationTime": with_zone(self._now())}

    def _unaccepted(self, done: PaymentRequest | Rejection) -> dict[str, Any] | None:
        if not isinstance(done, Rejection):
            return None
        return {"validationTime": with_zone(done.at), "errors": list(done.errors)}
