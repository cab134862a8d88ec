"""The data of notifications: what ePayments states on its own."""

from __future__ import annotations

from enum import StrEnum

from contracts.epayment.results import PaymentStatus
from contracts.model import ContractModel


class ConfirmedBy(StrEnum):
    """Why the notification is believed."""

    SIGNATURE = "signature"
    STATUS_QUERY = "status-query"


class PaymentStatusChanged(ContractModel):
    """A payment request has a new status."""

    payment_id: str
    """The payment request: `paymentId` of the accepted reply."""
    status: PaymentStatus | None
    """The status by its one name; null for one that Herald does not know: it is then never taken for paid."""
    stated_status: str
    """The status as the system spells it."""
    change_time: str
    """Since when it has this status, as the system states it; the public server states its own local time."""
    client: str
    """The signer whose client the payment request belongs to."""
    confirmed_by: ConfirmedBy
    """`signature`: the call carried the HMAC of this client. `status-query`: it carried none, and Herald asked the
    system, which stated this status."""
    ais_payment_id: str | None = None
    """The hospital's own identifier, where the call states it (types of obligation with algorithm 2)."""
    reference_number: str | None = None
    """The number of the document that it is due for, where the call states it."""
    amount: str | None = None
    """The amount, where the call states it, as it is written there."""
