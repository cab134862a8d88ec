"""Kafka's console producer: the class behind `kafka-console-producer.sh`, which the broker's jars leave out."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from tests.support.kafka.distribution import CACHE, POM, Distribution, KafkaUnavailableError

FETCH_TIMEOUT = 300.0


def console_producer(distribution: Distribution) -> Path:
    """Return a program of that name, fetching its jar once. Raises KafkaUnavailableError."""
    (version,) = (
        found[1]
        for jar in distribution.jars.glob("kafka-clients-*.jar")
        if (found := re.fullmatch(r"kafka-clients-(.+)\.jar", jar.name))
    )
    tools = CACHE / f"tools-{version}"
    if not any(tools.glob("*.jar")):
        _fetch(f"org.apache.kafka:kafka-tools:{version}", tools)
    program = tools / "bin" / "kafka-console-producer.sh"
    program.parent.mkdir(exist_ok=True)
    classpath = os.pathsep.join((distribution.classpath, *map(str, tools.glob("*.jar"))))
    program.write_text(
        f'#!/bin/sh\nexec java -cp "{classpath}" org.apache.kafka.tools.ConsoleProducer "$@"\n'
    )
    program.chmod(0o755)
    return program


def _fetch(artifact: str, directory: Path) -> None:
    command = ["mvn", "-B", "-q", "-ntp", "-f", str(POM), "dependency:copy"]
    done = subprocess.run(
        [*command, f"-Dartifact={artifact}", f"-DoutputDirectory={directory}"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=FETCH_TIMEOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise KafkaUnavailableError(f"Maven could not fetch {artifact}")
