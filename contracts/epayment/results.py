"""The data of accepted replies: our reading of what the system stated."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.epayment.fields import PaymentId
from contracts.model import ContractModel


class PaymentStatus(StrEnum):
    """The statuses of a payment request: one name for each, however the system spells it."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    ORDERED = "ordered"
    PAID = "paid"
    EXPIRED = "expired"
    CANCELED = "canceled"
    SUSPENDED = "suspended"
    IN_PROCESS = "in-process"


class PaymentRequested(ContractModel):
    """The system has the payment request."""

    payment_id: str
    """The system's own identifier of the payment request: callbacks and all questions go by it. ePayments `id`."""
    registration_time: str | None = None
    """When the system registered it, as the system states it. Absent where a look-up or a person found it."""
    access_code: str | None = None
    """The code by which the payment request can be opened on the portal; `payment.request-extended` alone."""
    already_exists: Literal[True] | None = None
    """True where an answer was lost, or a repetition refused, and a look-up showed the payment request."""
    status: PaymentStatus | None = None
    """Its status, where a look-up showed it: it may be paid already."""


class StatedPayment(BaseModel):
    """What a person must state who found the payment request in the system."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    payment_id: Annotated[PaymentId, Field(alias="paymentId")]


class StatusOfPayment(ContractModel):
    """The status of one payment request as the system states it."""

    payment_id: str
    """The payment request."""
    found: bool
    """Whether the system has it."""
    status: PaymentStatus | None = None
    """The status by its one name; absent where there is none, or one that Herald does not know."""
    stated_status: str | None = None
    """The status as the system spells it."""
    change_time: str | None = None
    """Since when it has this status, as the system states it; the public server states its own local time."""


class PaymentStatuses(ContractModel):
    """The statuses, in the order of the question."""

    payments: tuple[StatusOfPayment, ...]
    """One for each payment request that was asked for."""


class FoundPayment(ContractModel):
    """One payment request of a payer, as the system lists it."""

    payment_id: str
    """The payment request."""
    status: PaymentStatus | None = None
    """The status by its one name; absent where there is none, or one that Herald does not know."""
    stated_status: str | None = None
    """The status as the system spells it."""
    change_time: str | None = None
    """Since when it has this status, as the system states it."""
    amount: str | None = None
    """What is to be paid."""
    currency: str | None = None
    """The currency."""
    reason: str | None = None
    """What the payment is for."""
    reference_number: str | None = None
    """The number of the document that it is due for."""
    reference_date: str | None = None
    """The date of that document, as the system states it."""
    expires_at: str | None = None
    """Until when it can be paid, as the system states it."""
    provider_name: str | None = None
    """Who is paid."""
    provider_iban: str | None = None
    """To which account."""


class FoundPayments(ContractModel):
    """One page of a payer's payment requests."""

    total: Annotated[int, Field(ge=0)] | None = None
    """How many there are on all pages, where the system states it (the public server does)."""
    payments: tuple[FoundPayment, ...] | None
    """Those of this page; null where they are too many for a reply (see `answer`)."""


class PaymentChanged(ContractModel):
    """The payment request has the status that was asked for."""

    payment_id: str
    """The payment request."""
    status: PaymentStatus
    """Its status: `suspended` or `paid`."""
    change_time: str | None = None
    """Since when, as the system states it; only where a look-up showed the status."""
    settled_by_status: Literal[True] | None = None
    """True where an answer was lost and the status alone shows the outcome: who changed it is not visible there."""


class AccessCode(ContractModel):
    """The access code of a payment request."""

    payment_id: str
    """The payment request."""
    access_code: str
    """The code. Whoever has it can read the payment request on the portal."""
