"""The variants of the ESB: what is not known of it, or differs between its clients' sources."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sandbox.stand_in import InvalidControl

_CHOICES: dict[str, tuple[object, ...]] = {
    "token_parameters": ("either", "query", "form"),
    "errors": ("dto", "html", "plain"),
    "orn": ("ok", "refused", "empty", "malformed"),
}


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants of one ESB."""

    token_parameters: str = "either"  # noqa: S105 - the name of a variant
    """Where the parameters of /token must be: in the query or in the form; clients of both kinds are known."""
    token_seconds: float = 3600.0
    """The lifetime of a token."""
    expires_in_text: bool = False
    """Whether `expires_in` is a text."""
    inject: bool = True
    """Whether the gateway tells back-ends who calls; otherwise it passes the client's own `Dp-Miscinfo` on."""
    bound: bool = True
    """Whether a token is good only with the certificate that it was given for."""
    errors: str = "dto"
    """How the ESB writes its own refusals: the error DTO, a page of HTML, or a line of text."""
    retry_after: int | None = None
    """What the error DTO states as `retryAfter` with 429 and 503."""
    orn: str = "ok"
    """What the generator of numbers does: `refused` (a return_code that is not 200), `empty`, `malformed`."""

    def shown(self) -> dict[str, Any]:
        """Return them ready for JSON."""
        return asdict(self)

    def changed(self, body: Any) -> Variants:
        """Return them with what a control request sets. Raises InvalidControl."""
        kinds = {field.name: str(field.type) for field in fields(self)}
        if not isinstance(body, dict) or not set(body) <= set(kinds):
            raise InvalidControl(f"esb must be an object of {', '.join(kinds)}")
        for name, value in body.items():
            if not _fits(name, kinds[name], value):
                raise InvalidControl(f"esb: {name} cannot have this value")
        return replace(self, **body)


def _fits(name: str, kind: str, value: Any) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    if kind == "bool" or isinstance(value, bool):
        return kind == "bool" and isinstance(value, bool)
    if value is None:
        return kind.endswith("None")
    return isinstance(value, int if kind.startswith("int") else int | float) and value >= 0
