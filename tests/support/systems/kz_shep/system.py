"""One search and what came of it; the credentials are invented."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from tests.support.contract_events import submission
from worker.systems.kz_shep.senders import Sender
from worker.systems.port import Attempt
from worker.transport.port import SendGuard

SEARCH = "kz-shep.medical-exemption.search.v1"
NOW = datetime.now(UTC)
SENDER = Sender("mis-login-1", "p<w&\"d'1")


def attempt(number: int = 1) -> Attempt:
    return Attempt(number, str(uuid.UUID(int=number, version=4)), NOW, "identity")


def passes():
    return SendGuard(lambda: True)


async def exchanged(system, client, got, *, event=None):
    """Prepare and exchange a search that gets this answer; return what was sent, came back and came of it."""
    client.script = [got]
    event = event or submission(SEARCH)
    prepared = await system.prepare(event, attempt())
    back = await system.exchange(prepared, passes())
    return prepared, back, system.interpret(event, prepared, back)
