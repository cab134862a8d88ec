"""A hospital's morning in four rounds; later rounds use what NHIS answered to earlier ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from herald.demo.acts import (
    ACCEPTED,
    FAILED,
    HELD,
    REJECTED,
    Act,
    Doctor,
    Expected,
    Vaccine,
    event,
    register,
)

if TYPE_CHECKING:
    from herald.demo.people import Patient
    from herald.demo.stage import Sandbox

Nrns: TypeAlias = Mapping[str, str]
"""What NHIS registered so far: submission id to NRN."""
REGISTER, SEARCH, CANCEL = "immunization.register", "immunization.search", "immunization.cancel"
REACTION, CERTIFICATE = "adverse-reaction.register", "certificate.fetch"
OK = Expected(ACCEPTED)
OUTAGE_SECONDS = 4.0


def _lot(code: str) -> str:
    """Return the first lot that the sandbox invents for a vaccine."""
    return "SBX" + hashlib.sha256(f"{code}/0".encode()).hexdigest()[:6].upper()


def _vaccine(code: str, disease: str, doses: int) -> Vaccine:
    return Vaccine(code, disease, doses, _lot(code))


HEPATITIS_B = _vaccine("2998", "Z24.6", 2)
INFLUENZA = _vaccine("16568", "Z25.1", 1)
COVID = _vaccine("-1000", "U07.1", 2)


@dataclass(frozen=True, slots=True)
class Morning:
    """The cast and the day."""

    patients: tuple[Patient, ...]
    doctors: tuple[Doctor, ...]
    today: date

    def rounds(self) -> tuple[tuple[str, Callable[[Sandbox], None], Callable[[Nrns], list[Act]]], ...]:
        """Return the rounds: what to say, what shall go wrong, what is published."""
        return (
            (
                "first doses; answers get lost, time out, come as errors",
                self._first_faults,
                self._first_doses,
            ),
            (
                "second doses; tokens expire, events repeat, conflict and break the contract",
                _expire,
                self._second_doses,
            ),
            ("searches, reactions, cancellations, certificates", self._third_faults, self._desk_work),
            (f"NHIS is away for {OUTAGE_SECONDS:.0f} s", _outage, self._influenza),
        )

    def _doctor(self, index: int) -> Doctor:
        return self.doctors[index % len(self.doctors)]

    def _register(
        self, name: str, index: int, vaccine: Vaccine, expected: Expected = OK, note: str = "", **more: Any
    ) -> Act:
        patient, doctor = self.patients[index], self._doctor(index)
        data = register(patient, doctor, vaccine, self.today, **more)
        value = event(name, REGISTER, doctor, data)
        return Act(name, REGISTER, patient, doctor, (value,), expected, note)

    def _ask(
        self, name: str, operation: str, index: int, data: dict[str, Any], expected: Expected = OK, note: str = "",
        doctor: Doctor | None = None,
    ) -> Act:  # fmt: skip
        chosen = doctor or self._doctor(index)
        return Act(
            name,
            operation,
            self.patients[index],
            chosen,
            (event(name, operation, chosen, data),),
            expected,
            note,
        )

    def _first_faults(self, sandbox: Sandbox) -> None:
        def on(index: int, kind: str, **more: Any) -> dict[str, Any]:
            match = {"messageType": "I001", "patient": self.patients[index].egn}
            return {"kind": kind, "match": match, "times": 1, **more}

        sandbox.faults(
            [
                on(0, "drop-after"),
                on(1, "hang-after", seconds=6),
                on(2, "status", status=500, body="html"),
                on(3, "status", status=429, headers={"Retry-After": "1"}, body="empty"),
                on(4, "truncate"),
                on(5, "drop-before"),
            ]
        )

    def _first_doses(self, _: Nrns) -> list[Act]:
        again = Expected(ACCEPTED, least_attempts=2)
        trouble = {
            0: "answer lost after NHIS had registered it",
            1: "no answer in time, though registered",
            2: "500 with an HTML page",
            3: "429, Retry-After 1 s",
            4: "answer cut in half, though registered",
            5: "connection reset before NHIS read it",
        }
        return [
            self._register(
                f"dose1-{i + 1:02}", i, HEPATITIS_B, again if i in trouble else OK, trouble.get(i, "")
            )
            for i in range(len(self.patients))
        ]

    def _second_doses(self, nrns: Nrns) -> list[Act]:
        acts = [self._second_dose(i, nrns) for i in range(len(self.patients))]
        acts[4] = self._twice(acts[4])
        acts[5] = self._other_content(acts[5])
        broken = self._register("broken-07", 6, COVID, note="birth date, EGN and county contradict")
        return [*acts, self._break(broken), self._unknown_lot()]

    def _second_dose(self, index: int, nrns: Nrns) -> Act:
        name, previous = f"dose2-{index + 1:02}", nrns[f"dose1-{index + 1:02}"]
        if index == 3:  # noqa: PLR2004  # one of the dozen
            note = "I099: the dose's number is not above the last one's (RL063)"
            return self._register(
                name, index, HEPATITIS_B, Expected(REJECTED), note, dose=1, previous=previous
            )
        note = "completes the series: certificate number" if index == 0 else ""
        return self._register(name, index, HEPATITIS_B, OK, note, dose=2, previous=previous)

    @staticmethod
    def _twice(act: Act) -> Act:
        note = "published three times: one answer, repeated byte for byte"
        return Act(
            act.id, act.operation, act.patient, act.doctor, act.events * 3, act.expected, note, answers=3
        )

    def _other_content(self, act: Act) -> Act:
        other = self._register(act.id, 5, COVID).events
        expected = Expected(ACCEPTED, dead_letters=("conflict",))
        note = "then the same id with other content: a dead letter, never sent"
        return Act(act.id, act.operation, act.patient, act.doctor, act.events + other, expected, note)

    def _break(self, act: Act) -> Act:
        patient = {**act.patient.data(), "birthDate": "1900-01-01"}
        patient["address"] = {"country": "BG", "city": "София"}
        data = {**register(act.patient, act.doctor, COVID, self.today), "patient": patient}
        value = event(act.id, REGISTER, act.doctor, data)
        expected = Expected(FAILED, "contract-violation", ("contract-violation",), least_attempts=0)
        return Act(act.id, act.operation, act.patient, act.doctor, (value,), expected, act.note)

    def _unknown_lot(self) -> Act:
        vaccine = Vaccine(COVID.code, COVID.disease, COVID.doses, "NOSUCHLOT")
        expected = Expected(FAILED, "unknown-code", ("unknown-code",), least_attempts=0)
        return self._register("lot-08", 7, vaccine, expected, "a lot that NHIS does not list")

    def _third_faults(self, sandbox: Sandbox) -> None:
        sandbox.faults(
            [
                {
                    "kind": "drop-after",
                    "match": {"messageType": "I005", "signer": self._doctor(8).uin},
                    "times": 1,
                }
            ]
        )

    def _desk_work(self, nrns: Nrns) -> list[Act]:
        return [
            *self._searches(nrns),
            *self._reactions(nrns),
            *self._cancellations(nrns),
            *self._certificates(nrns),
        ]

    def _searches(self, nrns: Nrns) -> list[Act]:
        who = {"identifierType": "egn", "identifier": self.patients[2].egn}
        nobody = {"identifierType": "egn", "identifier": self.patients[11].egn}
        day, long_ago = self.today.isoformat(), (self.today - timedelta(days=900)).isoformat()
        return [
            self._ask("search-01", SEARCH, 0, {"nrn": nrns["dose1-01"]}, note="by NRN"),
            self._ask("search-03", SEARCH, 2, {"patient": who, "fromDate": day, "toDate": day}, note="by patient and date"),
            self._ask(
                "search-12", SEARCH, 11, {"patient": nobody, "fromDate": long_ago, "toDate": long_ago},
                note="nothing found: a result, not an error",
            ),
        ]  # fmt: skip

    def _reactions(self, nrns: Nrns) -> list[Act]:
        reaction = {"startDate": self.today.isoformat(), "description": "Болка на мястото на инжектиране"}
        held = Expected(HELD, "outcome-unknown", ("outcome-unknown",))
        return [
            self._ask("reaction-07", REACTION, 6, {"nrn": nrns["dose2-07"], "reaction": reaction}),
            self._ask(
                "reaction-09", REACTION, 8, {"nrn": nrns["dose2-09"], "reaction": reaction}, held,
                "answer lost; may not be sent twice, so a person decides",
            ),
        ]  # fmt: skip

    def _cancellations(self, nrns: Nrns) -> list[Act]:
        data = {"nrn": nrns["dose2-10"], "reason": "Въведена е грешна партида."}
        foreign = {"nrn": nrns["dose2-11"], "reason": "Не е мой пациент."}
        return [
            self._ask("cancel-10", CANCEL, 9, data),
            self._ask("cancel-10-again", CANCEL, 9, data, note="already cancelled: looked up, then success"),
            self._ask(
                "cancel-11", CANCEL, 10, foreign, Expected(REJECTED), "I099: another doctor's immunization (RL047)",
                doctor=self._doctor(11),
            ),
        ]  # fmt: skip

    def _certificates(self, nrns: Nrns) -> list[Act]:
        return [
            self._ask("certificate-01", CERTIFICATE, 0, {"nrn": nrns["dose2-01"]}),
            self._ask(
                "certificate-02",
                CERTIFICATE,
                1,
                {"nrn": "ZZZZZZZZZZZZ"},
                Expected(REJECTED),
                "I099: no such NRN",
            ),
        ]

    def _influenza(self, _: Nrns) -> list[Act]:
        later = Expected(ACCEPTED, least_attempts=1)
        return [
            self._register(f"influenza-{i + 1:02}", i, INFLUENZA, later, "waited for NHIS to come back")
            for i in range(len(self.patients))
        ]


def _expire(sandbox: Sandbox) -> None:
    sandbox.expire_tokens()


def _outage(sandbox: Sandbox) -> None:
    sandbox.outage(OUTAGE_SECONDS)
