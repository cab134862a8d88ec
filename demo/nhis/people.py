"""The patients and doctors of the NHIS scenario, and the submissions that they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from demo.nhis.records import REGISTER, SYSTEM
from demo.steps import OK, Expected, Step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from demo.nhis.vaccines import Vaccine
    from demo.people import Patient


@dataclass(frozen=True, slots=True)
class Doctor:
    """A signing identity and the professional's number that goes with it."""

    signer: str
    uin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientStep(Step):
    """A submission about a patient, by a doctor."""

    patient: Patient = field(repr=False)
    doctor: Doctor


@dataclass(frozen=True, slots=True)
class People:
    """A dozen patients, three doctors (a patient stays with one), and the day."""

    patients: tuple[Patient, ...]
    doctors: tuple[Doctor, ...]
    today: date

    def doctor(self, index: int) -> Doctor:
        """Return the doctor of a patient."""
        return self.doctors[index % len(self.doctors)]

    def ask(
        self,
        name: str,
        operation: str,
        index: int,
        data: Mapping[str, Any],
        expected: Expected = OK,
        *,
        note: str = "",
        doctor: Doctor | None = None,
    ) -> PatientStep:
        """Make a submission about a patient."""
        chosen, patient = doctor or self.doctor(index), self.patients[index]
        return PatientStep.of(
            name,
            SYSTEM,
            operation,
            signer=chosen.signer,
            data=data,
            key=patient.pseudonym,
            expected=expected,
            note=note,
            patient=patient,
            doctor=chosen,
        )

    def register(
        self, name: str, index: int, vaccine: Vaccine, expected: Expected = OK, *, note: str = "", **dose: Any
    ) -> PatientStep:
        """Make a registration; `dose` as in `registration`."""
        data = self.registration(index, vaccine, **dose)
        return self.ask(name, REGISTER, index, data, expected, note=note)

    def registration(
        self, index: int, vaccine: Vaccine, *, dose: int = 1, previous: str | None = None
    ) -> dict[str, Any]:
        """Return the data of a registration."""
        immunization = {
            "occurrence": self.today.isoformat(),
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
            "uin": self.doctor(index).uin,
            "role": "titular",
            "qualification": {"code": "1043", "nhifCode": "00"},
            "practiceNumber": "2201000001",
        }
        return {"patient": self.patients[index].data(), "performer": performer, "immunization": immunization}
