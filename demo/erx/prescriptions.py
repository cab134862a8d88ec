"""The practice's submissions: prescriptions and their changes, searches, barcodes, a new user."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from demo.people import patients
from demo.steps import ACCEPTED, FAILED, OK, REJECTED, Expected, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from demo.steps import Results

SYSTEM = "erx"
ISSUE, REGISTER, WHO_AM_I = "prescription.issue", "user.register", "user.whoami"
SEARCH, PHARMACY = "prescription.search", "pharmacy.search"
GENERATE, RESERVE, IMAGE = "barcode.generate", "barcode.reserve", "barcode.image"
DOCTOR, OTHER_DOCTOR, ADMIN = "erx-dr-ivanova", "erx-dr-petrov", "erx-admin"
NEW_USER = "erx-new-doctor"
"""The name of the secret that holds the new user's password."""
NO_BARCODE = "ERX0000000000N00088A"
"""Used where an earlier phase got no barcode: the run goes on, and the audit reports both submissions."""
LOST, HUNG, CHANGED, RESERVED = 0, 1, 2, 3
"""The patients whose prescriptions meet a fault, are changed, or are printed before they are registered."""
AGAIN = 2
"""The fewest attempts of a submission whose answer was lost."""


def internal_id(index: int) -> str:
    """Return the practice's own id of a patient's prescription."""
    return f"20261{index:05}"


@dataclass(frozen=True, slots=True)
class Practice:
    """The practice that publishes, on one day."""

    today: date

    def first(self, _: Results) -> list[Step]:
        """Issue prescriptions, one of them with a wrong number of the patient."""
        lost = Expected(ACCEPTED, least_attempts=AGAIN)
        steps = [self.issue(f"erx-0{index + 1}", index) for index in range(4)]
        steps[LOST] = replace(steps[LOST], expected=lost, note="answer lost: sent again, a new version")
        steps[HUNG] = replace(steps[HUNG], expected=lost, note="no answer in time: sent again, a new version")
        who = self.ask("erx-who", WHO_AM_I, {}, note="proves login and token")
        return [who, self._reserve(), *steps, self._broken()]

    def second(self, results: Results) -> list[Step]:
        """Change one, look for them, draw a barcode, and register a user, twice."""
        barcode = _barcode(results)
        found = {"patient": {"identifierType": "egn", "identifier": patients()[LOST].egn}}
        taken = Expected(REJECTED)
        return [
            self.issue("erx-03b", CHANGED, dose=4, note="changed: the same ids, a new version"),
            self.ask("erx-search", SEARCH, found, Expected(ACCEPTED, found=1), index=LOST),
            self.ask("erx-pharmacy", PHARMACY, {"barcode": barcode}, index=3),
            self.ask("erx-barcode", GENERATE, {"kind": "date", "code": "123123"}),
            self.ask("erx-image", IMAGE, {"code": barcode}),
            self.ask("erx-user", REGISTER, _user(NEW_USER), signer=ADMIN),
            self.ask(
                "erx-user-2", REGISTER, _user("another-name"), taken, signer=ADMIN, note="e-mail is taken"
            ),
        ]

    def issue(self, name: str, index: int, *, dose: int = 3, note: str = "") -> Step:
        """Issue (or, under the same internal id, change) a patient's prescription."""
        signer = DOCTOR if index % 2 == 0 else OTHER_DOCTOR
        return self.ask(name, ISSUE, self._prescription(index, dose), index=index, signer=signer, note=note)

    def ask(
        self,
        name: str,
        operation: str,
        data: Mapping[str, Any],
        expected: Expected = OK,
        *,
        index: int | None = None,
        signer: str = DOCTOR,
        note: str = "",
    ) -> Step:
        """Make a submission, about a patient where ``index`` says so."""
        return Step.of(
            name,
            SYSTEM,
            operation,
            signer=signer,
            data=data,
            key="practice-1" if index is None else patients()[index].pseudonym,
            expected=expected,
            note=note,
        )

    def _reserve(self) -> Step:
        """Make the barcode of a prescription that is issued afterwards, under the same key."""
        data = {"internalId": internal_id(RESERVED)}
        note = "barcode printed before it is registered"
        return self.ask("erx-reserve", RESERVE, data, index=RESERVED, signer=OTHER_DOCTOR, note=note)

    def _broken(self) -> Step:
        data = self._prescription(5, 3)
        data["patient"]["identifier"] = "7223154155"
        refused = Expected(FAILED, "contract-violation", ("contract-violation",), least_attempts=0)
        return self.ask("erx-broken", ISSUE, data, refused, index=5)

    def _prescription(self, index: int, dose: int) -> dict[str, Any]:
        at = datetime.combine(self.today, time(), UTC) - timedelta(hours=12)
        moment, later = (
            at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            (at + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        person = patients()[index]
        return {
            "category": "N",
            "authoredOn": later,
            "lines": [_line(internal_id(index), dose)],
            "prescriber": {
                "uin": "0000000001",
                "name": {"prefix": "д-р", "given": "Измислена", "family": "Иванова"},
                "phone": "000000000",
                "email": "practice@hospital.example",
                "gender": "female",
                "specialty": {"code": "00", "display": "Общопрактикуващ лекар"},
            },
            "patient": {
                "identifierType": "egn",
                "identifier": person.egn,
                "birthDate": person.born.isoformat(),
                "gender": person.gender,
                "name": {"given": person.given, "family": person.family},
                "maternity": False,
                "pregnancy": False,
            },
            "encounter": {"id": f"0160{index}", "start": moment, "end": later},
        }


def _line(own_id: str, dose: int) -> dict[str, Any]:
    return {
        "internalId": own_id,
        "bookletPart": "A0",
        "medication": {"code": "RF034", "display": "ZYRTEC FILM COATED TABLETS 10MG 10"},
        "diagnosis": "J30.1",
        "dosage": {
            "text": "сутрин на гладно",
            "dose": {"value": dose, "unit": "units"},
            "rate": {"value": 2, "unit": "daily"},
        },
        "dispense": {
            "quantity": {"value": 2, "unit": "pack"},
            "interval": {"value": 7, "unit": "days"},
            "supplyDuration": {"value": 11, "unit": "days"},
        },
        "substitutionAllowed": False,
    }


def _user(username: str) -> dict[str, Any]:
    return {
        "username": username,
        "credentials": NEW_USER,
        "firstName": "Никой",
        "lastName": "Измислен",
        "email": "new-doctor@hospital.example",
        "organization": {"name": "ДКЦ Пример", "number": "2201000001"},
    }


def _barcode(results: Results) -> str:
    """Return the register's barcode of the prescription that met no fault."""
    answers: Sequence[Any] = results.answers["erx-04"]
    codes = answers[0].result.get("barcodes") if answers else None
    return codes[0] if codes else NO_BARCODE
