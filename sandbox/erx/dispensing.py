"""A pharmacy's work, done on request of the sandbox's control: every line of a prescription is dispensed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.erx.namespaces import BARCODE, BOOKLET, identified, identifier
from sandbox.erx.parts import MEDICATION_REQUEST
from sandbox.erx.reading import at

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.erx.store import Store, Stored

_KIND = "MedicationDispense"


def dispense(store: Store, barcode: str, moment: datetime) -> list[str]:
    """Dispense the lines with this barcode that are still active; return the references of the dispenses."""
    given = [line for line in store.of(MEDICATION_REQUEST) if _is_open(line, barcode)]
    return [_dispense(store, line, barcode, moment) for line in given]


def _is_open(line: Stored, barcode: str) -> bool:
    return line.content.get("status") == "active" and identified(line.content, BARCODE) == barcode


def _dispense(store: Store, line: Stored, barcode: str, moment: datetime) -> str:
    booklet = identified(line.content, BOOKLET)
    content: dict[str, Any] = {
        "resourceType": _KIND,
        "identifier": [
            identifier(BARCODE, barcode),
            *([identifier(BOOKLET, booklet)] if booklet else []),
        ],
        "status": "completed",
        "medicationCodeableConcept": line.content["medicationCodeableConcept"],
        "subject": line.content["subject"],
        "authorizingPrescription": [{"reference": line.reference}],
        "quantity": at(line.content, "dispenseRequest", "quantity"),
        "whenHandedOver": moment.isoformat(),
    }
    _, given = store.put((_KIND, line.reference, line.version), _KIND, content, line.patient, same=False)
    line.content = {**line.content, "status": "completed"}
    line.version += 1
    return given.reference
