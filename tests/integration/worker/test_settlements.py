"""Settlement against real servers: what is held moves by a person's word only, and by it exactly once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import asyncpg
import pytest
from jsonschema import Draft202012Validator

from tests.integration.worker.test_dead_letters import (
    dead_letters,
    last,
    letter_of,
    messages,
    replayed,
    revision,
)
from tests.support.published import published_schema
from tests.support.worker.hospital import REACTION, about, register
from tests.support.worker.installation import Installation, serving
from worker.admin.settlement import Asked, settle_in_journal
from worker.clock import SystemClock
from worker.pipeline.routing import Route


@dataclass(frozen=True)
class Held:
    """A reaction that is held, and the NRN that it is about."""

    letter: str
    nrn: str


async def hold(installation: Installation, answers, fault: str) -> Held:
    """Let a reaction's answer be lost."""
    patient = installation.patient()
    await installation.publish(register("dose", patient))
    await answers.answered(["dose"])
    nrn = answers.only("dose").json["data"]["nrn"]
    installation.nhis.fault(fault, match={"messageType": "I005"})
    await installation.publish(about("reaction", REACTION, patient, nrn))
    await answers.answered(["reaction"])
    assert answers.only("reaction").kind == "held"
    return Held(await letter_of(installation, "reaction"), nrn)


def reactions(installation: Installation) -> int:
    return len(installation.nhis.ledger()["reactions"])


async def test_what_was_there_is_accepted_by_a_persons_word_and_never_sent_again(installation):
    config = installation.config()
    async with serving(config), installation.reading() as answers:
        held = await hold(installation, answers, "drop-after")
        sent = messages(installation)
        skipped = await replayed(config, held.letter)
        by = ("settle", held.letter, "--reason", "seen in NHIS", "--as", "accepted", "--nrn", held.nrn)
        tried = await dead_letters(config, *by, "--dry-run")
        done = await dead_letters(config, *by, "--by", "nurse")
        await revision(answers, "reaction", 2)
        again = await dead_letters(config, *by)
        other = await dead_letters(config, "settle", held.letter, "--reason", "no", "--as", "not-sent")
        after = await replayed(config, held.letter)
        await answers.until(lambda it: len(it.of("reaction")) == 3)
        detail = await installation.detail("reaction")
        shown = json.loads((await dead_letters(config, "show", held.letter, "--json")).stdout)

    reply = last(answers, "reaction")
    assert "settle it" in skipped.stderr
    assert json.loads(tried.stdout)["reply"]["value"]["data"] == {"nrn": held.nrn}
    assert (done.returncode, again.returncode, other.returncode) == (0, 0, 1)
    assert "already settled as accepted" in other.stderr
    assert "it was settled" in after.stderr
    assert (reply.kind, reply.topic, reply.key) == (
        "accepted",
        installation.topics.results,
        answers.of("reaction")[0].key,
    )
    assert (reply.json["data"], reply.json["answer"]) == ({"nrn": held.nrn}, None)
    assert reply.json["settled"]["at"]
    schema = published_schema("nhis.adverse-reaction.register.accepted.v1")
    Draft202012Validator(schema).validate(reply.json)
    assert (detail.submission.state, detail.submission.revision, detail.submission.answered) == (
        "accepted",
        2,
        True,
    )
    assert (shown["dead_letter"]["state"], [act["who"] for act in shown["acts"]]) == ("settled", ["nurse"])
    assert messages(installation) == sent
    assert reactions(installation) == 1


