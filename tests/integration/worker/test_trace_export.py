"""What is exported to a real collector, without a worker: failures are counted, and no variable changes anything."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

import pytest

from tests.support.worker.otlp_sink import collecting
from worker.observability.settings import TracingSettings
from worker.observability.tracing.building import build_tracing
from worker.observability.tracing.span import SpanKind

VARIABLES = {
    "OTEL_SDK_DISABLED": "true",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
    "OTEL_EXPORTER_OTLP_HEADERS": "x-foreign=1",
    "OTEL_EXPORTER_OTLP_COMPRESSION": "deflate",
    "OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere",
    "OTEL_TRACES_SAMPLER": "always_off",
    "OTEL_SERVICE_NAME": "foreign",
    "OTEL_RESOURCE_ATTRIBUTES": "patient=Ivan",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "none of these is a number",
    "OTEL_BSP_MAX_QUEUE_SIZE": "1",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
}


def _settings(url: str, **more: object) -> TracingSettings:
    return TracingSettings.model_validate({"enabled": True, "endpoint": url, "timeout": 1, **more})


async def _one_trace(settings: TracingSettings, parent: str | None = None, count: int = 1):
    tracing = build_tracing(settings, "me")
    assert tracing is not None
    for number in range(count):
        root = tracing.tracer.begin("process", parent, 1_800_000_000_000_000_000 + number, {})
        root.child("claim", SpanKind.INTERNAL).end()
        root.end()
    await tracing.close()
    return tracing


@pytest.mark.parametrize(("mode", "lost"), [("take", 0), ("refuse", 2), ("redirect", 2)])
async def test_what_the_collector_does_not_take_is_counted_and_told(caplog, mode, lost):
    caplog.set_level(logging.WARNING, "worker")
    async with collecting() as sink:
        sink.mode = mode
        tracing = await _one_trace(_settings(sink.url))
        arrived = len(sink.spans)
    assert (tracing.not_taken, tracing.not_queued, arrived) == (lost, 0, 2 - lost)
    told = [one.message for one in caplog.records if one.levelno >= logging.WARNING]
    assert told == (
        ["the collector does not take traces: they are dropped, submissions go on"] if lost else []
    )


async def test_variables_of_opentelemetry_change_nothing_and_are_named(monkeypatch, caplog):
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    async with collecting() as sink:
        await _one_trace(_settings(sink.url))
    assert [one.name for one in sink.spans] == ["claim", "process"]
    assert [one["service.name"] for one in sink.resources] == ["herald-worker"]
    assert set(sink.resources[0]) == {"service.name", "service.version", "service.instance.id"}
    assert "x-foreign" not in sink.headers[0]
    assert sink.headers[0]["content-encoding"] == "gzip"
    (told,) = [one.message for one in caplog.records if "are ignored" in one.message]
    assert [name for name in VARIABLES if name.startswith("OTEL_") and name not in told] == []
    assert os.environ["OTEL_SERVICE_NAME"] == "foreign"


def test_variables_change_nothing_at_the_import_either():
    """A span limit that is no number makes the import of the packages fail."""
    code = (
        "from worker.observability.settings import TracingSettings as S\n"
        "from worker.observability.tracing.building import build_tracing\n"
        "build_tracing(S(enabled=True, endpoint='http://127.0.0.1:9'), 'me')\n"
    )
    environment = {**os.environ, **VARIABLES}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize(
    ("ratio", "parent", "count"),
    [
        (0, None, 0),
        (0, f"00-{'b' * 32}-{'c' * 16}-01", 2),
        (1, f"00-{'b' * 32}-{'c' * 16}-00", 0),
        (1, "rubbish", 2),
    ],
)
async def test_the_senders_decision_comes_before_the_ratio(ratio, parent, count):
    async with collecting() as sink:
        await _one_trace(_settings(sink.url, sample_ratio=ratio), parent)
    assert len(sink.spans) == count


async def test_about_the_ratio_of_new_traces_is_sent():
    async with collecting() as sink:
        await _one_trace(_settings(sink.url, sample_ratio=0.25), count=1000)
    assert 150 * 2 < len(sink.spans) < 350 * 2
