"""The central generator of numbers of services (ORN): each call that is answered is a new number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.esb.answers import JSON, json_answer
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.esb.backend import Call
    from sandbox.esb.state import State

_PATH = "/connector/v1/WebServiceUniqueNumber"
_NEEDED = ("bulstat", "type_service", "uri_service")


class Generator:
    """The back-end at /orn. The form of a number is invented: BGEM, nine digits, a letter, a digit."""

    prefix, scope = "/orn", "/orn*"
    traits: tuple[str, ...] = ("uri_service",)

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        self._state = state
        self._now = now
        self.reset()

    def operation(self, method: str, path: str) -> str | None:
        """Return `orn` for its only address."""
        return "orn" if (method, path) == ("GET", _PATH) else None

    def traits_of(self, call: Call) -> Mapping[str, str | None]:
        """Return the service's address as it was given."""
        return {"uri_service": call.query.get("uri_service")}

    def answer(self, call: Call) -> Answer:
        """Give the next number."""
        if self.operation(call.method, call.path) is None:
            return self.failed(404)
        missing = [name for name in _NEEDED if not call.query.get(name)]
        if missing:
            return _answered("400", f"Missing: {', '.join(missing)}", "", status=400)
        return self._variants[self._state.variants.orn](call)

    def failed(self, status: int) -> Answer:
        """Return a return_code of this status."""
        return _answered(str(status), "ERROR", "", status=status)

    def altered(self, answer: Answer) -> Answer:
        """Return the answer as it is: a number says nothing of its request."""
        return answer

    def ledger(self) -> Mapping[str, Any]:
        """Return the numbers that were given."""
        return {"orn": self.given}

    def control(self, name: str, body: Any) -> Any | None:
        """Know no control of its own."""
        del name, body
        return None

    def reset(self) -> None:
        """Forget the numbers."""
        self.given: list[dict[str, Any]] = []
        self._variants: Mapping[str, Callable[[Call], Answer]] = {
            "ok": self._numbered,
            "refused": lambda _call: _answered("500", "The service is not registered", ""),
            "empty": lambda _call: _answered("200", "OK", ""),
            "malformed": lambda _call: Answer(200, b'{"return_code":"200","orn":', JSON, kind="malformed"),
        }

    def _numbered(self, call: Call) -> Answer:
        number = f"BGEM{len(self.given) + 1:09d}H0"
        said = {name: call.query[name] for name in _NEEDED}
        self.given.append({"orn": number, **said, "at": self._now().isoformat()})
        return _answered("200", "OK", number)


def _answered(code: str, description: str, number: str, *, status: int = 200) -> Answer:
    content = {"return_code": code, "description_code": description, "orn": number}
    return json_answer(content, status=status, kind=code)
