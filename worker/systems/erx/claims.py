"""What a token says of itself (RFC 7519). Its signature cannot be checked: the key is the register's own."""

from __future__ import annotations

import base64
import binascii
import math
from typing import TYPE_CHECKING

from worker.systems.erx.envelope import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_PARTS = 3
_LONGEST_LIFE = 30 * 24 * 3600.0
"""Seconds. A longer life is none that a token has: more likely its times are milliseconds, and say nothing to us."""


def claims_of(token: str) -> Mapping[str, object]:
    """Return the claims; none for what is no JWT."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return {}
    try:
        payload = base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return {}
    found = read_json(payload)
    return found if isinstance(found, dict) else {}


def seconds_left(claims: Mapping[str, object], now: datetime) -> float | None:
    """Return how long the token lasts from when it was given; None where it does not say when it ends.

    ``now`` is the register's time, as far as it tells. A token's own `iat` is better: no clock but one is in it.
    """
    ends, began = _moment(claims.get("exp")), _moment(claims.get("iat"))
    if ends is None:
        return None
    left = ends - (now.timestamp() if began is None else began)
    return left if left <= _LONGEST_LIFE else None


def user_id(token: str) -> str | None:
    """Return the register's number of the user (`sub`): it is a part of barcodes."""
    subject = claims_of(token).get("sub")
    if isinstance(subject, int) and not isinstance(subject, bool):
        return str(subject)
    return subject if isinstance(subject, str) and subject else None


def _moment(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None
