"""The steps of the registration phases: first doses, second doses, influenza."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from demo.nhis.records import REGISTER, Nrns
from demo.nhis.vaccines import COVID, COVID_OF_NO_LOT, HEPATITIS_B, INFLUENZA
from demo.steps import ACCEPTED, FAILED, REJECTED, Expected, Step

if TYPE_CHECKING:
    from demo.nhis.people import People
    from demo.sandbox import Sandbox

OUTAGE_SECONDS = 4.0
NO_NRN = "ZZZZZZZZZZZZ"
"""Used where an earlier phase got no NRN: the run goes on, and the audit reports both submissions."""
FAULTS: dict[int, tuple[str, dict[str, Any]]] = {
    0: ("answer lost after NHIS had registered it", {"kind": "drop-after"}),
    1: ("no answer in time, though registered", {"kind": "hang-after", "seconds": 6}),
    2: ("500 with an HTML page", {"kind": "status", "status": 500, "body": "html"}),
    3: (
        "429, Retry-After 1 s",
        {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}, "body": "empty"},
    ),
    4: ("answer cut in half, though registered", {"kind": "truncate"}),
    5: ("connection reset before NHIS read it", {"kind": "drop-before"}),
}
"""By patient: the fault that the first dose meets, in words and as the sandbox's rule."""
TWICE_PUBLISHED, REUSED_ID, REFUSED, COMPLETED = 4, 5, 3, 0
"""Patients whose second dose is sent with a mistake or meets a fault."""


def first_dose_faults(people: People, sandbox: Sandbox) -> None:
    """Let answers get lost, time out, and come as errors."""
    sandbox.faults(
        [
            {**fault, "match": {"messageType": "I001", "patient": people.patients[index].egn}, "times": 1}
            for index, (_, fault) in FAULTS.items()
        ]
    )


def first_doses(people: People) -> list[Step]:
    """Give everybody the first dose."""
    steps: list[Step] = [
        people.register(f"dose1-{i + 1:02}", i, HEPATITIS_B) for i in range(len(people.patients))
    ]
    for index, (note, _) in FAULTS.items():
        steps[index] = replace(steps[index], note=note, expected=Expected(ACCEPTED, least_attempts=2))
    return steps


def second_doses(people: People, nrns: Nrns) -> list[Step]:
    """Give everybody the second dose, with all the mistakes that senders make."""
    steps = [_second_dose(people, i, nrns) for i in range(len(people.patients))]
    steps[TWICE_PUBLISHED] = _published_thrice(steps[TWICE_PUBLISHED])
    steps[REUSED_ID] = _other_content(people, steps[REUSED_ID])
    steps[REFUSED] = _refused(people, steps[REFUSED].id, nrns)
    steps[COMPLETED] = replace(steps[COMPLETED], note="completes the series")
    return [*steps, _broken(people), _unknown_lot(people)]


def influenza(people: People) -> list[Step]:
    """Vaccinate everybody while NHIS is unavailable."""
    note = "waited for NHIS"
    return [
        people.register(f"influenza-{i + 1:02}", i, INFLUENZA, note=note) for i in range(len(people.patients))
    ]


def _second_dose(people: People, index: int, nrns: Nrns) -> Step:
    previous = nrns.get(f"dose1-{index + 1:02}", NO_NRN)
    return people.register(f"dose2-{index + 1:02}", index, HEPATITIS_B, dose=2, previous=previous)


def _published_thrice(step: Step) -> Step:
    note = "published three times: one answer"
    return replace(step, events=step.events * 3, answers=3, note=note)


def _other_content(people: People, step: Step) -> Step:
    other = people.register(step.id, REUSED_ID, COVID).events
    return replace(
        step,
        events=step.events + other,
        expected=Expected(ACCEPTED, dead_letters=("conflict",)),
        note="id reused for other content",
    )


def _refused(people: People, name: str, nrns: Nrns) -> Step:
    previous = nrns.get(f"dose1-{REFUSED + 1:02}", NO_NRN)
    expected = Expected(REJECTED, names="RL063")
    return people.register(name, REFUSED, HEPATITIS_B, expected, dose=1, previous=previous)


def _broken(people: People) -> Step:
    index = 6
    patient = {**people.patients[index].data(), "birthDate": "1900-01-01"}
    patient["address"] = {"country": "BG", "city": "София"}
    data = {**people.registration(index, COVID), "patient": patient}
    expected = Expected(FAILED, "contract-violation", ("contract-violation",), least_attempts=0)
    return people.ask("broken-07", REGISTER, index, data, expected)


def _unknown_lot(people: People) -> Step:
    expected = Expected(FAILED, "unknown-code", ("unknown-code",), least_attempts=0)
    return people.register("lot-08", 7, COVID_OF_NO_LOT, expected)
