"""The methods that only read: by identifiers, and by payer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.epayment.errors import BadRequest, ServerError, Unreadable
from sandbox.epayment.moments import stored, wall_clock
from sandbox.epayment.payment_form import PERSONS, UIN_TYPES
from sandbox.epayment.statuses import Status
from sandbox.epayment.values import required, text_of, whole_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.epayment.clients import Client
    from sandbox.epayment.form import Form
    from sandbox.epayment.store import PaymentRequest, Store

_NOT_AUTHORIZED = "Not authorized to access payment request."
_FIRST_PAGE, _PAGE_SIZE = 1, 20


class Queries:
    """The methods that change nothing (accessCode makes a code, but every request has one from its start)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def payments_status(self, form: Form, client: Client) -> dict[str, Any]:
        """Answer paymentsStatus; an unknown identifier has neither status nor time. Raises BadRequest."""
        identifiers = _request_ids(form)
        permit(map(self._store.get, identifiers), client, initiator=True)
        return {"paymentStatuses": [self._status(identifier) for identifier in identifiers]}

    def payments_by_id_json(self, form: Form, client: Client) -> dict[str, Any]:
        """Answer paymentsByIdJson; the server's code fails at an unknown identifier. Raises BadRequest, ServerError."""
        identifiers = _request_ids(form)
        found = [self._store.get(identifier) for identifier in identifiers]
        permit(found, client, initiator=True)
        requests = [request for request in found if request is not None]
        if len(requests) < len(found):
            raise ServerError
        return {"paymentRequests": [{"id": one.id, "requestJson": _request_json(one)} for one in requests]}

    def access_code(self, form: Form, client: Client) -> dict[str, Any]:
        """Answer accessCode: null for an unknown identifier. Raises BadRequest."""
        request = self._store.get(identifier_of(form.fields()))
        permit([request], client)
        return {"accessCode": None if request is None else request.access_code}

    def pending_of_payer(self, form: Form, client: Client) -> dict[str, Any]:
        """Answer pendingPaymentStatusJson. Raises BadRequest."""
        del client  # the server returns the requests of every client
        return self._of_payer(form, pending=True)

    def others_of_payer(self, form: Form, client: Client) -> dict[str, Any]:
        """Answer paymentStatusJson: all but the pending ones. Raises BadRequest."""
        del client
        return self._of_payer(form, pending=False)

    def _of_payer(self, form: Form, *, pending: bool) -> dict[str, Any]:
        fields = form.fields()
        try:
            uin = text_of(required(fields, "applicantUin"))
            page, size = whole_of(required(fields, "pageNumber")), whole_of(required(fields, "pageSize"))
        except Unreadable as error:
            raise BadRequest from error
        if page is None or size is None:
            raise BadRequest
        found = [one for one in self._store if _is_of(one, uin) and (one.status == Status.PENDING) == pending]
        found.sort(key=lambda one: one.created_at, reverse=True)
        page, size = page if page > 0 else _FIRST_PAGE, size if size > 0 else _PAGE_SIZE
        shown = found[(page - 1) * size : page * size]
        statuses = [{"paymentrequestID": one.seq, "result": _result(one)} for one in shown]
        return {"count": len(found), "paymentStatuses": statuses}

    def _status(self, identifier: str | None) -> dict[str, Any]:
        request = self._store.get(identifier)
        return {
            "id": identifier,
            "status": None if request is None else request.status.answered,
            "changeTime": None if request is None else stored(wall_clock(request.changed_at)),
        }


def permit(requests: Iterable[PaymentRequest | None], client: Client, *, initiator: bool = False) -> None:
    """Raise BadRequest where one of the requests is another client's; ``initiator`` lets who sent it see it too."""
    for request in requests:
        if request is None or request.owner.client_id == client.client_id:
            continue
        if not (initiator and request.initiator.client_id == client.client_id):
            raise BadRequest(_NOT_AUTHORIZED)


def identifier_of(fields: Mapping[str, Any]) -> str | None:
    """Return the field `id`. Raises BadRequest."""
    try:
        return text_of(required(fields, "id"))
    except Unreadable as error:
        raise BadRequest from error


def _request_ids(form: Form) -> list[str | None]:
    try:
        given = required(form.fields(), "requestIds")
        return [text_of(one) for one in given] if isinstance(given, list) else []
    except Unreadable as error:
        raise BadRequest from error


def _is_of(request: PaymentRequest, uin: str | None) -> bool:
    return request.form.uin_type in PERSONS and request.form.uin == uin


def _provider(request: PaymentRequest) -> dict[str, Any]:
    provider = request.form.provider
    return {
        "serviceProviderName": provider.name,
        "serviceProviderBank": provider.bank,
        "serviceProviderBIC": provider.bic,
        "serviceProviderIBAN": provider.iban,
        "currency": request.form.currency,
        "paymentTypeCode": request.form.payment_type_code,
    }


def _reference(request: PaymentRequest) -> dict[str, Any]:
    form = request.form
    return {
        "paymentReferenceType": form.reference_type,
        "paymentReferenceNumber": form.reference_number,
        "paymentReferenceDate": None if form.reference_date is None else stored(form.reference_date),
        "expirationDate": None if form.expires is None else stored(form.expires),
        "additionalInformation": form.additional_information,
    }


def _request_json(request: PaymentRequest) -> dict[str, Any]:
    """Return a request as paymentsByIdJson does: aisPaymentId and obligationType are always null."""
    form = request.form
    return {
        "aisPaymentId": None,
        **_provider(request),
        "obligationType": None,
        "paymentAmount": float(request.amount),
        "paymentReason": form.reason,
        "applicantUinTypeId": form.uin_type,
        "applicantUin": form.uin,
        "applicantName": form.applicant_name,
        **_reference(request),
        "administrativeServiceUri": form.service_uri,
        "administrativeServiceSupplierUri": form.supplier_uri,
        "administrativeServiceNotificationURL": form.notification_url,
    }


def _result(request: PaymentRequest) -> dict[str, Any]:
    """Return a request as the methods by payer do: the amount with the four decimals of its column."""
    form, owner = request.form, request.owner
    return {
        "id": request.id,
        "status": request.status.answered,
        "statusChangeTime": stored(wall_clock(request.changed_at)),
        **_provider(request),
        "paymentAmount": request.amount,
        "paymentReason": form.reason,
        "applicantUinType": UIN_TYPES.get(form.uin_type or 0),
        "applicantUin": form.uin,
        "applicantName": form.applicant_name,
        **_reference(request),
        "createDate": stored(wall_clock(request.created_at)),
        "eserviceClientAisName": owner.ais_name,
        "clientId": None,
        "eserviceClientServiceName": owner.service_name,
        "eserviceClientDepartmentId": str(owner.department_id),
    }
