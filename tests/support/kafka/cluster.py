"""A cluster of real brokers on this machine, made for one test or one session."""

from __future__ import annotations

import random
import socket
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from tests.support.kafka.broker import Broker
from tests.support.kafka.distribution import Distribution
from tests.support.kafka.properties import broker_properties
from tests.support.kafka.storage import format_storage, new_id

# Below the range that systems take outgoing ports from: nobody takes a broker's port while it is down.
PORTS = range(20_000, 32_000)
_given: set[int] = set()


class Kafka(Protocol):
    """A Kafka that tests may use but not harm."""

    @property
    def bootstrap(self) -> str:
        """What clients connect to: `host:port`, comma-separated."""


class Cluster:
    """Brokers 1 to `nodes`; entering starts them and waits until they serve, leaving kills them."""

    def __init__(
        self,
        distribution: Distribution,
        directory: Path,
        *,
        nodes: int = 1,
        acls: bool = False,
        quiet: bool = False,
    ) -> None:
        self._distribution = distribution
        self._id = new_id()
        ports = free_ports(2 * nodes)
        self._client_ports, controller_ports = ports[:nodes], ports[nodes:]
        self.brokers = [
            Broker(
                distribution,
                directory / f"broker-{node}",
                broker_properties(
                    node,
                    self._client_ports,
                    controller_ports,
                    data=str(directory / f"broker-{node}" / "data"),
                    acls=acls,
                    quiet=quiet,
                ),
            )
            for node in range(1, nodes + 1)
        ]

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return ",".join(f"127.0.0.1:{port}" for port in self._client_ports)

    def format(self) -> None:
        """Format every broker's storage."""
        for node, broker in enumerate(self.brokers, 1):
            format_storage(self._distribution, broker, node=node, cluster_id=self._id)

    def start(self) -> None:
        """Start all brokers and wait until they serve. Raises BrokerFailedError."""
        for broker in self.brokers:
            broker.start()
        for broker in self.brokers:
            broker.wait_ready()

    def destroy(self) -> None:
        """End everything at once: nobody needs the data any more."""
        for broker in self.brokers:
            if broker.running:
                broker.kill9()

    def __enter__(self) -> Self:
        self.format()
        try:
            self.start()
        except BaseException:
            self.destroy()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.destroy()


def free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on, and that this process was not given before.

    Whoever asked for a port listens on it a little later: until then it looks free.
    """
    found: list[int] = []
    while len(found) < count:
        if len(_given) > len(PORTS) // 2:
            _given.clear()
        port = random.choice(PORTS)
        if port not in _given and _is_free(port):
            _given.add(port)
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
