"""OTLP over HTTP by OpenTelemetry's own exporter. Only `building` imports this: the packages are optional."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import requests
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def otlp_exporter(
    address: str, headers: Mapping[str, str], timeout: float, ca_file: Path | None
) -> OTLPSpanExporter:
    """Return the exporter. ``timeout`` is in seconds. No proxy and no `.netrc` of the environment is used."""
    # Without a file, the library would trust a list of its own instead of the system's.
    trusted = ca_file or ssl.get_default_verify_paths().cafile
    session = requests.Session()
    session.trust_env = False
    session.hooks["response"].append(_refuse_redirects)
    return OTLPSpanExporter(
        endpoint=address,
        certificate_file=str(trusted) if trusted else None,
        headers=headers,
        timeout=timeout,
        compression=Compression.Gzip,
        session=session,
    )


def _refuse_redirects(response: requests.Response, *_: Any, **__: Any) -> None:
    """Count a redirect as a failure: the exporter neither follows it nor reports it."""
    if response.is_redirect:
        response.close()
        raise requests.TooManyRedirects
