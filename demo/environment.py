"""The demo's environment: Kafka, an embedded PostgreSQL, the sandboxes and a worker, each as users would run it."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

import httpx

from contracts.notifications import NOTIFYING_SYSTEMS
from demo.kafka import EmbeddedKafka, Kafka
from demo.postgres import EmbeddedPostgres
from demo.processes import START_SECONDS, Part, Processes
from demo.receiver import address_file, receiver_settings
from demo.sandbox import Sandbox
from demo.scenario import IsCalled, RunsThrough
from demo.signals import postponed
from worker.journal.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from demo.scenario import Scenario

LOOPBACK = "127.0.0.1"
EMBEDDED: tuple[str, Callable[[], Kafka]] = ("Starting Kafka (embedded),", EmbeddedKafka)
"""What the demo says of its Kafka when it starts, and how it gets it."""
LETTERS, NOTIFICATIONS = ".dead-letters", ".notifications"
PROVIDERS = {"nhis": "csc"}
"""The provider that holds keys of signers of a system, by the names of both sandboxes."""
FREE_PORTS = {"edelivery": ("--port", "0", "--token-port", "0")}
"""The options by which a sandbox takes free ports, where one port is not all."""


def topics_of(system: str) -> tuple[str, ...]:
    """Return a system's topics: submissions, results, errors, dead letters."""
    return tuple(f"herald.{system}{name}" for name in (".submissions", ".results", ".errors", LETTERS))


class Environment:
    """Everything that runs for the demo, below one directory; a context manager. Raises EnvironmentFailed."""

    kafka: Kafka
    dsn: str

    def __init__(
        self,
        directory: Path,
        scenarios: Sequence[Scenario],
        kafka: tuple[str, Callable[[], Kafka]] = EMBEDDED,
    ) -> None:
        self.directory = directory
        self.kafka_note, self._make_kafka = kafka
        self.scenarios = tuple(scenarios)
        self.sandboxes: dict[str, Sandbox] = {}
        """By system."""
        self.config = directory / "herald.yaml"
        self.health_port = _free_port()
        self._called = [one for one in self.scenarios if isinstance(one, IsCalled)]
        self._processes = Processes(directory)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def health_url(self) -> str:
        """The address of the worker's probes."""
        return f"http://{LOOPBACK}:{self.health_port}"

    @property
    def topics_to_read(self) -> list[str]:
        """The topics of everything that the worker publishes."""
        answers = [topic for one in self.scenarios for topic in topics_of(one.system)[1:]]
        return answers + self._notifications

    @property
    def _notifications(self) -> list[str]:
        return [
            f"herald.{one.system}{NOTIFICATIONS}" for one in self.scenarios if one.system in NOTIFYING_SYSTEMS
        ]

    def check(self) -> None:
        """Raise EnvironmentFailed if a part has ended."""
        self._processes.check()

    def _close(self) -> None:
        with postponed():
            self._processes.close()
            self._stack.close()

    def _start(self) -> None:
        through = {one.system: one.through for one in self.scenarios if isinstance(one, RunsThrough)}
        own = [one.system for one in self.scenarios if one.system not in through]
        starting = {system: self._start_sandbox(system) for system in own}
        # Kafka and PostgreSQL start while the sandboxes make their certificates.
        self._start_kafka()
        self._start_postgres()
        for system, part in starting.items():
            self.sandboxes[system] = Sandbox(json.loads(part.first_line()))
            self._stack.callback(self.sandboxes[system].close)
        self.sandboxes |= {system: self.sandboxes[other] for system, other in through.items()}
        self._start_providers()
        (self.directory / "journal-dsn").write_text(self.dsn, encoding="utf-8")
        self.config.write_text(json.dumps(self._settings(), indent=2), encoding="utf-8")
        with postponed():
            asyncio.run(migrate(self.dsn))
        for command in (command for one in self.scenarios for command in one.prepared_by):
            self._processes.run(" ".join(("herald", *command)), *command, "--config", str(self.config))
        self._wait_ready(self._processes.start("worker", "worker", "--config", str(self.config)))

    def _start_sandbox(self, name: str, directory: str | None = None) -> Part:
        place = str(self.directory / (directory or name))
        ports = FREE_PORTS.get(name, ("--port", "0"))
        return self._processes.start(
            f"{name} sandbox", "sandbox", name, "--dir", place, *ports, ready_line=True
        )

    def _start_providers(self) -> None:
        """Start the providers, each with the keys that its system's sandbox has made."""
        starting = {
            system: self._start_sandbox(provider, system)
            for system, provider in PROVIDERS.items()
            if system in self.sandboxes
        }
        for system, part in starting.items():
            self.sandboxes[system].provider = json.loads(part.first_line())

    def _start_kafka(self) -> None:
        self.kafka = self._make_kafka()
        self._stack.callback(self.kafka.close)
        topics = [topic for one in self.scenarios for topic in topics_of(one.system)]
        self.kafka.create(topics + self._notifications)

    def _start_postgres(self) -> None:
        with postponed():
            postgres = EmbeddedPostgres(self.directory)
            self._stack.callback(postgres.close)
        self.dsn = postgres.dsn

    def _settings(self) -> dict[str, Any]:
        """Return a worker's settings: short waits, so that the scenarios take about a minute."""
        parts = {
            one.system: one.settings(self.sandboxes[one.system], self.directory) for one in self.scenarios
        }
        called, receiver = self._receiver()
        shared = {name: one for part in parts.values() for name, one in part.get("shared", {}).items()}
        return {
            **receiver,
            **shared,
            "kafka": {"bootstrap_servers": self.kafka.address},
            "intake": {"drain_seconds": 5, "group_id": self.kafka.group},
            "journal": {"dsn_file": str(self.directory / "journal-dsn"), "lease_seconds": 10},
            "signers": {name: signer for part in parts.values() for name, signer in part["signers"].items()},
            "systems": {
                system.replace("-", "_"): {**part["system"], **called.get(system, {})}
                for system, part in parts.items()
            },
            "retry": {"initial": 0.3, "maximum": 2},
            "asking": {"first": 0.3, "maximum": 2, "pass_seconds": 0.2},
            "looking": {"least_seconds": 1, "first": 1, "maximum": 2, "pass_seconds": 0.2},
            "health": {"host": LOOPBACK, "port": self.health_port},
        }

    def _receiver(self) -> tuple[dict[str, Mapping[str, Any]], dict[str, Any]]:
        """Return what the systems that call need in their settings, and the worker's receiver of their calls."""
        if not self._called:
            return {}, {}
        port = _free_port()
        called = {
            one.system: one.called_at(address_file(self.directory, LOOPBACK, port, one.system))
            for one in self._called
        }
        shown = self.sandboxes[self._called[0].system]
        return called, {"receiver": receiver_settings(self.directory, LOOPBACK, port, called, shown)}

    def _wait_ready(self, worker: Part) -> None:
        """Wait until the worker's own probe says that it is ready."""
        end = time.monotonic() + START_SECONDS
        with httpx.Client(base_url=self.health_url, trust_env=False) as probes:
            while waiting_for := _waiting_for(probes):
                worker.check()
                if time.monotonic() > end:
                    raise worker.failed(f"is not ready after {START_SECONDS:.0f} s: {waiting_for}")
                time.sleep(0.05)


def _waiting_for(probes: httpx.Client) -> str | None:
    """Return what the worker says it waits for, or None when it is ready."""
    try:
        answer = probes.get("/readyz")
    except httpx.TransportError:
        return "its probes do not answer"
    return None if answer.is_success else f"it waits for {json.dumps(answer.json()['waiting_for'])}"


def _free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
