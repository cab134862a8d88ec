"""A payment request is judged, and registered, put in an earlier one's place, or not accepted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.epayment.columns import check_widths, column_amount
from sandbox.epayment.errors import BadRequest
from sandbox.epayment.moments import wall_clock
from sandbox.epayment.rules import Rules
from sandbox.epayment.schema import schema_errors
from sandbox.epayment.statuses import Status
from sandbox.epayment.store import PaymentRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sandbox.epayment.clients import Client
    from sandbox.epayment.payment_form import PaymentForm
    from sandbox.epayment.rules import Verdict
    from sandbox.epayment.settings import Settings
    from sandbox.epayment.store import Store

_LINE = "\r\n"  # the server runs on Windows
_NO_CLIENT = "Can not find EService client with EserviceClientId {client_id}"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A payment request that was not accepted."""

    operation: str
    client_id: str
    ais_payment_id: str | None
    errors: tuple[str, ...]
    at: datetime

    def shown(self) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON."""
        return {
            "operation": self.operation,
            "clientId": self.client_id,
            "aisPaymentId": self.ais_payment_id,
            "errors": list(self.errors),
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Sent:
    """A payment request as it came: by which method, from whom, and for which service's client."""

    operation: str
    form: PaymentForm
    owner: Client | None
    initiator: Client
    owner_id: str


class Registration:
    """What both methods do with a request.

    ``new_code`` gives access codes, ``expire`` ends a request, ``watch`` lets one expire at its time.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        store: Store,
        *,
        now: Callable[[], datetime],
        new_code: Callable[[], str],
        expire: Callable[[PaymentRequest], None],
        watch: Callable[[PaymentRequest], None],
    ) -> None:
        self._settings = settings
        self._store = store
        self._now = now
        self._new_code = new_code
        self._expire = expire
        self._watch = watch
        self.rejections: list[Rejection] = []

    def take(self, sent: Sent) -> PaymentRequest | Rejection:
        """Register a request or say why not. Raises BadRequest for what its XSD refuses, ServerError."""
        if refused := schema_errors(sent.form):
            raise BadRequest(_schema_message(refused))
        if sent.owner is None:
            return self._reject(sent, [_NO_CLIENT.format(client_id=sent.owner_id)])
        rules = Rules(self._settings(), self._store, self._expire)
        verdict = rules.judge(sent.form, sent.owner, wall_clock(self._now()))
        if verdict.errors:
            return self._reject(sent, verdict.errors)
        return self._keep(sent, sent.owner, verdict)

    def _reject(self, sent: Sent, errors: Iterable[str]) -> Rejection:
        client_id, ais = sent.initiator.client_id, sent.form.ais_payment_id
        self.rejections.append(Rejection(sent.operation, client_id, ais, tuple(errors), self._now()))
        return self.rejections[-1]

    def _keep(self, sent: Sent, owner: Client, verdict: Verdict) -> PaymentRequest:
        check_widths(sent.form)
        amount = column_amount(sent.form.amount or Decimal(0))
        request = verdict.replaces
        if request is None:
            request = self._new(sent, owner, verdict, amount)
        else:
            # The place in the order of payment stays as it was: the server sets it only once.
            self._store.replace(request, replace(sent.form, pay_order=request.form.pay_order))
            request.amount, request.created_at = amount, self._now()
            request.obligation_type, request.algorithm = verdict.obligation_type, verdict.algorithm
        request.writes.append(self._now())
        self._watch(request)
        return request

    def _new(self, sent: Sent, owner: Client, verdict: Verdict, amount: Decimal) -> PaymentRequest:
        now = self._now()
        request = PaymentRequest(
            seq=len(self._store) + 1,
            id=self._store.new_id(f"{wall_clock(now):%y%m%d}"),
            owner=owner,
            initiator=sent.initiator,
            form=sent.form,
            amount=amount,
            obligation_type=verdict.obligation_type,
            algorithm=verdict.algorithm,
            access_code=self._new_code(),
            created_at=now,
            changed_at=now,
        )
        request.enter(Status.PENDING, now, "registered")
        self._store.add(request)
        return request


def _schema_message(errors: Iterable[str]) -> str:
    lines = (f"{number}. {error}{_LINE}" for number, error in enumerate(errors, start=1))
    return f"Xsd schema validation errors occurred:{_LINE}{''.join(lines)}"
