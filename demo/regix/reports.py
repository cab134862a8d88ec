"""The reports, and the faults that they meet. The people and numbers are the sandbox's, and invented."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from demo.steps import ACCEPTED, FAILED, HELD, OK, REJECTED, Expected, Phase, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from demo.sandbox import Sandbox
    from demo.steps import Results

SYSTEM, REPORT = "regix", "report.request"
HOSPITAL, CLINIC = "regix-hospital", "regix-clinic"
"""The signers: one whose certificate may see everything, and one whose certificate may see little."""
SERVICES = "TechnoLogica.RegiX"
VALID_PERSON = f"{SERVICES}.GraoNBDAdapter.APIService.INBDAPI.ValidPersonSearch"
PERSON_DATA = f"{SERVICES}.GraoNBDAdapter.APIService.INBDAPI.PersonDataSearch"
NEW_OPERATION = f"{SERVICES}.InventedAdapter.APIService.IInventedAPI.GetInventedReport"
"""An operation that the operator's settings add, and that the sandbox does not know."""
LIVING, DEAD, OTHER = "5523057017", "3128021127", "5826144029"
NUMBER = "Ж 2026/0000-7"
"""A reference number of a service (РНУ)."""
LOST, LATER, WRITING = "rx-lost", "rx-later", "rx-write"
HIDDEN = "rx-clinic", "DeathDate"
"""The submission whose certificate does not see this field of its report."""
AGAIN = 2
"""The fewest attempts of a submission whose answer was lost, or which is asked for later."""
ASYNC_SECONDS = 1.0


def phases() -> Sequence[Phase]:
    """Return the one phase: each fault has a submission of its own."""
    title = "RegiX: answers are lost and come later, access is denied, and a register has no record"
    return (Phase(title, _inject_faults, _steps),)


def _inject_faults(sandbox: Sandbox) -> None:
    sandbox.control("variants", {"async_seconds": ASYNC_SECONDS})
    sandbox.control("errors", [{"operation": PERSON_DATA, "message": "Няма данни за лицето."}])
    lost = ({"kind": "drop-after", "match": {"service_uri": name}, "times": 1} for name in (LOST, WRITING))
    sandbox.faults(list(lost))


def _steps(_: Results) -> list[Step]:
    return [
        _person("rx-person", LIVING, note="with the reference number of its service", rnu=NUMBER),
        _person(LOST, OTHER, Expected(ACCEPTED, least_attempts=AGAIN), note="answer lost: asked again"),
        _person(HIDDEN[0], DEAD, signer=CLINIC, note="the certificate does not see DeathDate"),
        _person(
            LATER,
            LIVING,
            Expected(ACCEPTED, least_attempts=AGAIN),
            note="taken: the report was fetched later",
            asynchronous=True,
        ),
        _of_xml("rx-xml", "GetActualState", OK, note="the argument is the hospital's own XML"),
        *_refused(),
    ]


def _refused() -> list[Step]:
    """Return what gets no report; what may write is never sent twice."""
    return [
        _by_egn("rx-relations", "RelationsSearch", _failed("access-denied"), signer=CLINIC),
        _by_egn("rx-nobody", "PersonDataSearch", Expected(REJECTED, names="HasError")),
        _of_xml("rx-new", "GetInventedReport", _failed("not-found")),
        _of_xml("rx-misspelt", "GetActualStat", _failed("unknown-code", attempts=0)),
        _of_xml(
            WRITING,
            "SendPaymentNotification",
            Expected(HELD, "outcome-unknown", ("outcome-unknown",)),
            note="answer lost; never sent twice",
        ),
    ]


def _failed(code: str, attempts: int = 1) -> Expected:
    return Expected(FAILED, code, (code,), least_attempts=attempts)


def _person(name: str, egn: str, expected: Expected = OK, **more: Any) -> Step:
    return _by_egn(name, "ValidPersonSearch", expected, egn=egn, **more)


def _by_egn(name: str, operation: str, expected: Expected, *, egn: str = LIVING, **more: Any) -> Step:
    return _report(name, operation, {"argument": {"egn": egn}}, expected, **more)


def _of_xml(name: str, operation: str, expected: Expected, **more: Any) -> Step:
    argument = {"xml": "<InventedRequest xmlns='urn:invented'><Number>000000001</Number></InventedRequest>"}
    return _report(name, operation, argument, expected, **more)


def _report(
    name: str,
    operation: str,
    argument: Mapping[str, Any],
    expected: Expected,
    *,
    signer: str = HOSPITAL,
    asynchronous: bool = False,
    **more: Any,
) -> Step:
    data = {"operation": operation, **argument, "asynchronous": asynchronous, "context": _context(name)}
    key = f"patient-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return Step.of(name, SYSTEM, REPORT, signer=signer, data=data, key=key, expected=expected, **more)


def _context(name: str) -> Mapping[str, str]:
    """Return what RegiX keeps in its log; the number of the file names the submission in the sandbox's ledger."""
    return {
        "serviceUri": name,
        "serviceType": "За проверка по здравноосигурителен въпрос (измислен пример)",
        "lawReason": "Измислено правно основание, чл. 1",
        "employeeIdentifier": "d.izmislena@hospital.example",
        "administrationName": "Измислена болница",
    }
