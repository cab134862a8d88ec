"""By what ePayments recognises a message that comes again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.epayment.requests import (
    RequestPayment,
    RequestPaymentExtended,
    SetPaymentPaid,
    SuspendPayment,
)
from worker.systems.epayment.operations import SYSTEM

if TYPE_CHECKING:
    from worker.submission import Submission


def identity_of(submission: Submission) -> str:
    """Return the hospital's own id of a payment request, or the system's id of one that is there."""
    match submission.data:
        case RequestPayment(ais_payment_id=own) | RequestPaymentExtended(ais_payment_id=own):
            return own
        case SuspendPayment(payment_id=one) | SetPaymentPaid(payment_id=one):
            return one
    return submission.derived_id(SYSTEM)
