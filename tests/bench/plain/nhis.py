"""Sending to NHIS with httpx: tokens by a signed challenge, repetitions by tenacity, and what an answer says."""

from __future__ import annotations

import ssl
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from lxml import etree
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from tests.bench.plain.events import Event
from tests.bench.plain.message import NAMESPACES, Key, Messages

ISSUE = "/v1/eimmunization/immunization/issue"
XML = {"content-type": "application/xml; charset=utf-8", "accept": "application/xml"}
ATTEMPTS = 5
RENEW_BEFORE = 300.0


class Unavailable(Exception):
    """NHIS gave no answer that decides; try again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What NHIS stated: a NRN, or the reasons of its refusal."""

    nrn: str | None
    errors: list[str] = field(default_factory=list)


class Nhis:
    """The client. ``first_wait``: seconds before the second attempt."""

    def __init__(
        self, url: str, ca_file: Path, keys: Mapping[str, Key], messages: Messages, first_wait: float = 0.5
    ) -> None:
        self._url = url
        self._keys = keys
        self._messages = messages
        self._first_wait = first_wait
        self._tokens: dict[str, tuple[str, float]] = {}
        self._http = httpx.AsyncClient(
            verify=ssl.create_default_context(cafile=ca_file),
            timeout=httpx.Timeout(60, connect=10),
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=100),
            headers=XML,
            trust_env=False,
        )

    async def register(self, event: Event) -> Outcome:
        """Send a registration. Raises InvalidMessage, KeyError (no such signer), Unavailable, httpx.TransportError."""
        retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential_jitter(initial=self._first_wait, max=60 * self._first_wait),
            retry=retry_if_exception_type((Unavailable, httpx.TransportError)),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await self._once(event)
        raise AssertionError("tenacity returns or raises")

    async def close(self) -> None:
        await self._http.aclose()

    async def _once(self, event: Event) -> Outcome:
        message_id = str(uuid.uuid4())
        content = self._messages.build(event, message_id, self._keys[event.signer])
        token = await self._token(event.signer)
        answer = await self._http.post(
            self._url + ISSUE, content=content, headers={"authorization": f"Bearer {token}"}
        )
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._tokens.pop(event.signer, None)
            raise Unavailable("the token was refused")
        return read(answer, message_id)

    async def _token(self, signer: str) -> str:
        token, until = self._tokens.get(signer, ("", 0.0))
        if time.monotonic() < until:
            return token
        challenge = await self._http.get(self._url + "/token")
        signed = self._messages.sign(etree.fromstring(challenge.content), self._keys[signer])
        answer = await self._http.post(self._url + "/token", content=signed)
        if answer.status_code != httpx.codes.OK:
            raise Unavailable(f"no token ({answer.status_code})")
        root = etree.fromstring(answer.content)
        token, seconds = value(root, "accessToken"), float(value(root, "expiresIn"))
        self._tokens[signer] = token, time.monotonic() + seconds - RENEW_BEFORE
        return token


def read(answer: httpx.Response, message_id: str) -> Outcome:
    """Return what an answer says. Raises Unavailable where it does not decide."""
    if answer.status_code not in {httpx.codes.OK, httpx.codes.BAD_REQUEST}:
        raise Unavailable(f"status {answer.status_code}")
    try:
        root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Unavailable("the answer is no XML") from error
    if value(root, "messageId") != message_id:
        raise Unavailable("the answer is to another message")
    if value(root, "messageType") == "I002":
        return Outcome(value(root, "nrnImmunization"))
    reasons = [str(reason) for reason in root.xpath("//nhis:error/nhis:reason/@value", namespaces=NAMESPACES)]
    return Outcome(None, reasons)


def value(root: etree._Element, name: str) -> str:
    """Return the value of the first element of this name, or an empty text."""
    found = root.find(f".//nhis:{name}", NAMESPACES)
    return "" if found is None else found.get("value", "")
