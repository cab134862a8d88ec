"""What went wrong, for operators: a sentence for each fault, and whether it may go away by itself. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.signing.pkcs11.module import TokenFacts

UNBLOCK = "run `herald signers unblock`"
PIN_REFUSED = (
    "the token refused the PIN, and Herald does not try it again, because tokens lock after a few wrong ones; "
    f"correct the PIN, or, where it was the right one after all, {UNBLOCK}"
)
REFUSED_BEFORE = (
    "the token refused this PIN before, and Herald does not try it again; correct the PIN, or, where it is the right "
    f"one after all, {UNBLOCK}"
)
IN_DOUBT = (
    "a login with this PIN broke off before its result was known, and Herald does not try it again, because it may be "
    f"wrong; check the PIN, then {UNBLOCK}"
)
_SENTENCES: Mapping[Fault, tuple[str, bool]] = MappingProxyType(
    {
        Fault.MODULE: ("the module cannot be loaded", False),
        Fault.NO_TOKEN: ("the token is no longer in its slot", True),
        Fault.PIN_REFUSED: (PIN_REFUSED, False),
        Fault.PIN_LOCKED: ("the token's PIN is locked; only its issuer or its SO PIN can unlock it", False),
        Fault.PIN_UNUSABLE: (
            "the token takes no login with this PIN; set its PIN with the maker's tool",
            False,
        ),
        Fault.PIN_NOT_JUDGED: ("the token could not log in", True),
        Fault.PIN_DOUBTFUL: (IN_DOUBT, False),
        Fault.MECHANISM: ("the token does not sign with this key and algorithm", False),
        Fault.FAILED: ("the token failed", True),
    }
)


def failure_of(fault: TokenFault) -> SigningFailed:
    """Return the failure, with the standard's name of the error."""
    told, transient = _SENTENCES[fault.fault]
    return SigningFailed(f"{told} ({fault.detail})" if fault.detail else told, transient=transient)


def login_problem(
    token: TokenFacts, *, has_pin: bool, ignore_warnings: bool, ours: bool = False
) -> str | None:
    """Return a plain sentence where no login may be tried at this token now, else None.

    ``ours``: the last PIN that the token refused was one of Herald's, which explains its mild warning: another PIN may
    be tried. Nothing explains the last warning before it locks.
    """
    if token.pin_locked:
        return _SENTENCES[Fault.PIN_LOCKED][0]
    if not has_pin:
        return "the token wants a PIN: name its file in pin_file" if token.login_required else None
    if token.pin_pad:
        return "its PIN is entered at the reader, by a person: a worker cannot use it"
    if (token.pin_final_try or (token.pin_count_low and not ours)) and not ignore_warnings:
        return (
            "the token reports that a wrong PIN was entered, and Herald does not risk that it locks; log in once with "
            "the maker's tool, or, where the token always reports it, set ignore_pin_warnings"
        )
    return None
