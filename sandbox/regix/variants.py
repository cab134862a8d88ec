"""The variants of RegiX: behaviour that is not known, differs between its registers, or serves a test."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from sandbox.regix.consumers import operations_in
from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNATURES = ("sha256", "sha1", "tampered", "stranger", "two", "missing")
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants of one RegiX. Operations are full names, times are seconds."""

    strict: bool = False
    """A request that differs from the documented form is refused by a fault of the sandbox's own."""
    signature: str = "sha256"
    """How an answer is signed where that is asked for; `tampered` does not verify, `missing` is not there."""
    async_seconds: float = 5.0
    """How long an asynchronous answer takes."""
    async_by_service_uri: tuple[tuple[str, float], ...] = ()
    """The same for single requests, by the ServiceURI of their CallContext."""
    at_once: tuple[str, ...] = ()
    """Operations that are answered at once, though the request says Asynchronous."""
    unasked: tuple[str, ...] = (
        "TechnoLogica.RegiX.MFANotariesAdapter.APIService.IMFANotariesAPI.SendNotaryDocuments",
    )
    """Operations that are answered later, though the request does not say Asynchronous."""
    answer_bytes: int = 0
    """The least size of answers that are lists: their records are repeated."""
    keep_after_callback: bool = False
    """The result can still be fetched after a callback has delivered it."""
    callback_retry_seconds: float = 60.0
    """How long after the n-th failed callback the next one comes: n times this."""
    callback_any_success: bool = False
    """A callback counts as delivered by any status of 2xx; otherwise by 200 with an envelope that is no fault."""
    callback_plain_http: bool = False
    """Callbacks go to http:// as well."""

    def shown(self) -> dict[str, Any]:
        """Return them ready for JSON."""
        return {
            **asdict(self),
            "async_by_service_uri": dict(self.async_by_service_uri),
            "at_once": list(self.at_once),
            "unasked": list(self.unasked),
        }

    def changed(self, body: Any) -> Variants:
        """Return them with what a control request sets. Raises InvalidControl."""
        names = {field.name for field in fields(self)}
        if not isinstance(body, dict) or not set(body) <= names:
            raise InvalidControl(f"variants must be an object of {', '.join(sorted(names))}")
        return replace(self, **{name: _READERS[name](value, name) for name, value in body.items()})

    def seconds(self, service_uri: str) -> float:
        """Return how long the answer to a request takes."""
        return dict(self.async_by_service_uri).get(service_uri, self.async_seconds)


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidControl(f"{name} must be true or false")
    return value


def _duration(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise InvalidControl(f"{name} must be seconds, 0 or more")
    return float(value)


def _size(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise InvalidControl(f"{name} must be a number of bytes, at most {_LARGEST}")
    return value


def _signature(value: Any, name: str) -> str:
    if value not in SIGNATURES:
        raise InvalidControl(f"{name} must be one of {', '.join(SIGNATURES)}")
    return str(value)


def _operations(value: Any, name: str) -> tuple[str, ...]:
    return tuple(sorted(operations_in(value, name)))


def _durations(value: Any, name: str) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, dict):
        raise InvalidControl(f"{name} must be an object of seconds by ServiceURI")
    return tuple((uri, _duration(seconds, name)) for uri, seconds in value.items())


_READERS: dict[str, Callable[[Any, str], Any]] = {
    "strict": _flag,
    "signature": _signature,
    "async_seconds": _duration,
    "async_by_service_uri": _durations,
    "at_once": _operations,
    "unasked": _operations,
    "answer_bytes": _size,
    "keep_after_callback": _flag,
    "callback_retry_seconds": _duration,
    "callback_any_success": _flag,
    "callback_plain_http": _flag,
}
