"""What NHIF can be asked: to read and to take a document. Which service it is, the catalogue knows."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from worker.systems.nhif.settings import Name
from worker.systems.port import Operation, Recovery

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM = "nhif"
_RECOVERY = {
    Name.READ: Recovery.REPEAT,
    # The catalogue may call a second sending safe for one service; for the whole operation nothing does.
    Name.SUBMIT: Recovery.HOLD,
}
OPERATIONS: Mapping[Name, Operation] = MappingProxyType(
    {name: Operation(SYSTEM, name.value, _RECOVERY[name]) for name in Name}
)
