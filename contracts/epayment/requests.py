"""What a hospital asks of ePayments. Each field names the member of the system's own message that it becomes."""

from __future__ import annotations

from enum import StrEnum

from contracts.epayment.fields import (
    AisPaymentId,
    Amount,
    ClientId,
    Currency,
    ObligationType,
    PageNumber,
    PageSize,
    PayerNumber,
    PaymentId,
    PaymentIds,
    PaymentReason,
    PaymentTypeCode,
    PayOrder,
    ReferenceText,
    ServiceUri,
)
from contracts.fields import Day, Line, LongText, Moment
from contracts.model import ContractModel


class PersonIdentifierType(StrEnum):
    """Which number of a person it is."""

    EGN = "egn"
    LNCH = "lnch"


class PayerIdentifierType(StrEnum):
    """Which number of the payer it is."""

    EGN = "egn"
    LNCH = "lnch"
    BULSTAT = "bulstat"


class Payer(ContractModel):
    """Who is to pay. ePayments `applicant…`."""

    identifier_type: PayerIdentifierType
    """Which number it is. ePayments `applicantUinTypeId`: 1, 2, 3."""
    identifier: PayerNumber
    """The number: 10 digits of an EGN or LNCh, 9 or 13 of a BULSTAT number. ePayments `applicantUin`."""
    name: Line
    """The name of the person or the organisation. ePayments `applicantName`."""


class PaymentReference(ContractModel):
    """The document that the payment is due for (an invoice, a decision)."""

    number: ReferenceText
    """Its number. ePayments `paymentReferenceNumber`. The public server refuses a number that another request has, for
    some types of obligation."""
    date: Day
    """Its date. ePayments `paymentReferenceDate`."""
    type: ReferenceText | None = None
    """Its type, a code of the system's own list. ePayments `paymentReferenceType`."""


class _Payment(ContractModel):
    ais_payment_id: AisPaymentId
    """The hospital's own identifier of this payment request: unique within one client of ePayments. The system
    recognises a repeated request by it, so Herald requires it. ePayments `aisPaymentId`."""
    amount: Amount
    """What is to be paid, with two digits after the point, as a text. ePayments `paymentAmount`."""
    currency: Currency | None = None
    """The currency; where absent, that of the operator's settings (EUR unless changed). ePayments `currency`."""
    reason: PaymentReason
    """What the payment is for. ePayments `paymentReason`."""
    payer: Payer
    """Who is to pay."""
    reference: PaymentReference
    """The document that the payment is due for."""
    expires_at: Moment
    """Until when it can be paid; must lie ahead. ePayments `expirationDate`."""
    payment_type_code: PaymentTypeCode | None = None
    """The code of the budget's type of payment, where the provider needs one. ePayments `paymentTypeCode`."""
    obligation_type: ObligationType | None = None
    """The number of the type of obligation; where absent, the server takes 1. ePayments `obligationType`."""
    additional_information: LongText | None = None
    """Anything else that the payer should read. ePayments `additionalInformation`."""
    administrative_service_uri: ServiceUri | None = None
    """The number of the administrative service. ePayments `administrativeServiceUri`."""
    administrative_service_supplier_uri: ServiceUri | None = None
    """The number of its provider. ePayments `administrativeServiceSupplierUri`."""


class RequestPayment(_Payment):
    """Ask a person or an organisation for a payment to the signer's own account (`paymentJson`).

    The account, its bank and its holder are those of the signer's client in the operator's settings.
    """


class RequestPaymentExtended(_Payment):
    """Ask for a payment on behalf of another client (`paymentJsonExtended`); the answer has an access code."""

    eservice_client_id: ClientId
    """The client that is paid: the system knows its account. ePayments `eserviceClientId`."""
    pay_order: PayOrder | None = None
    """The place of this request among those that are paid together. ePayments `payOrder`."""


class ReadPaymentStatuses(ContractModel):
    """Ask for the statuses of payment requests, by the system's own identifiers (`paymentsStatus`)."""

    payment_ids: PaymentIds
    """The payment requests. ePayments `requestIds`."""


class PersonNumber(ContractModel):
    """A payer by number alone. The server searches only persons."""

    identifier_type: PersonIdentifierType
    """Which number it is."""
    identifier: PayerNumber
    """The number: 10 digits. ePayments `applicantUin`."""


class PaymentState(StrEnum):
    """Which payment requests of a payer are listed."""

    PENDING = "pending"
    NOT_PENDING = "not-pending"


class SearchPayments(ContractModel):
    """List the payment requests of a person, newest first, in pages.

    The public server lists the requests of all providers, not those of the signer's client alone.
    """

    payer: PersonNumber
    """Whose payment requests."""
    state: PaymentState
    """Those that wait for payment (`pendingPaymentStatusJson`), or all others (`paymentStatusJson`)."""
    page: PageNumber = 1
    """Which page, counted from 1. ePayments `pageNumber`."""
    page_size: PageSize = 20
    """How many on one page. ePayments `pageSize`."""


class _OnePayment(ContractModel):
    payment_id: PaymentId
    """The payment request, by the system's own identifier. ePayments `id`."""


class SuspendPayment(_OnePayment):
    """Withdraw a payment request that waits for payment (`suspendRequest`)."""


class PaidBy(StrEnum):
    """How a payment outside the system was made."""

    OTHER = "other"
    CASH_DESK = "cash-desk"


class SetPaymentPaid(_OnePayment):
    """State that a payment request was paid outside the system, for example at the cash desk (`setStatusPaid`)."""

    method: PaidBy
    """How it was paid. ePayments `paymentMethod`: 1 other, 2 at the cash desk."""
    description: Line
    """How it was paid, in words. ePayments `paymentDescription`."""


class ReadAccessCode(_OnePayment):
    """Ask for the code by which anybody can open the payment request on the portal (`accessCode`)."""
