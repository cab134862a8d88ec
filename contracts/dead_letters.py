"""The headers that a dead letter carries beside those of the record as it came."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.derived_ids import derived_id
from contracts.fields import utc_text
from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

PREFIX = "herald-"
"""Reserved: a record's own headers of this prefix do not survive into its dead letter."""
_DIGITS = 6  # of the highest replay count that is read
_ID = re.compile(rb"[0-9a-f-]{36}")


class DeadLetterHeader(StrEnum):
    """The names, in the order in which they are written. All values are UTF-8 text."""

    ID = "herald-dead-letter-id"
    # A code of `contracts.reasons`.
    REASON = "herald-reason"
    SYSTEM = "herald-system"
    OPERATION = "herald-operation"
    SIGNER = "herald-signer"
    ORIGINAL_TOPIC = "herald-original-topic"
    ORIGINAL_PARTITION = "herald-original-partition"
    ORIGINAL_OFFSET = "herald-original-offset"
    # Milliseconds since 1970, as Kafka counts.
    ORIGINAL_TIMESTAMP = "herald-original-timestamp"
    ATTEMPTS = "herald-attempts"
    # RFC 3339 in UTC; absent when nothing was sent.
    FIRST_ATTEMPT = "herald-first-attempt"
    LAST_ATTEMPT = "herald-last-attempt"
    REPLAY_COUNT = "herald-replay-count"
    # The dead letter of which this one's record was a replay; absent where it was none.
    REPLAY_OF = "herald-replay-of"
    # The reference number of the service, given by the event or generated; absent where it has none.
    RNU = "herald-rnu"
    # Bytes of a value that the topic did not take; absent where the value is there as it came.
    VALUE_LEFT_OUT = "herald-value-left-out"


@immutable
class Origin:
    """Where a record came from."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int


@immutable
class DeadLetterFacts:
    """What a dead letter says of itself. What is None is not written."""

    origin: Origin
    reason: str
    system: str | None
    operation: str | None
    signer: str | None
    attempts: int
    first_attempt: datetime | None
    last_attempt: datetime | None
    replay_count: int
    replay_of: str | None = None
    rnu: str | None = None
    revision: int = 1
    """The submission's revision that ended with this dead letter."""


def dead_letter_id(origin: Origin, revision: int) -> str:
    """Derive the id from the record and the submission's revision, so that a repeat has the same one.

    The timestamp is in it because a recreated topic counts its offsets from zero again.
    """
    place = origin.topic, origin.partition, origin.offset, origin.timestamp_ms
    return derived_id("herald-dead-letter", *place, revision)


def dead_letter_headers(
    original: Sequence[tuple[str, bytes | None]], facts: DeadLetterFacts
) -> tuple[tuple[str, bytes | None], ...]:
    """Return the record's headers as they came, then ours in a fixed order."""
    ours = [(name.value, text.encode()) for name, text in _written(facts) if text is not None]
    return (*without_ours(original), *ours)


def replay_headers(
    dead_letter: Sequence[tuple[str, bytes | None]], dead_letter_id: str, count: int
) -> tuple[tuple[str, bytes | None], ...]:
    """Return the headers of a dead letter's record as it came, then those that make it a replay."""
    name = DeadLetterHeader
    ours = ((name.REPLAY_OF, dead_letter_id), (name.REPLAY_COUNT, str(count)))
    return (*without_ours(dead_letter), *((one.value, text.encode()) for one, text in ours))


def without_ours(
    headers: Sequence[tuple[str, bytes | None]],
) -> tuple[tuple[str, bytes | None], ...]:
    """Return the headers that are the sender's own."""
    return tuple((name, value) for name, value in headers if not name.lower().startswith(PREFIX))


def replay_count(headers: Sequence[tuple[str, bytes | None]]) -> int:
    """Read how often a record was replayed; 0 for one that never was, and for what is no count."""
    given = (value for name, value in headers if name == DeadLetterHeader.REPLAY_COUNT.value and value)
    return next((int(value) for value in given if value.isdigit() and len(value) <= _DIGITS), 0)


def replay_of(headers: Sequence[tuple[str, bytes | None]]) -> str | None:
    """Read which dead letter a record says to replay; None for none, and for what cannot be an id.

    Anyone may write such a header: it points to the journal, which alone knows whether that replay was ordered.
    """
    given = (value for name, value in headers if name == DeadLetterHeader.REPLAY_OF.value and value)
    return next((value.decode() for value in given if _ID.fullmatch(value)), None)


def _written(facts: DeadLetterFacts) -> Sequence[tuple[DeadLetterHeader, str | None]]:
    name, origin = DeadLetterHeader, facts.origin
    return (
        (name.ID, dead_letter_id(origin, facts.revision)),
        (name.REASON, facts.reason),
        (name.SYSTEM, facts.system),
        (name.OPERATION, facts.operation),
        (name.SIGNER, facts.signer),
        (name.ORIGINAL_TOPIC, origin.topic),
        (name.ORIGINAL_PARTITION, str(origin.partition)),
        (name.ORIGINAL_OFFSET, str(origin.offset)),
        (name.ORIGINAL_TIMESTAMP, str(origin.timestamp_ms)),
        (name.ATTEMPTS, str(facts.attempts)),
        (name.FIRST_ATTEMPT, _time(facts.first_attempt)),
        (name.LAST_ATTEMPT, _time(facts.last_attempt)),
        (name.REPLAY_COUNT, str(facts.replay_count)),
        (name.REPLAY_OF, facts.replay_of),
        (name.RNU, facts.rnu),
    )


def _time(at: datetime | None) -> str | None:
    return utc_text(at) if at is not None else None
