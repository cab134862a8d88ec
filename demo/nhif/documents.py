"""The practice's reads and documents. Services called `example` and all content are invented."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from demo.steps import ACCEPTED, FAILED, HELD, OK, Expected, Phase, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from demo.sandbox import Sandbox
    from demo.steps import Results

SYSTEM, READ, SUBMIT = "nhif", "service.read", "document.submit"
DOCTOR, STRANGER = "nhif-dr-ivanova", "nhif-dr-georgieva"
"""A signer that NHIF knows, and one whose certificate it does not."""
PBR001 = {"module": "pspsmi", "version": "v1.2", "service": "PBR001"}
REPEATED = {"module": "example", "version": "v1", "service": "DOC01"}
LIST = {"module": "example", "version": "v1", "service": "LIST01"}
AWKWARD = "../A/Б?в=1 %2F"
"""A parameter that must arrive as it is, whatever it means in an address."""
CATALOGUE = """\
# The operator's own services: here those that the sandbox invents.
services:
  - {module: example, version: v1, service: LIST01, method: GET, parameters: [{name: code, type: string}]}
  - module: example
    version: v1
    service: DOC01
    method: POST
    body: {media: json}
    recovery: repeat   # the operator has it in writing that a second one does no harm
"""
AGAIN = 2
"""The fewest attempts of a submission whose answer was lost."""


def phases() -> Sequence[Phase]:
    """Return the one phase."""
    return (Phase("NHIF: answers are lost; a certificate is unknown", _inject_faults, _steps),)


def _inject_faults(sandbox: Sandbox) -> None:
    sandbox.control("strangers", ["dr-georgieva"])
    sandbox.faults(
        [
            {
                "kind": "hang-after",
                "seconds": 6,
                "match": {"service": "example/v1/LIST01", "signer": "dr-ivanova"},
                "times": 1,
            },
            {"kind": "drop-after", "match": {"service": "example/v1/DOC01"}, "times": 1},
            # The first PBR001 is answered; the answer to the second is lost.
            {"kind": "drop-after", "match": {"service": "pspsmi/v1.2/PBR001"}, "skip": 1, "times": 1},
            # The answer to the third never comes. A request on which an earlier rule acted does not count for this
            # one.
            {
                "kind": "hang-after",
                "seconds": 6,
                "match": {"service": "pspsmi/v1.2/PBR001"},
                "skip": 1,
                "times": 1,
            },
        ]
    )


def _steps(_: Results) -> list[Step]:
    lost = Expected(ACCEPTED, least_attempts=AGAIN)
    held = Expected(HELD, "outcome-unknown", ("outcome-unknown",))
    denied = Expected(FAILED, "access-denied", ("access-denied",))
    refused = Expected(FAILED, "contract-violation", ("contract-violation",), least_attempts=0)
    document = {"operatorsOwn": "invented"}
    first = _submit("nhif-doc", PBR001, document)
    second = _submit("nhif-doc-2", PBR001, {**document, "number": 2}, held)
    third = _submit("nhif-doc-3", PBR001, {**document, "number": 3}, held)
    return [
        _read("nhif-list", {"code": AWKWARD}, lost, note="no answer in time: sent again"),
        first,
        # The same key: it is sent after the first one.
        replace(second, key=first.key, note="answer lost; never sent twice"),
        replace(third, key=first.key, note="no answer in time; never sent twice"),
        _submit(
            "nhif-repeat",
            REPEATED,
            {**document, "number": 4},
            lost,
            note="answer lost; its entry declares `repeat`",
        ),
        _read("nhif-foreign", {"code": "1"}, denied, signer=STRANGER, note="403: the certificate is unknown"),
        _read("nhif-broken", {"kode": "1"}, refused),
    ]


def _read(
    name: str, parameters: Mapping[str, Any], expected: Expected, *, signer: str = DOCTOR, note: str = ""
) -> Step:
    return _ask(name, READ, {**LIST, "parameters": parameters}, expected, signer=signer, note=note)


def _submit(
    name: str, service: Mapping[str, str], document: object, expected: Expected = OK, *, note: str = ""
) -> Step:
    return _ask(name, SUBMIT, {**service, "json": document}, expected, signer=DOCTOR, note=note)


def _ask(
    name: str, operation: str, data: Mapping[str, Any], expected: Expected, *, signer: str, note: str
) -> Step:
    return Step.of(
        name,
        SYSTEM,
        operation,
        signer=signer,
        data=data,
        key=f"practice-{name.removeprefix('nhif-')}",
        expected=expected,
        note=note,
    )
