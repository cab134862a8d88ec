"""The queries that look up a submission in doubt, and what the system's answer says about it. Pure.

No method of the public interface finds a payment request by its `aisPaymentId`, and none shows that id. So a payment
request is looked up in its payer's list, by what the hospital sent; what only changes a payment request is settled by
its status (`paymentsStatus`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from contracts.epayment.requests import (
    PayerIdentifierType,
    PaymentState,
    RequestPayment,
    RequestPaymentExtended,
    SetPaymentPaid,
    SuspendPayment,
)
from contracts.epayment.results import PaymentStatus
from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Accepted, AlreadyExists, NotArrived, Outcome, Rejected, Unknown
from worker.systems.epayment.interpret import Expected, all_say
from worker.systems.epayment.readers import TARGET, page, statuses
from worker.systems.epayment.request import (
    STATUSES,
    currency_of,
    list_message,
    list_method,
    statuses_message,
)
from worker.systems.epayment.response import amount_of
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from worker.systems.epayment.settings import EpaymentSettings, Provider

Request = RequestPayment | RequestPaymentExtended
Change = SuspendPayment | SetPaymentPaid


@immutable
class Query:
    """A question to the system: the method and its message."""

    method: str
    message: Mapping[str, Any]


def query_for(data: BaseModel, found: Outcome, settings: EpaymentSettings) -> Query | None:
    """Return the question that may settle what `found` means; None where there is none.

    The system lists the requests of persons alone. It has two lists: a request that the system itself says is no
    longer pending is in the second.
    """
    if isinstance(data, Change):
        return Query(STATUSES, statuses_message([data.payment_id]))
    if not isinstance(data, Request) or data.payer.identifier_type is PayerIdentifierType.BULSTAT:
        return None
    state = PaymentState.NOT_PENDING if isinstance(found, AlreadyExists) else PaymentState.PENDING
    message = list_message(data.payer.identifier, 1, settings.look_up_page_size)
    return Query(list_method(state), message)


def expected_of(data: BaseModel, settings: EpaymentSettings, client: str) -> Expected:
    """Return how the answer to the question for an event is read."""
    match data:
        case RequestPayment() | RequestPaymentExtended():
            size = settings.look_up_page_size
            return Expected(
                lambda document, rules: page(data.payer.identifier, size, document, rules), client
            )
        case SuspendPayment(payment_id=one) | SetPaymentPaid(payment_id=one):
            return Expected(lambda document, rules: statuses([one], document, rules), client)
    raise TypeError(type(data).__name__)


def settle(
    data: BaseModel, settings: EpaymentSettings, provider: Provider | None, found: Outcome, shown: Outcome
) -> Outcome | NotArrived:
    """Decide by the look-up's outcome, ``shown``, what `found` means: a refusal in doubt, or an unknown outcome."""
    if isinstance(shown, Rejected):
        return _unconfirmed("the system refused the look-up, so nothing is confirmed")
    if not isinstance(shown, Accepted):
        return shown
    if isinstance(data, Change):
        return _settle_change(data, found, shown.data["payments"][0])
    if isinstance(data, Request):
        return _settle_request(data, settings, provider, found, shown.data)
    return found


def _settle_change(data: Change, found: Outcome, shown: Mapping[str, Any]) -> Outcome:
    """Settle by the status: the one that was asked for shows that it was reached, any other that it was refused."""
    status = shown.get("status")
    target = TARGET[type(data)]
    if status == target:
        members = without_gaps(status=status, changeTime=shown.get("changeTime"), settledByStatus=True)
        return Accepted({"paymentId": data.payment_id, **members})
    if isinstance(found, Rejected) and (status is not None or not shown["found"]):
        # While it waits for payment the change is possible: then the refusal says something else than its status.
        return found if status != PaymentStatus.PENDING else _unconfirmed(_STILL_PENDING)
    return _unconfirmed("the status of the payment request does not show whether it was changed")


_STILL_PENDING = "the system refused the change, but still shows the payment request as waiting for payment"


def _settle_request(
    data: Request,
    settings: EpaymentSettings,
    provider: Provider | None,
    found: Outcome,
    shown: Mapping[str, Any],
) -> Outcome:
    named = [one for one in shown["payments"] if _has_our_reference(one, data, provider)]
    if not _is_whole(shown, settings):
        return _unconfirmed("the system shows only a part of the payer's payment requests")
    if len(named) > 1:
        return _unconfirmed("the system shows several payment requests with this reference")
    if named:
        return _settle_by(named[0], data, settings, found)
    if isinstance(found, Rejected) and not _may_be_by_repetition(found, settings):
        return found
    return _unconfirmed("the payer's list does not show whether the system has this payment request")


def _settle_by(one: Mapping[str, Any], data: Request, settings: EpaymentSettings, found: Outcome) -> Outcome:
    """Settle by the one payment request with our reference.

    One that has ended is none that the payer could pay: the refusal of a new one under the same id then stands.
    """
    status, payment = one.get("status"), one["paymentId"]
    if status in _ALIVE and _says_the_same(one, data, settings):
        return Accepted({"paymentId": payment, "alreadyExists": True, "status": status}, reference=payment)
    if status is not None and isinstance(found, AlreadyExists | Rejected):
        return Rejected(found.errors)
    return _unconfirmed(
        "the system shows a payment request with this reference, but not exactly what was sent"
    )


_ALIVE = frozenset(PaymentStatus) - {PaymentStatus.EXPIRED, PaymentStatus.CANCELED, PaymentStatus.SUSPENDED}


def _is_whole(shown: Mapping[str, Any], settings: EpaymentSettings) -> bool:
    count = len(shown["payments"])
    total = shown.get("total")
    return count < settings.look_up_page_size if total is None else count == total


def _has_our_reference(one: Mapping[str, Any], data: Request, provider: Provider | None) -> bool:
    """Whether it is due for the same document, and to the same account where that is known."""
    day = (one.get("referenceDate") or "")[:10]
    if (one.get("referenceNumber"), day) != (data.reference.number, data.reference.date.isoformat()):
        return False
    account = provider.iban if isinstance(data, RequestPayment) and provider else None
    return account is None or one.get("providerIban") == account


def _says_the_same(one: Mapping[str, Any], data: Request, settings: EpaymentSettings) -> bool:
    stated = amount_of(one.get("amount")), one.get("currency"), one.get("reason")
    asked = amount_of(data.amount), currency_of(data, settings), data.reason
    return stated == asked and _expires_at(one, settings) == data.expires_at.replace(microsecond=0)


def _expires_at(one: Mapping[str, Any], settings: EpaymentSettings) -> datetime | None:
    """Return until when it can be paid; the public server states its own local time, without an offset."""
    try:
        stated = datetime.fromisoformat(one.get("expiresAt", ""))
    except ValueError:
        return None
    local = stated.replace(tzinfo=stated.tzinfo or ZoneInfo(settings.time_zone))
    return local.replace(microsecond=0)


def _may_be_by_repetition(found: Rejected, settings: EpaymentSettings) -> bool:
    """Whether any of the errors may be due to an earlier attempt of the same submission."""
    return any(all_say((one,), settings.refusals_by_repetition) for one in found.errors)


def _unconfirmed(detail: str) -> Unknown:
    return Unknown(Reason.OUTCOME_UNKNOWN, detail)
