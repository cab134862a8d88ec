"""The width of the database's columns: a longer text fails there, and the client sees 500 without a reason."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from sandbox.epayment.errors import ServerError

if TYPE_CHECKING:
    from sandbox.epayment.payment_form import PaymentForm

_AMOUNT_LIMIT = Decimal(10) ** 14
_FOUR = Decimal("0.0001")


def check_widths(form: PaymentForm) -> None:
    """Raise ServerError where a text does not fit its column (nvarchar) of the table PaymentRequests."""
    widths = (
        (form.provider.bank, 100),
        (form.provider.bic, 50),
        (form.provider.iban, 50),
        (form.currency, 10),
        (form.payment_type_code, 10),
        (form.reason, 200),
        (form.uin, 50),
        (form.reference_type, 50),
        (form.reference_number, 50),
        (form.service_uri, 100),
        (form.supplier_uri, 100),
    )
    if any(text is not None and _units(text.strip()) > most for text, most in widths):
        raise ServerError


def _units(text: str) -> int:
    """Return how many units of UTF-16 a text takes: so nvarchar counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def column_amount(amount: Decimal) -> Decimal:
    """Return an amount as decimal(18, 4) keeps it. Raises ServerError for one that does not fit."""
    if not amount.is_finite() or abs(amount) >= _AMOUNT_LIMIT:
        raise ServerError
    return amount.quantize(_FOUR, ROUND_HALF_EVEN)
