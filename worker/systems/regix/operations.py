"""What RegiX can be asked: one operation for the engine; which report it is, the catalogue knows."""

from __future__ import annotations

from worker.systems.port import Operation, Recovery
from worker.systems.regix.settings import Name

SYSTEM = "regix"
# Most reports only read, and the catalogue says so of each; for the operation as a whole nothing does.
REPORT = Operation(SYSTEM, Name.REPORT.value, Recovery.HOLD)
OPERATIONS = (REPORT,)
