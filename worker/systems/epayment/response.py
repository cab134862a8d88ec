"""From an answer's bytes to what the system stated. Total: no bytes make it raise."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from contracts.epayment.results import PaymentStatus
from contracts.strict_json import NotJson
from worker.systems import json_answer
from worker.systems.stated import without_gaps
from worker.text_encoding import text_of

if TYPE_CHECKING:
    from worker.transport.port import Answer

_STATUSES = {
    **{one.value.replace("-", ""): one for one in PaymentStatus},
    # The interface document's word for the server's InProcess.
    "inprogress": PaymentStatus.IN_PROCESS,
}
_ID = re.compile(r"[!-~]{1,50}")
_AMOUNT = re.compile(r"-?[0-9]{1,14}([.][0-9]{1,4})?", re.ASCII)
_TWO_DIGITS = Decimal("0.01")
LONGEST = 2000
"""Characters of one stated text that are read; the whole answer is in the evidence."""


def document_of(answer: Answer) -> object:
    """Return the JSON document of an answer; None where the body is none, or was cut."""
    return None if answer.truncated else parsed(answer.body, answer.charset)


def parsed(body: bytes, charset: str | None = None) -> object:
    """Read one JSON document; None where the bytes are none."""
    text = text_of(body, charset)
    try:
        return None if text is None else json_answer.parse(text)
    except NotJson:
        return None


def member(value: object, name: str) -> Any:
    """Return the member of this name, whatever case it has; None where there is none, or two."""
    found = named(value, name)
    return found[0] if len(found) == 1 else None


def named(value: object, name: str) -> list[Any]:
    """Return every member of this name, whatever case it has."""
    members = value.items() if isinstance(value, dict) else ()
    return [inner for given, inner in members if given.lower() == name]


def text(value: object, name: str) -> str | None:
    """Return the text at the name; None where it is absent or blank. The document has "" for what there is not."""
    found = member(value, name)
    return found[:LONGEST] if isinstance(found, str) and found.strip() else None


def items(value: object, name: str) -> list[Any] | None:
    """Return the list at the name."""
    found = member(value, name)
    return found if isinstance(found, list) else None


def payment_id(value: object, name: str) -> str | None:
    """Return the system's identifier of a payment request; None for anything that cannot be one."""
    found = member(value, name)
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def status_of(stated: str | None) -> PaymentStatus | None:
    """Return the one name of a status, whatever case it is spelled in; None for any other word, and for a number.

    Spaces, other alphabets' letters and numbers make another word: "paid" is what the system states, never a guess.
    """
    return _STATUSES.get(stated.lower()) if stated is not None and stated.isascii() else None


def amount_of(value: object) -> Decimal | None:
    """Return an amount that is stated as a number (by its shortest decimal text) or as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    written = str(value)
    return Decimal(written) if _AMOUNT.fullmatch(written) else None


def shown(amount: Decimal) -> str:
    """Write an amount with two digits, or with as many as it has."""
    try:
        rounded = amount.quantize(_TWO_DIGITS)
    except InvalidOperation:
        return format(amount, "f")
    return format(rounded if rounded == amount else amount, "f")


def time_key(stated: str) -> str:
    """Return one text for one stated time: servers write its fraction with and without zeros at the end."""
    try:
        return datetime.fromisoformat(stated).isoformat(timespec="microseconds")
    except ValueError:
        return stated


def status_members(value: object, status: str, time: str) -> dict[str, Any]:
    """Return the status of a payment request as a reply has it."""
    stated = text(value, status)
    found = status_of(stated)
    return without_gaps(
        status=None if found is None else found.value, statedStatus=stated, changeTime=text(value, time)
    )


def stated_status(value: object) -> dict[str, Any] | None:
    """Read one entry of `paymentStatuses`; None where it names no payment request.

    An entry whose status is stated as anything but a text or null, or not at all, is not understood.
    """
    found, states = payment_id(value, "id"), named(value, "status")
    if found is None or len(states) != 1 or not isinstance(states[0], str | None):
        return None
    members = status_members(value, "status", "changetime")
    return {"paymentId": found, "found": "statedStatus" in members, **members}


def listed_payment(value: object, payer: str) -> dict[str, Any] | None:
    """Read one entry of a payer's list; None where it names no payment request, or another payer's."""
    result = member(value, "result")
    found = payment_id(result, "id")
    if found is None or text(result, "applicantuin") != payer:
        return None
    amount = amount_of(member(result, "paymentamount"))
    return without_gaps(
        paymentId=found,
        **status_members(result, "status", "statuschangetime"),
        amount=None if amount is None else shown(amount),
        currency=text(result, "currency"),
        reason=text(result, "paymentreason"),
        referenceNumber=text(result, "paymentreferencenumber"),
        referenceDate=text(result, "paymentreferencedate"),
        expiresAt=text(result, "expirationdate"),
        providerName=text(result, "serviceprovidername"),
        providerIban=text(result, "serviceprovideriban"),
    )
