"""What the XSD of R-10046 refuses in a payment request, in the order of its elements.

The server makes XML of the JSON and validates it, before it looks at single fields. An absent field makes no
element; an empty text makes an element without the one character that each needs. The rules are those of the
published schemas; the texts are worded after those of .NET, and name the refused value as those do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.epayment.payment_form import BULSTAT, EGN, LNCH, split_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.epayment.payment_form import PaymentForm

_NS = "http://ereg.egov.bg"
_SEGMENT = "R-10046"
_EGN = re.compile(r"\d{2}([024][1-9]|[135][0-2])(0[1-9]|[12]\d|3[01])\d{4}", re.ASCII)
_LNCH = re.compile(r"\d{10}", re.ASCII)
_SHORT = "The actual length is less than the MinLength value."
_LONG = "The actual length is greater than the MaxLength value."
_PATTERN = "The Pattern constraint failed."
_LEAST = "The MinInclusive constraint failed."
_NAMES = (("First", 30, "0008-000008"), ("Middle", 30, "0008-000009"), ("Last", 50, "0008-000010"))


def schema_errors(form: PaymentForm) -> list[str]:
    """Return the errors, none where the XML is valid."""
    return [*_amount_and_code(form), *_provider(form), *_recipient(form), *_reference(form), *_rest(form)]


def _amount_and_code(form: PaymentForm) -> Iterator[str]:
    yield from _not_empty("PaymentCode", "R-10002", form.payment_type_code)
    yield from _not_empty("ObligationType", "R-10048", form.obligation_type)
    yield from _not_empty("Currency", "R-10004", form.currency)
    if form.amount is not None and form.amount < 0:
        yield _invalid("PaymentAmount", "R-10006", str(form.amount), _LEAST)


def _provider(form: PaymentForm) -> Iterator[str]:
    yield from _not_empty("Name", "0008-000029", form.provider.name, segment="0009-000013")
    yield from _not_empty("BIC", "0008-000372", form.provider.bic, segment="R-10010")
    yield from _not_empty("IBAN", "0008-000373", form.provider.iban, segment="R-10010")
    yield from _not_empty("Name", "0008-000029", form.provider.bank, segment="0009-000013")


def _recipient(form: PaymentForm) -> Iterable[str]:
    if form.uin_type == EGN:
        return [*_names(form.applicant_name), *_identifier("EGN", "0008-000012", form.uin, _EGN)]
    if form.uin_type == LNCH:
        return [*_names(form.applicant_name), *_identifier("LNCh", "0008-000013", form.uin, _LNCH)]
    if form.uin_type == BULSTAT:
        return _not_empty("Name", "0008-000029", form.applicant_name, segment="0009-000013")
    choices = "Person, Entity, ForeignPerson, ForeignEntity"
    return [_incomplete("ElectronicServiceRecipient", _SEGMENT, choices, "0009-000015")]


def _names(full: str | None) -> Iterator[str]:
    for (element, most, kind), value in zip(_NAMES, split_name(full), strict=True):
        if value is not None and len(value) > most:
            yield _invalid(element, kind, value, _LONG, segment="0009-000005")


def _identifier(element: str, kind: str, value: str | None, rule: re.Pattern[str]) -> Iterator[str]:
    if value is None:
        yield _incomplete("Identifier", "0009-000008", "EGN, LNCh", "0009-000006")
    elif rule.fullmatch(value) is None:
        yield _invalid(element, kind, value, _PATTERN, segment="0009-000006")


def _reference(form: PaymentForm) -> Iterator[str]:
    yield from _not_empty("PaymentReason", "R-10008", form.reason)
    yield from _not_empty("PaymentReferenceType", "R-10012", form.reference_type, segment="R-10018")
    yield from _not_empty("PaymentReferenceNumber", "R-10014", form.reference_number, segment="R-10018")


def _rest(form: PaymentForm) -> Iterator[str]:
    yield from _not_empty("AdditionalInformationInPaymentRequest", "R-10028", form.additional_information)
    yield from _not_empty("SUNAUServiceURI", "0008-000077", form.service_uri)
    yield from _not_empty("ElectronicAdministrativeServiceSupplierUriRA", "R-10030", form.supplier_uri)
    yield from _not_empty("ElectronicAdministrativeServiceNotificationURL", "R-10040", form.notification_url)


def _not_empty(element: str, kind: str, value: str | None, *, segment: str = _SEGMENT) -> Iterator[str]:
    if value == "":
        yield _invalid(element, kind, value, _SHORT, segment=segment)


def _invalid(element: str, kind: str, value: str, why: str, *, segment: str = _SEGMENT) -> str:
    return (
        f"The '{_NS}/segment/{segment}:{element}' element is invalid - The value '{value}' is invalid according to "
        f"its datatype '{_NS}/value/{kind}' - {why} (Element: {element})"
    )


def _incomplete(element: str, segment: str, choices: str, expected: str) -> str:
    return (
        f"The element '{element}' in namespace '{_NS}/segment/{segment}' has incomplete content. List of possible "
        f"elements expected: '{choices}' in namespace '{_NS}/segment/{expected}'. (Element: {element})"
    )
