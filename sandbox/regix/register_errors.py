"""Errors of the primary registers, on request: which operation fails, how often, and where the error arises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.regix.errors import CORE_ERROR
from sandbox.regix.operations import OPERATIONS
from sandbox.regix.result import Result
from sandbox.stand_in import InvalidControl

_FIELDS = {"operation", "message", "raised_by", "later", "times"}


@dataclass(slots=True)
class RegisterError:
    """One error. ``raised_by`` the register: its message alone, IsReady true. By the core: with RegiX's words before.

    ``later``: an asynchronous request is taken, and its result is the error. ``times`` None: always.
    """

    operation: str
    message: str
    raised_by: str = "register"
    later: bool = False
    times: int | None = None

    def result(self, call_id: int, verification_code: str | None = None) -> Result:
        """Return the answer; the core's error states neither readiness nor the call."""
        if self.raised_by == "core":
            return Result(error=CORE_ERROR.format(self.message))
        return Result(is_ready=True, error=self.message, call_id=call_id, verification_code=verification_code)


class RegisterErrors:
    """The errors that are asked for, in order; the first one for the operation is used up first."""

    def __init__(self) -> None:
        self._errors: list[RegisterError] = []

    def load(self, body: Any) -> list[dict[str, Any]]:
        """Replace the errors by those of a control request. Raises InvalidControl."""
        if not isinstance(body, list):
            raise InvalidControl("give a list of errors")
        self._errors = [_error(item) for item in body]
        return [{"operation": one.operation, "times": one.times} for one in self._errors]

    def next(self, operation: str) -> RegisterError | None:
        """Return the error that a request of this operation meets, and count it."""
        for error in self._errors:
            if error.operation == operation and error.times != 0:
                error.times = None if error.times is None else error.times - 1
                return error
        return None

    def clear(self) -> None:
        """Drop all."""
        self._errors = []


def _error(item: Any) -> RegisterError:
    if not isinstance(item, Mapping) or not {"operation", "message"} <= set(item) <= _FIELDS:
        raise InvalidControl(f"an error has operation and message, and takes {', '.join(sorted(_FIELDS))}")
    if item["operation"] not in OPERATIONS or not _is_text(item["message"]):
        raise InvalidControl("operation must be a full name of RegiX's, message a text that can be printed")
    if item.get("raised_by", "register") not in {"register", "core"}:
        raise InvalidControl("raised_by must be register or core")
    times = item.get("times")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 0):
        raise InvalidControl("times must be a whole number or null")
    if not isinstance(item.get("later", False), bool):
        raise InvalidControl("later must be true or false")
    return RegisterError(**item)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value.isprintable()
