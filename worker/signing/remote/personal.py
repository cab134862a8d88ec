"""Ways to sign for which a person is needed at each signature: they are refused when the configuration is loaded."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PERSONAL_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "btrust-cqes": "B-Trust's CQES asks the holder to confirm each signature in an application on a telephone; "
        "use btrust-ars, or a key in a token or an HSM",
        "evrotrust": "Evrotrust asks the holder to confirm each signature in an application on a telephone, and the "
        "interface of its automatic signing is not public",
        "biss": "BISS is a program on the desktop of a person, who confirms each signature",
    }
)
"""Why each cannot be used, by the kind that an operator may try."""


def refuse_personal(value: Any) -> Any:
    """Return the settings of a signer. Raises ValueError where its kind needs a person at each signature."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if isinstance(kind, str) and (why := PERSONAL_KINDS.get(kind.lower())):
        raise ValueError(f"kind {kind.lower()} needs a person at each signature: {why}")
    return value
