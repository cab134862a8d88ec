"""One trace from the sender's `traceparent` to the reply, as a collector gets it; and one log line for each end."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.integration.worker.test_bad_input import binary
from tests.integration.worker.test_settlements import hold
from tests.support.worker.hospital import REGISTER, SOURCE, Event, Patient, event, register, registration
from tests.support.worker.installation import Installation, worker_process
from tests.support.worker.otlp_sink import Seen, Sink, collecting, values

TOKEN = "Bearer a-secret-of-the-collector"
MALFORMED = f"00-{'0' * 32}-{'1' * 16}-01"
GIVE_UP = {"initial": 0.2, "give_up_after": 3}
SENT = ("accepted", "in-headers", "rejected", "tried", "failed", "given-up", "looked-up", "unsampled")
PARENTS = {name: f"00-{number:032x}-{number:016x}-01" for number, name in enumerate(SENT, 0xABC001)}
PARENTS["unsampled"] = PARENTS["unsampled"][:-2] + "00"


@dataclass(frozen=True)
class Scene:
    """What a collector got and what the worker wrote, after one submission ended in each way there is."""

    sink: Sink
    lines: list[dict[str, Any]]
    replies: dict[str, str | None]
    secrets: dict[str, str]
    topics: Any

    def root(self, submission: str) -> Seen:
        """The span of the record that continued a submission's trace parent."""
        trace_id = PARENTS[submission].split("-")[1]
        # Of `accepted` a duplicate and a conflict follow later, in the same trace.
        return min(
            (one for one in self.sink.trace(trace_id) if one.kind == "consumer"), key=lambda one: one.began
        )

    def below(self, submission: str) -> list[str]:
        """The names of the spans right below that one, in order."""
        return [one.name for one in self.sink.children(self.root(submission))]

    def told(self, submission: str) -> list[dict[str, Any]]:
        """The lines at INFO that name a submission."""
        return [
            one for one in self.lines if one.get("submission_id") == submission and one["level"] == "info"
        ]


@pytest.fixture(scope="module")
def scene(play) -> Scene:
    return play(_scene)


def _traced(name: str, patient: Patient, **immunization: Any) -> Event:
    return event(name, REGISTER, patient, registration(patient, **immunization), traceparent=PARENTS[name])


async def _scene(installation: Installation) -> Scene:
    people = [installation.patient() for _ in range(10)]
    well, headers, tried, wrong, given_up, looked_up, unsampled, malformed, held_back, _ = people
    secret = installation.directory / "collector-token"
    secret.write_text(f"{TOKEN}\n")
    async with collecting() as sink, installation.reading() as answers:
        tracing = {
            "enabled": True, "endpoint": sink.url, "headers": {"authorization": {"file": str(secret)}},
        }  # fmt: skip
        config = installation.config({"tracing": tracing, "retry": GIVE_UP, "log": {"level": "debug"}})
        with worker_process(config) as worker:
            await worker.ready()
            installation.nhis.fault("status", match={"patient": tried.egn}, status=503)
            installation.nhis.fault("status", match={"patient": given_up.egn}, status=429, times=None)
            installation.nhis.fault("drop-after", match={"patient": looked_up.egn}, times=1)
            accepted = _traced("accepted", well)
            said = json.dumps(registration(headers)).encode()
            in_headers = binary("in-headers", headers, said, ce_traceparent=PARENTS["in-headers"].encode())
            await installation.publish(
                accepted, in_headers, _traced("tried", tried), _traced("failed", wrong, doseNumber="one"),
                _traced("given-up", given_up), _traced("looked-up", looked_up), _traced("unsampled", unsampled),
                event("malformed", REGISTER, malformed, registration(malformed), traceparent=MALFORMED),
                register("no-parent", held_back),
            )  # fmt: skip
            await answers.answered([*(set(SENT) - {"rejected"}), "malformed", "no-parent"])
            await installation.publish(accepted)  # a duplicate
            await installation.publish(
                replace(accepted, value=_traced("accepted", wrong).value)
            )  # a conflict
            await installation.publish(replace(accepted, id="", value=b"{"))  # unreadable
            await installation.publish(_traced("rejected", well, specialCase=False))
            await answers.answered(["rejected"])
            await hold(installation, answers, "drop-after")
            await installation.all_committed()
            worker.terminate()
            assert await worker.ended() == 0
    lines = [json.loads(line) for line in worker.log.read_text().splitlines()]
    replies = {one.submission: one.headers.get("ce_traceparent") for one in answers.replies}
    return Scene(sink, lines, replies, _secrets(installation, people), installation.topics)


