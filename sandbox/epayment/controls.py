"""What a test asks of this sandbox alone, below `/_sandbox/`."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.epayment.changes import STEPS
from sandbox.epayment.moments import wall_clock
from sandbox.epayment.payment_form import BULSTAT, PaymentForm, Provider
from sandbox.epayment.registration import Sent
from sandbox.epayment.store import PaymentRequest
from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.epayment.changes import Changes
    from sandbox.epayment.clients import Clients
    from sandbox.epayment.outbox import Outbox
    from sandbox.epayment.registration import Registration
    from sandbox.epayment.store import Store

_MOST_SEEDED = 100_000
_TO_PAY = timedelta(days=30)


class Controls:
    """The steps of payers, requests that are simply there, and callbacks once more."""

    def __init__(
        self,
        store: Store,
        clients: Clients,
        *,
        changes: Changes,
        registration: Registration,
        outbox: Outbox,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._changes = changes
        self._registration = registration
        self._outbox = outbox
        self._clients = clients
        self._now = now

    def step(self, body: Any) -> dict[str, Any]:
        """Do `{"step": "pay", "id" | "aisPaymentId" | "ids" | "all"}`. Raises InvalidControl."""
        name = body.get("step") if isinstance(body, dict) else None
        if not isinstance(name, str) or name not in STEPS:
            raise InvalidControl(f"step must be one of {', '.join(STEPS)}")
        several = "all" in body or "ids" in body
        done = [one for one in self._chosen(body) if self._changes.step(name, one)]
        if not done and not several:
            before = ", ".join(sorted(STEPS[name].before))
            raise InvalidControl(f"the step {name} needs a request in the status {before}")
        return {"changed": [{"id": one.id, "status": str(one.status)} for one in done]}

    def again(self, body: Any) -> dict[str, Any]:
        """Send the callbacks of the chosen requests once more. Raises InvalidControl."""
        return {"callbacks": sum(self._outbox.again(one) for one in self._chosen(body))}

    def seed(self, body: Any) -> dict[str, Any]:
        """Register `{"count", "clientId", "notificationUrl", "prefix", "obligationType"}`. Raises InvalidControl."""
        given = body if isinstance(body, dict) else {}
        if unknown := set(given) - {"count", "clientId", "notificationUrl", "prefix", "obligationType"}:
            raise InvalidControl(f"unknown: {', '.join(sorted(unknown))}")
        count, prefix = given.get("count"), given.get("prefix", "seeded-")
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MOST_SEEDED:
            raise InvalidControl(f"count must be from 1 to {_MOST_SEEDED}")
        if not all(isinstance(given.get(name, ""), str) for name in given if name != "count"):
            raise InvalidControl("clientId, notificationUrl, prefix and obligationType are texts")
        client = self._clients.get(given.get("clientId", "sandbox-hospital"))
        if client is None:
            raise InvalidControl("there is no client with this clientId")
        account = Provider(client.service_name, client.bank, client.bic, client.iban)
        made = []
        for number in range(1, count + 1):
            form = self._invented(f"{prefix}{number}", account, given)
            made.append(self._registration.take(Sent("seed", form, client, client, client.client_id)))
        registered = [one for one in made if isinstance(one, PaymentRequest)]
        if len(registered) < count:
            raise InvalidControl("some of them are not accepted: take another prefix, and allow EUR")
        return {"ids": [one.id for one in registered]}

    def _invented(self, name: str, account: Provider, given: Mapping[str, Any]) -> PaymentForm:
        now = wall_clock(self._now())
        return PaymentForm(
            provider=account,
            ais_payment_id=name,
            currency="EUR",
            payment_type_code=None,
            obligation_type=given.get("obligationType"),
            amount=Decimal("12.50"),
            reason="Измислена услуга",
            uin_type=BULSTAT,
            uin="000000000",
            applicant_name="Измислено дружество",
            reference_type=None,
            reference_number=name,
            reference_date=now.replace(hour=0, minute=0, second=0, microsecond=0),
            expires=now + _TO_PAY,
            additional_information=None,
            service_uri=None,
            supplier_uri=None,
            notification_url=given.get("notificationUrl"),
            pay_order=None,
            amount_as_sent="12.50",
        )

    def _chosen(self, body: Any) -> list[PaymentRequest]:
        """Return the requests that are meant. Raises InvalidControl for one that is not there."""
        given = body if isinstance(body, dict) else {}
        if given.get("all") is True:
            return list(self._store)
        if "aisPaymentId" in given:
            ais = given["aisPaymentId"]
            found = [one for one in self._store if one.form.ais_payment_id == ais]
        else:
            wanted = given.get("ids", [given.get("id")])
            ids = wanted if isinstance(wanted, list) else []
            found = [one for one in (self._store.get(str(item)) for item in ids) if one is not None]
            if len(found) < len(ids):
                raise InvalidControl("one of these payment requests is not there")
        if not found:
            raise InvalidControl('choose by "id", "ids", "aisPaymentId", or "all": true')
        return found
