"""Kafka with an authorizer: what operators' logins need, that each right is needed, and that a missing one is named."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaError

from tests.support.kafka.secured import single
from tests.support.worker.kafka import Topics
from worker.admin.errors import ActFailed
from worker.admin.reconciled import ReconciledSystem, Reconciliation
from worker.admin.reconciliation import reconcile
from worker.admin.status import installation_status
from worker.admin.topics import create_topics
from worker.kafka.clients import make_producer
from worker.kafka.past import reading_past
from worker.kafka.publisher import NotPublished, publishing
from worker.kafka.refusals import explained
from worker.kafka.rights import Operation, Role, rights_of
from worker.pipeline.ports import Event
from worker.pipeline.routing import Routing
from worker.settings.load import load

NHIS = Routing.of("", "nhis")


def needed(role):
    return single(rights_of(role, NHIS, workers_group="workers.nhis"))


class Person:
    """Somebody with a login of their own, on topics under a prefix of their own."""

    def __init__(self, secured, write):
        self.secured = secured
        self.user = f"user-{uuid.uuid4().hex[:8]}"
        self.topics = Topics(f"t-{uuid.uuid4().hex[:12]}.")
        self._write = write

    def grant(self, rights):
        self.secured.grant(self.user, [self.here(one) for one in rights])

    def here(self, right):
        return replace(right, name=f"{self.topics.prefix}{right.name}")

    def told(self, right):
        return f"Kafka refuses {self.here(right)}: grant it to this login"

    def settings(self):
        kafka = self.secured.by_certificate(self.user) | {"topic_prefix": self.topics.prefix}
        return load(self._write({"kafka": kafka, "intake": {"group_id": f"{self.topics.prefix}workers"}}), {})


@pytest.fixture
def person(secured, journal_dsn, tmp_path):
    def write(changes):
        dsn = tmp_path / "dsn"
        dsn.write_text(journal_dsn)
        path = tmp_path / "herald.yaml"
        path.write_text(json.dumps({"journal": {"dsn_file": str(dsn)}, "systems": {"nhis": {}}, **changes}))
        return path

    return Person(secured, write)


async def publishes(person, topic):
    """Publish as a replay and a settlement do; return what is told where it does not work."""
    async with publishing(make_producer(person.settings().kafka)) as kafka:
        try:
            await kafka.publish(Event(f"{person.topics.prefix}{topic}", b"k", b"{}", ()))
        except NotPublished as error:
            return str(error)
    return None


async def compares_topics(settings):
    """Compare the topics with the plan, as `topics create --dry-run` does; return what is told."""
    try:
        done = await create_topics(settings, partitions=1, replication=1, dry_run=True)
    except ActFailed as error:
        return [str(error)]
    return [f"There is no topic {one.name}" for one in done.created]


async def reads(person):
    """Read the topics as a reconciliation does; return what is told."""
    told = []
    for kind in ("submissions", "results", "errors"):
        try:
            async with reading_past(person.settings().kafka, None) as past:
                async for _ in past.batches(f"{person.topics.prefix}nhis.{kind}"):
                    pass
        except KafkaError as error:
            told.append(explained(error, Operation.READ))
    return told


async def what_operators_cannot_do(person):
    """Do what operators' commands do with Kafka, and return all that is told."""
    told = [await publishes(person, f"nhis.{kind}") for kind in ("submissions", "results", "errors")]
    told += [*await compares_topics(person.settings()), *await reads(person)]
    status = await installation_status(person.settings())
    return [one for one in (*told, *status.not_asked, *status.wrong) if one and "No worker runs" not in one]


@pytest.mark.parametrize("taken", [None, *needed(Role.OPERATOR)], ids=str)
async def test_an_operator_needs_each_right_and_no_other(secured, person, taken):
    person.topics.create(secured.bootstrap, 1)
    person.grant(needed(Role.OPERATOR))
    if taken is None:
        told = await what_operators_cannot_do(person)
        assert [one for one in told if "has read nothing" not in one] == []
        return
    secured.revoke(person.user, person.here(taken))
    hidden = f"There is no topic {person.here(taken).name}"
    told = " ".join(await what_operators_cannot_do(person))
    assert person.told(taken) in told or (taken.operation is Operation.DESCRIBE and hidden in told)


@pytest.mark.parametrize("taken", [None, *needed(Role.SCALER)], ids=str)
async def test_what_watches_the_lag_needs_each_right_and_no_other(secured, person, taken):
    person.topics.create(secured.bootstrap, 1)
    person.grant(one for one in needed(Role.SCALER) if one != taken)
    status = await installation_status(person.settings())
    if taken is None:
        assert status.lags["nhis"].partitions == 1
    else:
        told = " ".join((*status.not_asked, *status.wrong))
        hidden = f"There is no topic {person.topics.submissions}, or this login may not see it"
        assert person.told(taken) in told or hidden in told


@pytest.mark.parametrize("taken", [None, *needed(Role.TOPIC_CREATOR)], ids=str)
async def test_who_creates_topics_needs_each_right_and_no_other(person, taken):
    person.grant(one for one in needed(Role.TOPIC_CREATOR) if one != taken)
    told = []
    for _ in range(2):
        try:
            done = await create_topics(person.settings(), partitions=1, replication=1)
        except ActFailed as error:
            told.append(str(error))
        else:
            told += done.refused.values()
    if taken is None:
        assert told == []
        assert len(done.existed) == 4
        assert done.different == {}
    else:
        assert person.told(taken) in " ".join(told)


@pytest.mark.parametrize("there", [True, False], ids=["hidden", "missing"])
async def test_nobody_is_told_that_nothing_is_forgotten_where_a_topic_is_not_shown(secured, person, there):
    if there:
        person.topics.create(secured.bootstrap, 1)
    person.grant(one for one in needed(Role.OPERATOR) if one.name != "nhis.submissions")
    nhis = ReconciledSystem(SimpleNamespace(name="nhis"), None)
    with pytest.raises(
        ActFailed, match=f"there is no topic {person.topics.submissions}, or this login may not"
    ):
        await reconcile(person.settings(), [nhis], Reconciliation())
