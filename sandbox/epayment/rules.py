"""What the environment demands of a payment request that its XSD has let pass, with the texts of its code.

Each text goes into unacceptedReceiptJson, with HTTP 200. The order of the texts is that of the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.epayment.errors import ServerError
from sandbox.epayment.payment_form import BULSTAT, PERSONS
from sandbox.epayment.statuses import Status
from sandbox.epayment.values import blank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sandbox.epayment.clients import Client
    from sandbox.epayment.payment_form import PaymentForm
    from sandbox.epayment.settings import Settings
    from sandbox.epayment.store import PaymentRequest, Store

_DEFAULT_TYPE = 1
_ACCOUNT = "ElectronicServiceProviderBankAccount"
_NUMBER = "Element 'PaymentReference.PaymentReferenceNumber'"
_SAME_NUMBER = "Заявка за плащане със същия референтен номер вече съществува!"
_NOT_PENDING = (
    "Payment request with corresponding aisPaymentId has status '{status}'. "
    "Payment request replacing is allowed only when request status is 'Pending'."
)
_NOT_GREATER = "Value of 'PaymentRequestExpirationDate' should be greater than current date."
_BAD_TYPE = "Element Obligation type must be valid integer."
_NO_SUCH_TYPE = "Element 'PaymentReference.ObligationType' is not present in the Database."
_NO_UIN = "Recipient identifier in 'ElectronicServiceRecipient' (Person or Entity) is required."
_NO_NAME = "Recipient name in 'ElectronicServiceRecipient' (Person or Entity) is required."
_CURRENCY = "Invented by Herald's sandbox: the currency is none of {currencies}."


@dataclass(slots=True)
class Verdict:
    """The texts, none where the request is accepted; the request that it replaces; the type that it is of."""

    errors: list[str]
    replaces: PaymentRequest | None
    obligation_type: int
    algorithm: int


class Rules:
    """The checks of one environment. ``expire`` ends a request that a later one takes the place of."""

    def __init__(self, settings: Settings, store: Store, expire: Callable[[PaymentRequest], None]) -> None:
        self._settings = settings
        self._store = store
        self._expire = expire

    def judge(self, form: PaymentForm, owner: Client, now: datetime) -> Verdict:
        """Check a request; ``now`` has the digits of the server's wall clock. Raises ServerError."""
        kind = _type_of(form)
        algorithm = self._settings.algorithm(kind)
        verdict = Verdict([], None, kind, algorithm or 0)
        errors = verdict.errors
        if form.obligation_type is not None and algorithm is None:
            errors.append(_BAD_TYPE)
        errors += [f"Element '{name}' is required." for name, value in _texts(form) if blank(value)]
        if self._settings.currencies is not None and not blank(form.currency):
            errors += self._currency(form)
        number_stands = self._number(form, algorithm, errors)
        dates_stand = _dates(form, now, errors)
        if number_stands and dates_stand and not blank(form.provider.iban) and algorithm != 2:  # noqa: PLR2004 - its name
            verdict.replaces = self._earlier(form, owner, errors)
        errors += _recipient(form)
        return verdict

    def _currency(self, form: PaymentForm) -> list[str]:
        allowed = self._settings.currencies or ()
        return [] if form.currency in allowed else [_CURRENCY.format(currencies=", ".join(allowed))]

    def _number(self, form: PaymentForm, algorithm: int | None, errors: list[str]) -> bool:
        """Check the reference number; return whether the checks that need it can go on."""
        if blank(form.reference_number):
            errors.append(f"{_NUMBER} is required.")
        if algorithm is None:
            errors.append(_NO_SUCH_TYPE)
            return False
        if form.reference_number is None:
            return self._settings.reference_numbers == "unique"
        found = self._store.with_number(form.reference_number)
        errors_before = len(errors)
        if algorithm == 2:  # noqa: PLR2004 - the algorithm's own name
            errors += self._second_algorithm(form, found)
        elif self._settings.reference_numbers == "unique":
            errors += _used(algorithm, found)
        elif blank(form.reference_number):
            return False
        return len(errors) == errors_before

    def _second_algorithm(self, form: PaymentForm, found: list[PaymentRequest]) -> list[str]:
        """Refuse a number that is paid or being paid; end the other requests that have it."""
        ais = form.ais_payment_id
        same = [one for one in found if ais is None or one.form.ais_payment_id == ais]
        for status, word in ((Status.PAID, "paid"), (Status.IN_PROCESS, "inProcess")):
            if any(one.status == status for one in same):
                text = f"A payment with this referenceNumber and status {word} exists."
                return [f"{_NUMBER} validation failed. {text}"]
        for one in same:
            if one.status != Status.EXPIRED:
                self._expire(one)
        return []

    def _earlier(self, form: PaymentForm, owner: Client, errors: list[str]) -> PaymentRequest | None:
        """Return the request that this one replaces; add what forbids it."""
        ais = form.ais_payment_id
        if ais is None or blank(ais):
            if self._same_key(form):
                errors.append(_SAME_NUMBER)
            return None
        earlier = next(iter(self._store.with_ais_payment_id(owner, ais)), None)
        if earlier is not None and earlier.status != Status.PENDING and earlier.form.pay_order is None:
            errors.append(_NOT_PENDING.format(status=earlier.status))
        return earlier

    def _same_key(self, form: PaymentForm) -> bool:
        if form.reference_number is None or form.provider.iban is None:
            raise ServerError  # the code of 2024 trims a number that is not there
        iban, day = form.provider.iban.strip(), form.reference_date
        return any(
            one.form.provider.iban == iban and one.form.reference_date == day
            for one in self._store.with_number(form.reference_number)
        )


def _type_of(form: PaymentForm) -> int:
    """Return the obligation type. Raises ServerError for a text without a number."""
    if form.obligation_type is None:
        return _DEFAULT_TYPE
    try:
        return int(form.obligation_type)
    except ValueError as error:
        raise ServerError from error


def _texts(form: PaymentForm) -> tuple[tuple[str, str | None], ...]:
    return (
        ("ElectronicServiceProviderBasicData.EntityBasicData.Name", form.provider.name),
        (f"{_ACCOUNT}.EntityBasicData.Name", form.provider.bank),
        (f"{_ACCOUNT}.BIC", form.provider.bic),
        (f"{_ACCOUNT}.IBAN", form.provider.iban),
        ("Currency", form.currency),
        ("PaymentReason", form.reason),
    )


def _used(algorithm: int, found: list[PaymentRequest]) -> list[str]:
    """Refuse numbers as the code of 2024 does: by its first algorithm all, by the second those of the first."""
    if algorithm == 0 and found:
        return [f"{_NUMBER} is already present in the Database."]
    if algorithm == 1 and any(one.algorithm == 0 for one in found):
        return [f"{_NUMBER} is already present in the Database for Algorithm 0."]
    return []


def _dates(form: PaymentForm, now: datetime, errors: list[str]) -> bool:
    before = len(errors)
    if form.reference_date is None:
        errors.append("Element 'PaymentReference.PaymentReferenceDate' is required.")
    if form.expires is None:
        errors.append("Element 'PaymentRequestExpirationDate' is required.")
    elif form.expires <= now:
        errors.append(_NOT_GREATER)
    return len(errors) == before


def _recipient(form: PaymentForm) -> Iterator[str]:
    """Name what is missing; the XSD has refused most of it before."""
    if form.uin_type in PERSONS | {BULSTAT}:
        if blank(form.uin):
            yield _NO_UIN
        if blank(form.applicant_name):
            yield _NO_NAME
