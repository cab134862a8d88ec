"""NHIF's REST API as the sandbox's server sees it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sandbox.nhif.access import Register, Visitor
from sandbox.nhif.answers import altered, answered, refused
from sandbox.nhif.documents import BAD_REQUEST, parts_of, wrong_with
from sandbox.nhif.ledger import Ledger
from sandbox.nhif.services import SERVICES, Address, Service, address_of, query_of, services_from
from sandbox.pages import page
from sandbox.stand_in import Answer, InvalidControl, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_FORBIDDEN, _NOT_FOUND, _NOT_ALLOWED = 403, 404, 405
_OPERATIONS = {"GET": "service.read", "POST": "document.submit"}


class NhifApi:
    """The StandIn for NHIF. ``certificates``: DER by signer's name, of those who are registered from the start."""

    name = "nhif"
    traits: tuple[str, ...] = ("operation", "service", "signer", "sha256")
    private_traits: frozenset[str] = frozenset()
    max_bytes = 8 * 1024 * 1024

    def __init__(self, certificates: Mapping[str, bytes], *, now: Callable[[], datetime]) -> None:
        self._certificates = certificates
        self._now = now
        self.reset()

    def reset(self) -> None:
        """Go back to the start."""
        self._register = Register(self._certificates)
        self._services = {service.name: service for service in SERVICES}
        self._ledger = Ledger()

    def serves(self, method: str, path: str) -> bool:
        """Whether this is the address of a service, known or not."""
        return method in _OPERATIONS and address_of(path) is not None

    def traits_of(self, request: Request) -> Mapping[str, str | None]:
        """Return operation, service, the certificate's signer, and the SHA-256 of the document."""
        address = address_of(request.path)
        return {
            "operation": _OPERATIONS.get(request.method),
            "service": address.name if address is not None else None,
            "signer": self._register.name_of(request.client_certificate),
            "sha256": hashlib.sha256(request.body).hexdigest() if request.body else None,
        }

    def answer(self, request: Request) -> Answer:
        """Process the request: the certificate is checked before the service."""
        visitor = self._register.visitor(request.client_certificate, self._now())
        if visitor is None:
            return page(_FORBIDDEN, "Forbidden")
        address = address_of(request.path)
        service = self._services.get(address.name) if address is not None else None
        if address is None or service is None:
            return page(_NOT_FOUND, "Not Found")
        if request.method != service.method:
            return page(_NOT_ALLOWED, "Method Not Allowed")
        query = query_of(request.query)
        if query is None or not _fits(service, address) or not set(query) <= set(service.query):
            return refused(BAD_REQUEST, "the number of parameters is wrong, or one of them cannot be read")
        if service.method == "GET":
            return self._read(service, address.parameters or (), query, visitor)
        return self._take(service, request, visitor)

    def failed(self, status: int, request: Request) -> Answer:
        """Return an error of this status."""
        del request
        return refused(status, "a fault was asked for")

    def altered(self, request: Request, answer: Answer) -> Answer:
        """Return the answer as if another service had been asked."""
        del request
        return altered(answer)

    def forget_tokens(self) -> None:
        """Do nothing: there are no tokens."""

    def ledger(self) -> Mapping[str, Any]:
        """Return what was read and what was taken."""
        return self._ledger.shown()

    def control(self, name: str, body: Any) -> Any | None:
        """Add services (`services`), or unregister signers (`strangers`). Raises InvalidControl."""
        if name == "services":
            self._services |= {service.name: service for service in services_from(body)}
            return {"services": sorted(self._services)}
        if name == "strangers":
            if not isinstance(body, list) or not self._register.names.issuperset(map(str, body)):
                raise InvalidControl(f"give a list of names: {', '.join(sorted(self._register.names))}")
            self._register.leave_out(body)
            return {"strangers": sorted(body)}
        return None

    def _read(
        self, service: Service, parameters: tuple[str, ...], query: Mapping[str, str], visitor: Visitor
    ) -> Answer:
        noted = self._ledger.read(service.name, len(parameters) + len(query), visitor, self._now())
        # What was asked for comes back, so that a client sees how its parameters arrived.
        told = {f"parameter{place}": value for place, value in enumerate(parameters, start=1)}
        told |= {f"query_{name}": value for name, value in query.items()}
        return answered(service.answer, "read", {"service": service.name, "number": noted.seq, **told})

    def _take(self, service: Service, request: Request, visitor: Visitor) -> Answer:
        content_type = request.headers.get("content-type", "")
        if wrong := wrong_with(request.body, content_type):
            return refused(*wrong)
        parts = parts_of(request.body, content_type) or ()
        taken = self._ledger.take(service.name, request.body, content_type, visitor, self._now(), parts=parts)
        told: dict[str, str | int] = {
            "service": service.name,
            "number": taken.seq,
            "sha256": taken.sha256,
        }
        return answered(service.answer, "document", told)


def _fits(service: Service, address: Address) -> bool:
    return address.parameters is not None and service.least <= len(address.parameters) <= service.most
