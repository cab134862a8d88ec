"""What a system that is reached through the state's ESB needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.outcome import Blocked, Retry
    from worker.reloading.reloadable import Apply, Reloadable
    from worker.signing.port import DigestSigner
    from worker.systems.port import Endpoint
    from worker.transport.port import HttpClient


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom a signer acts: the headers of a token request, which the ESB binds to the token.

    A wrong value acts for somebody else. Therefore these come from the operator's settings alone (`Esb.acting`), and
    events name them. Source: the ESB's public clients (confirmed: `representedPersonID`, `correspondentOID`,
    `operatorID`, `OID`).
    """

    represented_person_id: str | None = None
    correspondent_oid: str | None = None
    operator_id: str | None = None
    oid: str | None = None


class UnknownActing(LookupError):
    """The settings let this signer act for nobody of this name. The text is a plain sentence for the event's sender."""


class Esb(Protocol):
    """The ESB, as one installation has it: shared by all systems that are reached through it.

    Signers are those whose keys the worker has; each shows its own certificate, to the token service and the gateway.
    """

    gateway_url: str
    """The address of the gateway, without a slash at its end; a system appends its own path (`/ed2/api/messages`)."""

    def acting(self, signer: str, name: str | None) -> Acting:
        """Return for whom a signer acts, by the name that the settings give it (`esb.acting.<signer>.<name>`).

        Without a name: the signer's `default` where the settings have one, else for nobody but itself. Raises
        UnknownActing.
        """

    async def authorisation(self, signer: str, scope: str, acting: Acting) -> Mapping[str, str]:
        """Return the secret headers of a request: `authorization`, and `dp-miscinfo` where the settings want it.

        ``scope`` is one of the ESB's (`/ed2*`, `/ep*`, `/orn*`, `/epdeau*`). Checks the certificate first. Raises
        NotPrepared with Retry or Blocked; `shared` names a token request that failed, which several may wait for.
        """

    def drop(self, signer: str, scope: str, acting: Acting, headers: Mapping[str, str]) -> None:
        """Forget the token that these headers carry, after a 401: a newer one stays. Call it in `reauthorize`."""

    def client(self, signer: str) -> HttpClient:
        """Return the client that shows the signer's certificate. Raises NotPrepared with Blocked where it has none."""

    async def try_login(self, signer: str, scope: str, acting: Acting) -> Retry | Blocked | None:
        """Get a token and drop it. Return why there was none, or None; for `LogsIn.try_login`."""

    def problems(self) -> Mapping[str, str]:
        """What is wrong with signers that have no certificate to show, as plain sentences: a live view."""

    def endpoints(self, signers: Sequence[str]) -> Sequence[Endpoint]:
        """Return the hosts of the ESB, once for each signer that has a valid certificate; for `TellsEndpoints`."""

    async def probe(self, signers: Sequence[str]) -> str | None:
        """Say why the gateway cannot be reached, or None; for `System.probe`."""

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Load a signer's new certificate; for `Renews.renewal`. Raises ConfigurationError."""

    def reloadables(self) -> Sequence[Reloadable]:
        """Return what the ESB's settings read from files; for `Renews.reloadables` of each system that uses it."""
