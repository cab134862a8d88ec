"""How operators see the worker: probes, metrics, traces and logs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, model_validator

from worker.setting_types import SettingsModel, must_be

HeaderName = Annotated[
    str, must_be(r"[A-Za-z0-9-]{1,100}", "the name of an HTTP header: letters a-z, digits and -")
]
_LOOPBACK = frozenset({"127.0.0.1", "[::1]", "localhost"})


class HealthSettings(SettingsModel):
    """The probes `/livez` and `/readyz`."""

    host: str = "0.0.0.0"  # noqa: S104 - the kubelet asks from outside the container
    """The address to listen on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""


class MetricsSettings(SettingsModel):
    """The metrics, at `/metrics` of the port of the probes."""

    enabled: bool = True
    """Whether the worker measures and serves metrics."""
    interval: float = Field(default=15.0, ge=1, le=3600)
    """Seconds between two readings of what the journal and Kafka are asked for, such as the lag."""


class TraceHeader(SettingsModel):
    """A header of the requests to the collector, whose value is a secret."""

    file: Path
    """The file that holds the value and nothing else."""


class TracingSettings(SettingsModel):
    """Traces for OpenTelemetry, sent to a collector by OTLP over HTTP. They need the optional packages `tracing`."""

    enabled: bool = False
    """Whether the worker makes and sends traces."""
    endpoint: HttpUrl | None = None
    """The collector's address. Without a path, `/v1/traces` is taken."""
    headers: dict[HeaderName, TraceHeader] = Field(default_factory=dict)
    """Headers that the collector asks for, such as `authorization`, by their names."""
    sample_ratio: float = Field(default=1.0, ge=0, le=1)
    """The share of traces that Herald begins and records. An event with a `traceparent` has its sender's decision."""
    timeout: float = Field(default=10.0, gt=0, le=60)
    """Seconds for one request to the collector, its repetitions included."""
    ca_file: Path | None = None
    """PEM certificates to trust instead of the system's."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if problems := self._problems():
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> list[str]:
        endpoint = self.endpoint
        if endpoint is None:
            return ["endpoint is required where enabled is true"] if self.enabled else []
        problems = []
        if endpoint.username or endpoint.password:
            problems.append("endpoint must hold no name and password: use headers")
        if endpoint.query or endpoint.fragment:
            problems.append("endpoint must have no query and no fragment")
        if endpoint.scheme == "http":
            if self.headers and endpoint.host not in _LOOPBACK:
                problems.append("headers are secrets: they need an endpoint with https")
            if self.ca_file:
                problems.append("ca_file is not used by an endpoint with http")
        return problems


class LogSettings(SettingsModel):
    """What is written to standard error. Never an event's content, whatever the level."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe lines of Herald itself that are written; of libraries always `warning`."""
    format: Literal["json", "text"] = "json"
    """One JSON object a line for programs, or text for people."""
