"""The operations of ePayments, and the recovery rule of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.epayment.settings import Name
from worker.systems.port import Operation, Recovery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.systems.epayment.settings import EpaymentSettings

SYSTEM = "epayment"

REQUESTS = frozenset({Name.REQUEST, Name.REQUEST_EXTENDED})
CHANGES = frozenset({Name.SUSPEND, Name.SET_PAID})
"""Of one payment request, by its id. The system makes each only while the request waits for payment (suspending also a
canceled one), so a second message is refused; the status then shows what the first one did."""

_RECOVERY = {
    # The same aisPaymentId again updates the request that waits for payment, under the same id, or is refused.
    Name.REQUEST: Recovery.SAME_IDENTITY,
    Name.REQUEST_EXTENDED: Recovery.SAME_IDENTITY,
    Name.STATUS: Recovery.REPEAT,
    Name.SEARCH: Recovery.REPEAT,
    Name.SUSPEND: Recovery.SAME_IDENTITY,
    Name.SET_PAID: Recovery.SAME_IDENTITY,
    # The server makes the code once, and states the same one from then on.
    Name.ACCESS_CODE: Recovery.REPEAT,
}


def operations(settings: EpaymentSettings) -> Mapping[Name, Operation]:
    """Return every operation with the most careful rule that these settings give any of its submissions."""
    return {name: _operation(name, settings) for name in Name}


def rule_of(name: Name, obligation_type: str | None, settings: EpaymentSettings) -> Recovery:
    """Return the rule of a submission; ``obligation_type`` as its event names it."""
    if name in REQUESTS and (obligation_type or "1") in settings.never_resend_obligation_types:
        return Recovery.HOLD
    return _RECOVERY[name]


def _operation(name: Name, settings: EpaymentSettings) -> Operation:
    some_hold = name in REQUESTS and bool(settings.never_resend_obligation_types)
    return Operation(
        system=SYSTEM,
        name=name.value,
        recovery=Recovery.HOLD if some_hold else _RECOVERY[name],
        # The connector has no list, and a lost answer's payment request no id to ask for.
        looks_up=name in CHANGES or (name in REQUESTS and settings.access == "direct"),
    )
