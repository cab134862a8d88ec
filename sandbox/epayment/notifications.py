"""One callback of a status: what it says, and when it is tried again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sandbox.epayment.moments import round_trip
from sandbox.epayment.statuses import Status
from sandbox.epayment.values import read_object, written

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.epayment.store import PaymentRequest

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_LADDER = ((6, _MINUTE), (10, 15 * _MINUTE), (15, _HOUR), (21, 3 * _HOUR), (25, 6 * _HOUR))
_LONGEST = timedelta(days=30)
_ONLY_PAID = frozenset({1, 2})
_UNSIGNED = 1


class State(StrEnum):
    """What became of a callback."""

    PENDING = "pending"
    """Not accepted yet; it has a time for its next attempt."""
    SENT = "sent"
    """Accepted by the receiver."""
    TERMINATED = "terminated"
    """Given up after the last attempt of the schedule."""
    ERROR = "error"
    """Its address cannot be read."""
    REMOVED = "removed"
    """Never sent: of algorithm 1 or 2, and the request is not paid."""


@dataclass(slots=True)
class Notification:
    """A callback that waits to be accepted. ``failed`` counts attempts that were not."""

    seq: int
    request: PaymentRequest
    url: str
    content: str = field(repr=False)
    status: Status
    created_at: datetime
    due_at: datetime
    state: State = State.PENDING
    failed: int = 0

    @property
    def signed(self) -> bool:
        """Whether it has an HMAC."""
        return self.request.algorithm != _UNSIGNED

    @property
    def unwanted(self) -> bool:
        """Whether the environment sends no such callback."""
        return self.request.algorithm in _ONLY_PAID and self.request.status != Status.PAID

    def shown(self) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON."""
        return {
            "seq": self.seq,
            "id": self.request.id,
            "aisPaymentId": self.request.form.ais_payment_id,
            "status": str(self.status),
            "url": self.url,
            "state": str(self.state),
            "failed": self.failed,
            "createdAt": self.created_at.isoformat(),
            "dueAt": self.due_at.isoformat() if self.state == State.PENDING else None,
        }


def wait_after(failed: int, age: timedelta, *, as_specified: bool) -> timedelta | None:
    """Return the time until the next attempt; None where there is none.

    After the last step of the ladder the code of the server ends; the specification goes on, once a day for 30 days.
    """
    for below, wait in _LADDER:
        if failed < below:
            return wait
    return _DAY if as_specified and age < _LONGEST else None


def content_of(request: PaymentRequest, *, by_transaction: bool) -> str:
    """Return the JSON of a request's status.

    A request with payOrder gets the list of what its card transaction paid; it is empty without a transaction.
    """
    if request.form.pay_order is not None:
        paid = by_transaction and request.status == Status.PAID
        return written([_of_municipality(request)] if paid else [])
    content = {
        "Id": request.id,
        "Status": str(request.status),
        "ChangeTime": round_trip(request.changed_at),
    }
    return written({**content, **_second_algorithm(request)})


def _second_algorithm(request: PaymentRequest) -> dict[str, Any]:
    if request.algorithm != 2:  # noqa: PLR2004 - the algorithm's own name
        return {}
    return {
        "AisPaymentId": request.form.ais_payment_id,
        "PaymentReferenceNumber": request.form.reference_number,
        "PaymentAmount": f"{request.amount:f}",
    }


def _of_municipality(request: PaymentRequest) -> dict[str, Any]:
    """Return the entry of a municipal debt; the last name begins with a Cyrillic letter, as the server's does."""
    more = _additional(request)
    return {
        "ApplicantUin": request.form.uin,
        "PaymentRequestIdentifier": request.id,
        "TransactionIdentifier": f"{request.seq:06d}",
        "Status": str(request.status),
        "ChangeTime": round_trip(request.changed_at),
        "PaidInstalmentSum": more.get("paidinstalmentsum"),
        "DebtInstalmentId": more.get("debtinstalmentid"),
        "PaidInterestSum": more.get("paidinterestsum"),
        "ТaxSubjectId": more.get("taxsubjectid"),
    }


def _additional(request: PaymentRequest) -> dict[str, str | None]:
    try:
        found = read_object(request.form.additional_information or "")
    except ValueError:
        return {}
    return {name: None if value is None else str(value) for name, value in found.items()}


def accepted(status: int, body: str) -> bool:
    """Whether an answer accepts a callback: 2xx, and JSON with one `success` (in any letters) that is true."""
    if not 200 <= status <= 299:  # noqa: PLR2004 - HTTP's range
        return False
    try:
        pairs = json.loads(body, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return False
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return False
    values = [value for name, value in pairs if name.lower() == "success"]
    return len(values) == 1 and (values[0] is True or str(values[0]).strip().lower() == "true")
