"""The cast of the morning, and how they make submissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from herald.demo.acts import OK, REGISTER, Act, Doctor, Expected, event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from herald.demo.people import Patient
    from herald.demo.vaccines import Vaccine


@dataclass(frozen=True, slots=True)
class Cast:
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
    ) -> Act:
        """Make a submission about a patient."""
        chosen = doctor or self.doctor(index)
        value = event(name, operation, chosen, data)
        return Act(name, operation, self.patients[index], chosen, data, (value,), expected, note)

    def register(
        self, name: str, index: int, vaccine: Vaccine, expected: Expected = OK, *, note: str = "", **dose: Any
    ) -> Act:
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
