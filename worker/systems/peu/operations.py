"""The portal's operations: a call, whose rule the operator declares, and reads of the register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.peu.settings import Name
from worker.systems.port import Operation, Recovery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.systems.peu.settings import PeuSettings

SYSTEM = "peu"


def operations() -> Mapping[Name, Operation]:
    """Return the operations. Of the call, the most careful rule: see `rule_of`."""
    return {
        name: Operation(SYSTEM, name.value, Recovery.HOLD if name is Name.CALL else Recovery.REPEAT)
        for name in Name
    }


def rule_of(called: str | None, settings: PeuSettings) -> Recovery:
    """Return the rule of an operation of the WSDL; of a read (None), `repeat`."""
    if called is None:
        return Recovery.REPEAT
    declared = settings.operations.get(called)
    return Recovery.HOLD if declared is None else declared.recovery
