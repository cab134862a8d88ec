"""Changes of a request's status: by its client, by its payer, and by the clock; each tells the outbox."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.epayment.errors import BadRequest, ServerError, Unreadable
from sandbox.epayment.moments import wall_clock
from sandbox.epayment.queries import identifier_of, permit
from sandbox.epayment.statuses import Status
from sandbox.epayment.values import required, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.epayment.clients import Client
    from sandbox.epayment.form import Form
    from sandbox.epayment.outbox import Outbox
    from sandbox.epayment.store import PaymentRequest, Store

_NOT_FOUND = "Payment request not found."
_NOT_PENDING = "Unable to suspend payment request with status different from 'Pending'."
_METHODS = frozenset({"1", "2", "other", "cashdesk"})


@dataclass(frozen=True, slots=True)
class Step:
    """What a payer or a bank does: from which statuses, to which one, and whether a callback is sent."""

    before: frozenset[Status]
    after: Status
    notifies: bool = True


_PENDING, _BEGUN = Status.PENDING, Status.IN_PROCESS
STEPS: Mapping[str, Step] = {
    "begin": Step(frozenset({_PENDING}), _BEGUN, notifies=False),
    "reopen": Step(frozenset({_BEGUN}), _PENDING, notifies=False),
    "authorise": Step(frozenset({_PENDING, _BEGUN}), Status.AUTHORIZED),
    "order": Step(frozenset({_PENDING}), Status.ORDERED),
    "pay": Step(frozenset({_PENDING, _BEGUN, Status.AUTHORIZED, Status.ORDERED}), Status.PAID),
    "cancel": Step(frozenset({_PENDING}), Status.CANCELED),
    "expire": Step(frozenset({_PENDING}), Status.EXPIRED),
}


class Changes:
    """All that moves a request from one status to another."""

    def __init__(self, store: Store, outbox: Outbox, now: Callable[[], datetime]) -> None:
        self._store = store
        self._outbox = outbox
        self._now = now
        self._deadlines: list[tuple[datetime, str]] = []

    def suspend_request(self, form: Form, client: Client) -> dict[str, Any]:
        """Answer suspendRequest: a pending or a cancelled request is suspended. Raises BadRequest."""
        request = self._own(identifier_of(form.fields()), client)
        if request.status not in {Status.PENDING, Status.CANCELED}:
            raise BadRequest(_NOT_PENDING)
        self._move(request, Status.SUSPENDED, "api")
        return {}

    def set_status_paid(self, form: Form, client: Client) -> dict[str, Any]:
        """Answer setStatusPaid: a pending request was paid elsewhere. Raises BadRequest, ServerError."""
        fields = form.fields()
        method = _method(fields)
        request = self._own(identifier_of(fields), client)
        if request.status != Status.PENDING:
            raise BadRequest(_NOT_PENDING)
        if method not in _METHODS:
            raise ServerError  # a number that the code reads, and the database has no method for
        self._move(request, Status.PAID, "api")
        return {}

    def step(self, name: str, request: PaymentRequest) -> bool:
        """Do what a payer does; return whether its status allows it."""
        step = STEPS[name]
        if request.status not in step.before:
            return False
        self._move(request, step.after, "payer", notifies=step.notifies)
        return True

    def end(self, request: PaymentRequest) -> None:
        """End a request whose reference number another one takes over; no callback tells of it."""
        self._move(request, Status.EXPIRED, "another request", notifies=False)

    def watch(self, request: PaymentRequest) -> None:
        """Let a request expire at its time."""
        if request.form.expires is not None:
            heapq.heappush(self._deadlines, (request.form.expires, request.id))

    def expire_due(self) -> None:
        """Expire every pending request whose time is over."""
        now = wall_clock(self._now())
        while self._deadlines and self._deadlines[0][0] <= now:
            request = self._store.get(heapq.heappop(self._deadlines)[1])
            expires = request.form.expires if request is not None else None
            if (
                request is not None
                and request.status == Status.PENDING
                and expires is not None
                and expires <= now
            ):
                self._move(request, Status.EXPIRED, "clock")

    def _move(self, request: PaymentRequest, status: Status, by: str, *, notifies: bool = True) -> None:
        request.enter(status, self._now(), by)
        if notifies:
            self._outbox.add(request, by_transaction=by == "payer")

    def _own(self, identifier: str | None, client: Client) -> PaymentRequest:
        request = self._store.get(identifier)
        permit([request], client)
        if request is None:
            raise BadRequest(_NOT_FOUND)
        return request


def _method(fields: Mapping[str, Any]) -> str:
    """Return the method of payment, a number or a name in small letters. Raises BadRequest."""
    try:
        method = (text_of(required(fields, "paymentMethod")) or "").strip().lower()
        text_of(required(fields, "paymentDescription"))
    except Unreadable as error:
        raise BadRequest from error
    if method not in _METHODS and not method.lstrip("+-").isdecimal():
        raise BadRequest
    return method
