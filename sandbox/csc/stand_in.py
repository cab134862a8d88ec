"""A CSC provider as the sandbox's server sees it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from sandbox.csc import descriptions
from sandbox.csc.access import Access
from sandbox.csc.errors import JSON, Refused, invalid, written
from sandbox.csc.provider import Provider
from sandbox.pages import page
from sandbox.remote_signing.requests import fields_of
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cryptography import x509

    from sandbox.authority import Credential
    from sandbox.stand_in import Request

TOKEN = "oauth2/token"  # noqa: S105 - the name of a method
_BASES = {"/csc/v2/": True, "/csc/v1/": False}
_NOT_FOUND, _NOT_ALLOWED = 404, 405


class CscProvider:
    """The StandIn for a CSC provider. A credential's identifier is its signer's name."""

    name = "csc"
    traits: tuple[str, ...] = ("operation", "signer")
    private_traits: frozenset[str] = frozenset()
    max_bytes = 1024 * 1024

    def __init__(
        self,
        keys: Mapping[str, Credential],
        pins: Mapping[str, str],
        authority: x509.Certificate,
        client_secret: str,
        *,
        now: Callable[[], datetime],
        token_seconds: float,
    ) -> None:
        self.url = ""
        """The provider's address, which is known once the server listens."""
        self._access = Access(client_secret, seconds=token_seconds, now=now)
        self._make = partial(Provider, keys, pins, authority, now=now)
        self.provider = self._make()

    def serves(self, method: str, path: str) -> bool:
        """Whether this is the address of a method, known or not."""
        del method
        return _method(path) is not None

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return the method and the credential's identifier."""
        found = _method(request.path)
        credential = fields_of(request.body).get("credentialID")
        return {
            "operation": found[0] if found else None,
            "signer": credential if isinstance(credential, str) else None,
        }

    def answer(self, request: Request) -> Answer:
        """Process the request."""
        found = _method(request.path)
        if found is None:
            return page(_NOT_FOUND, "Not Found")
        if request.method != "POST":
            return page(_NOT_ALLOWED, "Method Not Allowed")
        try:
            status, content = self._answered(request, *found)
        except Refused as refused:
            return written(refused, bare=self.provider.variants.bare_errors)
        return Answer(status, json.dumps(content).encode(), JSON, kind=str(status))

    def failed(self, status: int, request: Request) -> Answer:
        """Return an error of this status."""
        del request
        return written(Refused("server_error", "A fault was asked for", status), bare=False)

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the signatures of another signer's key, or else the answer as it is."""
        if "signatures" not in json.loads(answer.body):
            return answer
        other = self.provider.by_another_key(fields_of(request.body), second="/v2/" in request.path)
        return Answer(answer.status, json.dumps(other).encode(), JSON, kind=answer.kind)

    def forget_tokens(self) -> None:
        """End all access tokens."""
        self._access.forget()

    def ledger(self) -> Mapping[str, Any]:
        """Return authorisations, signatures, and how often PINs were tried."""
        return self.provider.ledger.shown()

    def control(self, name: str, body: Any) -> Any | None:
        """Change `variants` or `signatures`, or end all authorisations (`expire-sads`). Raises InvalidControl."""
        provider = self.provider
        if name == "variants":
            provider.variants = provider.variants.changed(body)
            return provider.variants.shown()
        if name == "signatures":
            provider.faults = provider.faults.changed(body)
            return provider.faults.shown()
        if name == "expire-sads":
            provider.authorisations.expire()
            return {"status": "ok"}
        return None

    def reset(self) -> None:
        """Go back to the start; locked credentials are unlocked."""
        self.provider = self._make()
        self._access.forget()

    def _answered(self, request: Request, method: str, second: bool) -> tuple[int, dict[str, Any]]:  # noqa: FBT001
        if method == TOKEN:
            return 200, self._counted(self._access.granted(request.body))
        if method == "info":
            return 200, descriptions.provider(self.url, self.provider.variants, second=second)
        if method == "auth/login":
            return 200, self._counted(self._access.logged_in(request))
        known = self.provider.methods.get(method)
        if known is None:
            raise invalid("The method is not supported")
        self._access.require(request)
        return known(fields_of(request.body), second)

    def _counted(self, granted: dict[str, Any]) -> dict[str, Any]:
        self.provider.ledger.tokens += 1
        return granted


def _method(path: str) -> tuple[str, bool] | None:
    """Return the method of an address, and whether it is of version 2; None where it is none of the provider's."""
    if path == f"/{TOKEN}":
        return TOKEN, True
    return next(
        ((path.removeprefix(base), second) for base, second in _BASES.items() if path.startswith(base)), None
    )
