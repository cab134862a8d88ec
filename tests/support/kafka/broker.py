"""One broker: a process that a test may kill, freeze and start again."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.kafka.distribution import Distribution
from tests.support.kafka.jvm import run_java

READY = b"Kafka Server started"
READY_TIMEOUT = 90.0  # 1 to 3 s on a quiet machine, many times that on a loaded one
STOP_TIMEOUT = 20.0


class BrokerFailedError(Exception):
    """The broker ended or did not come up; the message ends with the end of its log."""


class Broker:
    """A broker with its own directory. Its storage must be formatted before the first start."""

    def __init__(self, distribution: Distribution, directory: Path, properties: Mapping[str, object]) -> None:
        self._distribution = distribution
        self.directory = directory
        self.configuration = directory / "server.properties"
        self.log = directory / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        directory.mkdir(parents=True, exist_ok=True)
        self.configuration.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, options: Sequence[str] = ()) -> None:
        """Start, or start again; returns at once."""
        if self.running:
            raise BrokerFailedError("it runs already")
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = run_java(
                self._distribution, ["kafka.Kafka", str(self.configuration)], log, options=options
            )

    def wait_ready(self, timeout: float = READY_TIMEOUT) -> None:
        """Return when the broker serves clients. Raises BrokerFailedError."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if READY in self._log_since_start():
                return
            if not self.running:
                raise BrokerFailedError(f"it ended while starting\n{self._log_tail()}")
            time.sleep(0.02)
        raise BrokerFailedError(f"not ready within {timeout:.0f} s\n{self._log_tail()}")

    def kill9(self) -> None:
        """End it as a power cut would."""
        process = self._running_process()
        process.kill()
        process.wait()

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing is answered."""
        self._running_process().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen broker go on."""
        self._running_process().send_signal(signal.SIGCONT)

    def stop(self, timeout: float = STOP_TIMEOUT) -> None:
        """Shut down in order; kill what hangs."""
        process = self._running_process()
        process.send_signal(signal.SIGCONT)  # a frozen process would not see the next one
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill9()

    def _running_process(self) -> subprocess.Popen[bytes]:
        if self._process is None or not self.running:
            raise BrokerFailedError("it does not run")
        return self._process

    def _log_since_start(self) -> bytes:
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read()

    def _log_tail(self) -> str:
        return self._log_since_start()[-3000:].decode(errors="replace")
