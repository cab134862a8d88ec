"""Getting an access token from NHIS (document D3): by a signed challenge, or by a TLS client certificate."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from lxml import etree

from contracts.reasons import Reason
from worker.outcome import Blocked, Retry
from worker.signing.certificates import named
from worker.signing.port import SigningFailed
from worker.signing.taken import RSA_ALONE, identity_for
from worker.signing.xmldsig import sign_enveloped
from worker.systems.nhis.response import read_statement
from worker.systems.signers import not_signed
from worker.systems.tokens import Granted
from worker.transport.port import DeliveryError
from worker.transport.retry_after import seconds_to_wait
from worker.transport.status_classes import CLIENT_ERROR
from worker.xml import safe
from worker.xml.answer import parse_answer
from worker.xml.node import local_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from lxml.etree import _Element

    from worker.signing.algorithms import SignatureAlgorithm
    from worker.signing.port import DigestSigner, DigestSigners
    from worker.transport.port import Answer, HttpClient


_TOKEN = re.compile(r"[!-~]{1,16384}")
"""Visible ASCII: the token becomes part of a header."""
_LIFETIME = re.compile(r"[1-9][0-9]{0,8}")
_UNAVAILABLE = frozenset({408, 425, 429})
_NOWHERE = Blocked(
    Reason.NOT_FOUND, "no authorisation service at this address (404): see the setting auth_url"
)

_NOT_SHOWN = (
    "it offers a challenge, so it did not get the certificate in the TLS handshake; see the setting auth"
)

_LONGEST_CHALLENGE = 64 * 1024
_SHAPES = (["contents"], ["header", "contents"])


def xml_headers(content_type: str) -> Mapping[str, str]:
    """Return the headers of every request to NHIS, which all are XML."""
    return {"content-type": content_type, "accept": "application/xml"}


class Authorisation:
    """Asks the authorisation service for a token of one signer: `fetch` is what `Tokens` calls."""

    def __init__(
        self,
        url: str,
        *,
        keys: DigestSigners,
        client: Callable[[str], HttpClient],
        by_challenge: bool,
        headers: Mapping[str, str],
        now: Callable[[], datetime],
        taken: Collection[SignatureAlgorithm] = RSA_ALONE,
    ) -> None:
        self._url = url
        self._taken = taken
        self._headers = headers
        self._keys = keys
        self._client = client
        self._by_challenge = by_challenge
        self._now = now

    async def fetch(self, signer: str) -> Granted | Retry | Blocked:
        """Get a new token. A failure of the network, the service or the key is returned as an outcome."""
        key, client = self._keys[signer], self._client(signer)
        try:
            # In a TLS handshake an expired certificate would look like a failed connection, and be retried in vain.
            await identity_for(key, self._taken)
        except SigningFailed as error:
            return not_signed(error)
        try:
            answer, known = await self._ask(client, key)
            if known and answer.status == HTTPStatus.UNAUTHORIZED:
                # A service that restarted meanwhile has forgotten its challenge: one 401 is no refusal of this signer.
                answer, known = await self._ask(client, key)
            if not known:
                return self._without_challenge(answer)
        except DeliveryError as error:
            return Retry(Reason.TOKEN_UNAVAILABLE, f"no token: {error.reason} at the authorisation service")
        except SigningFailed as error:
            return not_signed(error, "the challenge could not be signed: ")
        except (ValueError, etree.C14NError):
            return Retry(
                Reason.TOKEN_UNAVAILABLE, "no token: the challenge is a document that cannot be signed"
            )
        return granted_in(answer) or self._refusal(answer, key)

    async def _ask(self, client: HttpClient, key: DigestSigner) -> tuple[Answer, bool]:
        """Ask for a token once. Return the last answer, and False where that holds no challenge to sign."""
        answer = await client.request("GET", self._url, headers=self._headers, reuse=False)
        if not self._by_challenge:
            return answer, True
        # Without a client certificate the answer is 401, and its body is the challenge.
        challenge = challenge_in(answer)
        if challenge is None:
            return answer, False
        signed = await sign_enveloped(challenge, key, taken=self._taken)
        answer = await client.request("POST", self._url, headers=self._headers, content=signed, reuse=False)
        return answer, True

    def _without_challenge(self, answer: Answer) -> Retry | Blocked:
        return _NOWHERE if answer.status == HTTPStatus.NOT_FOUND else self._later(answer)

    def _refusal(self, answer: Answer, key: DigestSigner) -> Retry | Blocked:
        status = answer.status
        if status == HTTPStatus.NOT_FOUND:
            return _NOWHERE
        if not self._by_challenge and challenge_in(answer) is not None:
            return Blocked(Reason.ACCESS_DENIED, f"NHIS gives no token to {named(key)}: {_NOT_SHOWN}")
        if status in CLIENT_ERROR and status not in _UNAVAILABLE:
            return Blocked(Reason.ACCESS_DENIED, f"NHIS gives no token to {named(key)} (status {status})")
        return self._later(answer)

    def _later(self, answer: Answer) -> Retry:
        detail = f"no token: the authorisation service answered {answer.status} without the expected content"
        return Retry(Reason.TOKEN_UNAVAILABLE, detail, seconds_to_wait(answer.headers, self._now()))


def granted_in(answer: Answer) -> Granted | None:
    """Read S001, with or without a header. Only `expiresIn` counts: its dates have been seen to be wrong."""
    if answer.status != HTTPStatus.OK or answer.truncated:
        return None
    statement = read_statement(answer, {})
    if statement is None:
        return None
    token = statement.contents[0].value("accessToken") or ""
    seconds = statement.contents[0].value("expiresIn") or ""
    if not _TOKEN.fullmatch(token) or not _LIFETIME.fullmatch(seconds):
        return None
    return Granted(token, float(seconds))


def challenge_in(answer: Answer) -> _Element | None:
    """Return the document to sign, whatever the status says, or None where the body is no challenge.

    The server at that address chooses what a physician signs. So only a message whose contents are one
    challenge passes: never a document that NHIS would accept as an immunization.
    """
    if answer.truncated:
        return None
    try:
        root = parse_answer(answer.body, answer.charset, max_bytes=_LONGEST_CHALLENGE)
    except safe.RefusedXml:
        return None
    return root if _is_challenge(root) else None


def _is_challenge(root: _Element) -> bool:
    parts = list(root.iterchildren("*"))
    if local_name(root) != "message" or [local_name(part) for part in parts] not in _SHAPES:
        return False
    return [local_name(node) for node in parts[-1].iterdescendants("*")] == ["challenge"]
