"""A payment request as it was sent: paymentJson and paymentJsonExtended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.epayment.values import amount_of, moment_of, text_of, whole_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from sandbox.epayment.clients import Client

EGN, LNCH, BULSTAT = 1, 2, 3
UIN_TYPES = {EGN: "egn", LNCH: "lnch", BULSTAT: "bulstat"}
PERSONS = frozenset({EGN, LNCH})


@dataclass(frozen=True, slots=True)
class Provider:
    """Who is to be paid, and where."""

    name: str | None = None
    bank: str | None = None
    bic: str | None = None
    iban: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentForm:
    """What was sent; None where a field is absent or null. Times have the digits of the server's wall clock."""

    provider: Provider
    ais_payment_id: str | None
    currency: str | None
    payment_type_code: str | None
    obligation_type: str | None
    amount: Decimal | None
    reason: str | None
    uin_type: int | None
    uin: str | None = field(repr=False)
    applicant_name: str | None = field(repr=False)
    reference_type: str | None
    reference_number: str | None
    reference_date: datetime | None
    expires: datetime | None
    additional_information: str | None
    service_uri: str | None
    supplier_uri: str | None
    notification_url: str | None
    pay_order: int | None
    amount_as_sent: str
    """The amount as it stood in the JSON, a text with its quotes: for tests to hold against the specification."""


def provider_of_fields(fields: Mapping[str, Any]) -> Provider:
    """Read the bank fields of paymentJson. Raises Unreadable."""
    names = ("serviceprovidername", "serviceproviderbank", "serviceproviderbic", "serviceprovideriban")
    return Provider(*(text_of(fields.get(name)) for name in names))


def provider_of_client(client: Client | None) -> Provider:
    """Return the account of the service's client; nothing where there is no such client."""
    if client is None:
        return Provider()
    return Provider(client.service_name, client.bank, client.bic, client.iban)


def read_payment(
    fields: Mapping[str, Any], provider: Provider, *, extended: bool, as_specified: bool
) -> PaymentForm:
    """Read the fields, their names in small letters. Raises Unreadable."""

    def text(name: str) -> str | None:
        return text_of(fields.get(name.lower()))

    amount = fields.get("paymentamount")
    return PaymentForm(
        provider=provider,
        ais_payment_id=text("aisPaymentId"),
        currency=text("currency"),
        payment_type_code=text("paymentTypeCode"),
        obligation_type=text("obligationType"),
        amount=amount_of(amount, as_specified=as_specified),
        reason=text("paymentReason"),
        uin_type=whole_of(fields.get("applicantuintypeid")),
        uin=text("applicantUin"),
        applicant_name=text("applicantName"),
        reference_type=text("paymentReferenceType"),
        reference_number=text("paymentReferenceNumber"),
        reference_date=_day(moment_of(fields.get("paymentreferencedate"))),
        expires=moment_of(fields.get("expirationdate")),
        additional_information=text("additionalInformation"),
        service_uri=text("administrativeServiceUri"),
        supplier_uri=text("administrativeServiceSupplierUri"),
        notification_url=text("administrativeServiceNotificationURL"),
        pay_order=whole_of(fields.get("payorder")) if extended else None,
        amount_as_sent=f'"{amount}"' if isinstance(amount, str) else str(amount),
    )


def _day(moment: datetime | None) -> datetime | None:
    """Leave the time of day out, as the XML does that the server makes of the JSON."""
    return None if moment is None else moment.replace(hour=0, minute=0, second=0, microsecond=0)


def split_name(full: str | None) -> tuple[str | None, str | None, str | None]:
    """Return first, middle and last name of a person, divided at the blanks."""
    parts = (full or "").split(" ")
    names = [part for part in parts if part.strip()]
    if not names:
        return None, None, None
    return names[0], " ".join(names[1:-1]) or None, names[-1] if len(names) > 1 else None
