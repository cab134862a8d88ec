"""Whether the lines that the register shows are those that were sent: no less and no more. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.systems.erx.bundle import BOOKLET_PART, medication_request
from worker.systems.erx.envelope import items, named, text
from worker.systems.erx.request import seed_of
from worker.systems.erx.response import identifiers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.erx.prescription import IssuePrescription, PrescriptionLine
    from worker.systems.erx.settings import ErxSettings

_AMOUNT = {"value": None, "unit": None}
_CODED = {"coding": {"system": None, "code": None, "display": None}}
_SENDABLE: Mapping[str, Any] = {
    "medicationCodeableConcept": _CODED,
    "authoredOn": None,
    "reasonCode": _CODED,
    "dosageInstruction": {
        "text": None,
        "doseAndRate": {"doseQuantity": _AMOUNT, "rateQuantity": _AMOUNT},
    },
    "dispenseRequest": {
        "dispenseInterval": _AMOUNT,
        "quantity": _AMOUNT,
        "expectedSupplyDuration": _AMOUNT,
    },
    "substitution": {"allowedBoolean": None},
}
"""The members of a line that Herald sends. Those that the register adds (`status`, `requester`) are not compared."""


def same_lines(
    data: IssuePrescription, settings: ErxSettings, shown: Sequence[object]
) -> list[object] | None:
    """Return the shown lines in the order of those sent; None where one is missing, shown twice, or was not sent."""
    left, ours = list(shown), []
    for line in data.lines:
        fitting = next((at for at, one in enumerate(left) if _same(one, data, line, settings)), None)
        if fitting is None:
            return None
        ours.append(left.pop(fitting))
    return None if left else ours


def internal_id(data: IssuePrescription, line: PrescriptionLine, settings: ErxSettings) -> str:
    """Return the internal id of a line in the register."""
    return seed_of(data) if settings.sends_seed else line.internal_id


def _same(theirs: object, data: IssuePrescription, line: PrescriptionLine, settings: ErxSettings) -> bool:
    letter = data.category
    category = letter.value if settings.category_in_query else settings.category_code(letter)
    mine = medication_request(data, line, settings)
    return (
        identifiers(theirs, "internal") == [internal_id(data, line, settings)]
        and identifiers(theirs, "booklet-id") == _given(data.booklet_number)
        and _booklet_parts(theirs) == _given(line.booklet_part)
        and _categories(theirs) == [category]
        and alike(part(theirs, _SENDABLE), part(mine, _SENDABLE))
    )


def _given(value: str | None) -> list[str]:
    return [] if value is None else [value]


def _booklet_parts(resource: object) -> list[str | None]:
    extensions = (one for one in items(resource, "extension") if text(one, "url") == BOOKLET_PART)
    return [text(one, "valuestring") for one in extensions]


def _categories(resource: object) -> list[str | None]:
    return [text(one, "code") for concept in items(resource, "category") for one in items(concept, "coding")]


def part(value: object, wanted: Mapping[str, Any] | None) -> Any:
    """Return the wanted members of a value, under the wanted names; None where it has none of them."""
    if wanted is None:
        return value
    if isinstance(value, list):
        return [part(one, wanted) for one in value] or None
    if not isinstance(value, dict):
        return value
    found = {name: part(_member(value, name), inner) for name, inner in wanted.items()}
    return {name: one for name, one in found.items() if one is not None} or None


def _member(value: dict[str, Any], name: str) -> Any:
    """Return the member; both where the value has it twice, which equals nothing that was sent."""
    found = named(value, name.lower())
    return found[0] if len(found) == 1 else found or None


def alike(theirs: object, mine: object) -> bool:
    """Whether both are equal: 1 equals 1.0, and does not equal true."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return mine.keys() == theirs.keys() and all(alike(theirs[name], one) for name, one in mine.items())
    if isinstance(mine, list) and isinstance(theirs, list):
        return len(mine) == len(theirs) and all(map(alike, theirs, mine))
    return type(theirs) in _COMPARABLE.get(type(mine), ()) and theirs == mine


_COMPARABLE: dict[type, tuple[type, ...]] = {
    str: (str,),
    bool: (bool,),
    int: (int, float),
    float: (int, float),
}
