"""Answers to a probe of a system that is reached over HTTP, and whether each is a sign of life."""

from __future__ import annotations

from worker.transport.port import Answer, DeliveryError

SIGNS_OF_LIFE = [
    *((Answer(status, {}, b""), True) for status in (200, 401, 403, 404, 429)),
    *((Answer(status, {}, b""), False) for status in (500, 503)),
    *(
        (DeliveryError(reason, "system.test:443: no connection", sent=False), False)
        for reason in ("connection-refused", "tls-failure")
    ),
]
