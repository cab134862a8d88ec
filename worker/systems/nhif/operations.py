"""What NHIF can be asked: to read and to take a document. Which service it is, the catalogue knows."""

from __future__ import annotations

from worker.systems.port import Operation, Recovery

SYSTEM = "nhif"
READ = Operation(SYSTEM, "service.read", Recovery.REPEAT)
# Of one document the catalogue may say that it is safe to repeat; of the operation that cannot be said.
SUBMIT = Operation(SYSTEM, "document.submit", Recovery.HOLD)
OPERATIONS = (READ, SUBMIT)
