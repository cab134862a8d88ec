"""The ids of the messages that Herald sends: random UUIDs (version 4, RFC 9562) as text."""

from __future__ import annotations

from secrets import token_hex

from contracts.derived_ids import uuid_text


def new_message_id() -> str:
    """Return one that nobody has: what `str(uuid.uuid4())` returns, without the object, for a third of the time."""
    return uuid_text(token_hex(16), 4)
