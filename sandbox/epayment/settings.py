"""What is not settled by the sources, or differs between them, as settings of the stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sandbox.epayment import setting_rules

_ALGORITHMS = (0, 1, 2)


def _currencies(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _types(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and name.isdecimal() and one in _ALGORITHMS for name, one in value.items()
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """How the environment decides. The defaults follow the specification (v1.3), where it says anything."""

    currencies: tuple[str, ...] | None = ("EUR",)
    """The currencies that are taken (inferred: the specification and the code are older than the euro); None: any."""
    amounts: str = "specification"
    """`specification`: at most two decimals after a point. `code`: all that .NET reads as a number."""
    reference_numbers: str = "by-key"
    """Which reference numbers are refused: `by-key`, those of the same account, number and date in a request
    without aisPaymentId (code of 2022). `unique`, every number that was ever used, also by the request itself
    that is sent again (code of 2024, algorithm 0)."""
    message_key: str = "Message"
    """The name of an error's text in the body: `Message`, or `message` (which the serialiser's settings suggest)."""
    content_type: str = "application/json"
    """The content type of every answer; another one is a fault."""
    client_certificate: bool = False
    """Whether a call without a client certificate of the sandbox's authority is refused with 403; no source asks."""
    obligation_types: Mapping[str, int] = field(default_factory=lambda: {"1": 0, "2": 1, "3": 2})
    """The algorithm (0, 1 or 2) of each obligation type. A request that names none is of type 1."""

    def changed(self, body: Any) -> Settings:
        """Return them with these replaced. Raises InvalidControl."""
        return setting_rules.changed(self, body, _RULES)

    def shown(self) -> dict[str, Any]:
        """Return them ready for JSON."""
        return asdict(self)

    def algorithm(self, obligation_type: int) -> int | None:
        """Return the algorithm of an obligation type; None where there is no such type."""
        return self.obligation_types.get(str(obligation_type))


_RULES: Mapping[str, setting_rules.Rule] = {
    "currencies": (_currencies, "a list of texts, or null"),
    "amounts": setting_rules.one_of("specification", "code"),
    "reference_numbers": setting_rules.one_of("by-key", "unique"),
    "message_key": setting_rules.one_of("Message", "message"),
    "content_type": setting_rules.text(),
    "client_certificate": setting_rules.flag(),
    "obligation_types": (_types, "an object of type (digits) to algorithm (0, 1 or 2)"),
}
