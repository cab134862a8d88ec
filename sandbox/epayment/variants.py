"""Callbacks as they should not be: forged, unsigned, of another client, altered, huge."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from sandbox.epayment import setting_rules
from sandbox.epayment.clients import hmac_of
from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from sandbox.epayment.notifications import Notification

HMACS = ("right", "forged", "other-secret", "empty", "none")
_DIGEST_BYTES = 32
_ESCAPE = re.compile("%[0-9A-F]{2}")


@dataclass(frozen=True, slots=True)
class Variant:
    """How a callback differs from the right one; without arguments, not at all."""

    hmac: str = "right"
    """`forged` (32 random bytes), `other-secret`, `empty`, or `none` (no such field)."""
    client_id: str | None = None
    """Another ClientId than the owner's."""
    tampered: bool = False
    """Whether the Data says another status than what was signed: Paid, or Pending for a paid request."""
    padding_bytes: int = 0
    """So many bytes more in the Data, which is signed with them."""

    @classmethod
    def read(cls, body: Any) -> Variant:
        """Read one from JSON. Raises InvalidControl."""
        return setting_rules.changed(cls(), body, _RULES)

    def shown(self) -> dict[str, Any]:
        """Return what differs, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if value != _RIGHT[name]}


_RIGHT = asdict(Variant())
_RULES: Mapping[str, setting_rules.Rule] = {
    "hmac": setting_rules.one_of(*HMACS),
    "client_id": setting_rules.text(optional=True),
    "tampered": setting_rules.flag(),
    "padding_bytes": setting_rules.whole(0),
}


def read_variants(value: Any) -> tuple[Variant, ...]:
    """Read a list of variants. Raises InvalidControl."""
    if not isinstance(value, list):
        raise InvalidControl("beside must be a list of variants")
    return tuple(Variant.read(item) for item in value)


def body_of(notification: Notification, variant: Variant, chance: random.Random) -> bytes:
    """Return the form that is posted: ClientId, Hmac, Data, escaped as .NET does it."""
    owner = notification.request.owner
    signed = _data(notification.content, variant.padding_bytes)
    data = _data(_other_status(notification.content), variant.padding_bytes) if variant.tampered else signed
    code = _code(owner.secret, signed, variant.hmac, chance) if notification.signed else None
    given = [f"ClientId={_escaped(variant.client_id or owner.client_id)}"]
    if code is not None:
        given.append(f"Hmac={_escaped_base64(code)}")
    return "&".join([*given, f"Data={_escaped_base64(data)}"]).encode()


def _data(content: str, padding: int) -> str:
    # White space after the JSON: its reader sees no difference, only the size.
    return base64.b64encode(content.encode("utf-8", "replace") + b" " * padding).decode()


def _other_status(content: str) -> str:
    said = json.loads(content)
    for one in said if isinstance(said, list) else [said]:
        one["Status"] = "Pending" if one["Status"] == "Paid" else "Paid"
    return json.dumps(said, ensure_ascii=False)


def _code(secret: str, data: str, how: str, chance: random.Random) -> str | None:
    if how == "forged":
        return base64.b64encode(chance.randbytes(_DIGEST_BYTES)).decode()
    if how == "other-secret":
        return hmac_of(f"{secret}-of-another-client", data)
    if how == "empty":
        return ""
    return None if how == "none" else hmac_of(secret, data)


def _escaped(value: str) -> str:
    """Escape as .NET does: with small letters."""
    return _ESCAPE.sub(lambda found: found.group().lower(), quote_plus(value, safe="!()*-._"))


def _escaped_base64(value: str) -> str:
    # Data can be of megabytes, and three characters of base64 need an escape.
    return value.replace("+", "%2b").replace("/", "%2f").replace("=", "%3d")
