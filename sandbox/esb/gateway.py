"""The gateway as the sandbox's server sees it: certificate, token, scope; then the back-end of the path answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox.esb.answers import Refused, refusal
from sandbox.esb.backend import MISCINFO, call_of
from sandbox.esb.clients import common_name
from sandbox.pages import page
from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Protocol

    from sandbox.esb.backend import Backend
    from sandbox.esb.state import State
    from sandbox.esb.tokens import Token
    from sandbox.stand_in import Answer, Request

    class Public(Protocol):
        """Addresses beside the gateway that need neither certificate nor token."""

        def operation(self, method: str, path: str) -> str | None:
            """Return the operation of an address; None where it is none of these."""

        def answer(self, request: Request) -> Answer:
            """Answer it."""


_OWN_ORIGIN, _TOKEN_ORIGIN = "INTEGRATION", "OAUTH"
_BEARER = "bearer "
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404


class Gateway:
    """The StandIn for the gateway with what is behind it. ``also_reset`` is called when it goes back to the start."""

    name = "esb"
    private_traits: frozenset[str] = frozenset()

    def __init__(
        self,
        state: State,
        backends: Sequence[Backend],
        public: Public | None = None,
        *,
        max_bytes: int,
        also_reset: Callable[[], None] = lambda: None,
    ) -> None:
        self._state = state
        self._backends = backends
        self._public = public
        self.max_bytes = max_bytes
        self._also_reset = also_reset
        own = dict.fromkeys(name for one in backends for name in one.traits)
        self.traits: tuple[str, ...] = ("operation", "client", *own)

    def serves(self, method: str, path: str) -> bool:
        """Whether the path belongs to a back-end, or is one of the public addresses."""
        return self._backend(path) is not None or self._is_public(method, path)

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return the operation, the client's CN, and the back-end's own traits."""
        traits: dict[str, str | None] = dict.fromkeys(self.traits)
        shown = request.client_certificate
        traits["client"] = None if shown is None else common_name(shown)
        backend = self._backend(request.path)
        if backend is None:
            if self._public is not None:
                traits["operation"] = self._public.operation(request.method, request.path)
            return traits
        call = call_of(request, request.path.removeprefix(backend.prefix), None)
        traits["operation"] = backend.operation(call.method, call.path)
        return {**traits, **backend.traits_of(call)}

    def answer(self, request: Request) -> Answer:
        """Process the request."""
        backend = self._backend(request.path)
        if backend is None:
            if self._public is not None and self._is_public(request.method, request.path):
                return self._public.answer(request)
            return page(_NOT_FOUND, "Not Found")
        try:
            token = self._admitted(request, backend)
        except Refused as refused:
            shown = request.client_certificate
            name = None if shown is None else common_name(shown)
            self._state.note_refusal(request.path, name, refused.code)
            return refusal(refused, self._state.form)
        stated = token.miscinfo if self._state.variants.inject else request.headers.get(MISCINFO)
        return backend.answer(call_of(request, request.path.removeprefix(backend.prefix), stated))

    def failed(self, status: int, request: Request) -> Answer:
        """Return the back-end's own error where there is one; of 429, 502, 503 and 504 the gateway's."""
        backend = self._backend(request.path)
        if backend is not None and status not in {401, 403, 429, 502, 503, 504}:
            return backend.failed(status)
        return refusal(
            Refused(status, _OWN_ORIGIN, "sandbox_fault", "A fault was asked for"), self._state.form
        )

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the back-end's answer to some other request."""
        backend = self._backend(request.path)
        return answer if backend is None else backend.altered(answer)

    def forget_tokens(self) -> None:
        """End all tokens."""
        self._state.tokens.revoke()

    def ledger(self) -> Mapping[str, Any]:
        """Return the back-ends' ledgers by their names, with the ESB's own tokens and refusals."""
        own = {
            "tokens": [one.shown() for one in self._state.tokens.given],
            "introspections": self._state.introspections,
            "refusals": [asdict(one) for one in self._state.refusals],
        }
        merged: dict[str, Any] = {"esb": own}
        for backend in self._backends:
            merged |= backend.ledger()
        return merged

    def control(self, name: str, body: Any) -> Any | None:
        """Change the ESB (`esb`, `clients`, `revoke`), or do what a back-end knows. Raises InvalidControl."""
        if name == "esb":
            self._state.variants = self._state.variants.changed(body)
            return self._state.variants.shown()
        if name == "clients":
            return self._state.clients.change(body)
        if name == "revoke":
            return {"revoked": self._state.tokens.revoke(_client_id(body))}
        answers = (backend.control(name, body) for backend in self._backends)
        return next((one for one in answers if one is not None), None)

    def reset(self) -> None:
        """Go back to the start, with everything that is behind the gateway."""
        self._state.reset()
        self._also_reset()
        for backend in self._backends:
            backend.reset()

    def _backend(self, path: str) -> Backend | None:
        return next((one for one in self._backends if path.startswith(f"{one.prefix}/")), None)

    def _is_public(self, method: str, path: str) -> bool:
        return self._public is not None and self._public.operation(method, path) is not None

    def _admitted(self, request: Request, backend: Backend) -> Token:
        if request.client_certificate is None:
            raise Refused(_UNAUTHORIZED, _OWN_ORIGIN, "certificate_required", "A certificate is required")
        header = request.headers.get("authorization", "")
        value = header[len(_BEARER) :].strip() if header.lower().startswith(_BEARER) else None
        token = self._state.tokens.find(value)
        if token is None:
            raise Refused(
                _UNAUTHORIZED, _TOKEN_ORIGIN, "invalid_token", "The token is unknown, expired or revoked"
            )
        if self._state.variants.bound and token.certificate != request.client_certificate:
            raise Refused(
                _UNAUTHORIZED, _TOKEN_ORIGIN, "invalid_token", "The token is of another certificate"
            )
        if backend.scope not in token.scope.split():
            raise Refused(
                _FORBIDDEN, _TOKEN_ORIGIN, "insufficient_scope", f"The path needs the scope {backend.scope}"
            )
        return token


def _client_id(body: Any) -> str | None:
    if not isinstance(body, dict) or not set(body) <= {"client_id"}:
        raise InvalidControl("revoke takes client_id, or nothing for all tokens")
    client_id = body.get("client_id")
    return None if client_id is None else str(client_id)
