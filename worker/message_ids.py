"""The ids of the messages that Herald sends: random UUIDs (version 4, RFC 9562) as text."""

from __future__ import annotations

from secrets import token_hex

_VARIANTS = "89ab"


def new_message_id() -> str:
    """Return one that nobody has: what `str(uuid.uuid4())` returns, without the object, for a third of the time."""
    text = token_hex(16)
    variant = _VARIANTS[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
