"""The operations of eDelivery, and the recovery rule of each."""

from __future__ import annotations

from worker.systems.edelivery.settings import Name
from worker.systems.port import Operation, Recovery

SYSTEM = "edelivery"

SENDS = frozenset({Name.SEND, Name.SEND_ON_BEHALF})

_RECOVERY = {
    **dict.fromkeys(Name, Recovery.REPEAT),
    # The system refuses a second registration of the same number; its list of profiles then shows the first.
    Name.REGISTER_PASSIVE: Recovery.SAME_IDENTITY,
    # A second message would be a second message. The outbox shows the first.
    **dict.fromkeys(SENDS, Recovery.LOOK_UP_FIRST),
    # The receipt is recorded once, and keeps its time (confirmed by the public server): opening again only reads.
    Name.OPEN: Recovery.REPEAT,
}

OPERATIONS = tuple(
    Operation(SYSTEM, name.value, _RECOVERY[name], looks_up=name in SENDS | {Name.REGISTER_PASSIVE})
    for name in Name
)
