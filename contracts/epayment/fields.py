"""The simple types of payment fields: what of a value can be checked by looking at it alone.

The lengths of what is marked "confirmed" are those that the public server stores (its table of payment requests);
the others are ours.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from contracts.fields import LINE_FORM, ONE_LINE, VISIBLE, at_most, formed, read_whole

AisPaymentId = Annotated[
    str,
    formed(
        64, "^[0-9A-Za-z][0-9A-Za-z._/-]*$", "Latin letters, digits, dots, hyphens, underscores and slashes"
    ),
]
"""The hospital's own identifier of a payment request. Its form and length are ours."""

PaymentId = Annotated[str, formed(50, "^[!-~]+$", "ASCII letters, digits and signs, without spaces")]
"""The system's own identifier of a payment request, as the accepted reply has it; the length is confirmed."""

ClientId = Annotated[str, formed(100, "^[!-~]+$", "ASCII letters, digits and signs, without spaces")]
"""The identifier of a client (an information system) of ePayments."""

Amount = Annotated[
    str,
    formed(12, "^(0|[1-9][0-9]{0,8})[.][0-9]{2}$", "an amount with two digits after the point, as 24.50"),
]
"""An amount as a text, so that no reader makes a binary fraction of it."""

Currency = Annotated[str, formed(3, "^[A-Z]{3}$", "a currency's code of ISO 4217, as EUR")]

PaymentTypeCode = Annotated[str, formed(10, "^[0-9A-Za-z]+$", "Latin letters and digits")]

ObligationType = Annotated[str, formed(9, "^[1-9][0-9]*$", "a whole number above zero, as a text")]
"""The number of a type of obligation in the system's own list, as a text (confirmed)."""

PayOrder = Annotated[int, Field(strict=True, ge=0, le=999999), BeforeValidator(read_whole)]

ReferenceText = Annotated[str, formed(50, ONE_LINE, LINE_FORM), VISIBLE]
"""One line; the length is confirmed."""

PaymentReason = Annotated[str, formed(200, ONE_LINE, LINE_FORM), VISIBLE]
"""One line; the length is confirmed."""

ServiceUri = Annotated[str, formed(100, ONE_LINE, LINE_FORM), VISIBLE]
"""One line; the length is confirmed."""

PayerNumber = Annotated[str, formed(13, "^[0-9]{9,13}$", "9 to 13 digits")]
"""The number of a person or an organisation; which one says the identifier type."""

MOST_IDS = 100
"""The most payment requests of one question. Ours: no document names a limit."""

PaymentIds = Annotated[tuple[PaymentId, ...], Field(min_length=1, max_length=MOST_IDS), at_most(MOST_IDS)]

PageNumber = Annotated[int, Field(strict=True, ge=1, le=10000), BeforeValidator(read_whole)]

PageSize = Annotated[int, Field(strict=True, ge=1, le=100), BeforeValidator(read_whole)]
"""The upper bound is ours; the server takes 20 where none is stated (confirmed)."""
