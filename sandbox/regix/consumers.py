"""Who may ask for what: a certificate is known by its thumbprint, and has rights to operations and to elements."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.regix.errors import DISABLED, NO_ACCESS, NO_CERTIFICATE, NOT_ACTIVE, Denied
from sandbox.regix.operations import OPERATIONS
from sandbox.regix.reports import REPORTS
from sandbox.stand_in import InvalidControl

_VALID, _DATA = "INBDAPI.ValidPersonSearch", "INBDAPI.PersonDataSearch"
_GRAO = "TechnoLogica.RegiX.GraoNBDAdapter.APIService."


@dataclass(frozen=True, slots=True)
class Consumer:
    """One certificate's rights. ``operations`` None: all of them; ``hidden``: dotted paths by operation."""

    name: str
    thumbprint: str
    registered: bool = True
    active: bool = True
    operations: frozenset[str] | None = None
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "name": self.name,
            "thumbprint": self.thumbprint,
            "registered": self.registered,
            "active": self.active,
            "operations": None if self.operations is None else sorted(self.operations),
            "hidden": {operation: sorted(paths) for operation, paths in self.hidden.items()},
        }


FIRST: Mapping[str, Mapping[str, Any]] = {
    "hospital": {},
    "clinic": {
        "operations": frozenset({f"{_GRAO}{_VALID}", f"{_GRAO}{_DATA}"}),
        "hidden": {
            f"{_GRAO}{_VALID}": frozenset({"DeathDate"}),
            f"{_GRAO}{_DATA}": frozenset({"LatinNames", "PersonNames.SurName", "EGN"}),
        },
    },
    "former": {"active": False},
    "unregistered": {"registered": False},
}
"""The rights at the start, by the name of a certificate of the sandbox."""


class Consumers:
    """The register of certificates, and the operations that are disabled for everyone."""

    def __init__(self, certificates: Mapping[str, bytes]) -> None:
        self._certificates = {name: thumbprint_of(der) for name, der in certificates.items()}
        self.reset()

    def reset(self) -> None:
        """Go back to the start."""
        self.disabled: frozenset[str] = frozenset()
        self._by_thumbprint = {
            thumbprint: Consumer(name, thumbprint, **FIRST.get(name, {}))
            for name, thumbprint in self._certificates.items()
        }

    def name_of(self, certificate: bytes | None) -> str | None:
        """Return the certificate's name in the sandbox, whatever its rights."""
        found = self._find(certificate)
        return found.name if found else None

    def admitted(self, certificate: bytes | None, operation: str, *, check_enabled: bool = True) -> Consumer:
        """Return who may use this operation. Raises Denied, in the order in which RegiX checks."""
        found = self._find(certificate)
        if found is None or not found.registered:
            raise Denied(NO_CERTIFICATE)
        if not found.active:
            raise Denied(NOT_ACTIVE)
        if found.operations is not None and operation not in found.operations:
            raise Denied(NO_ACCESS)
        if check_enabled and operation in self.disabled:
            raise Denied(DISABLED)
        return found

    def change(self, body: Any) -> list[dict[str, Any]]:
        """Change the rights of consumers by a control request; return all. Raises InvalidControl."""
        listed = body if isinstance(body, list) else [body]
        changed = [self._changed(item) for item in listed]
        self._by_thumbprint |= {one.thumbprint: one for one in changed}
        return self.shown()

    def shown(self) -> list[dict[str, Any]]:
        """Return all consumers ready for JSON."""
        return [one.shown() for one in self._by_thumbprint.values()]

    def _find(self, certificate: bytes | None) -> Consumer | None:
        return None if certificate is None else self._by_thumbprint.get(thumbprint_of(certificate))

    def _changed(self, item: Any) -> Consumer:
        names = sorted(self._certificates)
        if not isinstance(item, Mapping) or item.get("name") not in self._certificates:
            raise InvalidControl(f"a consumer has a name, one of {', '.join(names)}")
        fields = {"name", "registered", "active", "operations", "hidden"}
        if not set(item) <= fields:
            raise InvalidControl(f"a consumer takes {', '.join(sorted(fields))}")
        given: dict[str, Any] = {name: item[name] for name in ("registered", "active") if name in item}
        if not all(isinstance(value, bool) for value in given.values()):
            raise InvalidControl("registered and active must be true or false")
        if "operations" in item:
            listed = item["operations"]
            given["operations"] = None if listed is None else operations_in(listed, "operations")
        if "hidden" in item:
            given["hidden"] = _hidden(item["hidden"])
        return replace(self._by_thumbprint[self._certificates[item["name"]]], **given)


def thumbprint_of(certificate: bytes) -> str:
    """Return the thumbprint of a certificate in DER, as Windows shows it."""
    return hashlib.sha1(certificate, usedforsecurity=False).hexdigest().upper()


def operations_in(value: Any, name: str) -> frozenset[str]:
    """Read a list of operations' full names. Raises InvalidControl."""
    if not isinstance(value, list) or not OPERATIONS.issuperset(map(str, value)):
        raise InvalidControl(f"{name} must be a list of full names of RegiX's operations")
    return frozenset(value)


def _hidden(value: Any) -> dict[str, frozenset[str]]:
    if not isinstance(value, Mapping) or not set(value) <= set(REPORTS):
        raise InvalidControl(
            "hidden must be an object of paths by the full name of an operation with a known form"
        )
    for operation, paths in value.items():
        known = set(REPORTS[operation].answer.paths())
        if not isinstance(paths, list) or not known.issuperset(map(str, paths)):
            raise InvalidControl(f"{operation} has no such elements; it has {', '.join(sorted(known))}")
    return {operation: frozenset(paths) for operation, paths in value.items()}
