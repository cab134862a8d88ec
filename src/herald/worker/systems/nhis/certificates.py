"""How a certificate is named to an operator: by its serial number, never by the person in its subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from herald.worker.signing.port import SigningKey


def named(key: SigningKey) -> str:
    """Return a plain phrase for a signer's certificate.

    The subject of a Bulgarian qualified certificate holds the person's EGN: it stays out of logs and replies.
    """
    return f'signer "{key.name}" (certificate serial number {key.certificate.serial_number:x})'
