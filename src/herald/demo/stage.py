"""The demo's stage: an embedded Kafka and PostgreSQL, the sandbox and a worker, each as users would run it."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

import httpx

from herald.demo.kafka import EmbeddedKafka
from herald.demo.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

START_SECONDS = 60.0
TOPICS = tuple(f"herald.nhis.{name}" for name in ("submissions", "results", "errors", "dead-letters"))


class StageFailed(Exception):
    """A part of the stage did not start; the text says which, and where its log is."""


class Sandbox:
    """The sandbox's process, seen through its control endpoints."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.url: str = ready["url"]
        self.auth_url: str = ready["auth_url"]
        self.ca_file: str = ready["ca_file"]
        self.signers: list[dict[str, str]] = ready["signers"]
        trust = ssl.create_default_context(cafile=self.ca_file)
        self._control = httpx.Client(base_url=f"{self.url}/_sandbox", verify=trust, trust_env=False)

    def faults(self, rules: Sequence[dict[str, Any]]) -> None:
        """Add to what goes wrong."""
        self._control.post("/faults", json={"rules": list(rules), "append": True}).raise_for_status()

    def outage(self, seconds: float) -> None:
        """Be away."""
        self._control.post("/outage", json={"seconds": seconds}).raise_for_status()

    def expire_tokens(self) -> None:
        """End every token given so far."""
        self._control.delete("/tokens").raise_for_status()

    def ledger(self) -> dict[str, Any]:
        """Return what was registered."""
        shown: dict[str, Any] = self._control.get("/ledger").raise_for_status().json()
        return shown

    def close(self) -> None:
        """Close the connection."""
        self._control.close()


class Stage:
    """Everything that runs for the demo, below one directory; a context manager."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.config = directory / "herald.yaml"
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            self._raise_curtain()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _raise_curtain(self) -> None:
        self.kafka = EmbeddedKafka()
        self._stack.callback(self.kafka.close)
        self.kafka.create(TOPICS)
        postgres = EmbeddedPostgres(self.directory)
        self._stack.callback(postgres.close)
        self.sandbox = self._start_sandbox()
        self._stack.callback(self.sandbox.close)
        (self.directory / "journal-dsn").write_text(postgres.dsn, encoding="utf-8")
        self.config.write_text(json.dumps(self._settings(), indent=2), encoding="utf-8")
        self._herald("journal", "migrate")
        self._herald("nomenclatures", "pull")
        self._start("worker", "worker", "--config", str(self.config))
        self._wait_ready()

    def _start_sandbox(self) -> Sandbox:
        process = self._start(
            "sandbox",
            "sandbox",
            "nhis",
            "--dir",
            str(self.directory / "nhis"),
            "--port",
            "0",
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None  # noqa: S101  # PIPE
        line = process.stdout.readline()
        if not line:
            raise StageFailed(f"the sandbox did not start; see {self.directory / 'sandbox.log'}")
        return Sandbox(json.loads(line))

    def _settings(self) -> dict[str, Any]:
        """Return a worker's settings: short waits, so that a morning fits in less than a minute."""
        signers = self.sandbox.signers
        return {
            "kafka": {"bootstrap_servers": self.kafka.address},
            "journal": {"dsn_file": str(self.directory / "journal-dsn"), "lease_seconds": 10},
            "signers": {
                one["name"]: {"file": one["pkcs12_file"], "password_file": one["password_file"]}
                for one in signers
            },
            "systems": {
                "nhis": {
                    "api_url": self.sandbox.url,
                    "auth_url": self.sandbox.auth_url,
                    "senders": {one["name"]: {"uin": one["uin"]} for one in signers},
                    "transport": {"ca_file": self.sandbox.ca_file, "answer_timeout": 3},
                }
            },
            "retry": {"initial": 0.3, "maximum": 2},
            "health": {"host": "127.0.0.1", "port": 0},
            "log": {"format": "json"},
        }

    def _herald(self, *arguments: str) -> None:
        """Run a command to its end."""
        with (self.directory / "setup.log").open("ab") as log:
            done = subprocess.run(  # noqa: S603  # our own command line
                [sys.executable, "-m", "herald", *arguments, "--config", str(self.config)],
                stdout=log, stderr=log, env=_environment(), timeout=START_SECONDS, check=False,
            )  # fmt: skip
        if done.returncode:
            raise StageFailed(f"`herald {' '.join(arguments)}` failed; see {self.directory / 'setup.log'}")

    def _start(self, name: str, *arguments: str, stdout: int | None = None) -> subprocess.Popen[bytes]:
        """Start a process that is stopped with the stage; its stderr goes to a log."""
        with (self.directory / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  # our own command line
                [sys.executable, "-m", "herald", *arguments],
                stdout=stdout or log, stderr=log, env=_environment(),
            )  # fmt: skip
        self._stack.callback(_end, process)
        return process

    def _wait_ready(self) -> None:
        """Wait until the worker says in its log that it is ready."""
        end = time.monotonic() + START_SECONDS
        log = self.directory / "worker.log"
        while time.monotonic() < end:
            if '"message": "partitions assigned"' in log.read_text(encoding="utf-8"):
                return
            time.sleep(0.05)
        raise StageFailed(f"the worker did not become ready; see {log}")


def _environment() -> dict[str, str]:
    """Return the environment without settings of another worker's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HERALD_")}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
