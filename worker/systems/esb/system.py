"""A system that is reached through the ESB: what it adds to the usual answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.base import HttpSystem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from worker.outcome import Blocked, Retry
    from worker.reloading.reloadable import Apply, Reloadable
    from worker.signing.port import DigestSigner
    from worker.systems.esb.acting import Acting
    from worker.systems.esb.port import Esb
    from worker.systems.port import Endpoint, Operation, Prepared
    from worker.transport.port import HttpClient


class EsbSystem(HttpSystem):
    """The System port, where messages go to the ESB's gateway with a token of one scope; has LogsIn and Renews too."""

    def __init__(
        self,
        *,
        operations: Iterable[Operation],
        signers: Collection[str],
        esb: Esb,
        scope: str,
        path: str,
    ) -> None:
        """``path``: what the system's addresses at the gateway begin with (`/ep`)."""
        super().__init__(
            operations=operations,
            signers=signers,
            client=esb.any(),
            url=esb.gateway_url + path,
            unusable=esb.problems(),
        )
        self._esb = esb
        self._scope = scope

    async def reauthorize(self, prepared: Prepared) -> None:
        """Drop the token that this message carries."""
        self._esb.drop(prepared)

    async def probe(self) -> str | None:
        """Ask the gateway for what the ESB's settings say."""
        return await self._esb.probe()

    def endpoints(self) -> Sequence[Endpoint]:
        """Return token service and gateway, once for each certificate that is shown to them."""
        return self._esb.endpoints()

    def logins(self) -> Sequence[str]:
        """Return the signers that have a certificate to show."""
        return [name for name in self._signers if name not in self._unusable]

    async def try_login(self, signer: str) -> Retry | Blocked | None:
        """Get a token for the signer as it acts without a name, and drop it."""
        return await self._esb.try_login(signer, self._scope, self._esb.acting(signer))

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Let the signer's client show the new certificate, and forget its tokens."""
        return self._esb.renewal(signer, key)

    def reloadables(self) -> Sequence[Reloadable]:
        """Return what the ESB's settings read from files."""
        return self._esb.reloadables()

    async def close(self) -> None:
        """Release what the ESB's access holds."""
        await self._esb.aclose()

    async def _authorisation(self, signer: str, acting: Acting) -> Mapping[str, str]:
        """Return the secret headers of a message. Raises NotPrepared."""
        return await self._esb.authorisation(signer, self._scope, acting)

    def _client_of(self, signer: str) -> HttpClient:
        return self._esb.client(signer)
