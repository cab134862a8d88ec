"""RegiX's scenario says that all is well only when its log agrees with the replies."""

from __future__ import annotations

import copy
import json

import pytest

from demo.audit import mismatches
from demo.regix.reports import HIDDEN, LATER, NUMBER, WRITING, phases
from demo.regix.scenario import SCENARIO
from demo.steps import ACCEPTED, REJECTED, Answer, Results

RESULT = {
    "operation": "A.B",
    "report": {"name": "R"},
    "fields": [{"name": HIDDEN[1], "state": "no-access"}],
    "signature": {"verdict": "trusted"},
}


@pytest.fixture
def results():
    found = Results()
    (phase,) = phases()
    found.steps = phase.steps(found)
    for number, step in enumerate(found.steps, 1):
        data = {"data": {**copy.deepcopy(RESULT), "serviceCallId": str(number)}}
        errors = [{"type": "HasError", "reason": "Няма данни", "description": [], "faultyAttribute": None}]
        other = {"code": step.expected.code, "errors": errors if step.expected.kind == REJECTED else []}
        document = data if step.expected.kind == ACCEPTED else other
        found.answers[step.id] = [
            Answer(step.expected.kind, document, json.dumps(document).encode(), step.rnu)
        ]
        found.dead_letters[step.id] = [{"herald-reason": one} for one in step.expected.dead_letters]
    return found


@pytest.fixture
def ledger(results):
    numbered = enumerate(results.steps, 1)
    executions = [
        {"ServiceCallID": number, "operation": "A.B", "call_context": {"ServiceURI": step.id}}
        for number, step in numbered
    ]
    later = next(number for number, step in enumerate(results.steps, 1) if step.id == LATER)
    return {
        "executions": executions,
        "refusals": [],
        "acknowledgements": [{"ServiceCallID": later, "outcome": "removed"}],
    }


def differences(results, ledger):
    attempts = {step.id: step.expected.least_attempts for step in results.steps}
    return [*mismatches(results, attempts), *SCENARIO.mismatches(results.steps, results, ledger)]


def result_of(results, name):
    return results.answers[name][0].result


def test_the_expected_run_has_no_mismatch(results, ledger):
    assert differences(results, ledger) == []
    assert {step.expected.kind for step in results.steps} == {"accepted", "rejected", "failed", "held"}
    assert json.loads(results.steps[0].events[0])["rnu"] == NUMBER


def test_a_report_that_regix_did_not_execute(results, ledger):
    del ledger["executions"][0]
    said = f"{results.steps[0].id}: accepted, but RegiX executed no such request under this number"
    assert differences(results, ledger) == [said]


def test_a_report_of_another_request(results, ledger):
    ledger["executions"][0]["call_context"] = {"ServiceURI": "another"}
    assert len(differences(results, ledger)) == 1


def test_a_write_that_was_done_twice(results, ledger):
    again = next(one for one in ledger["executions"] if one["call_context"]["ServiceURI"] == WRITING)
    ledger["executions"].append({**again, "ServiceCallID": 99})
    assert differences(results, ledger) == [f"{WRITING}: RegiX executed it 2 times"]


def test_a_report_that_was_not_acknowledged(results, ledger):
    ledger["acknowledgements"][0]["outcome"] = "wrong-code"
    assert differences(results, ledger) == [f"{LATER}: RegiX was not told that the report arrived"]


def test_a_signature_that_does_not_hold(results, ledger):
    result_of(results, LATER)["signature"]["verdict"] = "invalid"
    assert differences(results, ledger) == [f"{LATER}: the report's signature is invalid"]


def test_a_hidden_field_that_looks_absent(results, ledger):
    result_of(results, HIDDEN[0])["fields"][0]["state"] = "absent"
    assert differences(results, ledger) == [f"{HIDDEN[0]}: the reply does not say that {HIDDEN[1]} is hidden"]


@pytest.mark.parametrize("name", ["rx-person", "rx-lost"])
def test_a_reference_number_that_is_lost_or_somebody_elses(results, ledger, name):
    (answer,) = results.answers[name]
    said = "another" if answer.rnu is None else None
    results.answers[name] = [Answer(answer.kind, answer.data, answer.raw, said)]
    wanted = NUMBER if said is None else None
    assert differences(results, ledger) == [
        f"{name}: the reply's reference number is {said}, the event's {wanted}"
    ]


def test_a_reply_is_described_without_a_person(results):
    told = SCENARIO.describe(results.answers[HIDDEN[0]][0])
    assert (told.short, told.long) == ("0 of 1 fields", ("R", f"no access to {HIDDEN[1]}"))
    assert SCENARIO.describe(results.answers["rx-nobody"][0]).short == "HasError"
