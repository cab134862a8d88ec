"""What can be wrong with a module, a token, a PIN or a key. The same words on both sides of the pipe."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """The kinds that lead to different acts."""

    MODULE = "module"
    """The library cannot be loaded: an operator must act."""
    NO_TOKEN = "no-token"  # noqa: S105
    """No token fits the settings at present; it may be plugged in later."""
    PIN_REFUSED = "pin-refused"
    """The token refused the PIN, and counted that."""
    PIN_LOCKED = "pin-locked"
    """The token takes no PIN any more."""
    PIN_UNUSABLE = "pin-unusable"
    """The token asks for another way to log in, or for a new PIN."""
    PIN_NOT_JUDGED = "pin-not-judged"
    """The login failed before the token looked at the PIN."""
    PIN_DOUBTFUL = "pin-doubtful"
    """The login failed, and nobody knows whether the token counted a wrong PIN."""
    MECHANISM = "mechanism"
    """The token refuses this key or this mechanism for signatures."""
    FAILED = "failed"
    """Anything else, a pulled token among it: every handle is dropped, and the token is opened anew."""


class TokenFault(Exception):
    """A PKCS#11 call failed. ``detail`` is a name of the standard or words of the loader, never a secret."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault
        self.detail = detail
