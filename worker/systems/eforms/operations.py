"""The operations of eForms, and the recovery rule of each."""

from __future__ import annotations

from worker.systems.eforms.settings import Name
from worker.systems.port import Operation, Recovery

SYSTEM = "eforms"

OPERATIONS = (
    # The outbox shows the message by its reference number.
    Operation(SYSTEM, Name.RESPONSE_SEND.value, Recovery.LOOK_UP_FIRST, looks_up=True),
    # The message may have moved the case on, and nothing public shows a case's state.
    Operation(SYSTEM, Name.CASE_MESSAGE.value, Recovery.HOLD),
)
