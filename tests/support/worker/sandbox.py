"""A sandbox as a process of its own, driven through its control endpoints."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from tests.support.processes.forked import Forked, fork_server

S = TypeVar("S", bound="Sandbox")


class Sandbox:
    """A running sandbox; ``ready`` is what it says of itself."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.ready = ready
        self.url: str = ready["url"]
        self.ca_file: str = ready["ca_file"]
        trust = ssl.create_default_context(cafile=self.ca_file)
        self._control = httpx.Client(
            base_url=f"{self.url}/_sandbox", verify=trust, trust_env=False, timeout=30
        )

    def reset(self) -> None:
        """Forget registrations, tokens and faults."""
        self._control.post("/reset").raise_for_status()

    def fault(self, kind: str, *, times: int | None = 1, **rule: Any) -> None:
        """Add a fault; `match` says for which requests."""
        body = {"rules": [{"kind": kind, "times": times, **rule}], "append": True}
        self._control.post("/faults", json=body).raise_for_status()

    def faults(self, rules: list[dict[str, Any]]) -> None:
        """Replace the fault rules."""
        self._control.post("/faults", json={"rules": rules}).raise_for_status()

    def fired(self) -> list[int]:
        """How often each rule has acted, in the order in which they were added."""
        return [rule["fired"] for rule in self._control.get("/faults").raise_for_status().json()["rules"]]

    def calm(self) -> None:
        """Drop all faults; the root stays as it is."""
        self._control.delete("/faults").raise_for_status()

    def answer_root(self, status: int | None) -> None:
        """Let a GET for none of the system's addresses, as a probe sends it, get this status; None: as usual."""
        self._control.post("/root", json={"status": status}).raise_for_status()

    def control(self, name: str, body: object) -> Any:
        """Ask for what this system's sandbox alone can do, and return what it answers."""
        return self._control.post(f"/{name}", json=body).raise_for_status().json()

    def outage(self, seconds: float) -> None:
        """Make the sandbox unavailable for so long; returns when connections are refused."""
        self._control.post("/outage", json={"seconds": seconds}).raise_for_status()
        address = urlsplit(self.url)
        while True:
            try:
                socket.create_connection((address.hostname, address.port), 1).close()
            except OSError:
                return
            time.sleep(0.01)

    def expire_sads(self) -> None:
        """Let a CSC provider end all authorisations."""
        self._control.post("/expire-sads").raise_for_status()

    def ledger(self) -> dict[str, Any]:
        """The sandbox's ledger: registrations, and counts of its requests."""
        shown: dict[str, Any] = self._control.get("/ledger").raise_for_status().json()
        return shown

    def requests(self) -> list[dict[str, Any]]:
        """Every request as it arrived, in order."""
        shown: list[dict[str, Any]] = self._control.get("/requests").raise_for_status().json()["requests"]
        return shown

    def close(self) -> None:
        """Close the connection."""
        self._control.close()


@contextmanager
def running(
    system: str,
    directory: Path,
    *options: str,
    kind: Callable[[dict[str, Any]], S],
    main: str = "worker.cli",
) -> Iterator[S]:
    """Run a system's sandbox with certificates of its own. ``main``: a module whose `main` changes what it does."""
    out, log = directory / "sandbox.ready", directory / "sandbox.log"
    out.unlink(missing_ok=True)
    process = fork_server().start(
        main,
        *("sandbox", system, "--dir", str(directory), "--port", "0", *options),
        stdout=out,
        stderr=log,
        variables=os.environ,
    )
    try:
        sandbox = kind(_said(process, out, log))
        yield sandbox
        sandbox.close()
    finally:
        process.terminate()
        process.wait(30)


def _said(process: Forked, out: Path, log: Path) -> dict[str, Any]:
    """Wait until a sandbox says where it listens."""
    while not (line := out.read_text() if out.exists() else "").endswith("\n"):
        assert process.poll() is None, log.read_text()
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    said: dict[str, Any] = json.loads(line)
    return said
