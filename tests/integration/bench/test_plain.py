"""The plain worker is an honest rival: it validates, signs, sends, tries again and replies, as NHIS would have it.

The sandbox verifies each signature with libxmlsec1, and each message against the schema.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.contest.contestants import PARTITIONS, plain_config, plain_process
from tests.bench.contest.surroundings import FULL, Surroundings
from tests.support.worker.hospital import patients, register
from tests.support.worker.installation import new_topics
from tests.support.worker.kafka import publish, reading


class Case:
    """A plain worker at the sandbox, with topics of its own."""

    def __init__(self, bootstrap, nhis, directory):
        self.bootstrap, self.nhis = bootstrap, nhis
        self.topics = new_topics("nhis", bootstrap, PARTITIONS)
        self.patients = patients(nhis.doctors)
        signers = [_Shown(one) for one in nhis.signers]
        around = Surroundings(directory, nhis.url, Path(nhis.ca_file), signers, 0)
        self.config = directory / "plain.json"
        self.config.write_text(json.dumps(plain_config(around, bootstrap, self.topics)))

    def event(self, name):
        return register(name, next(self.patients), **FULL)

    async def replies(self, *events):
        """Publish, and return the replies by submission."""
        async with reading(self.bootstrap, self.topics) as answers:
            await publish(self.bootstrap, self.topics.submissions, events)
            await answers.answered([one.id for one in events], 60)
            return {one.id: answers.only(one.id) for one in events}


class _Shown:
    def __init__(self, shown):
        self._shown = shown

    def shown(self):
        return self._shown


@pytest.fixture
def case(kafka, sandbox, tmp_path):
    sandbox.reset()
    made = Case(kafka.bootstrap, sandbox, tmp_path)
    with plain_process(made.config):
        yield made
    sandbox.reset()


def changed(event, **data):
    """Return the event with other members of its immunization."""
    document = json.loads(event.value)
    document["data"]["immunization"] |= data
    return replace(event, value=json.dumps(document).encode())


async def test_registers_what_is_right_and_refuses_the_rest(case):
    no_dose = changed(case.event("no-dose"), doseNumber=0)
    no_code = changed(case.event("no-code"), doseQuantity={"value": 1, "unit": "половин " * 10})
    replies = await case.replies(case.event("good"), no_dose, no_code)

    registered = case.nhis.registered()
    assert list(registered.values()) == [replies["good"].json["nrn"]]
    assert replies["good"].kind == "accepted"
    assert [replies[name].kind for name in ("no-dose", "no-code")] == ["rejected", "rejected"]
    (problem,) = replies["no-dose"].json["problems"]
    assert problem["loc"] == ["data", "immunization", "doseNumber"]
    assert "length" in replies["no-code"].json["problems"][0]  # by the schema: the model takes any text


async def test_tries_again_where_nhis_is_unavailable_and_its_token_has_ended(case):
    case.nhis.faults(
        [
            {"kind": "status", "status": 503, "times": 1, "match": {"messageType": "I001"}},
            {"kind": "drop-before", "times": 1, "match": {"messageType": "I001"}},
            {"kind": "expire-tokens", "times": 1, "match": {"messageType": "I001"}},
        ]
    )
    replies = await case.replies(case.event("patient"))
    assert replies["patient"].kind == "accepted"
    assert case.nhis.fired() == [1, 1, 1]
    assert len(case.nhis.registered()) == 1


async def test_states_the_reasons_of_a_refusal(case):
    unknown = changed(case.event("unknown"), vaccineCode="00000")
    replies = await case.replies(unknown)
    assert replies["unknown"].kind == "rejected"
    assert replies["unknown"].json["errors"]
    assert case.nhis.registered() == {}
