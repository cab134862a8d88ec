"""A client for probes and metrics, which are plain HTTP."""

from __future__ import annotations

import ssl

import httpx

_TRUSTS_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""httpx otherwise reads the machine's authorities for each client: 25 ms of CPU for each look at a probe."""


def plain_client(timeout: float) -> httpx.AsyncClient:
    """Return a client that can only use plain HTTP, and no proxy."""
    return httpx.AsyncClient(verify=_TRUSTS_NOBODY, trust_env=False, timeout=timeout)
