"""What operations expect of the system's answers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from contracts.reasons import Reason
from tests.support.systems.nhis.answers import (
    LRN,
    MESSAGE_ID,
    NRN,
)
from worker.systems.nhis import response
from worker.systems.nhis.interpret import Expected, Rules
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RULES = Rules(not_processed=frozenset({429}), general_errors=frozenset({"E001"}))
REGISTER = Expected(
    message_id=MESSAGE_ID,
    answer="I002",
    read=response.registered(LRN),
    signed_by=lambda: 'signer "one" (certificate serial number 1f)',
    already=(re.compile(r"(?i)вече\s+има\s+подаден"),),
)
SEARCH = Expected(MESSAGE_ID, "I004", response.found, lambda: "signer")
REACTION = Expected(MESSAGE_ID, "I006", response.reaction_registered(NRN), lambda: "signer")
CANCEL = Expected(
    MESSAGE_ID,
    "I012",
    response.cancelled(NRN),
    lambda: "signer",
    already=(re.compile(r"(?i)вече\s+е\s+анулиран"),),
)
TELLING = replace(REGISTER, tells_warnings=True)
CERTIFICATE = Expected(
    MESSAGE_ID, "I014", response.certificates, lambda: "signer", unfit=Reason.UNREADABLE_ANSWER
)
PDF = b"%PDF-1.4\n%%EOF\n"


def said(status: int, body: bytes = b"", **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
