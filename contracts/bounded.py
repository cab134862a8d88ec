"""Lists that are too long are refused before their items are looked at: each bad item would be a problem of its own."""

from __future__ import annotations

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError


def at_most(items: int) -> BeforeValidator:
    """Return a check that a list has no more than so many items; other values are not its matter."""

    def check(value: object) -> object:
        if isinstance(value, list) and len(value) > items:
            facts = {"field_type": "Tuple", "max_length": items, "actual_length": len(value)}
            raise PydanticKnownError("too_long", facts)
        return value

    return BeforeValidator(check)
