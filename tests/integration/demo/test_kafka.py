"""The demo on a real Kafka: one that runs already, or one that it starts; nothing of it stays."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid

import pytest
from confluent_kafka.admin import AdminClient

from demo import kafka_jars
from demo.apache_kafka import ApacheKafka
from demo.kafka import ExternalKafka
from demo.processes import EnvironmentFailed
from tests.support.demo.environment import processes_of, running_demo
from tests.support.kafka.distribution import CACHE


def topics_at(bootstrap):
    return set(AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=30).topics)


def test_topics_of_a_kafka_that_runs_already_are_made_and_removed(kafka):
    names = [f"t-{uuid.uuid4().hex}.nhis.{kind}" for kind in ("submissions", "results")]
    demo = ExternalKafka(kafka.bootstrap)
    demo.create(names)
    assert set(names) <= topics_at(kafka.bootstrap)
    demo.publish(names[0], b"k", b"v", {"a": b"b"})

    with pytest.raises(EnvironmentFailed, match=r"the demo deletes no topics of others") as refused:
        ExternalKafka(kafka.bootstrap).create(names)
    assert names[0] in str(refused.value)

    demo.close()
    assert not set(names) & topics_at(kafka.bootstrap)


def test_a_kafka_that_is_not_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr("demo.kafka._SECONDS", 0.5)
    with pytest.raises(EnvironmentFailed, match=r"There is no Kafka at 127\.0\.0\.1:1: "):
        ExternalKafka("127.0.0.1:1")


@pytest.mark.parametrize("program", ["java", "mvn"])
def test_without_java_or_maven_it_says_what_to_do(monkeypatch, tmp_path, program):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(
        kafka_jars.shutil, "which", lambda name: None if name == program else f"/usr/bin/{name}"
    )
    with pytest.raises(EnvironmentFailed, match=rf"no {program} on the path.*--kafka") as failed:
        ApacheKafka(tmp_path)
    assert "\n" not in str(failed.value)


def test_both_options_are_wrong_usage():
    done = subprocess.run(
        [sys.executable, "-m", "worker", "demo", "--kafka", "a:1", "--real-kafka"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "not both" in done.stderr


@pytest.mark.timeout(240)
def test_the_scenarios_end_as_expected_on_apache_kafka(kafka_distribution, short_tmp, monkeypatch):
    assert kafka_distribution.jars.exists()
    (short_tmp / "cache").mkdir()
    (short_tmp / "cache" / "herald").symlink_to(CACHE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(short_tmp / "cache"))
    place = short_tmp / "demo"
    place.mkdir()
    with running_demo(place, "--real-kafka", "--system", "kz-shep", "--json") as process:
        output, told = process.communicate(timeout=200)
    assert process.returncode == 0, (told, output)
    assert json.loads(output)["mismatches"] == []
    assert "Starting Apache Kafka, PostgreSQL (embedded)" in told
    assert processes_of(place) == []
    assert list(place.iterdir()) == []
