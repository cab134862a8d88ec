"""The demo says that all is well only when it is: every kind of lie is found, and named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from demo.audit import mismatches
from demo.nhis.audit import differences
from demo.nhis.records import nrn_of
from demo.steps import ACCEPTED
from tests.support.demo.expected_run import ExpectedRun, answer, expected_run


@pytest.fixture
def good() -> ExpectedRun:
    return expected_run()


def found(good: ExpectedRun) -> list[str]:
    own = differences(good.results.steps, good.results, good.ledger)
    return [*mismatches(good.results, good.attempts), *own]


def line_of(good: ExpectedRun, name: str) -> dict:
    nrn = nrn_of(good.results.answers[name][0])
    return next(line for line in good.ledger["registrations"] if line["nrn"] == nrn)


def test_the_expected_run_has_no_mismatch(good):
    assert found(good) == []
    assert len(good.results.steps) >= 40
    assert len({step.operation for step in good.results.steps}) == 5
    assert len({step.patient.egn for step in good.results.steps}) == 12
    assert len({step.doctor.signer for step in good.results.steps}) == 3


def test_a_registration_that_nhis_does_not_have(good):
    line = line_of(good, "dose1-03")
    good.ledger["registrations"].remove(line)

    assert found(good) == [f"dose1-03: accepted as {line['nrn']}, which NHIS has not registered"]


def test_a_registration_that_no_reply_names(good):
    extra = {
        **line_of(good, "influenza-05"),
        "seq": 99,
        "nrn": "25073BEXTRA1",
        "lrn": "another",
        "doseNumber": 2,
    }
    good.ledger["registrations"].append(extra)

    assert found(good) == ["NHIS has registered 25073BEXTRA1 (dose 2), which no reply names"]


def test_one_lrn_registered_twice(good):
    line = line_of(good, "dose1-01")
    good.ledger["registrations"].append({**line, "seq": 99, "nrn": "25073BTWICE1", "doseNumber": 9})

    assert f"NHIS has registered the LRN {line['lrn']} 2 times" in found(good)


def test_one_nrn_reported_to_two_submissions(good):
    nrn = nrn_of(good.results.answers["dose1-01"][0])
    good.results.answers["dose1-02"] = good.results.answers["dose1-01"]

    assert f"2 submissions were accepted as {nrn}" in found(good)


@pytest.mark.parametrize(
    ("member", "value"),
    [("patient", "0" * 64), ("vaccineCode", "1"), ("doseNumber", 7), ("uin", "2300000099")],
)
def test_something_else_was_registered(good, member, value):
    line = line_of(good, "influenza-07")
    line[member] = value

    assert found(good) == [
        f"influenza-07: what NHIS registered as {line['nrn']} is another dose, doctor or patient"
    ]


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("search-01", "rejected", "search-01: rejected, expected accepted"),
        ("broken-07", "held", "broken-07: held, expected failed"),
        ("cancel-11", "failed", "cancel-11: failed, expected rejected"),
    ],
)
def test_another_kind_of_reply(good, name, kind, said):
    step = next(step for step in good.results.steps if step.id == name)
    good.results.answers[name] = [answer(step, {}, kind)]

    assert found(good) == [said]


def test_a_rejection_that_was_accepted(good):
    step = next(step for step in good.results.steps if step.id == "dose2-04")
    good.results.answers[step.id] = [answer(step, {"nrn": "25073BNOWHER"}, ACCEPTED)]

    assert found(good) == [
        "dose2-04: accepted, expected rejected",
        "dose2-04: accepted as 25073BNOWHER, which NHIS has not registered",
    ]


def test_another_reason(good):
    good.results.answers["broken-07"][0].data["code"] = "schema-violation"
    good.results.answers["dose2-04"][0].data["errors"][0]["faultyAttribute"] = "lotNumber"
    good.results.answers["search-12"][0].data["data"]["found"] = 3

    assert found(good) == [
        "dose2-04: the system's errors name E002, lotNumber, expected RL063",
        "broken-07: code schema-violation, expected contract-violation",
        "search-12: 3 found, expected 0",
    ]


def test_no_reply(good):
    line = line_of(good, "influenza-01")
    del good.results.answers["influenza-01"]

    assert found(good) == [
        "influenza-01: 0 replies, expected 1",
        f"NHIS has registered {line['nrn']} (dose 1), which no reply names",
    ]


def test_a_reply_too_many(good):
    good.results.answers["search-01"] *= 2

    assert found(good) == ["search-01: 2 replies, expected 1"]


def test_repeats_that_differ(good):
    first, second, third = good.results.answers["dose2-05"]
    good.results.answers["dose2-05"] = [first, second, replace(third, raw=third.raw + b" ")]

    assert found(good) == ["dose2-05: its replies differ"]


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ([], "dead letters none, expected conflict"),
        (["null-value"], "dead letters null-value, expected conflict"),
        (["conflict", "conflict"], "dead letters conflict, conflict, expected conflict"),
    ],
)
def test_dead_letters(good, letters, said):
    good.results.dead_letters["dose2-06"] = [{"herald-reason": reason} for reason in letters]

    assert found(good) == [f"dose2-06: {said}"]


def test_what_nobody_published(good):
    good.results.answers["stranger"] = good.results.answers["search-01"]
    good.results.dead_letters[""] = [{"herald-reason": "not-json"}]

    assert found(good) == [
        "a reply to stranger, which was not published",
        "a dead letter to nothing that it names, which was not published",
    ]


def test_trouble_that_did_not_happen(good):
    good.attempts["dose1-01"] = 1

    assert found(good) == ["dose1-01: 1 attempt, expected at least 2"]


def test_cancellations(good):
    line = line_of(good, "dose2-10")
    line["status"] = "1"
    other = line_of(good, "influenza-02")
    other["status"] = "2"

    assert found(good) == [
        f"the cancellation of {line['nrn']} was accepted, but NHIS has not cancelled it",
        f"NHIS has cancelled {other['nrn']}, which no reply says",
    ]


def test_a_reaction_that_was_sent_twice(good):
    nrn = next(step for step in good.results.steps if step.id == "reaction-09").data["nrn"]
    good.ledger["reactions"].append({"nrn": nrn})

    assert found(good) == [f"adverse reactions to {nrn}: NHIS has 2, the replies say 0 to 1"]


def test_a_reaction_that_was_lost(good):
    nrn = next(step for step in good.results.steps if step.id == "reaction-07").data["nrn"]
    good.ledger["reactions"] = [line for line in good.ledger["reactions"] if line["nrn"] != nrn]

    assert found(good) == [f"adverse reactions to {nrn}: NHIS has 0, the replies say 1 to 1"]


def test_a_held_reaction_may_have_arrived_or_not(good):
    nrn = next(step for step in good.results.steps if step.id == "reaction-09").data["nrn"]
    good.ledger["reactions"] = [line for line in good.ledger["reactions"] if line["nrn"] != nrn]

    assert found(good) == []


def test_order(good):
    first, second = line_of(good, "dose1-08"), line_of(good, "dose2-08")
    first["seq"], second["seq"] = second["seq"], first["seq"]

    assert found(good) == [f"order: {first['nrn']}, dose 1, came after dose 2 of its course"]


def test_no_mismatch_names_a_patient(good):
    good.results.answers.clear()
    good.ledger["registrations"][0]["patient"] = "0" * 64

    assert not any(step.patient.egn in line for step in good.results.steps for line in found(good))
