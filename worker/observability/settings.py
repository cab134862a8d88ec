"""How operators see the worker: probes, metrics and logs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from worker.setting_types import SettingsModel


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


class LogSettings(SettingsModel):
    """What is written to standard error. Never an event's content, whatever the level."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe lines of Herald itself that are written; of libraries always `warning`."""
    format: Literal["json", "text"] = "json"
    """One JSON object a line for programs, or text for people."""
