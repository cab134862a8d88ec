"""Apache Kafka, started for the demo on this machine: one broker in a process of its own, gone at the end."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from demo.kafka import ExternalKafka
from demo.kafka_jars import KafkaUnavailableError, classpath_of, fetch_jars, jars_below, java_version
from demo.processes import EnvironmentFailed, last_lines
from demo.signals import postponed

if TYPE_CHECKING:
    from collections.abc import Sequence

_START_SECONDS = 90.0
_STOP_SECONDS = 20.0
_OPTIONS = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")


class ApacheKafka(ExternalKafka):
    """A broker below ``directory``; its jars are fetched once, into the user's cache."""

    def __init__(self, directory: Path) -> None:
        """Start it. Raises EnvironmentFailed, also where Java or Maven is absent."""
        with ExitStack() as started:
            self._broker = _Broker(directory / "kafka")
            started.callback(self._broker.stop)
            self._broker.start()
            super().__init__(self._broker.address)
            started.pop_all()

    def close(self) -> None:
        """Stop the broker; its topics go with its directory."""
        self._producer.flush(5)
        self._broker.stop()


class _Broker:
    def __init__(self, directory: Path) -> None:
        try:
            java_version()
            jars = jars_below(_cache())
            fetch_jars(jars)
        except KafkaUnavailableError as error:
            raise EnvironmentFailed(
                f"No Apache Kafka can be started here: {error}. Give another Kafka with --kafka, or omit"
                " --real-kafka: the embedded Kafka needs no Java."
            ) from None
        self._classpath = classpath_of(jars)
        self._configuration = directory / "server.properties"
        self._log = directory / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None
        client, controller = _free_ports(2)
        self.address = f"127.0.0.1:{client}"
        directory.mkdir(parents=True)
        properties = _properties(client, controller, directory / "data")
        self._configuration.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))

    def start(self) -> None:
        """Return when it serves clients. Raises EnvironmentFailed."""
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        self._java(
            "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "-c", str(self._configuration)
        ).wait(_START_SECONDS)
        with postponed():
            self._process = self._java("kafka.Kafka", str(self._configuration))
        end = time.monotonic() + _START_SECONDS
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > end:
                raise EnvironmentFailed(f"Apache Kafka did not start. {last_lines(self._log)}")
            time.sleep(0.05)

    def _listens(self) -> bool:
        host, port = self.address.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """Stop it in order; kill what hangs."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _java(self, *arguments: str) -> subprocess.Popen[bytes]:
        command: Sequence[str] = ("java", *_OPTIONS, "-cp", self._classpath, *arguments)
        with self._log.open("ab") as log:
            # In a session of its own: Ctrl-C reaches the demo alone, which then stops the parts in order.
            return subprocess.Popen(  # noqa: S603  # our own command line
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )


def _cache() -> Path:
    """Return the user's cache of Kafka's jars."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "herald"


def _properties(client: int, controller: int, data: Path) -> dict[str, object]:
    """Return the configuration of one broker that is its own controller."""
    return {
        "process.roles": "broker,controller",
        "node.id": 1,
        "listeners": f"CLIENT://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"CLIENT://127.0.0.1:{client}",
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "CLIENT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
    }


def _free_ports(count: int) -> list[int]:
    """Return ports that are free now."""
    with ExitStack() as opened:
        probes = [opened.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
