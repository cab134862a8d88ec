"""A collector for OTLP over HTTP that keeps every span, read from the real protobuf messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True)
class Seen:
    """One span as it arrived."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    events: tuple[tuple[str, dict[str, Any]], ...]
    failed: bool
    status_message: str
    began: int
    ended: int


@dataclass
class Sink:
    """What arrived. ``mode``: `take`, `discard`, `refuse` (status 503), `redirect` (302) or `hang` (no answer)."""

    url: str = ""
    mode: str = "take"
    requests: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    spans: list[Seen] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def trace(self, trace_id: str) -> list[Seen]:
        """The spans of one trace."""
        return [one for one in self.spans if one.trace_id == trace_id]

    def children(self, parent: Seen) -> list[Seen]:
        """The spans right below one, as they began."""
        found = [one for one in self.spans if one.parent_id == parent.span_id]
        return sorted(found, key=lambda one: one.began)

    async def take(self, request: web.Request) -> web.Response:
        """Take an export."""
        self.requests += 1
        if self.mode == "hang":
            await asyncio.sleep(3600)
        if self.mode == "redirect":
            return web.Response(status=302, headers={"location": "https://elsewhere.example/"})
        if self.mode == "refuse":
            return web.Response(status=503)
        if self.mode == "discard":
            await request.read()
            return web.Response(content_type="application/x-protobuf")
        body = await request.read()  # aiohttp has decompressed it
        self.raw.append(body)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self._keep(ExportTraceServiceRequest.FromString(body))
        said = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=said, content_type="application/x-protobuf")

    def _keep(self, export: ExportTraceServiceRequest) -> None:
        for resource in export.resource_spans:
            self.resources.append(_attributes(resource.resource.attributes))
            for scope in resource.scope_spans:
                self.spans += map(_seen, scope.spans)


def _seen(span: Span) -> Seen:
    assert not span.links
    return Seen(
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=_attributes(span.attributes),
        events=tuple((event.name, _attributes(event.attributes)) for event in span.events),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        status_message=span.status.message,
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
    )


def _attributes(given: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in given}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    assert kind in {"string_value", "int_value", "double_value", "bool_value"}, kind
    return getattr(value, kind)


def values(spans: list[Seen]) -> Iterator[str]:
    """Yield every text and number in spans but the ids and times of the trace itself."""
    for span in spans:
        yield span.name
        yield span.status_message
        yield from (str(value) for value in span.attributes.values())
        for name, attributes in span.events:
            yield name
            yield from (str(value) for value in attributes.values())


@asynccontextmanager
async def collecting(path: str = "/v1/traces") -> AsyncIterator[Sink]:
    """Run a collector on a free port."""
    sink, app = Sink(), web.Application()
    app.router.add_post(path, sink.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        sink.url = f"http://{host}:{port}"
        yield sink
    finally:
        await runner.cleanup()
