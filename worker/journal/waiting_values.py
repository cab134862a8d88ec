"""What the journal encrypts of a submission that waits: the system's call and the record as it came.

In clear stay what operators search for: the reference, the times, the record's place.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import field
from typing import TYPE_CHECKING, Any, NamedTuple

from contracts.immutable import immutable
from worker.journal.encoding import event_headers_json, event_of, storable
from worker.outcome import Taken
from worker.pipeline.ports import Record

if TYPE_CHECKING:
    from worker.journal.vault import Vault


class StoredCall(NamedTuple):
    """What asking needs, as it is stored, and by what a call of the system is found."""

    call: bytes
    ready_digest: bytes | None


@immutable
class StoredRecord:
    """A record's bytes as they are stored. ``headers`` is JSON where it is not encrypted."""

    key: bytes | None = field(repr=False)
    headers: bytes = field(repr=False)
    value: bytes | None = field(repr=False)


def sealed_call(vault: Vault, source: str, submission_id: str, taken: Taken) -> StoredCall:
    """Return what asking needs as it is to be stored."""
    text = json.dumps({"call": dict(taken.call), "ready": taken.ready}).encode()
    digest = None if taken.ready is None else vault.digest(hashlib.sha256(ready_bytes(taken.ready)).digest())
    return StoredCall(vault.seal(text, *_place("call", source, submission_id)), digest)


def opened_call(vault: Vault, source: str, submission_id: str, stored: bytes, reference: str | None) -> Taken:
    """Return what `sealed_call` was given. Raises CannotDecrypt."""
    known: dict[str, Any] = json.loads(vault.open(stored, *_place("call", source, submission_id)))
    return Taken(call=known["call"], reference=reference, ready=known["ready"])


def ready_bytes(ready: str) -> bytes:
    """Return what is digested of a call of the system: any text, even one with lone surrogates."""
    return ready.encode("utf-8", "surrogatepass")


def sealed_waiting_record(vault: Vault, source: str, submission_id: str, record: Record) -> StoredRecord:
    """Return a record as it is to be stored."""
    place = source, submission_id
    headers = event_headers_json(record.headers).encode()
    return StoredRecord(
        _sealed(vault, record.key, *_place("key", *place)),
        vault.seal(headers, *_place("headers", *place)),
        _sealed(vault, record.value, *_place("value", *place)),
    )


def opened_waiting_record(vault: Vault, row: Any) -> Record:
    """Return the record of a row of `waiting`. Raises CannotDecrypt."""
    place = row["source"], row["id"]
    headers = vault.open(row["record_headers"], *_place("headers", *place)).decode()
    return Record(
        topic=row["record_topic"],
        partition=row["record_partition"],
        offset=row["record_offset"],
        timestamp_ms=row["record_timestamp"],
        key=_opened(vault, row["record_key"], *_place("key", *place)),
        value=_opened(vault, row["record_value"], *_place("value", *place)),
        headers=event_of("", None, headers, None).headers,
        topic_id=row["record_topic_id"],
    )


def _place(part: str, source: str, submission_id: str) -> tuple[str, ...]:
    return f"waiting {part}", storable(source), storable(submission_id)


def _sealed(vault: Vault, plain: bytes | None, *place: str) -> bytes | None:
    return None if plain is None else vault.seal(plain, *place)


def _opened(vault: Vault, stored: bytes | None, *place: str) -> bytes | None:
    return None if stored is None else vault.open(stored, *place)
