"""docs/clients.md: its Java examples are compiled and run against Apache Kafka; C#'s is only read."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import date

import pytest
from confluent_kafka import Producer

from contracts.envelope import decode
from contracts.export.examples import example_files
from contracts.registry import validate
from tests.support.kafka.topics import create_topics, first_record
from tests.support.readme import ROOT, blocks, marked

PAGE = ROOT / "docs" / "clients.md"
SYSTEM = "herald.nhis"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def programs(kafka_distribution, tmp_path_factory):
    """The class path with both examples, compiled."""
    if shutil.which("javac") is None:
        pytest.skip("no javac on the path: a JDK of Java 17 or newer is needed")
    folder = tmp_path_factory.mktemp("java")
    for block in marked(PAGE, "java"):
        (name,) = re.findall(r"public class (\w+)", block.text)
        (folder / f"{name}.java").write_text(block.text, encoding="utf-8")
    classpath = kafka_distribution.classpath
    done = subprocess.run(
        [
            "javac",
            "-Xlint:all",
            "-proc:none",
            "-Werror",
            "-cp",
            classpath,
            "-d",
            folder,
            *folder.glob("*.java"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return f"{folder}{os.pathsep}{classpath}"


def java(programs, name, bootstrap, **arguments):
    environment = {"PATH": os.environ["PATH"], "KAFKA": bootstrap}
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", programs, name]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **arguments
    )


def test_java_submits_what_the_contract_takes_and_reads_replies(programs, kafka_own):
    topics = [f"{SYSTEM}.{name}" for name in ("submissions", "results", "errors")]
    create_topics(kafka_own.bootstrap, topics)
    submit = java(programs, "Submit", kafka_own.bootstrap)
    assert submit.communicate(timeout=60)[0] == ""
    assert submit.returncode == 0
    record = first_record(kafka_own.bootstrap, topics[0])
    event = decode(record.headers(), record.value(), record.key(), max_bytes=9999)
    validate(event.type, event.data_raw, today=date(2025, 6, 1))

    reply = example_files()["nhis.immunization.register.accepted.v1"]
    publish(kafka_own.bootstrap, topics[1], reply)
    reading = java(programs, "Replies", kafka_own.bootstrap)
    try:
        told = [reading.stdout.readline() for _ in range(2)]
    finally:
        reading.kill()
        reading.communicate()
    assert told[0] == "2025-000123 nhis.immunization.register.accepted.v1\n"
    assert json.loads(told[1]) == json.loads(json.dumps(reply["value"], default=dict))


def publish(bootstrap, topic, reply):
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce(topic, json.dumps(reply["value"], default=dict), headers=dict(reply["headers"]))
    assert producer.flush(30) == 0


def test_every_example_gives_the_required_attributes_and_a_partitioner():
    for block in blocks(PAGE):
        if "herald.nhis.submissions" in block.text:
            assert {"ce_specversion", "ce_source", "ce_id", "ce_type", "ce_signer"} <= set(
                re.findall(r"ce_\w+", block.text)
            )
    (csharp,) = [block for block in blocks(PAGE) if block.language == "csharp"]
    assert "Partitioner.Murmur2Random" in csharp.text
