"""A notification as the journal stores it: key and value encrypted, bound to their row; headers are Herald's own."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.journal.vault import Vault
    from worker.pipeline.ports import Event


def sealed_event(vault: Vault, system: str, event_id: str, event: Event) -> Event:
    """Return a notification's event as it is to be stored."""
    place = ("notification", system, event_id)
    key = None if event.key is None else vault.seal(event.key, "key", *place)
    value = None if event.value is None else vault.seal(event.value, "value", *place)
    return replace(event, key=key, value=value)


def opened_event(vault: Vault, system: str, event_id: str, event: Event) -> Event:
    """Return what `sealed_event` was given. Raises CannotDecrypt."""
    place = ("notification", system, event_id)
    key = None if event.key is None else vault.open(event.key, "key", *place)
    value = None if event.value is None else vault.open(event.value, "value", *place)
    return replace(event, key=key, value=value)


def sealed_cursor(vault: Vault, system: str, watch: str, cursor: str | None) -> bytes | None:
    """Return the cursor of a place to look at as it is to be stored."""
    return None if cursor is None else vault.seal(cursor.encode(), "cursor", "watch", system, watch)


def opened_cursor(vault: Vault, system: str, watch: str, stored: bytes | None) -> str | None:
    """Return what `sealed_cursor` was given. Raises CannotDecrypt."""
    return None if stored is None else vault.open(stored, "cursor", "watch", system, watch).decode()


def digest_of(vault: Vault, key: bytes | None) -> bytes:
    """Return by what an erasure finds the notification; empty for one without a key."""
    return b"" if key is None else vault.digest(hashlib.sha256(key).digest())
