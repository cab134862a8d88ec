"""Searching the FHIR server: `GET /fhir/MedicationRequest` and `/fhir/MedicationDispense`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.erx.reading import objects_at, read_query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sandbox.erx.store import Store, Stored

_SORT = "_sort"


class UnknownParameter(Exception):
    """The search has a parameter that the documents do not show; the message is its name, or that of its value."""


def find(store: Store, kind: str, query: str) -> list[Stored]:
    """Return what fits every parameter, sorted as asked. Raises UnknownParameter."""
    parameters = read_query(query)
    backwards = _backwards(parameters.pop(_SORT, ["_id"]))
    unknown = sorted(set(parameters) - set(_FITS))
    if unknown:
        raise UnknownParameter(unknown[0])
    wanted = [(_FITS[name], value) for name, values in parameters.items() for value in values]
    found = [one for one in store.of(kind) if all(fits(one, value) for fits, value in wanted)]
    return sorted(found, key=lambda one: one.id, reverse=backwards)


def searchset(found: Sequence[Stored], base: str, address: str, new_id: str) -> dict[str, Any]:
    """Return FHIR's bundle of what was found; ``base`` is what references are relative to."""
    return {
        "resourceType": "Bundle",
        "id": new_id,
        "type": "searchset",
        "total": len(found),
        "link": [{"relation": "self", "url": address}],
        "entry": [
            {
                "fullUrl": f"{base}/{one.reference}",
                "resource": one.shown(),
                "search": {"mode": "match"},
            }
            for one in found
        ],
    }


def outcome(diagnostics: str, code: str) -> dict[str, Any]:
    """Return FHIR's form of an error."""
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _backwards(sort: Sequence[str]) -> bool:
    if sort not in (["_id"], ["-_id"]):
        raise UnknownParameter(_SORT)
    return sort == ["-_id"]


def _has_token(values: Iterator[tuple[object, object]], wanted: str) -> bool:
    """Whether a value is the token: `<system>|<value>`, or a value in any system."""
    system, bar, value = wanted.rpartition("|")
    return any(has == value and (not bar or within == system) for within, has in values)


def _identifiers(resource: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    return ((one.get("system"), one.get("value")) for one in objects_at(resource, "identifier"))


def _codes(resource: Mapping[str, Any]) -> Iterator[tuple[object, object]]:
    codings = objects_at(resource, "medicationCodeableConcept", "coding")
    return ((one.get("system"), one.get("code")) for one in codings)


_FITS: Mapping[str, Callable[[Stored, str], bool]] = {
    "identifier": lambda one, wanted: _has_token(_identifiers(one.content), wanted),
    "subject.identifier": lambda one, wanted: _has_token(_identifiers(one.patient), wanted),
    "code": lambda one, wanted: _has_token(_codes(one.content), wanted),
    "status": lambda one, wanted: one.content.get("status") == wanted,
}