async def test_what_was_not_there_is_sent_once_after_the_replay(installation):
    config = installation.config()
    async with serving(config), installation.reading() as answers:
        held = await hold(installation, answers, "drop-before")
        assert reactions(installation) == 0
        done = await dead_letters(config, "settle", held.letter, "--reason", "not there", "--as", "not-sent")
        await revision(answers, "reaction", 2)
        second = last(answers, "reaction")
        await replayed(config, held.letter)
        await revision(answers, "reaction", 3)
        await replayed(config, held.letter)
        await installation.all_committed()
        await answers.settle()

    assert done.returncode == 0
    assert (second.kind, second.json["code"]) == ("failed", "settled-not-sent")
    assert second.json["deadLetter"]["id"] == held.letter
    assert last(answers, "reaction").kind == "accepted"
    assert reactions(installation) == 1
    assert installation.nhis.ledger()["counters"]["I005"] == {"dropped": 1, "I006": 1}


async def test_a_settlement_that_died_before_it_was_published_is_published_by_the_same_command(installation):
    config = installation.config()
    async with serving(config), installation.reading() as answers:
        held = await hold(installation, answers, "drop-after")
        connection = await asyncpg.connect(installation.dsn)
        asked = Asked(held.letter, {"nrn": held.nrn}, who="nurse", reason="seen")
        made = await settle_in_journal(
            connection,
            asked,
            route_of=lambda *_: Route("*", installation.topics.results, installation.topics.errors),
            now=SystemClock().now,
            dry_run=False,
        )
        await connection.close()
        done = await dead_letters(
            config, "settle", held.letter, "--reason", "again", "--as", "accepted", "--nrn", held.nrn
        )
        await revision(answers, "reaction", 2)
        await answers.settle()

    assert "already settled this way" in done.stderr
    (reply,) = [one for one in answers.of("reaction") if one.kind == "accepted"]
    assert (reply.value, reply.raw_headers) == (made.reply.value, made.reply.headers)
    assert (await installation.detail("reaction")).submission.answered


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (
            ("--as", "accepted", "--reason", "r"),
            1,
            "Give its identifier in the national system (--nrn or --data)",
        ),
        (("--as", "not-sent", "--nrn", "25073B00Q1X3", "--reason", "r"), 2, "use them with --as accepted"),
        (("--as", "accepted", "--nrn", "25073B00Q1X3"), 2, "--reason"),
        (("--as", "accepted", "--nrn", "123", "--reason", "r"), 1, "exactly 12 Latin letters and digits"),
        (("--as", "accepted", "--nrn", "25073B00Q1X3", "--reason", "r"), 1, "this one is another's"),
        (("--as", "accepted", "--nrn", "25073B00Q1X3", "--data", "x", "--reason", "r"), 2, "NAME=VALUE"),
    ],
)
async def test_what_is_stated_wrongly_settles_nothing(played, arguments, code, why):
    config, letter = played
    done = await dead_letters(config, "settle", letter, *arguments)

    assert done.returncode == code
    assert why in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    shown = json.loads((await dead_letters(config, "show", letter, "--json")).stdout)
    assert (shown["submission"]["state"], shown["acts"]) == ("held", [])


@pytest.fixture(scope="module")
def played(play):
    async def scene(installation: Installation):
        config = installation.config()
        async with serving(config), installation.reading() as answers:
            return config, (await hold(installation, answers, "drop-before")).letter

    return play(scene)


async def test_nothing_is_settled_while_kafka_is_unavailable(played):
    config, letter = played
    away = {"kafka": {**json.loads(config.read_text())["kafka"], "bootstrap_servers": "127.0.0.1:1"}}
    other = config.with_name("away.yaml")
    other.write_text(json.dumps(json.loads(config.read_text()) | away), encoding="utf-8")
    settled, replay = await asyncio.gather(
        dead_letters(other, "settle", letter, "--reason", "r", "--as", "not-sent"),
        dead_letters(other, "replay", "--all"),
    )

    assert settled.returncode == replay.returncode == 1
    assert "Nothing was settled" in settled.stderr
    assert "Kafka did not accept the replay" in replay.stderr
    assert "Traceback" not in settled.stderr + replay.stderr
    shown = json.loads((await dead_letters(config, "show", letter, "--json")).stdout)
    assert shown["submission"]["state"] == "held"
