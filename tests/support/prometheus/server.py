"""A real Prometheus that scrapes the addresses that a test names, and answers queries over HTTP."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.kafka.cluster import free_ports

STARTS_WITHIN = 30.0
JOB = "herald"


class QueryError(AssertionError):
    """Prometheus refused a query; the message is its own."""


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus."""

    client: httpx.Client

    def instant(self, expr: str, at: float | None = None) -> list[dict[str, Any]]:
        """Return the series of an instant query. Raises QueryError."""
        return self._result("query", {"query": expr} | ({} if at is None else {"time": at}))

    def range(self, expr: str, start: float, end: float, step: float = 1) -> list[dict[str, Any]]:
        """Return the series of a range query. Raises QueryError."""
        return self._result("query_range", {"query": expr, "start": start, "end": end, "step": step})

    def label_values(self, label: str, selector: str, start: float, end: float) -> list[str]:
        """Return the values of a label of these series. Raises QueryError."""
        return self._result(f"label/{label}/values", {"match[]": selector, "start": start, "end": end})

    def _result(self, path: str, parameters: Mapping[str, Any]) -> Any:
        answer = self.client.get(f"/api/v1/{path}", params=parameters).json()
        if answer["status"] != "success":
            raise QueryError(f"{answer['errorType']}: {answer['error']}")
        data = answer["data"]
        return data["result"] if isinstance(data, dict) else data


@contextmanager
def scraping(program: str, directory: Path, *addresses: str) -> Iterator[Prometheus]:
    """Run a Prometheus that scrapes these addresses (host:port) every second; its data lie in this folder."""
    config = directory / "prometheus.json"  # JSON is YAML too
    job = {"job_name": JOB, "static_configs": [{"targets": list(addresses)}]}
    config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}))
    (port,) = free_ports(1)
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    log = directory / "prometheus.log"
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)
    with client, log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            _ready(client, process, log)
            yield Prometheus(client)
        finally:
            process.terminate()


def _ready(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if client.get("/-/ready").status_code == httpx.codes.OK:
                return
        time.sleep(0.05)
    raise AssertionError(f"Prometheus is not ready within {STARTS_WITHIN} s:\n{log.read_text()}")
