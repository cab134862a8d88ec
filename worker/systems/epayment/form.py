"""The form of a call: `ClientId`, `Hmac`, `Data`, and what its data states. Pure and total; nothing is believed here.

Confirmed by the interface document (4.1.9) and the public server; names are compared without letter case, as the server
itself compares them.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from contracts.immutable import immutable
from worker.systems.calls import CallRefused
from worker.systems.epayment.response import LONGEST, amount_of, member, parsed, payment_id, text
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from worker.systems.calls import Call

_MEDIA_TYPE = "application/x-www-form-urlencoded"
LARGEST = 1024 * 1024
"""Bytes of a call's body. A call of the public server has some hundred bytes for each payment request."""
MOST_FIELDS = 20
MOST_STATEMENTS = 1000
_UNREADABLE = CallRefused(400, "the data of the call is not JSON in base64 that states payment requests")


@immutable
class Form:
    """The fields of a call. ``signature`` is None where the call has no field `Hmac`."""

    client_id: str
    data: str = field(repr=False)
    signature: str | None = field(default=None, repr=False)


@immutable
class Statement:
    """What a call states of one payment request; ``extras`` are members of the notification."""

    payment_id: str
    status: str
    change_time: str
    extras: dict[str, str] = field(default_factory=dict, repr=False)


def read_form(call: Call) -> Form | CallRefused:
    """Read the fields of a call."""
    if len(call.body) > LARGEST:
        return CallRefused(413, "the call is too large")
    media_type = call.headers.get("content-type", _MEDIA_TYPE).partition(";")[0].strip().lower()
    if media_type != _MEDIA_TYPE:
        return CallRefused(400, "the call is not a form")
    try:
        pairs = parse_qsl(
            call.body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        return CallRefused(400, "the form of the call is unreadable")
    fields = {name.lower(): value for name, value in pairs}
    if len(fields) != len(pairs):
        return CallRefused(400, "the call has a field twice")
    if not fields.get("clientid") or not fields.get("data"):
        return CallRefused(400, "the call lacks ClientId or Data")
    return Form(fields["clientid"], fields["data"], fields.get("hmac"))


def statements_of(data: str) -> tuple[Statement, ...] | CallRefused:
    """Read what the data of a call states: of one payment request, or of a list of them."""
    try:
        document = parsed(base64.b64decode(data.encode("ascii"), validate=True))
    except (binascii.Error, ValueError):
        return _UNREADABLE
    listed = document if isinstance(document, list) else [document]
    if len(listed) > MOST_STATEMENTS:
        return CallRefused(400, f"the call states more than {MOST_STATEMENTS} payment requests")
    found = [_statement(one) for one in listed]
    stated = tuple(one for one in found if one is not None)
    return stated if len(stated) == len(found) else _UNREADABLE


def _statement(one: object) -> Statement | None:
    # The name in a list of payments that were paid together.
    found = payment_id(one, "id") or payment_id(one, "paymentrequestidentifier")
    status, changed = text(one, "status"), text(one, "changetime")
    if found is None or status is None or changed is None:
        return None
    return Statement(found, status, changed, _extras(one))


def _extras(one: object) -> dict[str, Any]:
    """Return what calls for types of obligation with algorithm 2 state besides."""
    amount = member(one, "paymentamount")
    stated = amount if isinstance(amount, str) else amount_of(amount)
    return without_gaps(
        aisPaymentId=text(one, "aispaymentid"),
        referenceNumber=text(one, "paymentreferencenumber"),
        amount=None if stated is None else str(stated)[:LONGEST],
    )
