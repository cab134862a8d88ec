"""The events of ePayments, and what it states on its own."""

from __future__ import annotations

from contracts.epayment import examples
from contracts.epayment.notifications import PaymentStatusChanged
from contracts.epayment.requests import (
    ReadAccessCode,
    ReadPaymentStatuses,
    RequestPayment,
    RequestPaymentExtended,
    SearchPayments,
    SetPaymentPaid,
    SuspendPayment,
)
from contracts.epayment.results import (
    AccessCode,
    FoundPayments,
    PaymentChanged,
    PaymentRequested,
    PaymentStatuses,
    StatedPayment,
)
from contracts.epayment.rules import no_rules, request_rules, search_rules, status_rules
from contracts.event_contract import EventContract
from contracts.notification_contract import NotificationContract

EVENTS: tuple[EventContract, ...] = (
    EventContract(
        system="epayment",
        operation="payment.request",
        title="Request a payment",
        description=(
            "To the account of the signer's client (paymentJson). The same aisPaymentId again changes a request that "
            "waits for payment."
        ),
        model=RequestPayment,
        rules=request_rules,
        example=examples.REQUEST,
        result=PaymentRequested,
        answered=examples.REQUESTED,
        body=examples.REQUEST_BODY,
        stated=StatedPayment,
    ),
    EventContract(
        system="epayment",
        operation="payment.request-extended",
        title="Request a payment for another client",
        description="To the account of the client that it names (paymentJsonExtended), with an access code.",
        model=RequestPaymentExtended,
        rules=request_rules,
        example=examples.REQUEST_EXTENDED,
        result=PaymentRequested,
        answered=examples.REQUESTED_EXTENDED,
        body=examples.REQUEST_EXTENDED_BODY,
        stated=StatedPayment,
    ),
    EventContract(
        system="epayment",
        operation="payment.status",
        title="Read the statuses of payment requests",
        description="By the system's own identifiers (paymentsStatus).",
        model=ReadPaymentStatuses,
        rules=status_rules,
        example=examples.STATUS,
        result=PaymentStatuses,
        answered=examples.STATUSES,
        body=examples.STATUS_BODY,
    ),
    EventContract(
        system="epayment",
        operation="payment.search",
        title="List the payment requests of a person",
        description="Those that wait for payment, or all others, in pages; those of all providers.",
        model=SearchPayments,
        rules=search_rules,
        example=examples.SEARCH,
        result=FoundPayments,
        answered=examples.FOUND,
    ),
    EventContract(
        system="epayment",
        operation="payment.suspend",
        title="Withdraw a payment request",
        description="One that waits for payment (suspendRequest).",
        model=SuspendPayment,
        rules=no_rules,
        example=examples.SUSPEND,
        result=PaymentChanged,
        answered=examples.SUSPENDED,
        body=examples.EMPTY_BODY,
    ),
    EventContract(
        system="epayment",
        operation="payment.set-paid",
        title="State that a payment was made outside the system",
        description="Of a request that waits for payment, for example at the cash desk (setStatusPaid).",
        model=SetPaymentPaid,
        rules=no_rules,
        example=examples.SET_PAID,
        result=PaymentChanged,
        answered=examples.PAID,
        body=examples.EMPTY_BODY,
    ),
    EventContract(
        system="epayment",
        operation="access-code.read",
        title="Read the access code of a payment request",
        description="The code by which it can be opened on the portal (accessCode).",
        model=ReadAccessCode,
        rules=no_rules,
        example=examples.READ_CODE,
        result=AccessCode,
        answered=examples.CODE,
        body=examples.CODE_BODY,
    ),
)

NOTIFICATIONS: tuple[NotificationContract, ...] = (
    NotificationContract(
        system="epayment",
        name="payment.status-changed",
        title="A payment request has a new status",
        description="From a call of the system to Herald's receiver, signed or confirmed by a question.",
        model=PaymentStatusChanged,
        example=examples.STATUS_CHANGED,
    ),
)
