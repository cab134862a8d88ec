"""The port inside the signer process: what it needs of a PKCS#11 library. Every call raises TokenFault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Sequence


@immutable
class TokenFacts:
    """A token as the library describes it at this moment. ``slot`` is the id of the slot that holds it."""

    label: str
    serial: str
    slot: int
    login_required: bool
    pin_pad: bool
    pin_count_low: bool
    pin_final_try: bool
    pin_locked: bool


@immutable
class KeyFacts:
    """A private key. ``handle`` counts in this process alone; ``always`` wants a login for each signature."""

    handle: int
    id: bytes
    label: str
    always: bool


@immutable
class CertificateFacts:
    """A certificate object: DER, and the id that it shares with its key."""

    id: bytes
    der: bytes


class Module(Protocol):
    """A loaded library, used by one thread, for one token."""

    def tokens(self) -> Sequence[TokenFacts]:
        """Return the tokens that are present now, asked for anew."""
        ...

    def open(self, slot: int, pin: bytearray | None) -> None:
        """Open the token: a session that is logged in where there is a PIN, and one without a PIN that signs."""
        ...

    def keys(self) -> Sequence[KeyFacts]:
        """Return the private keys that may sign."""
        ...

    def certificates(self) -> Sequence[CertificateFacts]:
        """Return the certificates."""
        ...

    def sign(self, handle: int, mechanism: str, data: bytes, pin: bytearray | None) -> bytes:
        """Return the token's signature. ``pin``: for a key that wants a login for each one."""
        ...

    def close(self) -> None:
        """Log out and let the library go."""
        ...
