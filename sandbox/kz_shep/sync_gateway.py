"""SHEP's synchronous channel: from a request's bytes to its answer, every check before the search."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from sandbox.kz_shep import search, signatures, sync_channel
from sandbox.kz_shep.answers import Found, Status, add_bare_fault, add_fault, add_response
from sandbox.kz_shep.errors import INTERNAL, NO_SERVICE, SECURITY, SENDER, Declined, Refused
from sandbox.kz_shep.names import SERVICE, SOAP, SOAP_12
from sandbox.kz_shep.signing import new_security, sign
from sandbox.kz_shep.soap import add_header, body_of, new_envelope, parse, serialized, soap_of
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cryptography import x509

    from sandbox.authority import Credential
    from sandbox.kz_shep.ledger import Ledger
    from sandbox.kz_shep.search import Query
    from sandbox.kz_shep.soap import Element
    from sandbox.kz_shep.sync_channel import SyncMessage
    from sandbox.kz_shep.uuids import Uuids
    from sandbox.kz_shep.variants import Variants

XML, SOAP_XML = "text/xml", "application/soap+xml"
_TYPES = {SOAP: XML, SOAP_12: SOAP_XML}
_OK, _FAULT = 200, 500
_NOT_FOUND = "Медицинский отвод не найден."
_BARE = "WS-SECURITY is not valid"


class SyncGateway:
    """Answers SendMessage with what the register holds, signed by the gateway's own key."""

    def __init__(
        self,
        *,
        authority: x509.Certificate,
        credential: Credential,
        senders: Mapping[str, str],
        now: Callable[[], datetime],
        uuids: Uuids,
        ledger: Ledger,
    ) -> None:
        self._authority = authority
        self._credential = credential
        self._senders = senders
        self._now = now
        self._uuids = uuids
        self._ledger = ledger

    def answer(self, content: bytes, variants: Variants, soap: str = SOAP) -> Answer:
        """Check, search, note and answer in the version of SOAP that the content type names."""
        try:
            message = self._accepted(content, soap)
            query = search.read(message.data)
        except Refused as refused:
            return self.refuse(refused, variants, soap=soap)
        found = self._found(message, query, variants)
        return self._respond(found, message.correlation_id, variants, soap)

    def refuse(
        self, refused: Refused, variants: Variants, status: int = _FAULT, *, soap: str = SOAP
    ) -> Answer:
        """Return the fault for a refusal."""
        root, body = new_envelope(soap)
        if variants.bare_security_faults and refused.code in SECURITY:
            add_bare_fault(body, _BARE)
        else:
            add_fault(body, refused, uuids=self._uuids, now=self._now())
        if variants.signed_faults:
            self._sign(root, body, variants)
        return Answer(status, serialized(root), _TYPES[soap], kind=refused.code)

    def failed(self, status: int, variants: Variants, soap: str = SOAP) -> Answer:
        """Return the fault of an internal error."""
        refused = Refused(INTERNAL, f"HTTP {status}", "sandbox fault")
        return self.refuse(refused, variants, status, soap=soap)

    def altered(self, content: bytes, variants: Variants, soap: str = SOAP) -> Answer:
        """Return the answer to some other search, signed as every answer is."""
        query = readable_query(readable(content))
        other = Found((search.other_than(query),))
        return self._respond(other, self._uuids.next(), variants, soap)

    def _accepted(self, content: bytes, soap: str) -> SyncMessage:
        root = parse(content)
        body = body_of(root, soap)
        certificate = signatures.verify(root, body)
        signatures.check_certificate(certificate, self._authority, self._now())
        message = sync_channel.read(body)
        if message.service != SERVICE:
            raise Refused(NO_SERVICE, "Сервис не зарегистрирован.")
        self._check_sender(message)
        return message

    def _check_sender(self, message: SyncMessage) -> None:
        expected = self._senders.get(message.sender)
        if expected is None or not compare_digest(expected.encode(), message.password.encode()):
            raise Refused(SENDER, "requestInfo/sender")

    def _found(self, message: SyncMessage, query: Query, variants: Variants) -> Found:
        try:
            query.check()
        except Declined as declined:
            status = Status("ERROR", declined.message)
            return Found(status=status, service_status=status)
        found = search.found_by(query)
        self._ledger.add(
            service=message.service,
            way=query.way or "",
            asked=query.pseudonym(),
            sender=message.sender,
            found=len(found),
            at=self._now(),
        )
        if found or variants.not_found_code is None:
            # The notice of an absence is the service's own sentence (table 2).
            return Found(found, service_status=Status() if found else Status(message=_NOT_FOUND))
        return Found(service_status=Status(variants.not_found_code, _NOT_FOUND))

    def _respond(self, found: Found, correlation_id: str | None, variants: Variants, soap: str) -> Answer:
        root, body = new_envelope(soap)
        add_response(
            body,
            found,
            correlation_id=None if variants.no_correlation else correlation_id,
            uuids=self._uuids,
            now=self._now(),
            garbled=variants.garbled,
            empty_list=variants.empty_list,
        )
        self._sign(root, body, variants)
        return Answer(_OK, serialized(root), _TYPES[soap], kind=found.service_status.code)

    def _sign(self, root: Element, body: Element, variants: Variants) -> None:
        security = new_security(add_header(root))
        body_id = f"id-{self._uuids.next()}"
        sign(body, security, self._credential, body_id, by_issuer=not variants.key_identifier)


def readable(content: bytes) -> SyncMessage | None:
    """Return what can be read of a message, whatever is wrong with it; None where there is none."""
    try:
        root = parse(content)
        body = body_of(root, soap_of(root))
    except Refused:
        return None
    return next(map(sync_channel.read_loosely, body.iterchildren(sync_channel.SEND_MESSAGE)), None)


def readable_query(message: SyncMessage | None) -> Query | None:
    """Return what a message asks for, whatever is wrong with it."""
    return None if message is None or message.data is None else search.read_loosely(message.data)
