"""What an error of a provider means, by its code and its text. No I/O.

The texts are those of the specification. A provider hides most causes under `invalid_request`, so the text decides
before the status does. The provider's own words are never quoted: it was given secrets, and may repeat them.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.signing.csc import wire
from worker.transport.status_classes import SERVER_ERROR

if TYPE_CHECKING:
    from worker.signing.remote.exchange import Reply

_UNAUTHORIZED = 401


class Cause(Enum):
    """What is done about an error."""

    PENDING = auto()
    """Asked for too early: ask again."""
    TOKEN = auto()
    """The access token is not valid any more: get another, once."""
    SAD = auto()
    """The authorisation is not valid any more: get another, once."""
    SECRET = auto()
    """The credential's PIN or password was refused: never try it again."""
    PASSING = auto()
    """Try again later."""
    BLOCKED = auto()
    """An operator must act."""


@immutable
class Problem:
    """An error: its cause, and a plain sentence."""

    cause: Cause
    sentence: str


_TEXTS = (
    (("previous asynchronous signature request",), Cause.PENDING, "the signatures are not made yet"),
    (
        ("credential locked", "pin locked", "credential is locked", "pin is locked"),
        Cause.SECRET,
        "the credential is locked",
    ),
    (("sad expired", "sad is expired", "sad has expired"), Cause.SAD, "the authorisation expired"),
    (("invalid parameter sad",), Cause.SAD, "the provider does not know the authorisation"),
    (("hash is not authorized by the sad",), Cause.SAD, "the authorisation does not cover the digest"),
    (("signatures is too high",), Cause.SAD, "the authorisation is for fewer signatures"),
    (("certificate", "expired"), Cause.BLOCKED, "the provider says that the signing certificate expired"),
    (("credential", "disabled"), Cause.BLOCKED, "the provider has disabled the credential"),
)
"""Texts in small letters; of the rows whose cause is BLOCKED all words must be there, of the others one phrase."""

_SECRET_CODES = frozenset({"invalid_pin", "invalid_otp", "invalid_authentication_data"})
_TOKEN_CODES = frozenset({"invalid_token", "expired_token"})
_PASSING_CODES = frozenset({"temporarily_unavailable"})
_SHOWN_CODES = frozenset(
    {
        "access_denied",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "unauthorized_client",
        "unsupported_grant_type",
    }
    | _SECRET_CODES
    | _TOKEN_CODES
    | _PASSING_CODES
)
"""Codes of the specification: words of its own that a sentence may repeat."""


def problem(method: str, reply: Reply, *, with_secret: bool = False) -> Problem:
    """Return what an error says; ``with_secret`` where the request held the credential's PIN or password.

    An error of such a request that is not understood counts as a refusal of the secret: a wrong PIN may hide under it,
    and trying it again may lock the credential.
    """
    code = reply.text("error").lower()
    if code in _SECRET_CODES:
        return Problem(Cause.SECRET, "the provider refused the credential's PIN or password")
    found = _by_text((reply.text("error_description") or reply.text("message")).lower())
    if found is not None:
        return found
    if code in _TOKEN_CODES or (
        reply.status == _UNAUTHORIZED and method not in _TOKENLESS and not with_secret
    ):
        return Problem(Cause.TOKEN, "the provider refuses the access token")
    told = f"HTTP status {reply.status}" + (f", {code}" if code in _SHOWN_CODES else "")
    if reply.passing or code in _PASSING_CODES:
        return Problem(Cause.PASSING, f"the provider did not answer {method}: {told}")
    if with_secret:
        return Problem(Cause.SECRET, f"the provider refused the authorisation ({told}); its PIN may be wrong")
    return Problem(Cause.BLOCKED, f"the provider refused {method} ({told})")


def leaves_open(reply: Reply) -> bool:
    """Whether an error does not say what became of the request: a gateway's, or one in the middle of the work."""
    return reply.status in SERVER_ERROR and reply.text("error").lower() not in _PASSING_CODES


_TOKENLESS = frozenset({wire.INFO, wire.LOGIN, "oauth2/token"})
"""Methods that carry no access token: a refusal there is one of the client itself."""


def _by_text(text: str) -> Problem | None:
    for phrases, cause, sentence in _TEXTS:
        fits = all if cause is Cause.BLOCKED else any
        if fits(one in text for one in phrases):
            return Problem(cause, sentence)
    return None
