"""What an answer of `/arsign/sync` means. No I/O.

Confirmed by public code: the fields and the codes. Inferred: what is done about each code (`_ACTIONS`), and where in an
error the code stands; it is looked for in each place in which public code has it.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from enum import Enum, auto
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from worker.signing.remote.exchange import Reply


class Action(Enum):
    """What is done about a code."""

    BLOCKED = auto()
    PASSING = auto()
    SPLIT = auto()


_ACTIONS: Mapping[str, tuple[Action, str]] = MappingProxyType(
    {
        "AR_SIGN_TOKEN_NOT_FOUND": (Action.BLOCKED, "the consent's access token is not known"),
        "AR_SIGN_TOKEN_VALIDATION_FAILED": (Action.BLOCKED, "the consent's access token is not valid"),
        "CONSENT_REVOKE": (Action.BLOCKED, "the holder revoked the consent"),
        "ACTIVE_CERTIFICATE_NOT_FOUND": (Action.BLOCKED, "the holder has no active certificate"),
        "CHANGED_PIN": (Action.BLOCKED, "the holder changed the PIN; the consent must be given again"),
        "DETACHED_DEVICE": (
            Action.BLOCKED,
            "the holder's device is detached; the consent must be given again",
        ),
        "UNAUTHORIZED": (Action.BLOCKED, "the service refuses this client"),
        "SIGNATURE_TYPE_NOT_VALID": (Action.BLOCKED, "the service refuses signature_type"),
        "RP_BASED_DOCUMENTS_CONTENT_FORMAT_DIGEST": (Action.BLOCKED, "the service refuses content_format"),
        "RP_CALLBACK_ID_DUPLICATE": (Action.BLOCKED, "the service takes the request for an earlier one"),
        "API_RATE_LIMIT_EXCEEDED": (Action.PASSING, "the rate limit is exceeded"),
        "REQUEST_TIMEOUT": (Action.PASSING, "the service did not sign in time"),
        "REQUEST_ALREADY_IN_PROCESSING": (Action.PASSING, "the service is busy with an earlier request"),
        "BATCH_SIZE_EXCEED": (Action.SPLIT, "the batch is too large"),
        "REQUEST_EXCEED_LIMIT": (Action.SPLIT, "the request is too large"),
    }
)
_SIGNED = frozenset({"SIGNED", "RECEIVED"})
"""Statuses of a signature that is there; RECEIVED is one that was fetched before."""


class TooLarge(Exception):
    """The service takes fewer contents in one request."""


def signatures_in(reply: Reply) -> Sequence[bytes]:
    """Return the signatures that were made, in the service's order. Raises TooLarge and SigningFailed."""
    _require_success(reply)
    data = reply.content.get("data")
    listed = data.get("signatures") if isinstance(data, dict) else None
    made = [one for one in listed or () if isinstance(one, dict) and one.get("status", "SIGNED") in _SIGNED]
    if not made:
        raise SigningFailed("B-Trust's answer holds no signatures", transient=True)
    try:
        return [b64decode(str(one.get("signature"))) for one in made]
    except (ValueError, binascii.Error):
        raise SigningFailed("B-Trust's signatures are not base64", transient=False) from None


def _require_success(reply: Reply) -> None:
    code = next((one for one in _stated(reply.content) if one in _ACTIONS), None)
    if code is None:
        if not reply.successful:
            raise SigningFailed(f"B-Trust answered with HTTP status {reply.status}", transient=reply.passing)
        return
    action, sentence = _ACTIONS[code]
    if action is Action.SPLIT:
        raise TooLarge
    raise SigningFailed(f"B-Trust: {sentence} ({code})", transient=action is Action.PASSING)


def _stated(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield what may be the code: of the answer, and of the data within, which gateways write as text."""
    yield from (str(content.get(name)) for name in ("responseCode", "code", "message"))
    data = content.get("data")
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return
    if isinstance(data, dict):
        yield from (str(data.get(name)) for name in ("responseCode", "code", "message"))
