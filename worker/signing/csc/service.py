"""What a provider says of itself (`info`): its methods, and where it grants access tokens. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contracts.immutable import immutable
from worker.signing.csc import wire
from worker.signing.port import SigningFailed

if TYPE_CHECKING:
    from worker.signing.csc.settings import CscSigner
    from worker.signing.remote.exchange import Reply


@immutable
class Service:
    """A provider. ``methods`` is empty where it names none; ``oauth2`` is the base of its OAuth2 server."""

    methods: frozenset[str]
    oauth2: str

    def offers(self, method: str) -> bool:
        """Whether it has this method; one that names no methods is taken to have it."""
        return not self.methods or method in self.methods

    def token_url(self) -> str:
        """Return the address that grants access tokens. Raises SigningFailed."""
        if urlsplit(self.oauth2).scheme != "https":
            raise SigningFailed(
                "the provider states no OAuth2 server with an https address; set token_url", transient=False
            )
        return f"{self.oauth2.rstrip('/')}/oauth2/token"


def read_service(reply: Reply, settings: CscSigner) -> Service:
    """Read the answer to `info`. Raises SigningFailed where the provider lacks a method that is needed."""
    service = Service(frozenset(reply.texts("methods")), reply.text("oauth2"))
    needed = [wire.CREDENTIAL, wire.SIGN]
    if settings.credential_auth == "pin":
        needed.append(wire.AUTHORIZE)
    if settings.service_auth == "basic":
        needed.append(wire.LOGIN)
    if settings.asynchronous:
        needed.append(wire.POLL)
    if missing := [one for one in needed if not service.offers(one)]:
        raise SigningFailed(f"the provider does not offer {', '.join(missing)}", transient=False)
    return service
