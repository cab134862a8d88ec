"""The reference number of a service (РНУ): the extension attribute `rnu` of events and of what answers them.

Source: `specs/bg-egov-integration.txt` (РНУ): the system that creates an instance of a service generates the number,
and every later system keeps it. The text of the standard is not public (unknown). Confirmed by what public
implementations do: a UUID v4 as text, in a column of 64 characters, inherited by answers. Therefore it is opaque text
here, of at most 64 characters.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.registry import EVENT_TYPES

if TYPE_CHECKING:
    from contracts.envelope import Envelope


def rnu_of(event: Envelope) -> str | None:
    """Return the event's number; where its system needs one and the event has none, a generated one; or None."""
    contract = EVENT_TYPES.get(event.type)
    if event.rnu is not None or contract is None or not contract.needs_rnu:
        return event.rnu
    return generated(event.source, event.id)


def generated(source: str, submission_id: str) -> str:
    """Generate the number of a submission: a UUID v4 in form, and the same in every process and after every crash.

    Its bits come from the submission's identity (SHA-256) and not from chance: a number that was drawn would have to
    be durable before it is used, and a submission that is sent again must carry the same one.
    """
    seed = json.dumps(["herald-rnu", source, submission_id]).encode()
    return str(UUID(bytes=hashlib.sha256(seed).digest()[:16], version=4))
