"""The ESB as one system uses it: its tokens by scope and by for whom a signer acts, and its connections."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from contracts.reasons import Reason
from worker.outcome import Blocked
from worker.systems.base import probe_http, under
from worker.systems.esb.acting import Acting
from worker.systems.esb.client_id import common_name
from worker.systems.esb.port import UnknownActing
from worker.systems.esb.token import Request, TokenService
from worker.systems.port import Endpoint, NotPrepared
from worker.systems.reloads import ca_file_at
from worker.systems.tokens import Granted, Tokens, bearer, token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from worker.observability.metrics.labels import TokenOutcome
    from worker.outcome import Retry
    from worker.reloading.reloadable import Apply, Reloadable
    from worker.signing.port import DigestSigner
    from worker.systems.clients import SignerClients
    from worker.systems.esb.settings import EsbSettings
    from worker.systems.mutual_tls import ClientCertificates
    from worker.systems.port import Prepared
    from worker.transport.port import HttpClient

_GATEWAY_FAILURES = frozenset({502, 503, 504})
_DEFAULT = "default"
_REFUSAL_REST = 60.0
"""Seconds after a refusal in which no token is asked for again: only an operator can change it."""


class EsbAccess:
    """`Esb` for one system. Tokens that act for different persons never serve each other's messages."""

    def __init__(
        self,
        settings: EsbSettings,
        *,
        system: str,
        signers: Collection[str],
        certificates: ClientCertificates,
        clients: SignerClients,
        unusable: Mapping[str, str],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        requested: Callable[[TokenOutcome], None] = lambda _: None,
    ) -> None:
        """``system`` is who uses it; ``unusable`` says what is wrong with signers; ``requested``: see `Tokens`."""
        self.gateway_url = str(settings.gateway_url).rstrip("/")
        self.orn = settings.orn
        self._settings = settings
        self._system = system
        self._signers = signers
        self._certificates = certificates
        self._clients = clients
        self._unusable = unusable
        self._service = TokenService(settings, now)
        self._monotonic = monotonic
        self._requested = requested
        self._tokens: dict[tuple[str, Acting], Tokens] = {}

    def acting(self, signer: str, name: str | None = None) -> Acting:
        """Return for whom a signer acts. Raises UnknownActing."""
        allowed = self._settings.acting.get(signer, {})
        found = allowed.get(_DEFAULT if name is None else name)
        if found is not None:
            return found.acting()
        if name is None:
            return Acting()
        raise UnknownActing(f"Name another, or have the operator set esb.acting.{signer} for this name.")

    async def authorisation(self, signer: str, scope: str, acting: Acting) -> Mapping[str, str]:
        """Return the secret headers of a request. Raises NotPrepared."""
        await self._certificates.check(signer)
        granted = await self._tokens_for(scope, acting).granted(signer)
        return {**bearer(granted.token), **granted.headers}

    def drop(self, prepared: Prepared) -> None:
        """Forget the token that this message carries."""
        token = token_of(prepared)
        for tokens in self._tokens.values():
            tokens.drop(prepared.signer, token)

    def client(self, signer: str) -> HttpClient:
        """Return the client that shows the signer's certificate."""
        return self._clients.of(signer)

    def any(self) -> HttpClient:
        """Return the client of some signer, or one without a certificate."""
        return self._clients.any()

    async def try_login(self, signer: str, scope: str, acting: Acting) -> Retry | Blocked | None:
        """Get a token anew and drop it. Return why there was none, or None."""
        granted = await self._fetch(scope, acting, signer)
        return None if isinstance(granted, Granted) else granted

    def problems(self) -> Mapping[str, str]:
        """Return what is wrong with signers that have no certificate to show: a live view."""
        return self._unusable

    def endpoints(self) -> Sequence[Endpoint]:
        """Return token service and gateway, once for each signer with a valid certificate."""
        token_url, probe = str(self._settings.token_url).rstrip("/"), self._probe_url()
        return [
            one
            for name in self._certificates.able()
            for one in (
                Endpoint("authorisation", token_url, self.client(name), signer=name),
                Endpoint("services", self.gateway_url, self.client(name), signer=name, probe=probe),
            )
        ]

    async def probe(self) -> str | None:
        """Say why the gateway cannot be reached, or None; ask with a certificate that is valid, each in its turn."""
        able, url = self._certificates.next_able(), self._probe_url()
        if able is None or url is None:
            return None
        return await probe_http(self.client(able), url, "the ESB's gateway", _GATEWAY_FAILURES)

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Load a signer's new certificate; its tokens of the earlier one are forgotten. Raises ConfigurationError."""
        if signer not in self._signers:
            return lambda: None
        show = self._clients.renewal(signer, self._certificates.renewed(signer, key))

        def apply() -> None:
            show()
            for tokens in self._tokens.values():
                tokens.forget(signer)

        return apply

    def reloadables(self) -> Sequence[Reloadable]:
        """Return the CA file, as this system uses it."""
        subject = f"esb.transport.ca_file ({self._system})"
        return ca_file_at(subject, self._system, self._settings.transport.ca_file, self._clients.trust)

    async def aclose(self) -> None:
        """End token requests under way, and release connections."""
        for tokens in self._tokens.values():
            await tokens.close()
        await self._clients.aclose()

    def _probe_url(self) -> str | None:
        path = self._settings.probe_path
        return None if path is None else under(self.gateway_url, path)

    def _tokens_for(self, scope: str, acting: Acting) -> Tokens:
        """Return the tokens of a scope and of those that act for one; as many as the settings name, and no more."""
        if (scope, acting) not in self._tokens:
            self._tokens[scope, acting] = Tokens(
                partial(self._fetch, scope, acting),
                monotonic=self._monotonic,
                margin=self._settings.token_renewal_margin,
                refusal_rest=_REFUSAL_REST,
                requested=self._requested,
            )
        return self._tokens[scope, acting]

    async def _fetch(self, scope: str, acting: Acting, signer: str) -> Granted | Retry | Blocked:
        try:
            identity = await self._certificates.check(signer)
        except NotPrepared as none:
            return cast("Retry | Blocked", none.outcome)
        client_id = self._settings.client_ids.get(signer) or common_name(identity.certificate)
        if client_id is None:
            detail = f'the certificate of signer "{signer}" has no common name that can be sent: '
            return Blocked(Reason.CONFIGURATION, f"{detail}set esb.client_ids.{signer}")
        return await self._service.fetch(self.client(signer), Request(signer, client_id, scope, acting))
