"""The scenario of RegiX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.regix.reports import CLINIC, HIDDEN, HOSPITAL, LATER, NEW_OPERATION, SYSTEM, WRITING, phases
from demo.scenario import Description, Scenario
from demo.steps import ACCEPTED, REJECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.sandbox import Sandbox
    from demo.steps import Answer, Phase, Results, Step


class Regix:
    """Reports of registers, by the certificates of a hospital and of a clinic."""

    system = SYSTEM
    title = "RegiX"
    prepared_by: tuple[tuple[str, ...], ...] = ()

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Show the certificates that the sandbox issued, and add an operation that it does not know."""
        del directory
        consumers = {one["name"]: _files(one) for one in sandbox.ready["consumers"]}
        return {
            "signers": {HOSPITAL: consumers["hospital"], CLINIC: consumers["clinic"]},
            "system": {
                "url": sandbox.ready["basic_url"],
                "senders": [HOSPITAL, CLINIC],
                "operations": {"GetInventedReport": {"operation": NEW_OPERATION, "writes": False}},
                "signatures": {"trusted_certificates": [sandbox.ready["signing_certificate_file"]]},
                "transport": {"ca_file": sandbox.ca_file, "answer_timeout": 3},
            },
        }

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the reports."""
        del sandbox, today
        return phases()

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Every report was executed, what came later is acknowledged, and what writes was done once."""
        for step in steps:
            answer = results.answer(step)
            if answer is not None and answer.kind == ACCEPTED:
                yield from _report(step, answer, ledger)
        written = [one for one in ledger["executions"] if one["call_context"]["ServiceURI"] == WRITING]
        if len(written) != 1:
            yield f"{WRITING}: RegiX executed it {len(written)} times"

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Count what RegiX logged."""
        return f"{len(ledger['executions'])} executions, {len(ledger['refusals'])} refusals"

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Sequence[str]]:
        """Nothing beyond what is true of every system."""
        del sandbox, directory
        return {}

    def name_of(self, operation: str) -> str:
        """Return the operation in a word."""
        return operation.partition(".")[0]

    def describe(self, answer: Answer) -> Description:
        """Say what RegiX reports, and how much of it, or its error."""
        if answer.kind == REJECTED:
            error = answer.data["errors"][0]
            return Description(error["type"] or "-", (f"RegiX: {error['reason']}",))
        given, hidden = _states(answer, "given"), _states(answer, "no-access")
        more = (f"no access to {', '.join(hidden)}",) if hidden else ()
        fields = len(answer.result["fields"])
        return Description(f"{len(given)} of {fields} fields", (answer.result["report"]["name"], *more))


SCENARIO: Scenario = Regix()


def _report(step: Step, answer: Answer, ledger: Mapping[str, Any]) -> Iterable[str]:
    result = answer.result
    ours = [
        one
        for one in ledger["executions"]
        if str(one["ServiceCallID"]) == result["serviceCallId"] and one["operation"] == result["operation"]
    ]
    if [one["call_context"]["ServiceURI"] for one in ours] != [step.id]:
        yield f"{step.id}: accepted, but RegiX executed no such request under this number"
    if result["signature"]["verdict"] != "trusted":
        yield f"{step.id}: the report's signature is {result['signature']['verdict']}"
    if step.id == HIDDEN[0] and HIDDEN[1] not in _states(answer, "no-access"):
        yield f"{step.id}: the reply does not say that {HIDDEN[1]} is hidden"
    if step.id == LATER and not _acknowledged(result["serviceCallId"], ledger):
        yield f"{step.id}: RegiX was not told that the report arrived"


def _acknowledged(call_id: str, ledger: Mapping[str, Any]) -> bool:
    told = (one for one in ledger["acknowledgements"] if one["outcome"] == "removed")
    return call_id in {str(one["ServiceCallID"]) for one in told}


def _states(answer: Answer, state: str) -> list[str]:
    """Return the fields of a report that are in this state."""
    return [one["name"] for one in answer.result["fields"] or () if one["state"] == state]


def _files(consumer: Mapping[str, str]) -> dict[str, str]:
    return {"file": consumer["pkcs12_file"], "password_file": consumer["password_file"]}
