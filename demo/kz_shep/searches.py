"""The searches, and the faults that they meet. The people and numbers are the sandbox's, and invented."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from demo.steps import ACCEPTED, FAILED, OK, Expected, Phase, Step, no_faults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from demo.sandbox import Sandbox
    from demo.steps import Results

SYSTEM, SEARCH = "kz-shep", "medical-exemption.search"
CLINIC, BY_NCANODE = "clinic-almaty", "clinic-astana"
"""A signer whose key is in this process, and one whose key NCANode uses."""
FIRST_IIN, SECOND_IIN, WRONG_IIN = "550310201040", "611127122039", "550310201041"
TRAVELLER = {"passportNumber": "0012345678", "citizenshipCode": "SANDBOX-KG"}
AGAIN = 2
"""The fewest attempts of a submission whose answer was lost."""


def phases() -> Sequence[Phase]:
    """Return the phase with faults, and one without: its search by number must not meet the fault of the other."""
    title = "SHEP: answers are lost, time out, and fail at the gateway"
    return (
        Phase(title, _inject_faults, _steps),
        Phase("SHEP: nothing is found", no_faults, _nobody),
    )


def _inject_faults(sandbox: Sandbox) -> None:
    sandbox.faults(
        [
            {"kind": "drop-after", "match": {"way": "number"}, "times": 1},
            {"kind": "hang-after", "seconds": 6, "match": {"way": "passport"}, "times": 1},
            {"kind": "status", "status": 500, "body": "own", "match": {"signer": "sender-2"}, "times": 1},
        ]
    )


def _steps(_: Results) -> list[Step]:
    lost = Expected(ACCEPTED, least_attempts=AGAIN, found=1)
    refused = Expected(FAILED, "contract-violation", ("contract-violation",), least_attempts=0)
    return [
        _search("kz-number", {"number": "01085"}, lost, note="answer lost: sent again"),
        _search("kz-passport", TRAVELLER, lost, note="no answer in time: sent again"),
        _search("kz-iin", {"iin": FIRST_IIN}, Expected(ACCEPTED, found=2)),
        _search(
            "kz-ncanode",
            {"iin": SECOND_IIN},
            lost,
            signer=BY_NCANODE,
            note="signed by NCANode; fault SCE909 first",
        ),
        _search("kz-broken", {"iin": WRONG_IIN}, refused),
    ]


def _nobody(_: Results) -> list[Step]:
    expected = Expected(ACCEPTED, found=0)
    return [_search("kz-nobody", {"number": "99999"}, expected, note="nothing found: a result")]


def _search(
    name: str, data: Mapping[str, Any], expected: Expected = OK, *, signer: str = CLINIC, note: str = ""
) -> Step:
    return Step.of(
        name,
        SYSTEM,
        SEARCH,
        signer=signer,
        data=data,
        key=f"patient-{hashlib.sha256(name.encode()).hexdigest()[:8]}",
        expected=expected,
        note=note,
    )
