"""A token service and a gateway over TLS that demand client certificates; written apart from the worker.

A token is good for the certificate that it was given to, for its scope, and until it is revoked. Invented throughout.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.support.signing.certificates import Issued, issue, key_usage
from tests.support.transport.tls_peer import Connection, Peer, server_context

REFUSED = {"failureOrigin": "OAUTH", "cause": [{"code": "token", "message": "not valid"}], "retryAfter": None}


@dataclass(frozen=True)
class Asked:
    """One request as the ESB saw it; ``shown`` is the common name of the client's certificate."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    shown: str


Backend = Callable[[Asked], tuple[int, Any]]


@dataclass
class StandIn:
    """``backend`` answers what the gateway lets through: a status and JSON."""

    authority: Issued
    backend: Backend
    form: bool = False
    given: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    token_requests: list[Asked] = field(default_factory=list)
    passed: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        usage = key_usage(digital_signature=True)
        server = issue("esb", issuer=self.authority, hosts=("127.0.0.1",), usage=usage)
        context = server_context(server, client_authority=self.authority)
        self._lock = threading.Lock()
        self.token = Peer(self._serving(self._token), context)
        self.gateway = Peer(self._serving(self._gateway), context)

    def __enter__(self) -> Self:
        self.token.__enter__()
        self.gateway.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.gateway.__exit__()
        self.token.__exit__()

    def revoke(self) -> None:
        """Forget all tokens."""
        self.given.clear()

    def _serving(self, answer: Callable[[Asked], tuple[int, Any]]) -> Callable[[Connection], None]:
        def script(connection: Connection) -> None:
            shown = connection.sock.getpeercert()["subject"][0][0][1]  # type: ignore[attr-defined]
            while request := connection.read_request():
                with self._lock:
                    status, content = answer(_read(request, shown))
                body = b"" if content is None else json.dumps(content).encode()
                connection.answer(body, status=f"{status} X", headers=("Content-Type: application/json",))

        return script

    def _token(self, asked: Asked) -> tuple[int, Any]:
        fields = _fields(asked.body.decode()) if self.form else asked.query
        if asked.path == "/introspect":
            name, scope, acts = self.given[fields["token"]]
            return 200, {"active": True, "scope": scope, "miscinfo": f"dn:/C=BG/CN={name}|{acts}||"}
        self.token_requests.append(asked)
        if (asked.method, asked.path) != ("POST", "/token") or fields["client_id"] != asked.shown:
            return 400, REFUSED
        token = f"token-{len(self.token_requests)}"
        acts = asked.headers.get("representedpersonid", "")
        self.given[token] = (asked.shown, fields["scope"], acts)
        return 200, {"token_type": "Bearer", "access_token": token, "expires_in": "3600"}

    def _gateway(self, asked: Asked) -> tuple[int, Any]:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        name, scope, _ = self.given.get(token, ("", "", ""))
        if name != asked.shown or not asked.path.startswith(scope.removesuffix("*")):
            return 401, REFUSED
        self.passed.append(asked)
        return self.backend(asked)


def _fields(encoded: str) -> dict[str, str]:
    return {name: one for name, (one,) in parse_qs(encoded, strict_parsing=bool(encoded)).items()}


def _read(request: bytes, shown: str) -> Asked:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    url = urlsplit(target)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Asked(method, url.path, _fields(url.query), headers, body, shown)
