"""Formatting a broker's storage: once by Kafka's own tool, which costs a Java start, then by copying."""

from __future__ import annotations

import base64
import os
import shutil
import uuid
from pathlib import Path

from tests.support.kafka.broker import Broker, BrokerFailedError
from tests.support.kafka.distribution import Distribution, finish
from tests.support.kafka.jvm import run_java

FORMAT_TIMEOUT = 90.0
META = "meta.properties"


def new_id() -> str:
    """Return a cluster or directory id in Kafka's form."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        if not text.startswith("-"):  # the tool would take it for an option
            return text


def format_storage(distribution: Distribution, broker: Broker, *, node: int, cluster_id: str) -> None:
    """Format the storage of `broker`, which has never run. Raises BrokerFailedError."""
    if not distribution.formatted.exists():
        _format_by_tool(distribution, broker, cluster_id)
        return
    data = data_of(broker)
    shutil.copytree(distribution.formatted, data)
    meta = {"version": 1, "cluster.id": cluster_id, "node.id": node, "directory.id": new_id()}
    (data / META).write_text("".join(f"{name}={value}\n" for name, value in meta.items()))


def data_of(broker: Broker) -> Path:
    """Return where the broker keeps its data."""
    return broker.directory / "data"


def _format_by_tool(distribution: Distribution, broker: Broker, cluster_id: str) -> None:
    log = broker.directory / "format.log"
    command = ["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(broker.configuration)]
    with log.open("wb") as output:
        process = run_java(distribution, command, output)
        if process.wait(FORMAT_TIMEOUT):
            raise BrokerFailedError(f"formatting failed\n{log.read_text()[-3000:]}")
    unfinished = distribution.formatted.with_name(f"formatted.{os.getpid()}")
    shutil.copytree(data_of(broker), unfinished, ignore=shutil.ignore_patterns(META))
    finish(unfinished, distribution.formatted)
    shutil.rmtree(unfinished, ignore_errors=True)
