"""What the hospital publishes, and what must come of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from herald.demo.people import Patient

SOURCE = "/hospitals/demo/his"
ACCEPTED, REJECTED, FAILED, HELD = "accepted", "rejected", "failed", "held"


@dataclass(frozen=True, slots=True)
class Doctor:
    """A signing identity and the professional's number that goes with it."""

    signer: str
    uin: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a submission: its reply, and how many dead letters of which reason."""

    kind: str
    code: str | None = None
    dead_letters: tuple[str, ...] = ()
    least_attempts: int = 1


@dataclass(frozen=True, slots=True)
class Act:
    """One submission; `events` has more than one value where it is published more than once."""

    id: str
    operation: str
    patient: Patient = field(repr=False)
    doctor: Doctor
    events: tuple[bytes, ...] = field(repr=False)
    expected: Expected
    note: str
    answers: int = 1
    """How often the answer is published: a duplicate event gets the stored one again."""


def event(submission_id: str, event_type: str, doctor: Doctor, data: dict[str, Any]) -> bytes:
    """Return a structured CloudEvent."""
    document = {
        "specversion": "1.0",
        "id": submission_id,
        "source": SOURCE,
        "type": f"nhis.{event_type}.v1",
        "signer": doctor.signer,
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(document, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Vaccine:
    """A vaccine of CL037 with a lot that the sandbox invents for it."""

    code: str
    disease: str
    doses: int
    lot: str


def register(
    patient: Patient,
    doctor: Doctor,
    vaccine: Vaccine,
    day: date,
    *,
    dose: int = 1,
    previous: str | None = None,
) -> dict[str, Any]:
    """Return the data of a registration."""
    immunization = {
        "occurrence": day.isoformat(),
        "targetDiseases": [vaccine.disease],
        "vaccineCode": vaccine.code,
        "primarySource": True,
        "seriesDoses": vaccine.doses,
        "doseNumber": dose,
        "lotNumber": vaccine.lot,
        "bodySite": "LA",
        "route": "IM",
    }
    if previous is not None:
        immunization["previousNrn"] = previous
    performer = {
        "uin": doctor.uin,
        "role": "titular",
        "qualification": {"code": "1043", "nhifCode": "00"},
        "practiceNumber": "2201000001",
    }
    return {"patient": patient.data(), "performer": performer, "immunization": immunization}
