"""The body of a call: a form whose names are read without their case, and the JSON inside of it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sandbox.epayment.errors import BadRequest, Unreadable
from sandbox.epayment.values import read_object

MEDIA_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 50
_WHITE = str.maketrans("", "", " \t\r\n")


@dataclass(frozen=True, slots=True)
class Form:
    """The fields that the environment reads; a field that came twice has both values, joined by a comma."""

    client_id: str | None = None
    code: str | None = field(default=None, repr=False)
    data: str | None = field(default=None, repr=False)
    eservice_client_id: str | None = None

    def fields(self, message: str | None = None) -> dict[str, Any]:
        """Return the JSON object in the data, its names in small letters. Raises BadRequest, with this message."""
        try:
            return read_object(_decoded(self.data or ""))
        except Unreadable as error:
            raise (BadRequest(message) if message else BadRequest()) from error


def read_form(body: bytes) -> Form:
    """Read a body, whatever it is; of one that is no form nothing is found."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return Form()
    values: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        values[key] = f"{values[key]},{value}" if key in values else value
    return Form(
        values.get("clientid"), values.get("hmac"), values.get("data"), values.get("eserviceclientid")
    )


def _decoded(data: str) -> str:
    """Return the text in base64, bytes that are no UTF-8 replaced. Raises Unreadable."""
    try:
        return base64.b64decode(data.translate(_WHITE), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise Unreadable("no base64") from error
