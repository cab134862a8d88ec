"""Logging in: a token for a name and a password, the claims of the token, and the register's own time."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import Blocked, Retry
from worker.systems.erx.envelope import Envelope, read_envelope, read_json, text
from worker.systems.erx.request import LOGIN
from worker.systems.stated import says
from worker.systems.tokens import Granted
from worker.transport.port import DeliveryError
from worker.transport.retry_after import seconds_to_wait
from worker.transport.stated_time import stated_time
from worker.transport.status_classes import CLIENT_ERROR, REDIRECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.systems.erx.accounts import Accounts
    from worker.systems.erx.accounts import Login as Account
    from worker.systems.erx.settings import ErxSettings
    from worker.transport.port import Answer, HttpClient

_TOKEN = re.compile(r"[!-~]{1,16384}")
"""Visible ASCII: the token becomes part of a header."""
_LONGEST_QUOTED = 200
"""The most characters of the register's own words that an outcome quotes."""
_PARTS_OF_JWT = 3
_LONGEST_LIFE = 30 * 24 * 3600.0
"""Seconds. A longer lifetime is ignored: the token's times are then more likely milliseconds."""

_BY_STATUS: dict[int, Blocked] = {
    HTTPStatus.UNAUTHORIZED: Blocked(
        Reason.CONFIGURATION,
        "the register refused the account of the client software at the login (401): see the setting client",
    ),
    HTTPStatus.FORBIDDEN: Blocked(Reason.ACCESS_DENIED, "the register refused the login (403)"),
    HTTPStatus.NOT_FOUND: Blocked(
        Reason.NOT_FOUND, "the register has no login at this address (404): see the setting api_url"
    ),
}


class Login:
    """Logs in: `Tokens` calls `of_signer`. No outcome names a password or a token."""

    def __init__(
        self, settings: ErxSettings, accounts: Accounts, client: HttpClient, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._accounts = accounts
        self._client = client
        self._now = now

    async def of_signer(self, signer: str) -> Granted | Retry | Blocked:
        """Get a new token for a signer."""
        return await self.of(self._accounts.users[signer], f'signer "{signer}"')

    async def of(self, account: Account, who: str) -> Granted | Retry | Blocked:
        """Get a token for an account; failures of the network and refusals are returned as outcomes."""
        try:
            answer = await self._client.request(
                "POST",
                self._settings.url(LOGIN),
                headers=self._headers(),
                content=_body(account),
                reuse=False,
            )
        except DeliveryError as error:
            return Retry(Reason.TOKEN_UNAVAILABLE, f"no token: {error.reason} at the login")
        envelope = read_envelope(answer)
        if answer.status == HTTPStatus.OK and envelope is not None:
            return (
                self._granted(envelope, answer) if envelope.success else self._refused(envelope, account, who)
            )
        return self._blocked(answer) or self._later(answer)

    def _headers(self) -> dict[str, str]:
        return {
            "authorization": f"Basic {_basic(self._accounts.client)}",
            "accept": "*/*",
            "accept-language": self._settings.accept_language,
            "content-type": "application/json; charset=UTF-8",
        }

    def _granted(self, envelope: Envelope, answer: Answer) -> Granted | Retry:
        token = text(envelope.result, "user", "token") or ""
        if not _TOKEN.fullmatch(token):
            return self._later(answer)
        left = seconds_left(claims_of(token), register_time(answer, self._now()))
        if left is None:
            return Granted(token, self._settings.token_life)
        if left <= 0:
            return Retry(Reason.TOKEN_UNAVAILABLE, "no token: the received token has already expired")
        return Granted(token, left)

    def _refused(self, envelope: Envelope, account: Account, who: str) -> Retry | Blocked:
        reasons = [error.reason or "" for error in envelope.errors]
        if any(says(one, self._settings.server_failures) for one in reasons):
            return Retry(Reason.TOKEN_UNAVAILABLE, "no token: the register failed at the login")
        if any(says(one, self._settings.client_refusals) for one in reasons):
            return Blocked(
                Reason.CONFIGURATION,
                "the register refused the account of the client software: see the setting client",
            )
        return Blocked(
            Reason.ACCESS_DENIED, f"the register refused the login of {who}{self._quoted(reasons, account)}"
        )

    def _quoted(self, reasons: list[str], account: Account) -> str:
        """Return the register's own words, unless they hold a name or a password of an account."""
        said = " ".join(" ".join(reasons).split())
        secret = [
            one.casefold()
            for login in (account, self._accounts.client)
            for one in (login.password, login.username, _basic(login).rstrip("="))
        ]
        may_quote = said and not any(one in said.casefold() for one in secret)
        return f": {said[:_LONGEST_QUOTED]}" if may_quote else ""

    def _blocked(self, answer: Answer) -> Blocked | None:
        """Return the outcome that only an operator can resolve; None for a temporary failure."""
        status = answer.status
        if status in _BY_STATUS or status in self._settings.not_processed_statuses:
            return _BY_STATUS.get(status)
        refused = status in REDIRECTION or status in CLIENT_ERROR
        if (refused and status != HTTPStatus.REQUEST_TIMEOUT) or (
            status == HTTPStatus.OK and _is_page(answer)
        ):
            detail = (
                f"the answer at the login ({status}) does not come from the register: see the setting api_url"
            )
            return Blocked(Reason.CONFIGURATION, detail)
        return None

    def _later(self, answer: Answer) -> Retry:
        detail = f"no token: the login answered {answer.status} without the expected content"
        return Retry(Reason.TOKEN_UNAVAILABLE, detail, seconds_to_wait(answer.headers, self._now()))


def _basic(account: Account) -> str:
    return base64.b64encode(f"{account.username}:{account.password}".encode()).decode()


def _is_page(answer: Answer) -> bool:
    """Whether the answer is a web page: then another server is at this address."""
    return answer.headers.get("content-type", "").lower().startswith(
        "text/html"
    ) or answer.body.lstrip().startswith(b"<")


def _body(account: Account) -> bytes:
    credentials = [{"Type": "password", "Value": account.password}]
    user = {"Data": [{"Username": account.username, "Credentials": credentials}], "Action": "LOGIN"}
    return json.dumps({"User": user}, ensure_ascii=False).encode()


def claims_of(token: str) -> Mapping[str, object]:
    """Return the claims (RFC 7519), none where the token is no JWT.

    The signature of the token cannot be checked: only the register holds the key.
    """
    parts = token.split(".")
    if len(parts) != _PARTS_OF_JWT:
        return {}
    try:
        payload = base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return {}
    found = read_json(payload)
    return found if isinstance(found, dict) else {}


def seconds_left(claims: Mapping[str, object], now: datetime) -> float | None:
    """Return how long the token lasts from the moment it was issued; None where it does not say when it ends.

    ``now`` is the register's time, where an answer states it. The token's own `iat` is better: it is by the same clock.
    """
    ends, began = _moment(claims.get("exp")), _moment(claims.get("iat"))
    if ends is None:
        return None
    left = ends - (now.timestamp() if began is None else began)
    return left if left <= _LONGEST_LIFE else None


def user_id(token: str) -> str | None:
    """Return the register's number of the user (`sub`): it is a part of barcodes."""
    subject = claims_of(token).get("sub")
    if isinstance(subject, int) and not isinstance(subject, bool):
        return str(subject)
    return subject if isinstance(subject, str) and subject else None


def _moment(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def register_time(answer: Answer, now: datetime) -> datetime:
    """Return when the register answered, in UTC; ``now`` where it does not say."""
    return stated_time(answer) or now
