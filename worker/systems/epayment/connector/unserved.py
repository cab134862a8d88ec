"""What the connector has no request for: such an event is refused, and nothing of one is left out silently. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.epayment.requests import (
    PayerIdentifierType,
    ReadPaymentStatuses,
    RequestPayment,
    RequestPaymentExtended,
)
from contracts.problems import Problem
from contracts.reasons import Reason
from worker.systems.epayment.settings import Name
from worker.systems.port import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

_RULE = "connector"
_DIRECT = 'the operator can set systems.epayment.access to "direct"'

UNSERVED: Mapping[Name, str] = MappingProxyType(
    {
        Name.SEARCH: f"The connector of the state's ESB has no list of a payer's payment requests; {_DIRECT}.",
        Name.ACCESS_CODE: (
            "The connector of the state's ESB states an access code only when it registers a payment request; "
            f"{_DIRECT}."
        ),
    }
)
"""The operations that it does not serve, each with a sentence for the event's sender."""


def check_served(name: Name, data: BaseModel) -> None:
    """Check that the connector can carry the whole event. Raises Refused with all problems."""
    problems = list(_problems(name, data))
    if problems:
        raise Refused(Reason.CONFIGURATION, problems)


def _problems(name: Name, data: BaseModel) -> Iterator[Problem]:
    if name in UNSERVED:
        yield Problem("$.type", _RULE, UNSERVED[name])
    match data:
        case ReadPaymentStatuses(payment_ids=[_, _, *_]):
            yield _of(
                "paymentIds", "Ask for one payment request in one event: the connector states one status."
            )
        case RequestPayment() | RequestPaymentExtended():
            yield from _of_request(data)


def _of_request(data: RequestPayment | RequestPaymentExtended) -> Iterator[Problem]:
    if data.payer.identifier_type is PayerIdentifierType.LNCH:
        yield _of("payer.identifierType", f"The connector knows no payer by an LNCh; {_DIRECT}.")
    if data.obligation_type is not None:
        yield _of("obligationType", f"Leave it out: the connector has no such member; or {_DIRECT}.")
    if isinstance(data, RequestPaymentExtended) and data.pay_order is not None:
        yield _of("payOrder", f"Leave it out: the connector has no such member; or {_DIRECT}.")


def _of(member: str, message: str) -> Problem:
    return Problem(f"$.data.{member}", _RULE, message)
