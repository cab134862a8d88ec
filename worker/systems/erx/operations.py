"""The operations of the eRx register, and the recovery rule of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.erx.settings import Name
from worker.systems.port import Operation, Recovery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.systems.erx.settings import ErxSettings

SYSTEM = "erx"

POSTED = frozenset({Name.REGISTER, Name.ISSUE})
"""Operations sent by POST; all others are GET."""

_RECOVERY = {
    # A second user with one e-mail address is refused; then the new user's own login and whoami show the first.
    Name.REGISTER: Recovery.SAME_IDENTITY,
    Name.WHO_AM_I: Recovery.REPEAT,
    # The same internal ids again write a new version of the same prescription, with the same content.
    Name.ISSUE: Recovery.SAME_IDENTITY,
    # Nothing is registered: a second request makes another text at most.
    Name.GENERATE: Recovery.REPEAT,
    # It only asks who the signer is; the same id and day give the same barcode.
    Name.RESERVE: Recovery.REPEAT,
    Name.IMAGE: Recovery.REPEAT,
    Name.SEARCH: Recovery.REPEAT,
    Name.DISPENSED: Recovery.REPEAT,
    Name.PHARMACY: Recovery.REPEAT,
}


def operations(settings: ErxSettings) -> Mapping[Name, Operation]:
    """Return every operation with the recovery rule that these settings give it."""
    return {name: _operation(name, settings) for name in Name}


def _operation(name: Name, settings: ErxSettings) -> Operation:
    return Operation(
        system=SYSTEM,
        name=name.value,
        recovery=Recovery.HOLD if name in settings.never_resend else _rule(name, settings),
    )


def _rule(name: Name, settings: ErxSettings) -> Recovery:
    if name is Name.ISSUE and settings.sends_seed:
        # A seed identifies a prescription within one day only: sent again after midnight it would be a second one.
        return Recovery.LOOK_UP_FIRST
    return _RECOVERY[name]
