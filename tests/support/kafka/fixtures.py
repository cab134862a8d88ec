"""Fixtures for a real Apache Kafka: one broker a session, and an own one for a test that harms it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.kafka.broker import BrokerFailedError
from tests.support.kafka.cluster import Cluster, Kafka
from tests.support.kafka.distribution import Distribution, KafkaUnavailableError
from tests.support.kafka.prepare import prepare

FIXTURES = {"kafka", "kafka_own", "kafka_distribution"}
DISTRIBUTION = pytest.StashKey[Distribution | str]()


@dataclass(frozen=True, slots=True)
class External:
    """A Kafka that somebody else runs."""

    bootstrap: str


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses these fixtures, so that `-m "not kafka"` leaves it out."""
    for item in items:
        if FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.kafka)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Prepare before the first test: the first time takes longer than a test's timeout may allow."""
    wanted = any(item.get_closest_marker("kafka") for item in session.items)
    if wanted and not session.config.option.collectonly:
        session.config.stash[DISTRIBUTION] = _distribution_or_reason()


def _distribution_or_reason() -> Distribution | str:
    try:
        return prepare()
    except (KafkaUnavailableError, BrokerFailedError) as why:
        return f"no real Apache Kafka: {why}"


@pytest.fixture(scope="session")
def kafka_distribution(pytestconfig: pytest.Config) -> Distribution:
    """The jars; skips where there are none (which fails the run where skips are failures)."""
    found = pytestconfig.stash[DISTRIBUTION]
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """One Kafka for all tests of the session. Use own topics (`topic_prefix`) and groups; never harm it."""
    external = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if external:
        yield External(external)
        return
    distribution = request.getfixturevalue("kafka_distribution")
    with Cluster(distribution, tmp_path_factory.mktemp("kafka"), quiet=True) as cluster:
        yield cluster


@pytest.fixture
def kafka_own(
    kafka_distribution: Distribution, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A broker of this test's own: it may be killed, frozen and started again."""
    with Cluster(kafka_distribution, tmp_path_factory.mktemp("kafka-own")) as cluster:
        yield cluster


@pytest.fixture
def topic_prefix() -> str:
    """A prefix for topic and group names that no other test has."""
    return f"t-{uuid.uuid4().hex[:12]}."
