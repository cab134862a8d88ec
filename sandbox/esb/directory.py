"""The read side of the portal of services (epdeau).

Only the addresses and their parameters are known, from a client. That client takes most answers as maps without a
form. What is answered here is INVENTED, but for being JSON objects: no client may rely on a member's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.esb.answers import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.esb.backend import Call
    from sandbox.stand_in import Answer

_INVENTED = {"invented": True}
_SUPPLIERS = (
    {"code": "9901", "eik": "999000010", "name": "Измислена администрация"},
    {"code": "9902", "eik": "999000021", "name": "Измислена община"},
)
_SERVICES = (
    {"number": "990001", "supplierEIK": "999000010", "name": "Измислена услуга"},
    {"number": "990002", "supplierEIK": "999000010", "name": "Друга измислена услуга"},
)
_OPERATIONS: Mapping[str, tuple[str, str | None]] = {
    "/provider/suppliers": ("suppliers", None),
    "/provider/get-supplier": ("supplier", "code"),
    "/provider/service": ("services", "suppliereik"),
    "/provider/get-service": ("service", "number"),
    "/UserProfileService/GetEGOVUserContactData": ("contact", "identifier"),
    "/UserProfileService/GetEGOVUserAdministrationsAuthorization": ("authorization", "personalidentifier"),
}


class Directory:
    """The back-end at /epdeau."""

    prefix, scope = "/epdeau", "/epdeau*"
    traits: tuple[str, ...] = ()

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.reset()

    def operation(self, method: str, path: str) -> str | None:
        """Return the operation, e.g. `epdeau.suppliers`."""
        known = _OPERATIONS.get(path) if method == "GET" else None
        return None if known is None else f"epdeau.{known[0]}"

    def traits_of(self, call: Call) -> Mapping[str, str | None]:
        """Return none: the parameters may name persons."""
        del call
        return {}

    def answer(self, call: Call) -> Answer:
        """Answer a question; the ledger counts it without its parameter."""
        known = _OPERATIONS.get(call.path) if call.method == "GET" else None
        if known is None:
            return self.failed(404)
        name, needed = known
        value = call.query.get(needed, "") if needed else ""
        if needed and not value:
            return self.failed(400)
        self.asked.append({"at": self._now().isoformat(), "operation": name})
        return json_answer({**_INVENTED, **_CONTENTS[name](value)}, kind="answered")

    def failed(self, status: int) -> Answer:
        """Return an invented error."""
        return json_answer({**_INVENTED, "error": status}, status=status)

    def altered(self, answer: Answer) -> Answer:
        """Return the list of suppliers, whatever was asked."""
        return json_answer({**_INVENTED, **_CONTENTS["suppliers"]("")}, kind=answer.kind)

    def ledger(self) -> Mapping[str, Any]:
        """Return what was asked."""
        return {"epdeau": self.asked}

    def control(self, name: str, body: Any) -> Any | None:
        """Know no control of its own."""
        del name, body
        return None

    def reset(self) -> None:
        """Forget what was asked."""
        self.asked: list[dict[str, Any]] = []


def _chosen(table: tuple[dict[str, str], ...], name: str, value: str) -> list[dict[str, str]]:
    return [one for one in table if one[name] == value]


_CONTENTS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "suppliers": lambda _value: {"suppliers": list(_SUPPLIERS)},
    "supplier": lambda value: {"supplier": next(iter(_chosen(_SUPPLIERS, "code", value)), None)},
    "services": lambda value: {"services": _chosen(_SERVICES, "supplierEIK", value)},
    "service": lambda value: {"service": next(iter(_chosen(_SERVICES, "number", value)), None)},
    "contact": lambda _value: {"email": "person@invalid", "phone": "000"},
    "authorization": lambda _value: {"administrations": []},
}
