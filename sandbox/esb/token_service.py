"""The token service as the sandbox's server sees it: POST /token and POST /introspect, both with a certificate."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandbox.esb.answers import Refused, json_answer, refusal
from sandbox.esb.clients import common_name
from sandbox.esb.tokens import CONTEXT
from sandbox.pages import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.esb.state import State
    from sandbox.esb.tokens import Token
    from sandbox.stand_in import Answer, Request

FORM = "application/x-www-form-urlencoded"
_BY_PATH = {"/token": "token", "/introspect": "introspect"}
_ORIGIN = "OAUTH"
_BAD_REQUEST, _UNAUTHORIZED, _NOT_FOUND, _NOT_ALLOWED = 400, 401, 404, 405


class TokenService:
    """The StandIn for the ESB's token service."""

    name = "esb-token"
    traits: tuple[str, ...] = ("operation", "client", "scope")
    private_traits: frozenset[str] = frozenset()
    max_bytes = 64 * 1024

    def __init__(self, state: State) -> None:
        self._state = state

    def serves(self, method: str, path: str) -> bool:
        """Whether this is one of its two addresses."""
        del method
        return path in _BY_PATH

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return the operation, the CN of the certificate, and the scope that is asked for."""
        shown = request.client_certificate
        scope = {**_query(request), **_form(request)}.get("scope")
        client = None if shown is None else common_name(shown)
        return {"operation": _BY_PATH.get(request.path), "client": client, "scope": scope}

    def answer(self, request: Request) -> Answer:
        """Process the request."""
        operation = _BY_PATH.get(request.path)
        if operation is None:
            return page(_NOT_FOUND, "Not Found")
        if request.method != "POST":
            return page(_NOT_ALLOWED, "Method Not Allowed")
        client_id = None
        try:
            certificate = _certificate(request)
            client_id = common_name(certificate)
            if operation == "introspect":
                return self._introspected(request, client_id)
            return json_answer(self._given(self._token(request, certificate)), kind="granted")
        except Refused as refused:
            self._state.note_refusal(operation, client_id, refused.code)
            return refusal(refused, self._state.form)

    def failed(self, status: int, request: Request) -> Answer:
        """Return the error DTO with this status."""
        del request
        return refusal(Refused(status, _ORIGIN, "sandbox_fault", "A fault was asked for"), self._state.form)

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the answer as it is: a token says nothing of its request that a client could compare."""
        del request
        return answer

    def forget_tokens(self) -> None:
        """End all tokens."""
        self._state.tokens.revoke()

    def ledger(self) -> Mapping[str, Any]:
        """Return the tokens that were given, introspections, and refusals."""
        state = self._state
        return {
            "tokens": [one.shown() for one in state.tokens.given],
            "introspections": state.introspections,
            "refusals": [asdict(one) for one in state.refusals],
        }

    def control(self, name: str, body: Any) -> Any | None:
        """Know no control of its own: the gateway's control sets the variants of both."""
        del name, body
        return None

    def reset(self) -> None:
        """Forget tokens, introspections and refusals; clients and variants as at the start."""
        self._state.reset()

    def _token(self, request: Request, certificate: bytes) -> Token:
        given = self._parameters(request)
        if given.get("grant_type") != "client_credentials":
            raise _refused("unsupported_grant_type", "grant_type must be client_credentials")
        client = self._state.clients.get(given.get("client_id"))
        if client is None or client.client_id != common_name(certificate):
            raise _refused("invalid_client", "client_id is not the certificate's CN", _UNAUTHORIZED)
        scope = given.get("scope", "")
        if scope not in client.scopes:
            raise _refused("invalid_scope", "The client does not hold the scope")
        headers = request.headers
        context = {name: headers[name.lower()] for name in CONTEXT if headers.get(name.lower())}
        seconds = self._state.variants.token_seconds
        return self._state.tokens.give(client, certificate, scope, context, seconds)

    def _parameters(self, request: Request) -> Mapping[str, str]:
        where = self._state.variants.token_parameters
        taken = {} if where == "form" else _query(request)
        return taken if where == "query" else {**taken, **_form(request)}

    def _given(self, token: Token) -> dict[str, Any]:
        seconds = int((token.expires_at - token.given_at).total_seconds())
        return {
            "token_type": "Bearer",
            "access_token": token.value,
            "expires_in": str(seconds) if self._state.variants.expires_in_text else seconds,
            "consented_on": int(token.given_at.timestamp()),
            "scope": token.scope,
            "grant_type": "client_credentials",
        }

    def _introspected(self, request: Request, client_id: str | None) -> Answer:
        given = {**_query(request), **_form(request)}
        if given.get("token_type_hint", "access_token") != "access_token":
            raise _refused("unsupported_token_type", "token_type_hint must be access_token")
        token = self._state.tokens.find(given.get("token"))
        self._state.note_introspection(client_id, active=token is not None)
        if token is None:
            return json_answer({"active": False}, kind="inactive")
        return json_answer(
            {
                "active": True,
                "client_id": token.client.client_id,
                "scope": token.scope,
                "exp": int(token.expires_at.timestamp()),
                "miscinfo": token.miscinfo,
            },
            kind="active",
        )


def _certificate(request: Request) -> bytes:
    if request.client_certificate is None:
        raise _refused("certificate_required", "A client certificate is required", _UNAUTHORIZED)
    return request.client_certificate


def _refused(code: str, message: str, status: int = _BAD_REQUEST) -> Refused:
    return Refused(status, _ORIGIN, code, message)


def _query(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.query))


def _form(request: Request) -> dict[str, str]:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return dict(parse_qsl(request.body.decode("utf-8", "replace"))) if media == FORM else {}
