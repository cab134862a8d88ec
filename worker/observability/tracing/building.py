"""Traces from the settings, or a sentence about the packages that are missing.

OpenTelemetry reads some thirty variables `OTEL_…`, some of them at its import. All are hidden from it: only Herald's
own settings count, and the log names the variables that were ignored.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import threading
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from opentelemetry.sdk.trace import TracerProvider

    from worker.observability.settings import TracingSettings
    from worker.observability.tracing.export import BoundedProcessor, CountingExporter
    from worker.observability.tracing.span import Tracer

log = logging.getLogger(__name__)

EXTRA = "herald-worker[tracing]"
FLUSH_SECONDS = 3.0
"""Seconds that the end of a worker waits for the collector, after its submissions are done."""
MOST_WAITING = 8192
"""Spans that wait to be sent; further ones are dropped. They are those of some 600 submissions."""
_NEEDED = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
_DEFAULT_PATH = "/v1/traces"
_VARIABLES = "OTEL_"


class Tracing:
    """The traces of one worker: `tracer` makes them, and a thread sends them."""

    def __init__(
        self,
        provider: TracerProvider,
        tracer: Tracer,
        processor: BoundedProcessor,
        exporter: CountingExporter,
    ) -> None:
        self._provider = provider
        self._processor = processor
        self._exporter = exporter
        self.tracer = tracer

    @property
    def not_queued(self) -> int:
        """Spans that were dropped because too many waited."""
        return self._processor.dropped

    @property
    def not_taken(self) -> int:
        """Spans that the collector did not take."""
        return self._exporter.lost

    async def close(self) -> None:
        """Send what waits; return after `FLUSH_SECONDS` at the latest, whatever the collector does."""
        done, loop = asyncio.Event(), asyncio.get_running_loop()

        def shut_down() -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                self._provider.shutdown()
                loop.call_soon_threadsafe(done.set)

        # The thread is a daemon: one that still waits for the collector must not keep the process alive.
        threading.Thread(target=shut_down, name="end of traces", daemon=True).start()
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await done.wait()
        except TimeoutError:
            log.warning("the last traces could not be sent", extra={"count": self._processor.waiting})


def build_tracing(settings: TracingSettings, instance: str) -> Tracing | None:
    """Return the traces of a worker, or None where they are off. ``instance`` distinguishes this worker's process.

    Raises ConfigurationError where the packages are missing, or a file of the settings cannot be used.
    """
    if not settings.enabled:
        return None
    headers = check_tracing(settings)
    with _without_variables() as ignored:
        if ignored:
            told = "variables of OpenTelemetry are ignored; the settings under `tracing` count: %s"
            log.warning(told, ", ".join(ignored))
        return _made(settings, headers, instance)


def check_tracing(settings: TracingSettings) -> Mapping[str, str]:
    """Return the headers for the collector. Raises ConfigurationError with all problems."""
    problems: list[str] = []
    headers: dict[str, str] = {}
    if not settings.enabled:
        return headers
    if not all(map(_is_there, _NEEDED)):
        problems.append(
            f"tracing.enabled: this installation lacks OpenTelemetry; install {EXTRA}, or an image with it"
            " (LOCK=tracing), or set it to false"
        )
    for name, header in settings.headers.items():
        try:
            headers[name] = _header_value(read_secret(header.file, "file"))
        except ConfigurationError as bad:
            problems += [f"tracing.headers.{name}: {one}" for one in bad.problems]
    if settings.ca_file is not None:
        try:
            ssl.create_default_context(cafile=settings.ca_file)
        except OSError:
            problems.append(f"tracing.ca_file: {settings.ca_file} holds no certificates in PEM")
    if problems:
        raise ConfigurationError(*problems)
    return headers


def _header_value(secret: str) -> str:
    if not (secret.isascii() and secret.isprintable()):
        raise ConfigurationError("the file must hold one line of ASCII characters")
    return secret.strip()


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@contextmanager
def _without_variables() -> Iterator[list[str]]:
    """Hide the variables of OpenTelemetry; yield their names."""
    hidden = {name: value for name, value in os.environ.items() if name.startswith(_VARIABLES)}
    for name in hidden:
        del os.environ[name]
    try:
        yield sorted(hidden)
    finally:
        os.environ.update(hidden)


def _made(settings: TracingSettings, headers: Mapping[str, str], instance: str) -> Tracing:
    # The packages are optional, and read variables when they are imported.
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio  # noqa: PLC0415

    from worker.observability.tracing.export import BoundedProcessor, CountingExporter  # noqa: PLC0415
    from worker.observability.tracing.otel import OtelTracer  # noqa: PLC0415
    from worker.observability.tracing.otlp import otlp_exporter  # noqa: PLC0415

    # Each failed request would be two lines with the exception's text; `CountingExporter` logs when this changes.
    logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)
    resource = Resource({
        "service.name": "herald-worker",
        "service.version": version("herald-worker"),
        "service.instance.id": instance,
    })  # fmt: skip
    exporter = CountingExporter(
        otlp_exporter(_address(settings), headers, settings.timeout, settings.ca_file)
    )
    processor = BoundedProcessor(exporter, MOST_WAITING)
    provider = TracerProvider(
        sampler=ParentBasedTraceIdRatio(settings.sample_ratio), resource=resource, shutdown_on_exit=False
    )
    provider.add_span_processor(processor)
    return Tracing(provider, OtelTracer(provider.get_tracer("herald")), processor, exporter)


def _address(settings: TracingSettings) -> str:
    address = str(settings.endpoint)
    path = urlsplit(address).path
    return address if path.strip("/") else address.rstrip("/") + _DEFAULT_PATH
