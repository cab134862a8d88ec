"""What each answer of the connector states, with the data of the reply. Pure and total; used by `interpret`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from contracts.epayment.requests import (
    ReadPaymentStatuses,
    RequestPayment,
    RequestPaymentExtended,
    SetPaymentPaid,
    SuspendPayment,
)
from worker.outcome import Accepted, Outcome
from worker.systems.epayment.interpret import Expected
from worker.systems.epayment.readers import TARGET
from worker.systems.epayment.response import member, named, payment_id, status_members, text
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from pydantic import BaseModel

    from contracts.epayment.results import PaymentStatus
    from worker.systems.epayment.interpret import Rules


def expected_of(data: BaseModel, signer: str) -> Expected:
    """Return how the answer to an event is read."""
    match data:
        case RequestPayment() | RequestPaymentExtended():
            extended = isinstance(data, RequestPaymentExtended)
            return Expected(partial(registered, extended=extended), signer)
        case ReadPaymentStatuses(payment_ids=ids):
            return status_expected(ids[0], signer)
        case SuspendPayment() | SetPaymentPaid():
            return Expected(partial(changed, data.payment_id, TARGET[type(data)]), signer, empty=True)
    raise TypeError(type(data).__name__)


def status_expected(asked: str, signer: str) -> Expected:
    """Return how the answer to the question for one status is read."""
    return Expected(partial(status, asked), signer)


def registered(document: object, rules: Rules, *, extended: bool) -> Outcome | None:
    """Read the receipt: the environment's own id must be there."""
    del rules
    found = payment_id(document, "paymentid")
    if found is None:
        return None
    data = without_gaps(
        paymentId=found,
        registrationTime=_time(document, "registrationtime"),
        accessCode=text(document, "accesscode") if extended else None,
    )
    return Accepted(data, reference=found)


def status(asked: str, document: object, rules: Rules) -> Outcome | None:
    """Read the status of the payment request that was asked for; null is that of one that is not there."""
    del rules
    states = named(document, "status")
    if (
        payment_id(document, "paymentid") != asked
        or len(states) != 1
        or not isinstance(states[0], str | None)
    ):
        return None
    members = status_members(document, "status", "changetime")
    time = _time(document, "changetime")
    shown = {"paymentId": asked, "found": "statedStatus" in members, **members}
    return Accepted({"payments": [shown if time is None else {**shown, "changeTime": time}]})


def changed(one: str, target: PaymentStatus, document: object, rules: Rules) -> Outcome | None:
    """Read the answer to a change: nothing, or the same payment request's id, and no other status than asked for."""
    del rules
    if not isinstance(document, dict) or member(document, "paymentid") not in {None, one}:
        return None
    stated = status_members(document, "status", "changetime").get("statedStatus")
    if stated is not None and stated.lower() != target.value:
        return None
    return Accepted({"paymentId": one, "status": target.value})


def _time(document: object, name: str) -> str | None:
    """Return a time as it is stated: a text, or a number (a Java server may write milliseconds)."""
    found: Any = member(document, name)
    is_number = isinstance(found, int) and not isinstance(found, bool)
    return str(found) if is_number else text(document, name)
