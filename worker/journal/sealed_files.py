"""What the journal encrypts of a file: its content's key, and its name. Both are bound to their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.journal.vault import Vault


def sealed_key(vault: Vault, content: str, key: bytes) -> bytes:
    """Return the key of a content as it is to be stored."""
    return vault.seal(key, "file-content", content)


def opened_key(vault: Vault, content: str, stored: bytes) -> bytes:
    """Return what `sealed_key` was given. Raises CannotDecrypt."""
    return vault.open(stored, "file-content", content)


def sealed_name(vault: Vault, file_id: str, name: str | None) -> bytes | None:
    """Return a file's name as it is to be stored."""
    return None if name is None else vault.seal(name.encode(errors="replace"), "file-name", file_id)


def opened_name(vault: Vault, file_id: str, stored: bytes | None) -> str | None:
    """Return what `sealed_name` was given. Raises CannotDecrypt."""
    return None if stored is None else vault.open(stored, "file-name", file_id).decode(errors="replace")
