"""NHIS as the sandbox's server sees it: the token endpoint, the service paths, and its own control requests."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sandbox.nhis import handler
from sandbox.nhis.answers import refuse
from sandbox.nhis.errors import GENERAL, StatedError
from sandbox.nhis.message import MAX_BYTES
from sandbox.nhis.operations import SERVICES
from sandbox.pages import page
from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.nhis.state import State
    from sandbox.stand_in import Answer, Request

TOKEN = "/token"  # noqa: S105 - a path
_NOT_FOUND, _NOT_ALLOWED = 404, 405


class NhisStandIn:
    """The StandIn for NHIS."""

    name = "nhis"
    traits: tuple[str, ...] = ("messageType", "messageId", "lrn", "nrn", "signer", "patient", "pseudonym")
    private_traits = frozenset({"patient"})
    max_bytes = MAX_BYTES

    def __init__(self, state: State) -> None:
        self._state = state
        self._controls: Mapping[str, Callable[[Any], Any]] = {
            "documents": self._add_documents,
            "signers": self._add_signers,
        }

    def serves(self, method: str, path: str) -> bool:
        """Whether this is the token endpoint, or a service path with a message."""
        return (path == TOKEN and method in {"GET", "POST"}) or (path in SERVICES and method == "POST")

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return what the request is known by; token requests count as S001."""
        traits = handler.traits(handler.readable(request.body))
        return {**traits, "messageType": "S001"} if request.path == TOKEN else traits

    def answer(self, request: Request) -> Answer:
        """Process the request."""
        if request.path == TOKEN and request.method == "GET":
            return handler.token_for_certificate(self._state, request.client_certificate)
        if request.path == TOKEN and request.method == "POST":
            return handler.token_for_challenge(self._state, request.body)
        if request.path in SERVICES and request.method == "POST":
            return handler.answer(self._state, request.path, request.headers, request.body)
        known = request.path == TOKEN or request.path in SERVICES
        return page(_NOT_ALLOWED, "Not Allowed") if known else page(_NOT_FOUND, "Not Found")

    def failed(self, status: int, request: Request) -> Answer:
        """Return an I099 of the general kind."""
        error = StatedError(GENERAL, "Възникна неочаквана грешка.")
        return refuse([error], handler.readable(request.body), self._state.clock.now(), status=status)

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the answer with another messageId than the request has."""
        own = handler.readable(request.body).id.encode()
        return replace(
            answer, body=answer.body.replace(own, str(uuid.uuid4()).encode()) if own else answer.body
        )

    def forget_tokens(self) -> None:
        """End every token."""
        self._state.access.forget_all()

    def ledger(self) -> Mapping[str, Any]:
        """Return registrations, reactions and cancellations."""
        return self._state.ledger.shown()

    def control(self, name: str, body: Any) -> Any | None:
        """Add known examinations (`documents`) or signers."""
        control = self._controls.get(name)
        return control(body) if control else None

    def reset(self) -> None:
        """Go back to the start, keeping the signers."""
        self._state.reset()

    def _add_documents(self, body: Any) -> Any:
        try:
            documents = {str(nrn): date.fromisoformat(day) for nrn, day in dict(body).items()}
        except (TypeError, ValueError) as error:
            raise InvalidControl("documents must be an object of NRN to date (YYYY-MM-DD)") from error
        self._state.documents.update(documents)
        return {nrn: day.isoformat() for nrn, day in self._state.documents.items()}

    def _add_signers(self, body: Any) -> Any:
        try:
            added = [
                self._state.signers.register(item["name"], item["uin"], item["certificate"].encode())
                for item in (body if isinstance(body, list) else [body])
            ]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise InvalidControl("signers must be objects of name, uin and certificate (PEM)") from error
        return {"signers": [{"name": s.name, "uin": s.uin} for s in added]}
