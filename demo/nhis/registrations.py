"""The rounds of registrations: first doses, second doses, influenza."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from demo.acts import ACCEPTED, FAILED, REJECTED, Act, Expected
from demo.nhis.records import REGISTER, Nrns
from demo.nhis.vaccines import COVID, COVID_OF_NO_LOT, HEPATITIS_B, INFLUENZA

if TYPE_CHECKING:
    from demo.nhis.cast import Cast
    from demo.sandbox import Sandbox

OUTAGE_SECONDS = 4.0
NO_NRN = "ZZZZZZZZZZZZ"
"""Stands where an earlier round brought none: the play goes on, and the audit names both."""
TROUBLE: dict[int, tuple[str, dict[str, Any]]] = {
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
"""By patient: what happens to the first dose, and how the sandbox is told."""
TWICE_PUBLISHED, REUSED_ID, REFUSED, COMPLETED = 4, 5, 3, 0
"""Patients to whose second dose something happens."""


def first_trouble(cast: Cast, sandbox: Sandbox) -> None:
    """Let answers get lost, time out, and come as errors."""
    sandbox.faults(
        [
            {**fault, "match": {"messageType": "I001", "patient": cast.patients[index].egn}, "times": 1}
            for index, (_, fault) in TROUBLE.items()
        ]
    )


def first_doses(cast: Cast) -> list[Act]:
    """Give everybody the first dose."""
    acts: list[Act] = [cast.register(f"dose1-{i + 1:02}", i, HEPATITIS_B) for i in range(len(cast.patients))]
    for index, (note, _) in TROUBLE.items():
        acts[index] = replace(acts[index], note=note, expected=Expected(ACCEPTED, least_attempts=2))
    return acts


def second_doses(cast: Cast, nrns: Nrns) -> list[Act]:
    """Give everybody the second dose, with all the mistakes that senders make."""
    acts = [_second_dose(cast, i, nrns) for i in range(len(cast.patients))]
    acts[TWICE_PUBLISHED] = _published_thrice(acts[TWICE_PUBLISHED])
    acts[REUSED_ID] = _other_content(cast, acts[REUSED_ID])
    acts[REFUSED] = _refused(cast, acts[REFUSED].id, nrns)
    acts[COMPLETED] = replace(acts[COMPLETED], note="completes the series")
    return [*acts, _broken(cast), _unknown_lot(cast)]


def influenza(cast: Cast) -> list[Act]:
    """Vaccinate everybody while NHIS is away."""
    note = "waited for NHIS"
    return [
        cast.register(f"influenza-{i + 1:02}", i, INFLUENZA, note=note) for i in range(len(cast.patients))
    ]


def _second_dose(cast: Cast, index: int, nrns: Nrns) -> Act:
    previous = nrns.get(f"dose1-{index + 1:02}", NO_NRN)
    return cast.register(f"dose2-{index + 1:02}", index, HEPATITIS_B, dose=2, previous=previous)


def _published_thrice(act: Act) -> Act:
    note = "published three times: one answer"
    return replace(act, events=act.events * 3, answers=3, note=note)


def _other_content(cast: Cast, act: Act) -> Act:
    other = cast.register(act.id, REUSED_ID, COVID).events
    return replace(
        act,
        events=act.events + other,
        expected=Expected(ACCEPTED, dead_letters=("conflict",)),
        note="id used again for other content",
    )


def _refused(cast: Cast, name: str, nrns: Nrns) -> Act:
    previous = nrns.get(f"dose1-{REFUSED + 1:02}", NO_NRN)
    expected = Expected(REJECTED, names="RL063")
    return cast.register(name, REFUSED, HEPATITIS_B, expected, dose=1, previous=previous)


def _broken(cast: Cast) -> Act:
    index = 6
    patient = {**cast.patients[index].data(), "birthDate": "1900-01-01"}
    patient["address"] = {"country": "BG", "city": "София"}
    data = {**cast.registration(index, COVID), "patient": patient}
    expected = Expected(FAILED, "contract-violation", ("contract-violation",), least_attempts=0)
    return cast.ask("broken-07", REGISTER, index, data, expected)


def _unknown_lot(cast: Cast) -> Act:
    expected = Expected(FAILED, "unknown-code", ("unknown-code",), least_attempts=0)
    return cast.register("lot-08", 7, COVID_OF_NO_LOT, expected)
