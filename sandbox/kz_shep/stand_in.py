"""SHEP as the sandbox's server sees it: the synchronous channel, and an NCANode beside it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sandbox.kz_shep import ncanode
from sandbox.kz_shep.ledger import Ledger
from sandbox.kz_shep.names import PATH, SOAP, SOAP_12
from sandbox.kz_shep.soap import MAX_BYTES
from sandbox.kz_shep.sync_gateway import SOAP_XML, SyncGateway, readable, readable_query
from sandbox.kz_shep.uuids import Uuids
from sandbox.kz_shep.variants import Variants
from sandbox.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cryptography import x509

    from sandbox.authority import Credential
    from sandbox.stand_in import Answer, Request

SENDERS: Mapping[str, str] = MappingProxyType({"sender-1": "invented-1", "sender-2": "invented-2"})
"""senderId and its password: invented, no secrets."""
_VARIANTS = Variants()
_METHODS = {PATH: "POST", ncanode.SIGN: "POST", ncanode.HEALTH: "GET"}
_XML_TYPES = {"text/xml": SOAP, "application/xml": SOAP, SOAP_XML: SOAP_12}
"""The version of SOAP that each content type names."""
_NOT_FOUND, _NOT_ALLOWED, _TOO_LARGE, _UNSUPPORTED = 404, 405, 413, 415


class ShepGateway:
    """The StandIn for SHEP. ``gateway`` signs its answers; clients' certificates are of ``authority``."""

    name = "kz-shep"
    traits: tuple[str, ...] = ("operation", "way", "signer")
    private_traits: frozenset[str] = frozenset()
    max_bytes = MAX_BYTES

    def __init__(
        self,
        *,
        authority: x509.Certificate,
        gateway: Credential,
        now: Callable[[], datetime],
        seed: int = 0,
        senders: Mapping[str, str] = SENDERS,
        variants: Variants = _VARIANTS,
    ) -> None:
        uuids = Uuids(seed)
        self._ledger = Ledger()
        self._first_variants = self._variants = variants
        self._sync = SyncGateway(
            authority=authority,
            credential=gateway,
            senders=senders,
            now=now,
            uuids=uuids,
            ledger=self._ledger,
        )
        self._ncanode = ncanode.NcaNode(now=now, uuids=uuids, ledger=self._ledger)

    def serves(self, method: str, path: str) -> bool:
        """Whether this is the gateway's address or one of the NCANode's."""
        return _METHODS.get(path) == method

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return serviceId, the way of searching and senderId; of the NCANode's requests, the path alone."""
        if request.path != PATH:
            return {"operation": request.path.strip("/"), "way": None, "signer": None}
        message = readable(request.body)
        query = readable_query(message)
        return {
            "operation": message.service or None if message else None,
            "way": query.way if query else None,
            "signer": message.sender or None if message else None,
        }

    def answer(self, request: Request) -> Answer:
        """Process the request."""
        unfit = self._unfit(request)
        if unfit is not None:
            return unfit
        if request.path == PATH:
            return self._sync.answer(request.body, self._variants, _soap(request))
        return self._ncanode.answer(request.path, _media_type(request), request.body)

    def failed(self, status: int, request: Request) -> Answer:
        """Return a fault SCE909 with ErrorInfo; of the NCANode, an error in JSON."""
        if request.path == PATH:
            return self._sync.failed(status, self._variants, _soap(request))
        return self._ncanode.failed(status)

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return another exemption, or another document, rightly signed."""
        if request.path == PATH:
            return self._sync.altered(request.body, self._variants, _soap(request))
        return self._ncanode.altered(request.body) if request.path == ncanode.SIGN else answer

    def forget_tokens(self) -> None:
        """SHEP has no tokens."""

    def ledger(self) -> Mapping[str, Any]:
        """Return the searches, and the count of signed documents."""
        return self._ledger.shown()

    def control(self, name: str, body: Any) -> Any | None:
        """Change the gateway's variants: those that the body names."""
        if name != "variants":
            return None
        self._variants = self._variants.changed(body)
        return self._variants.shown()

    def reset(self) -> None:
        """Go back to the start."""
        self._ledger.forget()
        self._variants = self._first_variants

    def _unfit(self, request: Request) -> Answer | None:
        if request.path not in _METHODS:
            return page(_NOT_FOUND, "Not Found")
        if not self.serves(request.method, request.path):
            return page(_NOT_ALLOWED, "Not Allowed")
        if len(request.body) > self.max_bytes:
            return page(_TOO_LARGE, "Request Entity Too Large")
        if request.path == PATH and _media_type(request) not in _XML_TYPES:
            return page(_UNSUPPORTED, "Unsupported Media Type")
        return None


def _soap(request: Request) -> str:
    return _XML_TYPES.get(_media_type(request), SOAP)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
