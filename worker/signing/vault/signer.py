"""A signer whose key is in the transit engine of Vault or OpenBao."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.signing.remote.certificate_file import identity_in
from worker.signing.remote.exchange import Exchange
from worker.signing.remote.failures import of_signer
from worker.signing.remote.files import require_files
from worker.signing.remote.secret_settings import token_of
from worker.signing.vault.transit import refuses_token, sign_body, signatures_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.signing.backend import Context
    from worker.signing.port import Identity
    from worker.signing.remote.exchange import Reply
    from worker.signing.remote.gathering import BatchPolicy
    from worker.signing.vault.settings import VaultSigner


class VaultDigestSigner:
    """A `DigestSigner`. The server is not asked, nor the token read, before the first signature."""

    def __init__(self, name: str, settings: VaultSigner, identity: Identity, exchange: Exchange) -> None:
        self.name = name
        self._settings = settings
        self._exchange = exchange
        self._url = f"{str(settings.url).rstrip('/')}/v1/{settings.mount}/sign/{settings.key}"
        self._token: str | None = None
        self._identity = identity

    @property
    def known(self) -> Identity:
        """The identity in the certificate file."""
        return self._identity

    @property
    def batch_policy(self) -> BatchPolicy:
        """How digests share calls."""
        return self._settings.batch.policy()

    async def identity(self) -> Identity:
        """Return the identity in the certificate file."""
        return self._identity

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return the signatures in the order of the digests. Raises SigningFailed."""
        async with of_signer(self.name):
            body = sign_body(digests, self._identity.algorithm, self._settings.key_version)
            used = self._token or await self._read_token()
            reply = await self._ask(body, used)
            if refuses_token(reply) and (renewed := await self._read_token()) != used:
                # Vault Agent has renewed the token in its file meanwhile.
                reply = await self._ask(body, renewed)
            return signatures_in(reply, self._settings.key_version)

    async def close(self) -> None:
        """Close the connections."""
        await self._exchange.close()

    async def _ask(self, body: Mapping[str, Any], token: str) -> Reply:
        headers = {"x-vault-token": token}
        if self._settings.namespace is not None:
            headers["x-vault-namespace"] = self._settings.namespace
        return await self._exchange.post_json(self._url, body, headers)

    async def _read_token(self) -> str:
        self._token = token = await token_of(self._settings.token_file, self._settings.token, "token")
        return token

    def __repr__(self) -> str:
        return f"VaultDigestSigner({self.name!r})"


def make(name: str, settings: VaultSigner, context: Context) -> VaultDigestSigner:
    """Return a signer with a key in Vault or OpenBao. Reads its certificate. Raises ConfigurationError."""
    del context
    require_files(settings)
    identity = identity_in(settings.certificate_file, settings.algorithm)
    return VaultDigestSigner(name, settings, identity, Exchange(settings))
