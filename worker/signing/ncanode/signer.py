"""Signatures by NCANode, a server with the algorithms of Kazakhstan's certification authority (GOST among them).

It takes a whole SOAP envelope, and with each one the key and its password (its API has no other way): it belongs on
the same machine. A connection is made for each signature and closed after it; on one machine that costs little.
"""

from __future__ import annotations

import asyncio
import json
import logging
from base64 import b64encode
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError
from worker.signing.keys.file_forms import other_form
from worker.signing.keys.pkcs12 import read_pkcs12
from worker.signing.ncanode.answer import signed_document
from worker.signing.ncanode.proof import require_proved
from worker.signing.port import SigningFailed
from worker.signing.wsse.names import SOAP_11
from worker.signing.wsse.sign import MAX_DOCUMENT_BYTES, require_plain_envelope
from worker.transport.client import AiohttpBackedClient
from worker.transport.port import DeliveryError
from worker.transport.settings import TransportSettings
from worker.transport.tls import client_context
from worker.xml.safe import RefusedXml, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lxml import etree

    from worker.signing.settings import NcanodeSettings
    from worker.transport.port import Answer, HttpClient

log = logging.getLogger(__name__)

LONGEST_CONNECT = 10.0
# JSON writes some characters of the document in two or six bytes.
MAX_ANSWER_BYTES = 2 * MAX_DOCUMENT_BYTES
_DER_SEQUENCE = b"\x30"


@immutable
class NcanodeKey:
    """What NCANode needs to sign: the PKCS#12 file in base64, and its password."""

    content: str = field(repr=False)
    password: str = field(repr=False)
    alias: str | None

    def secrets(self) -> tuple[str, str]:
        """Return the values that the server must not put into a document."""
        return self.content, self.password

    def fields(self) -> dict[str, str]:
        """Return the fields of a request to the server; nothing else may hold them."""
        named = {"keyAlias": self.alias} if self.alias is not None else {}
        return {"key": self.content, "password": self.password, **named}


class NcanodeSigner:
    """A document signer: SOAP 1.1 envelopes go to the server, and come back with their Body signed."""

    def __init__(
        self,
        name: str,
        url: str,
        key: NcanodeKey,
        connect: Callable[[], HttpClient],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self.name = name
        self._clock = clock
        self._url = f"{url.rstrip('/')}/wsse/sign"
        self._key = key
        self._connect = connect

    async def sign_document(self, document: bytes) -> bytes:
        """Return the envelope with a signature over its Body, byte for byte as the server wrote it.

        The signature is verified by the certificate that the server put into it. Raises SigningFailed: transient
        where the server was not reached or failed, else with what to fix.
        """
        try:
            body = _body_to_sign(document)
            signed = signed_document(body, await self._ask(document), secrets=self._key.secrets())
            await asyncio.to_thread(require_proved, signed, self._clock())
        except DeliveryError as error:
            raise SigningFailed(
                f'signer "{self.name}": no answer from NCANode: {error}', transient=True
            ) from None
        except SigningFailed as failed:
            raise failed.saying(f'signer "{self.name}": {failed}') from None
        return signed

    async def _ask(self, document: bytes) -> Answer:
        request = {"xml": document.decode("utf-8-sig"), **self._key.fields(), "trimXml": False}
        client = self._connect()
        try:
            return await client.request(
                "POST",
                self._url,
                headers={"content-type": "application/json", "accept": "application/json"},
                content=json.dumps(request, ensure_ascii=False).encode(),
                reuse=False,
            )
        finally:
            await client.aclose()

    def __repr__(self) -> str:
        return f"NcanodeSigner({self.name!r})"


def _body_to_sign(document: bytes) -> etree._Element:
    try:
        envelope = parse(document, max_bytes=MAX_DOCUMENT_BYTES)
        soap = require_plain_envelope(envelope)
    except (RefusedXml, ValueError) as refused:
        raise SigningFailed(str(refused), transient=False) from None
    if soap is not SOAP_11:
        # Its source makes SOAP 1.1 messages of whatever it is given, and fails at the others.
        raise SigningFailed(
            f"NCANode signs SOAP 1.1 envelopes, not those of SOAP {soap.version}", transient=False
        )
    (body,) = envelope.findall(soap.body)
    return body


def load_ncanode(name: str, settings: NcanodeSettings, *, clock: Callable[[], datetime]) -> NcanodeSigner:
    """Read the key file and make the signer; the server is not asked. Raises ConfigurationError."""
    content, password = read_pkcs12(settings)
    form = other_form(content)
    if form or not content.startswith(_DER_SEQUENCE):
        told = f"the file {settings.file} is not a PKCS#12 file"
        raise ConfigurationError(f"{told}: {form}" if form else told)
    try:
        context = client_context(settings.ca_file)
        words = password.decode()
    except UnicodeDecodeError:
        raise ConfigurationError("the password is not text in UTF-8") from None
    if settings.allow_plain_http and settings.url.scheme == "http":
        log.warning("the key and its password go to NCANode over plain http", extra={"signer": name})
    transport = TransportSettings(
        connect_timeout=min(settings.timeout, LONGEST_CONNECT),
        answer_timeout=settings.timeout,
        total_timeout=settings.timeout,
        max_answer_bytes=MAX_ANSWER_BYTES,
    )

    def connect() -> HttpClient:
        return AiohttpBackedClient(transport, context, plain_http=settings.url.scheme == "http")

    key = NcanodeKey(b64encode(content).decode("ascii"), words, settings.key_alias)
    return NcanodeSigner(name, str(settings.url), key, connect, clock=clock)
