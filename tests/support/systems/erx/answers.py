"""Answers of the eRx register, and tokens, for unit tests."""

from __future__ import annotations

import base64
import json
from typing import Any

from worker.transport.port import Answer


def framed(result: Any = None, *, success: Any = True, errors: Any = ()) -> bytes:
    """Write the frame in the document's letters."""
    document = {"Result": result, "Success": success, "Errors": list(errors)}
    return json.dumps(document, ensure_ascii=False).encode()


def refused(message: str, **more: str) -> bytes:
    """Write a refusal with one error."""
    return framed(success=False, errors=[{"Message": message, **more}])


def jwt(**claims: Any) -> str:
    """Write a token; nobody checks its signature."""
    parts = ({"alg": "HS512"}, claims)
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*coded, "signature"))


def token(text: str) -> Answer:
    """Write the answer to a login."""
    return Answer(200, {"content-type": "application/json"}, framed({"User": {"Token": text}}))


def user(**changes: Any) -> dict[str, Any]:
    """Write a user as the register shows one."""
    return {
        "Id": 88,
        "FirstName": "Никой",
        "LastName": "Измислен",
        "Enabled": True,
        "Username": "dr-example",
        "Email": "dr-example@hospital.example",
        "EmailVerified": False,
        "Acknowledged": False,
        "Authorities": [{"Id": 89, "Authority": "ROLE_MEDIC", "Client": "1"}],
        "Properties": [{"Id": 90, "Key": "roleId", "Value": "PractitionerRole/18/_history/1"}],
        "Provider": "local",
    } | changes


def searchset(*resources: Any, total: int | None = None) -> dict[str, Any]:
    """Write what a search finds."""
    stated = {} if total is None else {"total": total}
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        **stated,
        "entry": [{"resource": one} for one in resources],
    }
