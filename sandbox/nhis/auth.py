"""Tokens and challenges (document D3): a token is bound to one certificate, a challenge is good once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.nhis.answers import XML, Node, document
from sandbox.nhis.errors import Unauthorized
from sandbox.nhis.signatures import fingerprint
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from cryptography import x509

    from sandbox.clock import Clock

CHALLENGE_SECONDS = 120.0
"""How long a challenge may be answered; how long NHIS allows is not known."""
_XML_VERSION = "1.1"  # as D3's samples of S001 declare it
_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it was issued."""

    text: str
    certificate: str
    issued_on: datetime
    expires_on: datetime


class Access:
    """Open challenges and live tokens."""

    def __init__(self, clock: Clock, token_seconds: float) -> None:
        self._clock = clock
        self._lifetime = timedelta(seconds=token_seconds)
        self._challenges: dict[str, datetime] = {}
        self._tokens: dict[str, Token] = {}

    def forget_all(self) -> None:
        """End every token and challenge."""
        self._challenges.clear()
        self._tokens.clear()

    def new_challenge(self) -> str:
        """Return a challenge that may be answered once, for `CHALLENGE_SECONDS`."""
        challenge = secrets.token_urlsafe(48)
        self._challenges[challenge] = self._clock.now() + timedelta(seconds=CHALLENGE_SECONDS)
        return challenge

    def take_challenge(self, challenge: str | None) -> bool:
        """Close the challenge; return whether it was open."""
        expires = self._challenges.pop(challenge or "", None)
        return expires is not None and self._clock.now() <= expires

    def new_token(self, certificate: x509.Certificate) -> Token:
        """Give a token to a certificate; older ones of it stay good."""
        now = self._clock.now()
        token = Token(secrets.token_urlsafe(48), fingerprint(certificate), now, now + self._lifetime)
        self._tokens[token.text] = token
        return token

    def certificate_of(self, authorization: str | None) -> str:
        """Return the fingerprint that a bearer token belongs to. Raises Unauthorized."""
        value = authorization or ""
        if not value.lower().startswith(_BEARER):
            raise Unauthorized
        token = self._tokens.get(value[len(_BEARER) :].strip())
        if token is None or token.expires_on <= self._clock.now():
            raise Unauthorized
        return token.certificate


def challenge_answer(challenge: str) -> Answer:
    """Return the 401 whose body is the challenge to be signed; it has no header."""
    contents: list[Node] = [("contents", [("challenge", challenge)])]
    return Answer(401, document("S001", contents, version=_XML_VERSION), XML, kind="S001")


def token_answer(token: Token) -> Answer:
    """Return the S001 with the token; times as production sends them: UTC, seven digits of a second."""
    lifetime = token.expires_on - token.issued_on
    contents: list[Node] = [
        ("accessToken", token.text),
        ("tokenType", "bearer"),
        ("expiresIn", str(max(1, round(lifetime.total_seconds())))),
        ("issuedOn", _seven_digits(token.issued_on)),
        ("expiresOn", _seven_digits(token.expires_on)),
        ("refreshToken", secrets.token_urlsafe(48)),
    ]
    return Answer(200, document("S001", [("contents", contents)], version=_XML_VERSION), XML, kind="S001")


def _seven_digits(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z"
