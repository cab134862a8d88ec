"""The required parts of each resource of a lite bundle: those that the documents' examples have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.erx.errors import BusinessError, invalid, mandatory
from sandbox.erx.namespaces import ENCOUNTER, NHIF_MEDICINES, SATHEALTH_MEDICINES, UIN, identified
from sandbox.erx.reading import at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MEDICATION_REQUEST = "MedicationRequest"
_GENDERS = ("male", "female", "other", "unknown")  # FHIR's
_LONGEST_IDENTIFIER = 64


def is_text(value: object) -> bool:
    """Whether it is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def is_moment(value: object) -> bool:
    """Whether it is a date, or a date with time, as FHIR and ISO 8601 write it."""
    try:
        datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def is_amount(value: object) -> bool:
    """Whether it is a number above zero."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


@dataclass(frozen=True, slots=True)
class Part:
    """One value that must be there, and what it must be."""

    steps: tuple[str | int, ...]
    good: Callable[[object], bool] = is_text

    def problems(self, resource: Mapping[str, Any], place: str) -> Iterator[BusinessError]:
        """Yield what is wrong with it; ``place`` is the resource's own path."""
        value = at(resource, *self.steps)
        path, name = place + _path(self.steps), str(self.steps[-1])
        if value is None:
            yield mandatory(path, name)
        elif not self.good(value):
            yield invalid(path, name)


REASON = Part(("reasonCode", 0, "coding", 0, "code"))
"""The diagnosis: in every example that NHIF pays for, and in none that it does not."""

_PARTS: Mapping[str, tuple[Part, ...]] = {
    MEDICATION_REQUEST: (
        Part(
            ("medicationCodeableConcept", "coding", 0, "system"),
            lambda value: value in (NHIF_MEDICINES, SATHEALTH_MEDICINES),
        ),
        Part(("medicationCodeableConcept", "coding", 0, "code")),
        Part(("authoredOn",), is_moment),
        Part(("dosageInstruction", 0, "text")),
        Part(("dispenseRequest", "quantity", "value"), is_amount),
        Part(("dispenseRequest", "quantity", "unit")),
    ),
    "Practitioner": (Part(("name", 0, "family")),),
    "PractitionerRole": (Part(("specialty", 0, "coding", 0, "code")),),
    "Patient": (
        Part(("identifier", 0, "system")),
        Part(("identifier", 0, "value")),
        Part(("name", 0, "family")),
        Part(("birthDate",), is_moment),
        Part(("gender",), lambda value: value in _GENDERS),
    ),
    "Encounter": (Part(("period", "start"), is_moment),),
}
_IDENTIFIERS = {"Practitioner": UIN, "Encounter": ENCOUNTER}
SINGLE = tuple(kind for kind in _PARTS if kind != MEDICATION_REQUEST)
"""The resources that a bundle has once."""


def problems_of(resource: Mapping[str, Any], place: str) -> Iterator[BusinessError]:
    """Yield what is wrong with a resource of one of the five types."""
    kind = str(resource["resourceType"])
    system = _IDENTIFIERS.get(kind)
    if system is not None:
        yield from identifier_problems(resource, system, place)
    for part in _PARTS[kind]:
        yield from part.problems(resource, place)


def identifier_problems(resource: Mapping[str, Any], system: str, place: str) -> Iterator[BusinessError]:
    """Yield the lack of an identifier in this system."""
    value = identified(resource, system)
    if value is None:
        yield mandatory(f"{place}.identifier", system)
    elif len(value) > _LONGEST_IDENTIFIER:
        yield invalid(f"{place}.identifier", system)


def _path(steps: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
