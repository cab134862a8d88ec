"""Two hospitals, each with a topic of its own: none signs for the other's doctors, or speaks in the other's name."""

from __future__ import annotations

import asyncio
import json

from tests.integration.worker.test_dead_letters import last, replayed, revision
from tests.support.worker.hospital import CANCEL, event, registration
from tests.support.worker.installation import eventually, herald, serving
from tests.support.worker.kafka import publish

A, B = "/hospitals/a/his", "/hospitals/b/his"


class Hospitals:
    """Hospital A with the first patient's doctor, hospital B with the second's."""

    def __init__(self, installation):
        self.installation = installation
        self.patients = installation.patient(), installation.patient()
        self.topics = tuple(f"{installation.topics.submissions}.{one}" for one in "ab")
        installation.topics.create(installation.bootstrap, 2, *self.topics)

    def config(self, *more):
        """Write settings by which each hospital uses its own doctor; ``more``: further entries."""
        doctors = [one.doctor.signer for one in self.patients]
        entries = [
            {"sources": [source], "signers": [doctor], "operations": ["immunization.register"]}
            for source, doctor in zip((A, B), doctors, strict=True)
        ]
        topics = [
            {"system": "nhis", "topic": topic, "sources": [f"/hospitals/{name}/*"]}
            for name, topic in zip("ab", self.topics, strict=True)
        ]
        return self.installation.config({"authorisations": [*entries, *more], "submission_topics": topics})

    def event(self, name, source, patient, *, signer=None):
        data = registration(self.patients[patient])
        return event(
            name,
            "immunization.register",
            self.patients[patient],
            data,
            source=source,
            signer=signer or self.patients[patient].doctor.signer,
        )

    async def publish(self, topic, *events):
        await publish(self.installation.bootstrap, self.topics["ab".index(topic)], events)


async def test_a_hospital_signs_for_its_own_doctors_and_speaks_in_its_own_name(installation):
    hospitals = Hospitals(installation)
    own = hospitals.event("own", A, 0)
    stolen = hospitals.event("stolen", A, 1)
    config = hospitals.config()
    async with installation.reading() as answers:
        async with serving(config):
            await hospitals.publish("a", own, stolen)
            await hospitals.publish("b", hospitals.event("of-b", B, 1))
            await answers.answered(["own", "stolen", "of-b"])
            # B takes an id of A's before A does, and repeats an event of A's that was answered.
            await hospitals.publish("b", hospitals.event("later", A, 1), own)
            await answers.until(lambda it: len(it.dead("source-not-allowed")) == 2)
            await hospitals.publish("a", hospitals.event("later", A, 0))
            await answers.answered(["later"])
            await answers.settle()
            assert {one.submission: one.kind for one in answers.replies} == {
                "own": "accepted",
                "stolen": "failed",
                "of-b": "accepted",
                "later": "accepted",
            }
            assert len(answers.of("own")) == 1
            assert answers.only("stolen").json["code"] == "signer-not-allowed"
            assert {one.headers["herald-original-topic"] for one in answers.dead("source-not-allowed")} == {
                hospitals.topics[1]
            }
            # A replay is looked at like any other record, by what is set now.
            await replayed(config, "--all", "--by", "n", "--reason", "as it was")
            await revision(answers, "stolen", 2)
            await answers.until(lambda it: len(it.dead("source-not-allowed")) == 4)
            assert last(answers, "stolen").json["code"] == "signer-not-allowed"
            await nothing_left(config)
        doctor = hospitals.patients[1].doctor.signer
        allowed = hospitals.config({"sources": [A], "signers": [doctor], "operations": ["*"]})
        async with serving(allowed):
            await replayed(allowed, "--code", "signer-not-allowed", "--by", "n", "--reason", "allowed now")
            await revision(answers, "stolen", 3)

    assert last(answers, "stolen").kind == "accepted"
    assert len(answers.dead("source-not-allowed")) == 4
    accepted = [
        (await installation.detail(one)).submission.identity for one in ("own", "of-b", "later", "stolen")
    ]
    assert sorted(installation.nhis.registered()) == sorted(accepted)


async def nothing_left(config):
    """Wait until everything of both topics is committed, as `herald status` tells it."""

    async def status():
        done = await asyncio.to_thread(herald, "status", "--json", "--config", config)
        return json.loads(done.stdout)

    found = await eventually(status, lambda it: it["lags"] and it["lags"]["nhis"]["behind"] == 0)
    assert (found["lags"]["nhis"]["partitions"], found["wrong"]) == (4, [])


async def test_what_was_allowed_and_is_no_longer_is_refused_before_it_is_sent(installation):
    """An operation that the source may not ask for; and the same signer for one that it may."""
    hospitals = Hospitals(installation)
    patient = hospitals.patients[0]
    cancel = event("cancel", CANCEL, patient, {"nrn": "25073B00Q1X3", "reason": "wrong patient"}, source=A)
    async with serving(hospitals.config()), installation.reading() as answers:
        await hospitals.publish("a", cancel, hospitals.event("own", A, 0))
        await answers.answered(["cancel", "own"])

    assert {one.submission: one.json.get("code") for one in answers.replies} == {
        "cancel": "signer-not-allowed",
        "own": None,
    }
    assert not [one for one in installation.nhis.requests() if one["messageType"] == "I011"]
    # Without the hospitals' topics in the settings, no worker would read a replay.
    done = await replayed(installation.config(), "--all", "--dry-run", "--json")
    (skipped,) = json.loads(done.stdout)["skipped"]
    assert "not among the submission topics" in skipped["why"]
    done = await replayed(hospitals.config(), "--all", "--dry-run", "--json")
    assert json.loads(done.stdout)["skipped"] == []


async def test_submit_publishes_on_the_topic_of_the_source_and_the_check_knows_all_topics(
    installation, tmp_path
):
    hospitals = Hospitals(installation)
    config = hospitals.config()
    file = tmp_path / "events.json"
    file.write_bytes(hospitals.event("of-b", B, 1).value)
    done = await asyncio.to_thread(herald, "submit", str(file), "--key", "p", "--json", "--config", config)
    assert json.loads(done.stdout)["published"][0]["topic"] == hospitals.topics[1], done.stderr

    checked = await asyncio.to_thread(herald, "check", "--json", "--config", config)
    told = json.loads(checked.stdout)
    assert set(hospitals.topics) < set(told["topics"])
    assert installation.topics.submissions not in told["topics"]
    open_to_all = await asyncio.to_thread(herald, "check", "--config", installation.config())
    assert "Warning: authorisations: none are given" in open_to_all.stderr
    assert open_to_all.returncode == 0
