"""The variants of the gateway: behaviour that is not known, or differs between real gateways."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sandbox.stand_in import InvalidControl


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants of one gateway; the defaults are the best confirmed ones."""

    garbled: bool = False
    """`data` of answers is in XSI's namespace, and its `type` in none."""
    key_identifier: bool = False
    """The whole certificate is in the signature, not issuer and serial number."""
    bare_security_faults: bool = False
    """A bad signature is answered with a bare fault, without ErrorInfo."""
    signed_faults: bool = False
    """Faults are signed like answers."""
    no_correlation: bool = False
    """Answers have no correlationId."""
    not_found_code: str | None = None
    """The service's status code where nothing is found; None is SUCCESS without a list."""
    empty_list: str | None = None
    """How the list is where nothing is found: None (not there), `empty` or `nil`."""

    def shown(self) -> dict[str, Any]:
        """Return them ready for JSON."""
        return asdict(self)

    def changed(self, body: Any) -> Variants:
        """Return them with what a control request sets. Raises InvalidControl."""
        kinds: dict[str, tuple[type, ...]] = {field.name: (bool,) for field in fields(self)}
        kinds |= dict.fromkeys(("not_found_code", "empty_list"), (str, type(None)))
        if not isinstance(body, dict) or not set(body) <= set(kinds):
            raise InvalidControl(f"variants must be an object of {', '.join(kinds)}")
        wrong = [name for name, value in body.items() if not isinstance(value, kinds[name])]
        if wrong:
            raise InvalidControl(
                f"variants: {', '.join(wrong)} must be true or false; not_found_code and empty_list a text or null"
            )
        if body.get("empty_list") not in {None, "empty", "nil"}:
            raise InvalidControl("variants: empty_list must be empty, nil or null")
        return replace(self, **body)