def _secrets(installation: Installation, people: list[Patient]) -> dict[str, str]:
    nhis = installation.nhis.ledger()["registrations"]
    found = {f"EGN {number}": one.egn for number, one in enumerate(people)}
    found |= {f"key {number}": one.key.decode() for number, one in enumerate(people)}
    found |= {f"signer {number}": one.doctor.signer for number, one in enumerate(people)}
    found |= {f"UIN {number}": one.doctor.uin for number, one in enumerate(people)}
    found |= {f"LRN {one['lrn']}": one["lrn"] for one in nhis} | {
        f"NRN {one['nrn']}": one["nrn"] for one in nhis
    }
    found |= {f"id {name}": f"{name}" for name in ("in-headers", "given-up", "looked-up", "no-parent")}
    return found | {
        "source": SOURCE,
        "given name": people[0].given,
        "family name": people[0].family,
        "token": TOKEN,
    }


@pytest.mark.parametrize("submission", [one for one in SENT if one != "unsampled"])
def test_the_trace_goes_from_the_senders_span_to_the_reply(scene, submission):
    root = scene.root(submission)
    (reply,) = [one for one in scene.sink.children(root) if one.name == "reply"]

    assert (root.name, root.kind) == (f"process {scene.topics.submissions}", "consumer")
    assert root.parent_id == PARENTS[submission].split("-")[2]
    assert reply.kind == "producer"
    assert scene.replies[submission] == f"00-{root.trace_id}-{reply.span_id}-01"


@pytest.mark.parametrize("submission", ["malformed", "no-parent"])
def test_without_a_valid_parent_a_new_trace_begins(scene, submission):
    (reply,) = [one for one in scene.sink.spans if one.span_id == scene.replies[submission].split("-")[2]]
    (root,) = [one for one in scene.sink.spans if one.span_id == reply.parent_id]

    assert root.parent_id == ""
    assert int(root.trace_id, 16) > 2**64


def test_what_the_sender_does_not_sample_is_not_sent_and_its_reply_says_so(scene):
    trace_id = PARENTS["unsampled"].split("-")[1]

    assert scene.sink.trace(trace_id) == []
    assert scene.replies["unsampled"].startswith(f"00-{trace_id}-")
    assert scene.replies["unsampled"].endswith("-00")


@pytest.mark.parametrize(
    ("submission", "parts"),
    [
        ("accepted", ["claim", "submit", "reply"]),
        ("rejected", ["claim", "submit", "reply"]),
        ("tried", ["claim", "submit", "submit", "reply"]),
        ("looked-up", ["claim", "submit", "submit", "look-up", "reply"]),
        ("failed", ["claim", "reply"]),
    ],
)
def test_each_attempt_is_a_span_of_its_own(scene, submission, parts):
    assert scene.below(submission) == parts


def test_an_attempt_shows_its_parts(scene):
    (submit,) = [one for one in scene.sink.children(scene.root("rejected")) if one.name == "submit"]
    parts = {one.name: one for one in scene.sink.children(submit)}

    assert list(parts) == ["admission", "prepare", "sending", "exchange", "interpret"]
    assert [one.name for one in scene.sink.children(parts["prepare"])] == ["sign"]
    assert parts["exchange"].kind == "client"
    assert parts["exchange"].attributes == {"server.address": "127.0.0.1", "http.response.status_code": 400}
    assert submit.attributes == {"herald.outcome": "rejected"}


def test_a_dead_letter_has_a_span_that_names_its_topic(scene):
    (reply,) = [one for one in scene.sink.children(scene.root("failed")) if one.name == "reply"]
    parts = {one.name: one for one in scene.sink.children(reply)}
    (letter,) = scene.sink.children(parts["publish"])

    assert list(parts) == ["finish", "publish", "answered"]
    assert (letter.name, letter.kind) == ("dead-letter", "producer")
    assert letter.attributes["messaging.destination.name"] == scene.topics.dead_letters
    assert reply.attributes["messaging.destination.name"] == scene.topics.errors


