"""One attempt, as the journal keeps it: before its first byte leaves, and when it has ended."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@immutable
class Sending:
    """One attempt that is about to be sent: what must be durable, in the state `sending`, before its first byte."""

    number: int
    purpose: str
    """`submit`, `look-up` for the query that confirms, or one of `ASKING`."""
    message_id: str
    url: str = field(repr=False)
    headers: Mapping[str, str]
    request: bytes = field(repr=False)
    at: datetime
    step: str | None = None
    """The name of the step that it is a message of, where the system has steps."""


@immutable
class Received:
    """How an attempt ended: the answer as it came (None where none came), and how it was interpreted."""

    number: int
    message_id: str
    outcome: str
    reason: str | None
    detail: str | None
    status: int | None
    headers: Mapping[str, str]
    body: bytes | None = field(repr=False)
    at: datetime
