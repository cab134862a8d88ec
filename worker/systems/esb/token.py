"""Getting a token from the ESB's token service: client credentials (RFC 6749), known by the client certificate alone.

Source: three public clients (confirmed: `POST /token` with `grant_type`, `client_id` and `scope`, in the query or as a
form; the headers of `Acting`; `access_token` and `expires_in` in the answer, the latter as a number or as a text;
`POST /introspect` with `token` and `token_type_hint`, whose answer has `miscinfo`). The bodies of refusals are not
public (unknown).
"""

from __future__ import annotations

import re
from dataclasses import field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from contracts.immutable import immutable
from contracts.reasons import Reason
from contracts.strict_json import NotJson
from worker.outcome import Blocked, Retry
from worker.systems.esb.errors import read_error
from worker.systems.json_answer import parse
from worker.systems.tokens import Granted
from worker.text_encoding import text_of
from worker.transport.port import DeliveryError
from worker.transport.retry_after import seconds_to_wait
from worker.transport.status_classes import CLIENT_ERROR, REDIRECTION, SUCCESSFUL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.systems.esb.acting import Acting
    from worker.systems.esb.settings import EsbSettings
    from worker.transport.port import Answer, HttpClient

MISCINFO = "dp-miscinfo"
FORM = "application/x-www-form-urlencoded"

_TOKEN = re.compile(r"[!-~]{1,16384}")
"""Visible ASCII: the token becomes part of a header."""
_MISCINFO = re.compile(r"[ -~]{1,4096}")
_LIFE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_LATER = frozenset({408, 425, 429})
_SERVICE = "the ESB's token service"


@immutable
class Request:
    """What a token is for."""

    signer: str
    client_id: str
    scope: str
    acting: Acting = field(repr=False)


class TokenService:
    """Asks for tokens. Failures are returned as outcomes, and none names a token or a value of `Acting`."""

    def __init__(self, settings: EsbSettings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._url = str(settings.token_url).rstrip("/")
        self._now = now

    async def fetch(self, client: HttpClient, request: Request) -> Granted | Retry | Blocked:
        """Get a new token, and what it states where the settings want that to be sent too."""
        fields = {
            "grant_type": "client_credentials",
            "client_id": request.client_id,
            "scope": request.scope,
        }
        answer = await self._ask(client, "/token", fields, headers_of(request.acting))
        if isinstance(answer, Retry):
            return answer
        granted = granted_in(answer)
        if granted is None:
            return self._refusal(answer, request)
        return await self._with_miscinfo(client, granted) if self._settings.introspect else granted

    async def _with_miscinfo(self, client: HttpClient, granted: Granted) -> Granted | Retry | Blocked:
        fields = {"token": granted.token, "token_type_hint": "access_token"}
        answer = await self._ask(client, "/introspect", fields, {})
        if isinstance(answer, Retry):
            return answer
        if answer.status not in SUCCESSFUL:
            return self._later(answer, "introspection")
        found = _text(_members(answer), "miscinfo", _MISCINFO)
        if found is None:
            detail = (
                f"{_SERVICE} states no miscinfo of a token that can be sent: see the setting esb.introspect"
            )
            return Blocked(Reason.CONFIGURATION, detail)
        return Granted(granted.token, granted.seconds, {MISCINFO: found})

    async def _ask(
        self, client: HttpClient, path: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> Answer | Retry:
        url, encoded = self._url + path, urlencode(fields)
        as_form = self._settings.parameters == "form"
        usual = {"accept": "application/json", **({"content-type": FORM} if as_form else {})}
        try:
            return await client.request(
                "POST",
                url if as_form else f"{url}?{encoded}",
                headers={**usual, **headers},
                content=encoded.encode() if as_form else b"",
                reuse=False,
            )
        except DeliveryError as error:
            return Retry(Reason.TOKEN_UNAVAILABLE, f"no token: {error.reason} at {_SERVICE}")

    def _refusal(self, answer: Answer, request: Request) -> Retry | Blocked:
        status = answer.status
        if status == HTTPStatus.NOT_FOUND:
            detail = "there is no token service at this address (404): see the setting esb.token_url"
            return Blocked(Reason.NOT_FOUND, detail)
        if status in REDIRECTION:
            detail = (
                f"the answer to a token request ({status}) is not the ESB's: see the setting esb.token_url"
            )
            return Blocked(Reason.CONFIGURATION, detail)
        if status in CLIENT_ERROR and status not in _LATER and not _asks_to_wait(answer):
            detail = (
                f'{_SERVICE} gives signer "{request.signer}" no token for the scope {request.scope} (status {status}): '
                "its certificate, its client_id or for whom it acts is not registered for it"
            )
            return Blocked(Reason.ACCESS_DENIED, detail)
        return self._later(answer, "token request")

    def _later(self, answer: Answer, asked: str) -> Retry:
        error = read_error(answer)
        detail = (
            f"no token: {_SERVICE} answered the {asked} with {answer.status} and without the expected content"
        )
        wait = seconds_to_wait(answer.headers, self._now()) or (error.retry_after if error else None)
        return Retry(Reason.TOKEN_UNAVAILABLE, detail, wait)


def headers_of(acting: Acting) -> dict[str, str]:
    """Return the headers of a token request that say for whom the signer acts."""
    named = {
        "representedPersonID": acting.represented_person_id,
        "correspondentOID": acting.correspondent_oid,
        "operatorID": acting.operator_id,
        "OID": acting.oid,
    }
    return {name: value for name, value in named.items() if value is not None}


def granted_in(answer: Answer) -> Granted | None:
    """Read a token and its lifetime; None where the answer does not state both. Total."""
    members = _members(answer) if answer.status == HTTPStatus.OK else {}
    token, seconds = _text(members, "access_token", _TOKEN), _text(members, "expires_in", _LIFE)
    return None if token is None or seconds is None else Granted(token, float(seconds))


def _members(answer: Answer) -> Mapping[str, object]:
    text = None if answer.truncated else text_of(answer.body, answer.charset)
    try:
        found = None if text is None else parse(text)
    except NotJson:
        return {}
    return found if isinstance(found, dict) else {}


def _text(members: Mapping[str, object], name: str, form: re.Pattern[str]) -> str | None:
    """Return a member of this form, a whole number as a text; None where it is anything else."""
    found = members.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    return found if isinstance(found, str) and form.fullmatch(found) else None


def _asks_to_wait(answer: Answer) -> bool:
    error = read_error(answer)
    return error is not None and error.retry_after is not None