@pytest.mark.parametrize(
    ("submission", "end"),
    [
        ("accepted", ("accepted", None, 1)),
        ("rejected", ("rejected", None, 1)),
        ("tried", ("accepted", None, 2)),
        ("failed", ("failed", "contract-violation", 0)),
        ("given-up", ("failed", "retries-exhausted", None)),
    ],
)
def test_the_outcome_is_in_attributes(scene, submission, end):
    root = scene.root(submission)
    outcome, reason, attempts = end
    found = root.attributes

    assert (found["herald.system"], found["herald.operation"]) == ("nhis", "immunization.register")
    assert (found["herald.outcome"], found.get("herald.reason")) == (outcome, reason)
    assert attempts in {None, found["herald.attempts"]}
    assert (root.failed, root.status_message) == (outcome == "failed", "")
    assert found["messaging.destination.name"] == scene.topics.submissions
    assert {"messaging.destination.partition.id", "messaging.kafka.offset"} <= found.keys()


def test_a_retry_is_an_event_with_its_reason(scene):
    assert scene.root("tried").events == (("retry", {"herald.reason": "unavailable", "herald.attempts": 1}),)


def test_every_end_is_traced(scene):
    roots = [one for one in scene.sink.spans if one.kind == "consumer"]
    outcomes = Counter(one.attributes["herald.outcome"] for one in roots)

    assert outcomes == {
        "accepted": 7, "rejected": 1, "failed": 2, "held": 1, "duplicate": 1, "conflict": 1, "unreadable": 1,
    }  # fmt: skip


def test_no_identifier_and_no_secret_is_in_any_value(scene):
    shown = "\n".join(values(scene.sink.spans))
    everything = b"".join(scene.sink.raw)

    assert [name for name, secret in scene.secrets.items() if secret in shown] == []
    assert [name for name, secret in scene.secrets.items() if secret.encode() in everything] == []
    assert "events" not in {name for one in scene.sink.spans for name, _ in one.events}


def test_the_collector_gets_its_headers_and_who_sends(scene):
    assert {one["authorization"] for one in scene.sink.headers} == {TOKEN}
    assert {one["service.name"] for one in scene.sink.resources} == {"herald-worker"}


ENDS = {
    "accepted": ["accepted", "duplicate", "conflict"], "in-headers": ["accepted"], "rejected": ["rejected"],
    "tried": ["accepted"], "failed": ["failed"], "reaction": ["held"], "unsampled": ["accepted"],
}  # fmt: skip


@pytest.mark.parametrize("submission", ENDS)
def test_each_end_is_one_line_and_there_is_no_other(scene, submission):
    lines = scene.told(submission)

    assert [one["outcome"] for one in lines] == ENDS[submission]
    assert {one["message"] for one in lines} == {"submission finished"}


def test_an_unreadable_record_is_one_line_with_its_place(scene):
    (line,) = [one for one in scene.lines if one.get("outcome") == "unreadable"]

    assert line["topic"] == scene.topics.submissions
    assert {"partition", "offset", "reason", "dead_letter", "trace_id"} <= line.keys()


def test_the_line_has_outcome_reason_attempts_and_seconds_of_each_stage(scene):
    (line,) = scene.told("rejected")
    (failed,) = scene.told("failed")

    assert (line["system"], line["operation"], line["submission_source"]) == (
        "nhis",
        "immunization.register",
        SOURCE,
    )
    assert line["trace_id"] == PARENTS["rejected"].split("-")[1]
    assert line["attempts"] == 1
    assert set(line["stages"]) == {
        "claim", "admission", "prepare", "sending", "exchange", "finish", "publish", "answered",
    }  # fmt: skip
    assert 0 < line["stages"]["exchange"] <= line["seconds"] < 30
    assert (failed["reason"], failed["problems"]) == ("contract-violation", 1)
    assert failed["dead_letter"]


def test_a_repeated_retry_is_a_warning_and_the_first_is_not(scene):
    levels = [
        one["level"]
        for one in scene.lines
        if one["message"] == "will try again" and one["submission_id"] == "given-up"
    ]

    assert levels[0] == "debug"
    assert set(levels[1:]) == {"warning"}


def test_every_line_about_a_submission_carries_its_trace(scene):
    without = [one for one in scene.lines if "submission_id" in one and "trace_id" not in one]

    assert without == []
    assert all({"system", "submission_source"} <= one.keys() for one in scene.lines if "submission_id" in one)
