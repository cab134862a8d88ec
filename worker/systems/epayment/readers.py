"""What each method's answer states, with the data of the reply. Pure and total; used by `interpret`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from contracts.epayment.requests import (
    ReadAccessCode,
    ReadPaymentStatuses,
    RequestPayment,
    RequestPaymentExtended,
    SearchPayments,
    SetPaymentPaid,
    SuspendPayment,
)
from contracts.epayment.results import PaymentStatus
from worker.outcome import Accepted, AlreadyExists, Outcome, StatedError
from worker.systems.epayment.interpret import Expected, all_say, refused
from worker.systems.epayment.response import (
    LONGEST,
    items,
    listed_payment,
    member,
    named,
    payment_id,
    stated_status,
    text,
)
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from worker.systems.epayment.interpret import Rules

MOST_ERRORS = 1000
"""The most errors that are read of one refusal; the rest are in the evidence only."""
TARGET: Mapping[type[BaseModel], PaymentStatus] = {
    SuspendPayment: PaymentStatus.SUSPENDED,
    SetPaymentPaid: PaymentStatus.PAID,
}
"""The status that a change leads to."""


def expected_of(data: BaseModel, client: str) -> Expected:
    """Return how the answer to an event is read."""
    match data:
        case RequestPayment() | RequestPaymentExtended():
            extended = isinstance(data, RequestPaymentExtended)
            return Expected(partial(receipt, extended=extended), client)
        case ReadPaymentStatuses(payment_ids=ids):
            return Expected(partial(statuses, ids), client)
        case SearchPayments():
            return Expected(partial(page, data.payer.identifier, data.page_size), client)
        case SuspendPayment() | SetPaymentPaid():
            return Expected(partial(changed, data.payment_id, TARGET[type(data)]), client, empty=True)
        case ReadAccessCode(payment_id=one):
            return Expected(partial(access_code, one), client)
    raise TypeError(type(data).__name__)


def receipt(document: object, rules: Rules, *, extended: bool) -> Outcome | None:
    """Read the two receipts: exactly one must be there.

    The extended form has an accepted receipt in any case, whose id is null where the request was not accepted.
    """
    accepted, unaccepted = (named(document, f"{name}receiptjson") for name in ("accepted", "unaccepted"))
    if len(accepted) != 1 or len(unaccepted) != 1:
        return None
    taken, refusal = accepted[0], unaccepted[0]
    if extended and isinstance(taken, dict) and named(taken, "id") == [None]:
        taken = None
    if taken is not None and refusal is None:
        return _accepted(taken, extended=extended)
    if taken is None and isinstance(refusal, dict):
        return _unaccepted(refusal, rules)
    return None


def _accepted(taken: object, *, extended: bool) -> Accepted | None:
    found = payment_id(taken, "id")
    if found is None:
        return None
    data = without_gaps(
        paymentId=found,
        registrationTime=text(taken, "registrationtime"),
        accessCode=text(taken, "accesscode") if extended else None,
    )
    return Accepted(data, reference=found)


def _unaccepted(refusal: object, rules: Rules) -> Outcome:
    stated = (items(refusal, "errors") or [])[:MOST_ERRORS]
    errors = tuple(StatedError(type=None, reason=one[:LONGEST]) for one in stated if isinstance(one, str))
    if len(errors) == len(stated) and all_say(errors, rules.already_exists):
        return AlreadyExists(errors)
    return refused(errors or (StatedError(type=None),), rules)


def statuses(asked: Sequence[str], document: object, rules: Rules) -> Outcome | None:
    """Read the statuses: one for each payment request that was asked for, and no other."""
    del rules
    found = [stated_status(one) for one in items(document, "paymentstatuses") or ()]
    by_id = {one["paymentId"]: one for one in found if one is not None}
    if len(found) != len(asked) or set(by_id) != set(asked):
        return None
    return Accepted({"payments": [by_id[one] for one in asked]})


def page(payer: str, size: int, document: object, rules: Rules) -> Outcome | None:
    """Read a page of a payer's payment requests: all of this payer, and no more than were asked for."""
    del rules
    listed = items(document, "paymentstatuses")
    total = member(document, "count")
    if listed is None or len(listed) > size or not _is_count(total, len(listed)):
        return None
    found = [listed_payment(one, payer) for one in listed]
    if None in found:
        return None
    return Accepted(without_gaps(total=total, payments=found))


def changed(one: str, status: PaymentStatus, document: object, rules: Rules) -> Outcome | None:
    """Read the answer to a change: nothing by the document, an empty object by the public server."""
    del rules
    return Accepted({"paymentId": one, "status": status.value}) if document == {} else None


def access_code(one: str, document: object, rules: Rules) -> Outcome | None:
    """Read the access code: null or an empty text where there is no such payment request."""
    codes = named(document, "accesscode")
    if len(codes) != 1 or not isinstance(codes[0], str | None):
        return None
    code: Any = text(document, "accesscode")
    if code is None:
        return refused((StatedError(type="accessCode", reason="there is no such payment request"),), rules)
    return Accepted({"paymentId": one, "accessCode": code})


def _is_count(total: object, least: int) -> bool:
    """Whether a total can be true: the document has none."""
    return total is None or (isinstance(total, int) and not isinstance(total, bool) and total >= least)
