"""An NCANode 3.x server: it signs whole envelopes with the key in the request, and is asked for its health.

Statuses and texts of errors are those of its source. The real server's defects that a client can notice are
reproduced: only an absent or empty Header comes out right, SOAP 1.2 is an error 500, and the first alias is always
the one taken.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import xmlsec

from sandbox.kz_shep import pkcs12, soap
from sandbox.kz_shep.errors import Refused
from sandbox.kz_shep.names import SOAP
from sandbox.kz_shep.pkcs12 import KeyUnreadable
from sandbox.kz_shep.signing import new_security, sign
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.kz_shep.ledger import Ledger
    from sandbox.kz_shep.uuids import Uuids

SIGN = "/wsse/sign"
HEALTH = "/actuator/health"
JSON = "application/json"
_BAD, _UNSUPPORTED, _ERROR = 400, 415, 500
_OTHER = f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><other/></soap:Body></soap:Envelope>'
_NOT_SOAP = "Unable to create envelope from given source because the namespace was not recognized"
_HIERARCHY = "HIERARCHY_REQUEST_ERR: An attempt was made to insert a node where it is not permitted. "


class _Failed(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class NcaNode:
    """The signing server; it keeps only a count of the documents that it signed."""

    def __init__(self, *, now: Callable[[], datetime], uuids: Uuids, ledger: Ledger) -> None:
        self._now = now
        self._uuids = uuids
        self._ledger = ledger

    def answer(self, path: str, content_type: str, content: bytes) -> Answer:
        """Answer a request to one of the two addresses."""
        if path == HEALTH:
            return _json(200, {"status": "UP"})
        if content_type != JSON:
            return self._default_page(_UNSUPPORTED, "Unsupported Media Type")
        return self._signed(content)

    def failed(self, status: int) -> Answer:
        """Return an error of this status."""
        return _json(status, {"status": status, "message": "sandbox fault"})

    def altered(self, content: bytes) -> Answer:
        """Return another document than the one that came, signed with the key that came."""
        try:
            request = {**_read(content), "xml": _OTHER}
        except _Failed:
            return self.answer(SIGN, JSON, content)
        return self._signed(json.dumps(request).encode())

    def _signed(self, content: bytes) -> Answer:
        try:
            request = _read(content)
            if not all(request.get(name) for name in ("xml", "key", "password")):
                return self._default_page(_BAD, "Bad Request")
            xml = self._sign(request)
        except _Failed as failed:
            return _json(failed.status, {"status": failed.status, "message": failed.message})
        self._ledger.documents_signed += 1
        return _json(200, {"status": 200, "message": "OK", "xml": xml})

    def _sign(self, request: Mapping[str, Any]) -> str:
        try:
            credential = pkcs12.read(request["key"], request["password"], request.get("keyAlias"))
        except KeyUnreadable as error:
            raise _Failed(_BAD, str(error)) from error
        root, body = _envelope(request["xml"].strip().encode())
        header = soap.add_header(root)
        if header.text or (len(header) and not isinstance(header[0].tag, str)):
            raise _Failed(_ERROR, _HIERARCHY)
        new_security(header)
        try:
            # header[0], as the real one: with a header of the client's own, the signature is put into that one
            sign(body, header[0], credential, f"id-{self._uuids.next()}", by_issuer=False)
        except xmlsec.Error as error:
            raise _Failed(_ERROR, str(error)) from error
        return soap.serialized(root).decode()

    def _default_page(self, status: int, error: str) -> Answer:
        stamp = self._now().isoformat(timespec="milliseconds")
        return _json(status, {"timestamp": stamp, "status": status, "error": error, "path": SIGN})


def _read(content: bytes) -> dict[str, Any]:
    try:
        request = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _Failed(_ERROR, "JSON parse error") from error
    names = ("xml", "key", "password", "keyAlias")
    if not isinstance(request, dict) or not all(isinstance(request.get(n), str | None) for n in names):
        raise _Failed(_ERROR, "JSON parse error: Cannot deserialize value")
    if not isinstance(request.get("trimXml", False), bool):
        raise _Failed(_ERROR, "JSON parse error: Cannot deserialize value of type `boolean`")
    return request


def _envelope(xml: bytes) -> tuple[soap.Element, soap.Element]:
    try:
        root = soap.parse(xml)
        return root, soap.body_of(root)
    except Refused as refused:
        raise _Failed(_ERROR, refused.cause or _NOT_SOAP) from refused


def _json(status: int, content: Mapping[str, Any]) -> Answer:
    return Answer(status, json.dumps(content, ensure_ascii=False).encode(), JSON, kind=str(status))
