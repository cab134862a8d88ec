"""The password of a new user: named in what the journal keeps, itself in what leaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def filled(request: bytes, secrets: Mapping[str, str]) -> bytes:
    """Return the registration with the password in place of its name. Raises KeyError for a name without one."""
    body = json.loads(request)
    for user in body["Auth"]["Data"]:
        for credential in user["Credentials"]:
            credential["Value"] = secrets[credential["Value"]]
    return json.dumps(body, ensure_ascii=False).encode()
