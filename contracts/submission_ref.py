"""How a submission is referred to: enough to answer its sender."""

from __future__ import annotations

from contracts.immutable import immutable


@immutable
class SubmissionRef:
    """``source`` and ``id`` name it; the rest is None, or any text, where the event could not be read."""

    source: str
    id: str
    type: str | None
    signer: str | None = None
    traceparent: str | None = None
    rnu: str | None = None
