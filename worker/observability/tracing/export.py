"""Sending spans in a thread of OpenTelemetry's: bounded, counted, and never awaited by a submission.

Only `building` imports this: the packages are optional.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

BATCH = 512
"""Spans of one request."""
DELAY_MS = 1000.0
"""Milliseconds after which an incomplete batch is sent."""


class CountingExporter(SpanExporter):
    """Counts the spans that another exporter took and those that it lost, and logs when that changes."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failing = False
        self.taken = 0
        self.lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans. This runs in the exporter's thread."""
        self.taken += len(spans)
        try:
            result = self._exporter.export(spans)
        except Exception:  # noqa: BLE001 - the thread must go on, whatever the library raises
            result = SpanExportResult.FAILURE
        failed = result is not SpanExportResult.SUCCESS
        if failed:
            self.lost += len(spans)
        self._tell(failed=failed)
        return result

    def shutdown(self) -> None:
        """End the exporter."""
        self._exporter.shutdown()

    def _tell(self, *, failed: bool) -> None:
        if failed and not self._failing:
            log.warning("the collector does not take traces: they are dropped, submissions go on")
        if self._failing and not failed:
            log.info("the collector takes traces again", extra={"count": self.lost})
        self._failing = failed


class BoundedProcessor(SpanProcessor):
    """Hands ended spans to the exporter's thread; drops and counts those beyond ``most_waiting``.

    The library would drop the oldest without a number that can be read.
    """

    def __init__(self, exporter: CountingExporter, most_waiting: int) -> None:
        self._exporter = exporter
        self._most = most_waiting
        self._batches = BatchSpanProcessor(
            exporter,
            max_queue_size=most_waiting,
            schedule_delay_millis=DELAY_MS,
            max_export_batch_size=min(BATCH, most_waiting),
            export_timeout_millis=DELAY_MS,  # the library does not use it
        )
        self._lock = threading.Lock()
        self._handed = 0
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """Spans that wait to be sent."""
        return self._handed - self._exporter.taken

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span that has ended."""
        with self._lock:
            if self.waiting >= self._most:
                self.dropped += 1
                return
            self._handed += 1
        self._batches.on_end(span)

    def shutdown(self) -> None:
        """Send what waits, and end. This blocks while the collector does not answer."""
        self._batches.shutdown()  # type: ignore[no-untyped-call]
