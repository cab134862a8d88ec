"""A signer whose key is in the transit engine of Vault or OpenBao."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.signing.remote.certificate_file import identity_in
from worker.signing.remote.exchange import Exchange
from worker.signing.remote.failures import of_signer
from worker.signing.remote.once import Once
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
    """A `DigestSigner`. Nothing is read and nobody asked before the first question for it."""

    def __init__(self, name: str, settings: VaultSigner, exchange: Exchange, context: Context) -> None:
        self.name = name
        self._settings = settings
        self._exchange = exchange
        self._url = f"{str(settings.url).rstrip('/')}/v1/{settings.mount}/sign/{settings.key}"
        self._token: str | None = None
        self._identity = Once(self._read_identity, monotonic=context.monotonic)

    @property
    def known(self) -> Identity | None:
        """The identity in the certificate file, where that was read before."""
        return self._identity.known

    @property
    def batch_policy(self) -> BatchPolicy:
        """How digests share calls."""
        return self._settings.batch.policy()

    async def identity(self) -> Identity:
        """Return the identity in the certificate file. Raises SigningFailed."""
        async with of_signer(self.name):
            return await self._identity.get()

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return the signatures in the order of the digests. Raises SigningFailed."""
        async with of_signer(self.name):
            algorithm = (await self._identity.get()).algorithm
            body = sign_body(digests, algorithm, self._settings.key_version)
            used = self._token or await self._read_token()
            reply = await self._ask(body, used)
            if refuses_token(reply) and (renewed := await self._read_token()) != used:
                # Vault Agent has renewed the token in its file meanwhile.
                reply = await self._ask(body, renewed)
            return signatures_in(reply, self._settings.key_version)

    async def close(self) -> None:
        """End what is under way and close the connections."""
        await self._identity.close()
        await self._exchange.close()

    async def _ask(self, body: Mapping[str, Any], token: str) -> Reply:
        headers = {"x-vault-token": token}
        if self._settings.namespace is not None:
            headers["x-vault-namespace"] = self._settings.namespace
        return await self._exchange.post_json(self._url, body, headers)

    async def _read_token(self) -> str:
        self._token = token = await token_of(self._settings.token_file, self._settings.token, "token")
        return token

    async def _read_identity(self) -> Identity:
        return await identity_in(self._settings.certificate_file, self._settings.algorithm)

    def __repr__(self) -> str:
        return f"VaultDigestSigner({self.name!r})"


def make(name: str, settings: VaultSigner, context: Context) -> VaultDigestSigner:
    """Return a signer with a key in Vault or OpenBao. Does no I/O."""
    return VaultDigestSigner(name, settings, Exchange(settings), context)
