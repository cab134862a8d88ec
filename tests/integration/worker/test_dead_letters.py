"""Replay against real servers: what waits for a person is sent once it can be, and nothing is sent twice."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer

from tests.support.worker.hospital import REGISTER, Event, event, register, registration
from tests.support.worker.installation import (
    Installation,
    clean_environment,
    eventually,
    herald,
    serving,
)
from tests.support.worker.kafka import Answers, rewind
from tests.support.worker.ledger import registered_in_order
from worker.admin import replay_sql
from worker.admin.publishing import Publisher
from worker.admin.replay_run import BATCH
from worker.kafka.clients import make_producer
from worker.kafka.publisher import publishing
from worker.settings.load import load

Done = CompletedProcess[str]
BEGUN = "select count(*) from dead_letters where state = 'replaying'"
GIVE_UP = {"retry": {"give_up_after": 0.5}}


async def dead_letters(config, *arguments: object) -> Done:
    return await asyncio.to_thread(herald, "dead-letters", *arguments, "--config", config)


async def replayed(config, *arguments: object) -> Done:
    done = await dead_letters(config, "replay", *arguments)
    assert done.returncode == 0, done.stderr
    return done


async def revision(answers: Answers, submission: str, number: int) -> None:
    await answers.until(lambda it: any(_revision(one) == number for one in it.of(submission)))


def _revision(reply) -> int:
    return int(reply.headers["ce_revision"])


def last(answers: Answers, submission: str):
    """The reply of the highest revision: repeated as often as may be, but one."""
    highest = max(map(_revision, answers.of(submission)))
    (said,) = {one.said for one in answers.of(submission) if _revision(one) == highest}
    return next(one for one in answers.of(submission) if one.said == said)


async def letter_of(installation: Installation, submission: str) -> str:
    detail = await installation.detail(submission)
    assert detail.dead_letter is not None
    return detail.dead_letter.id


def messages(installation: Installation) -> int:
    """How many messages NHIS has got."""
    return sum(1 for one in installation.nhis.requests() if one["messageType"])


async def fail_all(installation: Installation, events) -> None:
    """Let these fail: NHIS turns them away (429) for longer than is tried."""
    installation.nhis.fault("status", match={"messageType": "I001"}, status=429, times=None)
    async with serving(installation.config(GIVE_UP)), installation.reading() as answers:
        await installation.publish(*events)
        await answers.answered(one.id for one in events)
        await installation.all_committed()
    assert set(answers.kinds().values()) == {"failed"}
    installation.nhis.calm()


def without_signers(installation: Installation, *names: str) -> Path:
    """Write the settings of a worker that does not know these signers yet."""
    settings = installation.settings()
    known = settings["systems"]["nhis"]["senders"]
    settings["systems"]["nhis"]["senders"] = {one: uin for one, uin in known.items() if one not in names}
    path = installation.directory / "narrow.yaml"
    path.write_text(json.dumps(settings), encoding="utf-8")
    return path


async def test_a_signer_who_was_not_configured_is_added_and_the_replay_is_accepted(installation):
    patient = installation.patient()
    config, before = installation.config(), without_signers(installation, patient.doctor.signer)
    async with installation.reading() as answers:
        async with serving(before):
            await installation.publish(register("unknown", patient))
            await answers.answered(["unknown"])
        assert answers.only("unknown").json["code"] == "unknown-signer"
        letter = await letter_of(installation, "unknown")
        async with serving(config):
            done = await replayed(config, "--code", "unknown-signer", "--by", "nurse", "--reason", "added")
            await revision(answers, "unknown", 2)
            await installation.all_committed()
        shown = json.loads((await dead_letters(config, "show", letter, "--json")).stdout)

    assert "1 replayed" in done.stderr
    assert last(answers, "unknown").kind == "accepted"
    detail = await installation.detail("unknown")
    assert (detail.submission.revision, detail.submission.dead_letter_id) == (2, None)
    assert set(installation.nhis.registered()) == {detail.submission.identity}
    assert (shown["dead_letter"]["state"], shown["dead_letter"]["replay_count"]) == ("replayed", 1)
    (act,) = shown["acts"]
    assert (act["who"], act["act"], act["reason"]) == ("nurse", "replay", "added")


async def test_one_patients_failed_submissions_are_replayed_in_their_order(installation):
    patients = [installation.patient() for _ in range(3)]
    events = [register(f"{one.number}-{n}", one) for n in range(4) for one in patients]
    await fail_all(installation, events)
    config = installation.config()
    async with serving(config), installation.reading() as answers:
        # One of them dies once more, and keeps its place before those that were not replayed yet.
        installation.nhis.fault("status", match={"patient": patients[0].egn}, status=413)
        await replayed(config, await letter_of(installation, events[0].id))
        await revision(answers, events[0].id, 2)
        assert last(answers, events[0].id).json["code"] == "request-too-large"
        limited = json.loads(
            (await replayed(config, "--all", "--max-replays", "1", "--dry-run", "--json")).stdout
        )
        done = await replayed(config, "--all")
        for one in events:
            await revision(answers, one.id, 3 if one is events[0] else 2)
        await installation.all_committed()

    (skipped,) = limited["skipped"]
    (again,) = [one for one in answers.dead_letters if one.headers["herald-dead-letter-id"] == skipped["id"]]
    assert (again.headers["herald-replay-count"], again.headers["herald-reason"]) == (
        "1",
        "request-too-large",
    )
    assert limited["would_replay"] == len(events) - 1
    assert f"{len(events)} replayed" in done.stderr
    assert {last(answers, one.id).kind for one in events} == {"accepted"}
    await registered_in_order(installation, patients, events)


async def test_what_was_accepted_is_never_sent_again_whatever_is_replayed(installation):
    first = register("once", installation.patient())
    await fail_all(installation, [first])
    config, letter = installation.config(), await letter_of(installation, "once")
    async with serving(config), installation.reading() as answers:
        await replayed(config, letter)
        await revision(answers, "once", 2)
        sent, seen = messages(installation), len(answers.replies)
        again = await replayed(config, letter)
        # As if the journal had forgotten that it was replayed: the record comes once more.
        await publish_again(installation, config, letter)
        await answers.until(lambda it: len(it.replies) > seen)
        await installation.all_committed()

    assert f"{letter}: it was already replayed" in again.stderr
    assert "0 replayed" in again.stderr
    assert last(answers, "once").kind == "accepted"
    assert max(map(_revision, answers.of("once"))) == 2
    assert messages(installation) == sent


async def publish_again(installation: Installation, config, letter: str) -> None:
    """Publish what was ordered, and do not note it: as a run that is killed between the two."""
    connection = await asyncpg.connect(installation.dsn)
    try:
        async with publishing(make_producer(load(config, {}).kafka)) as kafka:
            assert await Publisher(kafka).publish(await replay_sql.ordered(connection, [letter])) == {letter}
    finally:
        await connection.close()


@pytest.mark.parametrize("published", [False, True], ids=["before-publishing", "before-the-mark"])
async def test_a_replay_that_died_is_finished_by_the_next_as_one_revision(installation, published):
    patient = installation.patient()
    events = [register("a", patient), register("b", patient)]
    await fail_all(installation, events)
    config = installation.config()
    letters = [await letter_of(installation, one.id) for one in events]
    connection = await asyncpg.connect(installation.dsn)
    async with serving(config), installation.reading() as answers:
        assert await replay_sql.order(connection, letters, who="nurse", reason=None) == letters
        if published:
            for letter in letters:
                await publish_again(installation, config, letter)
            await revision(answers, "b", 2)
        left = await dead_letters(config, "discard", letters[0], "--reason", "no")
        looked = await replayed(config, "--all", "--dry-run")
        done = await replayed(config, "--all", "--json")
        for one in events:
            await revision(answers, one.id, 2)
        await installation.all_committed()
        await answers.settle()
        states = [json.loads((await dead_letters(config, "show", one, "--json")).stdout) for one in letters]
    await connection.close()

    assert "its replay has started" in left.stderr
    assert "2 that an earlier replay had started" in looked.stderr
    assert "0 discarded" in left.stderr
    assert "Finishing 2 that an earlier replay had started" in done.stderr
    assert json.loads(done.stdout)["finished"] == letters
    assert [one["dead_letter"]["state"] for one in states] == ["replayed", "replayed"]
    assert [one["dead_letter"]["replay_count"] for one in states] == [1, 1]
    assert [last(answers, one.id).kind for one in events] == ["accepted", "accepted"]
    assert {_revision(reply) for reply in answers.replies} == {1, 2}
    await registered_in_order(installation, [patient], events)


async def test_a_replay_that_is_killed_loses_and_doubles_nothing(installation):
    doctor = installation.patient().doctor
    patients = [one for one in (installation.patient() for _ in range(30)) if one.doctor == doctor]
    events = [register(f"k-{one.number}-{n}", one) for n in range(25) for one in patients]
    assert len(events) > BATCH
    config = installation.config()
    connection = await asyncpg.connect(installation.dsn)
    async with installation.reading() as answers:
        async with serving(without_signers(installation, doctor.signer)):
            await installation.publish(*events)
            await answers.answered(one.id for one in events)
            await installation.all_committed()
        command = [sys.executable, "-m", "worker", "dead-letters", "replay", "--all", "--config", str(config)]
        process = await asyncio.create_subprocess_exec(*command, env=clean_environment())
        await eventually(lambda: connection.fetchval(BEGUN), lambda begun: begun > 0)
        process.kill()
        await process.wait()
        left = await connection.fetchval(BEGUN)
        async with serving(config):
            done = await replayed(config, "--all")
            await answers.until(lambda it: sum(one.kind == "accepted" for one in it.replies) >= len(events))
            await installation.all_committed()
    await connection.close()

    assert 0 < left <= BATCH
    assert f"Finishing {left} " in done.stderr
    assert {(last(answers, one.id).kind, _revision(last(answers, one.id))) for one in events} == {
        ("accepted", 2)
    }
    assert {_revision(reply) for reply in answers.replies} == {1, 2}
    await registered_in_order(installation, patients, events)


async def test_offsets_set_back_after_a_replay_send_and_answer_nothing(installation):
    patient = installation.patient()
    events = [register("x", patient), register("y", patient)]
    await fail_all(installation, events)
    config = installation.config()
    async with installation.reading() as answers:
        async with serving(config):
            await replayed(config, "--all")
            for one in events:
                await revision(answers, one.id, 2)
            await installation.all_committed()
        sent, replies = messages(installation), len(answers.replies)
        await asyncio.to_thread(
            rewind, installation.bootstrap, installation.group, installation.topics.submissions
        )
        async with serving(config):
            await installation.all_committed()
        await answers.settle()

    assert messages(installation) == sent
    assert {last(answers, one.id).kind for one in events} == {"accepted"}
    assert len(answers.replies) == replies, "neither the records nor their replays are answered again"


async def test_a_replay_is_the_record_as_it_came_to_where_it_came_from(installation):
    bad = event(
        "bad", REGISTER, patient := installation.patient(), registration(patient, vaccineCode="16568")
    )
    await fail_all(installation, [bad])
    config = installation.config()
    await replayed(config, "--code", "retries-exhausted")

    consumer = AIOKafkaConsumer(
        installation.topics.submissions,
        bootstrap_servers=installation.bootstrap,
        auto_offset_reset="earliest",
    )
    async with consumer:
        came, again = await consumer.getone(), await consumer.getone()
    letter = (await letter_of(installation, "bad")).encode()
    assert (again.partition, again.key, again.value) == (came.partition, came.key, came.value)
    assert again.headers == (*came.headers, ("herald-replay-of", letter), ("herald-replay-count", b"1"))


async def test_what_was_too_large_to_be_read_is_read_once_it_may_be(installation):
    whole, patient = register("whole", installation.patient()), installation.patient()
    said = json.loads(register("binary", patient).value)
    attributes = {name: value for name, value in said.items() if name != "data"}
    headers = tuple((f"ce_{name}", value.encode()) for name, value in attributes.items())
    binary = Event("binary", patient.key, json.dumps(said["data"]).encode(), headers)
    narrow, config = installation.config({"kafka": {"max_event_bytes": 1024}}), installation.config()
    padded = [replace(one, value=one.value + b" " * 1024) for one in (whole, binary)]
    async with installation.reading() as answers:
        async with serving(narrow):
            await installation.publish(*padded)
            await answers.until(lambda it: len(it.dead("too-large")) == 2)
            await answers.answered(["binary"])
            await installation.all_committed()
        async with serving(config):
            await replayed(config, "--code", "too-large")
            await answers.answered(["whole"])
            await revision(answers, "binary", 2)

    assert {last(answers, one).kind for one in ("whole", "binary")} == {"accepted"}
    assert _revision(last(answers, "whole")) == 1
    assert len(installation.nhis.registered()) == 2
    row = (await installation.detail("binary")).submission
    assert (row.operation, row.signer) == (REGISTER, patient.doctor.signer)


async def test_a_dry_run_shows_what_would_be_replayed_and_changes_nothing(installation):
    patients = [installation.patient() for _ in range(2)]
    await fail_all(installation, [register(f"dry-{one.number}", one) for one in patients])
    config = installation.config()
    json_run = json.loads((await replayed(config, "--all", "--dry-run", "--json")).stdout)
    table = await replayed(config, "--operation", REGISTER, "--dry-run")
    first = json.loads((await replayed(config, "--all", "--limit", "1", "--dry-run", "--json")).stdout)
    refused = await dead_letters(config, "replay")
    both = await dead_letters(config, "discard", "some-id", "--all", "--reason", "no")
    listed = json.loads((await dead_letters(config, "list", "--json", "--state", "open")).stdout)

    assert (json_run["would_replay"], first["would_replay"]) == (2, 1)
    assert [(bar["reason"], bar["operation"], bar["count"]) for bar in json_run["histogram"]] == [
        ("retries-exhausted", REGISTER, 1)
    ] * 2
    assert "retries-exhausted" in table.stdout
    assert "2 to replay. Nothing was changed." in table.stderr
    assert (refused.returncode, both.returncode) == (2, 2)
    assert "--all" in refused.stderr
    assert [one["replay_count"] for one in listed] == [0, 0]


async def test_discarded_ones_stay_away(installation):
    await fail_all(installation, [register("gone", installation.patient())])
    config, letter = installation.config(), await letter_of(installation, "gone")
    why = await dead_letters(config, "discard", letter)
    done = await dead_letters(config, "discard", letter, "--reason", "registered by hand", "--by", "nurse")
    again = await replayed(config, letter)
    shown = await dead_letters(config, "show", letter)

    assert why.returncode == 2
    assert "--reason" in why.stderr
    assert "1 discarded" in done.stderr
    assert "it was discarded" in again.stderr
    assert "registered by hand" in shown.stdout
    assert "nurse" in shown.stdout
