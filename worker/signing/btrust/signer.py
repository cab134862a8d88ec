"""A signer with B-Trust's Automatic Remote Signing: digests go to `/arsign/sync`, signatures come back.

Confirmed by public code: the address below the service's, the header with the consent's token, the fields. Not known:
the service's host and prefix, whether it takes digests, and whether `data` is then the digest itself. So each of these
is a setting, and a signature that is of something else is refused by its verification.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from worker.signing.btrust.answer import TooLarge, signatures_in
from worker.signing.port import SigningFailed
from worker.signing.remote.certificate_file import identity_in
from worker.signing.remote.exchange import Exchange
from worker.signing.remote.failures import of_signer
from worker.signing.remote.files import require_files
from worker.signing.remote.once import Once
from worker.signing.remote.secret_settings import token_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.signing.backend import Context
    from worker.signing.btrust.settings import BtrustSigner
    from worker.signing.port import Identity
    from worker.signing.remote.gathering import BatchPolicy


class BtrustDigestSigner:
    """A `DigestSigner`. The service is not asked, nor the token read, before the first signature."""

    def __init__(
        self, name: str, settings: BtrustSigner, identity: Identity, exchange: Exchange, context: Context
    ) -> None:
        self.name = name
        self._settings = settings
        self._exchange = exchange
        self._url = f"{str(settings.url).rstrip('/')}/arsign/sync"
        self._limit = settings.batch.most
        self._identity = identity
        self._token = Once(self._read_token, monotonic=context.monotonic)

    @property
    def known(self) -> Identity:
        """The identity in the certificate file."""
        return self._identity

    @property
    def batch_policy(self) -> BatchPolicy:
        """How digests share calls; smaller once the service has refused a batch as too large."""
        return self._settings.batch.policy().at_most(self._limit)

    async def identity(self) -> Identity:
        """Return the identity in the certificate file."""
        return self._identity

    async def sign_digests(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Return the signatures in the service's order. Raises SigningFailed."""
        async with of_signer(self.name):
            return await self._signed(digests)

    async def close(self) -> None:
        """End what is under way and close the connections."""
        await self._token.close()
        await self._exchange.close()

    async def _signed(self, digests: Sequence[bytes]) -> Sequence[bytes]:
        """Sign them in one request, or in halves where the service takes fewer at once."""
        try:
            return signatures_in(
                await self._exchange.post_json(self._url, self._body(digests), await self._headers())
            )
        except TooLarge:
            if len(digests) == 1:
                raise SigningFailed("B-Trust refuses a single digest as too large", transient=False) from None
        half = (len(digests) + 1) // 2
        self._limit = min(self._limit, half)
        return [*await self._signed(digests[:half]), *await self._signed(digests[half:])]

    def _body(self, digests: Sequence[bytes]) -> Mapping[str, Any]:
        settings = self._settings
        common = {
            "confirmText": settings.confirm_text,
            "contentFormat": settings.content_format,
            "signatureType": settings.signature_type,
        }
        if settings.hash_algorithm is not None:
            common["hashAlgorithm"] = settings.hash_algorithm
        return {
            "contents": [
                {**common, "data": b64encode(digest).decode(), "fileName": f"{digest.hex()}.bin"}
                for digest in digests
            ]
        }

    async def _headers(self) -> Mapping[str, str]:
        headers = {"x-access-token": await self._token.get()}
        if self._settings.relying_party_id is not None:
            headers["relyingPartyID"] = self._settings.relying_party_id
        return headers

    async def _read_token(self) -> str:
        return await token_of(self._settings.token_file, self._settings.token, "access token")

    def __repr__(self) -> str:
        return f"BtrustDigestSigner({self.name!r})"


def make(name: str, settings: BtrustSigner, context: Context) -> BtrustDigestSigner:
    """Return a signer with B-Trust's Automatic Remote Signing. Reads its certificate. Raises ConfigurationError."""
    require_files(settings)
    identity = identity_in(settings.certificate_file, settings.algorithm)
    return BtrustDigestSigner(name, settings, identity, Exchange(settings), context)
