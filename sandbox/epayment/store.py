"""The payment requests, in memory, with everything that happened to each."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.epayment.statuses import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.epayment.clients import Client
    from sandbox.epayment.payment_form import PaymentForm


@dataclass(slots=True)
class PaymentRequest:
    """One registered request. ``owner`` is the service's client; ``initiator`` sent it."""

    seq: int
    id: str
    owner: Client
    initiator: Client
    form: PaymentForm = field(repr=False)
    amount: Decimal
    obligation_type: int
    algorithm: int
    access_code: str
    created_at: datetime
    changed_at: datetime
    status: Status = Status.PENDING
    writes: list[datetime] = field(default_factory=list)
    history: list[tuple[Status, datetime, str]] = field(default_factory=list)

    def enter(self, status: Status, at: datetime, by: str) -> None:
        """Take a status; ``by`` says what brought it: registered, api, payer, clock, or another request."""
        self.status = status
        self.changed_at = at
        self.history.append((status, at, by))

    def shown(self) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON: without names, the payer's identifier as a digest."""
        form = self.form
        return {
            "seq": self.seq,
            "id": self.id,
            "aisPaymentId": form.ais_payment_id,
            "clientId": self.owner.client_id,
            "initiatorId": self.initiator.client_id,
            "status": str(self.status),
            "changeTime": self.changed_at.isoformat(),
            "amount": _shortest(self.amount),
            "amountAsSent": form.amount_as_sent,
            "currency": form.currency,
            "paymentReferenceNumber": form.reference_number,
            "obligationType": self.obligation_type,
            "algorithm": self.algorithm,
            "payOrder": form.pay_order,
            "accessCode": self.access_code,
            "notificationUrl": form.notification_url,
            "payer": hashlib.sha256((form.uin or "").encode()).hexdigest(),
            "written": len(self.writes),
            "writtenAt": [moment.isoformat() for moment in self.writes],
            "history": [
                {"status": str(status), "at": at.isoformat(), "by": by} for status, at, by in self.history
            ],
        }


def _shortest(amount: Decimal) -> str:
    """Return an amount with two decimals, or with the four of its column where two would round it."""
    whole = f"{amount:.2f}"
    return whole if Decimal(whole) == amount else f"{amount:f}"


class Store:
    """Requests by id, and by what the rules look them up by."""

    def __init__(self) -> None:
        self._by_id: dict[str, PaymentRequest] = {}
        self._by_ais: defaultdict[tuple[str, str], list[PaymentRequest]] = defaultdict(list)
        self._by_number: defaultdict[str, dict[str, PaymentRequest]] = defaultdict(dict)
        self._counters: defaultdict[str, int] = defaultdict(int)

    def __iter__(self) -> Iterator[PaymentRequest]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def new_id(self, day: str) -> str:
        """Return the next identifier of a day: yyMMdd, and a number that starts at 1 each day."""
        self._counters[day] += 1
        return f"{day}{self._counters[day]}"

    def get(self, identifier: str | None) -> PaymentRequest | None:
        """Return the request with this identifier."""
        return self._by_id.get(identifier) if identifier is not None else None

    def with_ais_payment_id(self, owner: Client, ais_payment_id: str) -> list[PaymentRequest]:
        """Return the owner's requests with this aisPaymentId, the oldest first."""
        return list(self._by_ais[(owner.client_id, ais_payment_id)])

    def with_number(self, number: str) -> list[PaymentRequest]:
        """Return the requests with this reference number, blanks around it left out, the oldest first."""
        return list(self._by_number[number.strip()].values())

    def add(self, request: PaymentRequest) -> None:
        """Keep a new request."""
        self._by_id[request.id] = request
        if request.form.ais_payment_id is not None:
            self._by_ais[(request.owner.client_id, request.form.ais_payment_id)].append(request)
        self._index_number(request)

    def replace(self, request: PaymentRequest, form: PaymentForm) -> None:
        """Give a request another content."""
        self._by_number[(request.form.reference_number or "").strip()].pop(request.id, None)
        request.form = form
        self._index_number(request)

    def _index_number(self, request: PaymentRequest) -> None:
        self._by_number[(request.form.reference_number or "").strip()][request.id] = request
