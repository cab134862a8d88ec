"""Kafka with an authorizer: the worker runs with exactly the rights of the table, and names one that is missing."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from tests.support.kafka.secured import SingleRight, single
from tests.support.signing.certificates import issue
from tests.support.worker.hospital import REGISTER, event, register
from tests.support.worker.installation import (
    Installation,
    eventually,
    serving,
    started,
)
from tests.support.worker.kafka import publish
from tests.support.worker.metrics import scrape
from tests.support.worker.probes import probe
from worker.kafka.rights import Operation, Resource, Role, rights_of
from worker.pipeline.routing import Routing

USER = "herald-worker"
EVERY_SECOND = {"metrics": {"interval": 1}}
NEEDED = single(rights_of(Role.WORKER, Routing.of("", "nhis"), workers_group="workers.nhis"))
"""Without the prefix that each test has for itself."""


@pytest.fixture(scope="module", autouse=True)
def _user(secured):
    secured.add_user(USER)


@pytest.fixture
def guarded(secured, journal_dsn, nhis, tmp_path):
    """An installation on it, whose topics nobody has a right to yet."""
    return Installation.build(secured.bootstrap, journal_dsn, nhis, tmp_path, 2)


def needed(guarded: Installation) -> list[SingleRight]:
    return [_here(guarded, one) for one in NEEDED]


def _here(guarded: Installation, right: SingleRight) -> SingleRight:
    return replace(right, name=f"{guarded.topics.prefix}{right.name}")


def two_events(guarded: Installation, names: str):
    """One that is accepted, and one that ends with a failed reply and a dead letter: all topics are written to."""
    good, bad = names.split()
    return register(good, guarded.patient()), event(bad, REGISTER, guarded.patient(), {})


@pytest.mark.parametrize("login", ["by_password", "by_certificate"])
async def test_with_exactly_these_rights_a_submission_comes_to_its_reply(secured, guarded, login):
    secured.grant(USER, needed(guarded))
    config = guarded.config({"kafka": getattr(secured, login)(USER)})
    async with serving(config), guarded.reading() as answers:
        await guarded.publish(*two_events(guarded, "good bad"))
        await answers.answered(["good", "bad"])
        await guarded.all_committed()
    assert answers.kinds() == {"good": "accepted", "bad": "failed"}
    assert len(answers.dead_letters) == 1


@pytest.mark.parametrize("right", NEEDED, ids=str)
async def test_a_right_that_is_missing_is_named_and_nothing_is_lost(secured, guarded, right, caplog):
    caplog.set_level(logging.INFO)
    secured.grant(USER, needed(guarded))
    taken = _here(guarded, right)
    told = f"Kafka refuses {taken}: grant it to this login"
    config = guarded.config({"kafka": secured.by_password(USER)})
    secured.revoke(USER, taken)
    await guarded.publish(*two_events(guarded, "good-1 bad-1"))
    async with started(config) as worker, guarded.reading() as answers:

        async def readiness():
            return await probe(worker.health.address, "/readyz")

        async def is_told_until_it_is_granted(*submissions):
            found = await eventually(readiness, lambda it: told in str(it.said["waiting_for"]))
            assert found.status == 503
            assert _is_logged(caplog, told)
            secured.grant(USER, [taken])
            await answers.answered(submissions)
            await guarded.all_committed()
            await eventually(readiness, lambda it: it.status == 200)

        await is_told_until_it_is_granted("good-1", "bad-1")
        caplog.clear()
        secured.revoke(USER, taken)
        await guarded.publish(*two_events(guarded, "good-2 bad-2"))
        await is_told_until_it_is_granted("good-2", "bad-2")

    assert answers.kinds() == {
        "good-1": "accepted",
        "bad-1": "failed",
        "good-2": "accepted",
        "bad-2": "failed",
    }
    assert len({one.headers["herald-dead-letter-id"] for one in answers.dead_letters}) == 2
    assert len(guarded.nhis.registered()) == 2
    assert not [one for one in caplog.records if one.name.startswith("worker") and one.exc_info]


def _is_logged(caplog, told):
    shown = (vars(one) for one in caplog.records if one.name.startswith("worker"))
    return any(told in str(one.get("detail")) or told in str(one.get("waiting_for")) for one in shown)


async def test_where_one_of_several_topics_is_refused_at_the_start_the_system_waits_and_loses_nothing(
    secured, guarded
):
    config, other, taken = _two_topics(secured, guarded)
    secured.revoke(USER, taken)
    await publish(guarded.bootstrap, other, [register("there", guarded.patient())])
    await guarded.publish(register("here", guarded.patient()))
    told = f"Kafka refuses {taken}: grant it to this login"
    async with started(config) as worker, guarded.reading() as answers:
        await eventually(
            lambda: probe(worker.health.address, "/readyz"), lambda it: told in str(it.said["waiting_for"])
        )
        secured.grant(USER, [taken])
        await answers.answered(["here", "there"])
    assert set(answers.kinds().values()) == {"accepted"}


@pytest.mark.parametrize("read", [True, False], ids=["while it is read", "before it is read"])
async def test_where_one_of_several_topics_is_refused_to_a_running_worker_the_others_are_read(
    secured, guarded, read
):
    """And the same worker reads it again when the right is back, from where it was."""
    config, other, taken = _two_topics(secured, guarded)
    told = f"Kafka refuses {taken}: grant it to this login"
    async with serving(config) as worker, guarded.reading() as answers:

        async def publish_in_both(turn):
            await publish(guarded.bootstrap, other, [register(f"there-{turn}", guarded.patient())])
            await guarded.publish(register(f"here-{turn}", guarded.patient()))

        if read:
            await publish_in_both(1)
            await answers.answered(["here-1", "there-1"])
        secured.revoke(USER, taken)
        await publish_in_both(2)
        ready = await eventually(
            lambda: probe(worker.health.address, "/readyz"), lambda it: told in str(it.said["waiting_for"])
        )
        await answers.answered(["here-2"])
        secured.grant(USER, [taken])
        await answers.answered(["there-2"])
        await publish_in_both(3)
        await answers.answered(["here-3", "there-3"])
        await answers.settle()
        live = await probe(worker.health.address, "/livez")
    assert (ready.status, live.status) == (503, 200)
    assert set(answers.kinds().values()) == {"accepted"}
    assert len(answers.replies) == (6 if read else 4)


async def test_a_refused_topic_costs_its_own_figures_and_no_others(secured, guarded):
    config, other, taken = _two_topics(secured, guarded, EVERY_SECOND)
    seen = "herald_consumer_lag_records"
    async with serving(config) as worker, guarded.reading() as answers:
        await publish(guarded.bootstrap, other, [register("there", guarded.patient())])
        await guarded.publish(register("here", guarded.patient()))
        await answers.answered(["here", "there"])

        async def shown():
            found = await scrape(worker.health.address)
            return {dict(labels)["topic"] for name, labels in found.samples if name == seen}

        await eventually(shown, lambda topics: topics == {guarded.topics.submissions, other})
        secured.revoke(USER, taken)
        await eventually(shown, lambda topics: topics == {guarded.topics.submissions}, seconds=40)
        await asyncio.sleep(4)  # longer than a figure is shown without being read again
        assert await shown() == {guarded.topics.submissions}
        secured.grant(USER, [taken])
        await eventually(shown, lambda topics: topics == {guarded.topics.submissions, other}, seconds=40)


def _two_topics(secured, guarded, changes=None):
    """Write settings with a second topic of submissions. Return them, its name, and the right to it."""
    other = f"{guarded.topics.submissions}.other"
    guarded.topics.create(guarded.bootstrap, 2, other)
    taken = SingleRight(Resource.TOPIC, other, Operation.READ)
    secured.grant(USER, [*needed(guarded), taken])
    topics = [{"system": "nhis", "topic": topic} for topic in (guarded.topics.submissions, other)]
    config = guarded.config(
        {"kafka": secured.by_password(USER), "submission_topics": topics, **(changes or {})}
    )
    return config, other, taken


def wrong_password(secured):
    return secured.by_password(USER, "another one")


def unknown_user(secured):
    return secured.by_password("nobody")


def untrusted_certificate(secured):
    return secured.by_certificate(USER, issue(USER, issuer=issue("another-ca", authority=True)))


def expired_certificate(secured):
    return secured.by_certificate(USER, secured.expired(USER))


def untrusted_broker(secured):
    settings = secured.by_password(USER)
    other = issue("another-ca", authority=True)
    return {
        **settings,
        "security": {**settings["security"], "ca_file": secured.write("other.pem", other.pem())},
    }


@pytest.mark.parametrize(
    ("login", "told"),
    [
        (wrong_password, "Kafka refuses the login: check kafka.security.username and its password"),
        (unknown_user, "Kafka refuses the login: check kafka.security.username and its password"),
        (untrusted_certificate, "Kafka refuses the client certificate"),
        (expired_certificate, "Kafka refuses the client certificate"),
        (untrusted_broker, "its TLS certificate is not trusted"),
    ],
)
async def test_a_login_that_is_refused_is_told_in_a_sentence(secured, guarded, login, told, caplog):
    caplog.set_level(logging.INFO)
    async with started(guarded.config({"kafka": login(secured)})) as worker:
        found = await eventually(
            lambda: probe(worker.health.address, "/readyz"), lambda it: "Kafka, for replies: " in str(it.said)
        )
    assert told in found.said["waiting_for"]["start"]
    assert _is_logged(caplog, told)
    assert "Traceback" not in caplog.text


def test_every_right_is_of_a_topic_or_the_group():
    assert {one.resource for one in NEEDED} == {Resource.TOPIC, Resource.GROUP}
